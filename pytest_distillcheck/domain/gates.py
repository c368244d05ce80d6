"""Gates: limits on scores, and what was decided of them."""

from dataclasses import dataclass
from typing import Literal

from pytest_distillcheck.domain.scores import ScoreName, Share

Side = Literal["max", "min"]
Outcome = Literal["PASS", "FAIL", "INCONCLUSIVE", "INCOMPLETE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a gate demands of a share; at least one of `max` and `min` is set.

    Attributes:
        max: the share may not be larger; in [0, 1].
        min: the share may not be smaller; in [0, 1].
        confidence: None for a census (the share itself decides), else the confidence in (0.5, 1) of the one-sided
            bounds that decide.
    """

    max: float | None = None
    min: float | None = None
    confidence: float | None = None

    def sides(self) -> tuple[tuple[Side, float], ...]:
        """Return what is set of `max` and `min`, each with its value."""
        sides: tuple[tuple[Side, float | None], ...] = (("max", self.max), ("min", self.min))
        return tuple((side, value) for side, value in sides if value is not None)

    def to_builtins(self) -> dict[str, float]:
        """Return the limit as the suite spells it."""
        confidence = {} if self.confidence is None else {"confidence": self.confidence}
        return {**dict(self.sides()), **confidence}

    def __str__(self) -> str:
        text = " and ".join(f"{side} {value:g}" for side, value in self.sides())
        return f"{text} at confidence {self.confidence:g}" if self.confidence else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One limit on one score of one model on one suite.

    Attributes:
        id: the test's node id.
        suite: the suite file, relative to the rootdir.
        model: the model's name.
    """

    id: str
    suite: str
    model: str
    score: ScoreName
    limit: Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided of a gate.

    Attributes:
        observed: the share that was compared with the limit: unjudged answers count against the model in it.
        missing: members of which no answer came.
        needs: how many more answers would probably decide it; None when it is decided or when no number would.
        reason: one line that says why.
    """

    gate: Gate
    outcome: Outcome
    observed: Share
    missing: int
    needs: int | None
    reason: str

    def to_builtins(self) -> dict[str, object]:
        """Return the gate of results.json."""
        return {
            "id": self.gate.id,
            "suite": self.gate.suite,
            "model": self.gate.model,
            "reference": None,
            "score": self.gate.score,
            "limit": self.gate.limit.to_builtins(),
            "decision": self.outcome,
            "observed": self.observed.to_builtins(),
            "missing": self.missing,
            "needs": self.needs,
            "reason": self.reason,
        }
