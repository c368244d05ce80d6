"""What a campaign came to: its scores, how its measurement went, and what its search found."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pytest_distillcheck.domain.scores import IdentityScores, ScoreName, Share
from pytest_distillcheck.domain.templates import PromptNode, SeedTemplate

MeasurementStop = Literal["certain", "queries", "outage"]
"""Why a measurement ended: its gates were certain, no draw was left, or nothing answered any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A difference of two shares, in [-1, 1], with its 95 % interval."""

    value: float
    low: float
    high: float

    def to_builtins(self) -> dict[str, float]:
        """Return the difference of results.json."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignScores:
    """The scores of one model in one campaign.

    Attributes:
        identity: the identity scores of the draws that were answered.
        strict_named: `strict` among the draws whose prompt names a rival.
        strict_neutral: `strict` among the others; the same as `hard`.
        lift: how much more a named rival elicits: `strict_named` less `strict_neutral`; None when either has no draw.
        design_effects: by score, the variance of its share over that of as many independent draws, at least 1.
        sequences: by score, the rates that no look at the draws so far refutes, at 95 %, whenever one stops.
        detectable: the least increase of `strict` that two runs like this one would tell apart, at 5 % and with a
            power of 80 %; None when no increase would.
    """

    identity: IdentityScores
    strict_named: Share
    strict_neutral: Share
    lift: Difference | None
    design_effects: Mapping[ScoreName, float] = field(default_factory=dict)
    sequences: Mapping[ScoreName, tuple[float, float]] = field(default_factory=dict)
    detectable: float | None = None

    def to_builtins(self) -> dict[str, object]:
        """Return the scores in the `campaign` object of results.json."""
        return {
            **self.identity.to_builtins(),
            "strict_named": self.strict_named.to_builtins(),
            "strict_neutral": self.strict_neutral.to_builtins(),
            "lift": self.lift.to_builtins() if self.lift else None,
            "design_effects": dict(self.design_effects),
            "sequences": {name: list(ends) for name, ends in self.sequences.items()},
            "detectable": self.detectable,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementNote:
    """How a measurement went.

    Attributes:
        drawn: draws that were looked at, answered or not.
        missing: those of them without an answer.
        most: draws that there may be.
        stopped: why it ended.
        templates: how many are drawn from.
        questions: likewise.
        frozen: digest of the frozen templates; None when the seed templates were measured.
        fault: why the last draw without an answer has none; empty when all have one.
    """

    drawn: int
    missing: int
    most: int
    stopped: MeasurementStop
    templates: int
    questions: int
    frozen: str | None
    fault: str = ""

    def to_builtins(self) -> dict[str, Any]:
        """Return the `measurement` of results.json."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchNote:
    """What a search came to. Its hits are findings and no score: it went where hits were.

    Attributes:
        policy: the selection policy's name.
        mutator: the mutator's name.
        stopped: the limit that ended it; after `outage` and `stalled` it is incomplete.
        asked: probes that were sent.
        missing: those of them that were never answered.
        unjudged: those that were answered but not judged.
        iterations: choices that the policy made.
        refused: by reason, mutants that were not fit to be asked.
        skipped: ids of seed templates without a placeholder.
        found: the templates with a hit, which are frozen.
        findings: ids of the records of every hit.
    """

    policy: str
    mutator: str
    stopped: str
    asked: int = 0
    missing: int = 0
    unjudged: int = 0
    iterations: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    found: tuple[PromptNode, ...] = ()
    findings: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether it went to a limit of its own."""
        return self.stopped not in {"outage", "stalled"}

    def to_builtins(self) -> dict[str, Any]:
        """Return everything, the texts of the templates included."""
        return asdict(self)

    @classmethod
    def from_builtins(cls, data: Mapping[str, Any]) -> "SearchNote":
        """Return the note that `to_builtins` wrote."""
        found = (
            PromptNode(**{**node, "template": SeedTemplate(**node["template"])}) for node in data["found"]
        )
        told = {**data, "found": tuple(found)}
        return cls(**{**told, "skipped": tuple(data["skipped"]), "findings": tuple(data["findings"])})

    def summary(self) -> dict[str, Any]:
        """Return the `search` of results.json; the texts of the templates are in frozen.jsonl."""
        return {**self.to_builtins(), "found": [node.id for node in self.found]}


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignNote:
    """What a campaign's test tells beside its records.

    Attributes:
        paper: the scores as Lee et al. (ACL 2025) define them, over the answers of the search, which they are in the
            paper, or of the measurement without one; None but for `--distill-profile paper`.
    """

    measurement: MeasurementNote
    search: SearchNote | None = None
    paper: Mapping[str, Any] | None = None

    def to_builtins(self) -> dict[str, Any]:
        """Return the note as exact builtins, which cross from a worker to the controller."""
        return {
            "measurement": self.measurement.to_builtins(),
            "search": self.search.to_builtins() if self.search else None,
            "paper": dict(self.paper) if self.paper else None,
        }

    def summary(self) -> dict[str, Any]:
        """Return the rest of the `campaign` object of results.json."""
        return {**self.to_builtins(), "search": self.search.summary() if self.search else None}

    @classmethod
    def from_builtins(cls, data: Mapping[str, Any]) -> "CampaignNote":
        """Return the note that `to_builtins` wrote."""
        return cls(
            measurement=MeasurementNote(**data["measurement"]),
            search=SearchNote.from_builtins(data["search"]) if data["search"] else None,
            paper=data["paper"],
        )
