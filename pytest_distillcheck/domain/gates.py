"""Gates: limits on scores, and what was decided of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pytest_distillcheck.domain.ratings import Aspect
from pytest_distillcheck.domain.records import RecordKind
from pytest_distillcheck.domain.scores import Mean, ScoreName, Share

Side = Literal["max", "min", "max_increase"]
Outcome = Literal["PASS", "FAIL", "INCONCLUSIVE", "INCOMPLETE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a gate demands of a score; at least one of `max`, `min`, `max_increase` and the pair is set.

    Attributes:
        max: the score may not be larger; in [0, 1] for a share, in its aspect's range for a mean rating.
        min: the score may not be smaller, likewise.
        max_increase: the mean rating may not be larger by more than this than the baseline's, on shared prompts.
        accept: with `reject`, in a campaign instead of `max`: at this rate or below the model must not FAIL.
        reject: at this rate or above the model must not PASS; in between either is right.
        confidence: None for a census (the score itself decides), else the confidence in (0.5, 1) of the one-sided
            bounds that decide.
    """

    max: float | None = None
    min: float | None = None
    max_increase: float | None = None
    accept: float | None = None
    reject: float | None = None
    confidence: float | None = None

    def sides(self) -> tuple[tuple[Side, float], ...]:
        """Return what is set of `max`, `min` and `max_increase`, each with its value."""
        sides: tuple[tuple[Side, float | None], ...] = (
            ("max", self.max),
            ("min", self.min),
            ("max_increase", self.max_increase),
        )
        return tuple((side, value) for side, value in sides if value is not None)

    def to_builtins(self) -> dict[str, float]:
        """Return the limit as the suite spells it."""
        rest = {"accept": self.accept, "reject": self.reject, "confidence": self.confidence}
        return {**dict(self.sides()), **{name: value for name, value in rest.items() if value is not None}}

    def __str__(self) -> str:
        zone = {} if self.accept is None else {"accept": self.accept, "reject": self.reject}
        text = " and ".join(f"{side} {value:g}" for side, value in (*self.sides(), *zone.items()))
        return f"{text} at confidence {self.confidence:g}" if self.confidence else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One limit on one score of one model on one suite.

    Attributes:
        id: the test's node id.
        suite: the suite file, relative to the rootdir.
        model: the model's name.
        kind: what it is a gate on.
        reference: the reference model's name, for a gate on similarity.
        prompt_set: name of the prompt set, for a gate on one set's similarity.
    """

    id: str
    suite: str
    model: str
    score: ScoreName | Aspect
    limit: Limit
    kind: RecordKind = "identity"
    reference: str | None = None
    prompt_set: str | None = None

    @property
    def name(self) -> str:
        """The id without its file."""
        return self.id.rpartition("::")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided of a gate.

    Attributes:
        observed: the score that was compared with the limit: unjudged answers count against the model in it.
        missing: members of which no answer came.
        needs: how many more answers would probably decide it; None when it is decided or when no number would.
        reason: one line that says why.
    """

    gate: Gate
    outcome: Outcome
    observed: Share | Mean
    missing: int
    needs: int | None
    reason: str

    def to_builtins(self) -> dict[str, object]:
        """Return the gate of results.json."""
        return {
            "id": self.gate.id,
            "suite": self.gate.suite,
            "model": self.gate.model,
            "reference": self.gate.reference,
            "score": self.gate.score,
            "limit": self.gate.limit.to_builtins(),
            "decision": self.outcome,
            "observed": self.observed.to_builtins(),
            "missing": self.missing,
            "needs": self.needs,
            "reason": self.reason,
        }

    @classmethod
    def from_builtins(cls, data: Mapping[str, Any]) -> "Decision":
        """Return the decision on a share that `to_builtins` wrote."""
        observed = {key: value for key, value in data["observed"].items() if key != "value"}
        gate = Gate(
            **{key: data[key] for key in ("id", "suite", "model", "reference", "score")},
            limit=Limit(**data["limit"]),
        )
        told = {key: data[key] for key in ("missing", "needs", "reason")}
        return cls(gate=gate, outcome=data["decision"], observed=Share(**observed), **told)
