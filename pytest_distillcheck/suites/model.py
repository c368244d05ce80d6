"""What a suite file says, validated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.gates import Limit
from pytest_distillcheck.domain.probes import Question, Selection
from pytest_distillcheck.domain.scores import ScoreName
from pytest_distillcheck.domain.waivers import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySuite:
    """The `identity` section of a suite.

    Attributes:
        line: where the section stands, 1-based.
        models: globs over the names of the models under test.
        fact: what is true of the model; None when the model's own entry or its name tells.
        teachers: maker ids whose naming counts as strict; None for every known rival.
        questions: the suite's own, asked whatever the selection says of categories and languages.
        gates: None when every contradiction is a failed test.
    """

    line: int
    models: tuple[str, ...] = ("*",)
    fact: IdentityFact | None = None
    teachers: frozenset[str] | None = None
    system: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    selection: Selection = field(default_factory=Selection)
    questions: tuple[Question, ...] = ()
    bank: bool = True
    reasoning: Literal["judge", "report"] = "judge"
    repeat: int = 1
    gates: Mapping[ScoreName, Limit] | None = None

    def fits(self, model: str) -> bool:
        """Return whether the suite is meant for a model of that name."""
        return any(fnmatchcase(model, pattern) for pattern in self.models)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite file.

    Attributes:
        path: how messages and reports name the file.
    """

    path: str
    identity: IdentitySuite
    tags: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
