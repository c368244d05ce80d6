"""What a suite file says, validated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.gates import Limit
from pytest_distillcheck.domain.probes import Question, Selection
from pytest_distillcheck.domain.prompts import Prompt, PromptSelection, Turns
from pytest_distillcheck.domain.ratings import Aspect
from pytest_distillcheck.domain.scores import ScoreName
from pytest_distillcheck.domain.templates import SeedTemplate
from pytest_distillcheck.domain.waivers import Waiver

if TYPE_CHECKING:
    # Most suites have no campaign, and start faster without its modules.
    from pytest_distillcheck.fuzzing import FrozenTemplates, SearchSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSuite:
    """The `campaign` part of an identity section.

    Attributes:
        line: where the part stands, 1-based.
        questions: what it puts, at least one, sorted by id: those of the bank that `probes` selects by category and
            language, and the suite's own.
        templates: what the search starts from, and what is measured without `frozen`; at least one has a placeholder,
            and no two share an id.
        policy: name of the search's selection policy, a key of `SELECTION_POLICIES`.
        search: limits of the search; None for no search.
        frozen: what is measured, for every model alike; None for `templates`.
        queries: most draws of the measurement.
        gates: None when every contradiction of the measurement is a failed test.
    """

    line: int
    questions: tuple[Question, ...]
    templates: tuple[SeedTemplate, ...]
    policy: str
    search: "SearchSettings | None" = None
    frozen: "FrozenTemplates | None" = None
    queries: int = 1000
    gates: Mapping[ScoreName, Limit] | None = None


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
        snapshot: whether verdicts are compared with the committed snapshot.
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
    snapshot: bool = False
    campaign: CampaignSuite | None = None

    def fits(self, model: str) -> bool:
        """Return whether the section is meant for a model of that name."""
        return _fits(model, self.models)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilaritySuite:
    """The `similarity` section of a suite.

    Attributes:
        line: where the section stands, 1-based.
        models: globs over the names of the models under test.
        prompts: what may be asked, before `selection` and `turns` are applied, since a sample depends on the run's
            seed; sorted by id, no two share an id, and the selection leaves at least one.
        selection: which of them are asked; see `similarity.prompts.select`.
        turns: which of a conversation's turns are answered; see `similarity.prompts.expand`.
        left_out: how many records of data sets cannot be asked, by the reason.
        references: the reference models, each NAME or NAME=SPEC with a SPEC whose paths start at the suite's folder;
            empty when only `--distill-reference` tells.
        per_prompt: limits that every single rating must keep.
        gates: limits on the macro mean over sets; None for no gate.
        sets: limits on one set's mean, by its name.
        snapshot: whether ratings are compared with the committed snapshot.
    """

    line: int
    models: tuple[str, ...] = ("*",)
    prompts: tuple[Prompt, ...]
    selection: PromptSelection = field(default_factory=PromptSelection)
    turns: Turns = "last"
    left_out: Mapping[str, int] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    system: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    per_prompt: Mapping[Aspect, Limit] = field(default_factory=dict)
    gates: Mapping[Aspect, Limit] = field(default_factory=dict)
    sets: Mapping[str, Mapping[Aspect, Limit]] = field(default_factory=dict)
    snapshot: bool = False

    def fits(self, model: str) -> bool:
        """Return whether the section is meant for a model of that name."""
        return _fits(model, self.models)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite file; it has at least one section.

    Attributes:
        path: how messages and reports name the file.
        identity: None without such a section.
        similarity: likewise.
    """

    path: str
    identity: IdentitySuite | None = None
    similarity: SimilaritySuite | None = None
    tags: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    @property
    def globs(self) -> frozenset[str]:
        """The names of the models that it is for."""
        sections = [section for section in (self.identity, self.similarity) if section]
        return frozenset(glob for section in sections for glob in section.models)


def _fits(model: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(model, pattern) for pattern in patterns)
