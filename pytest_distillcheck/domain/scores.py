"""Shares with their intervals, and the identity scores made of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

IntervalMethod = Literal["wilson", "clustered", "bootstrap", "none"]

ScoreName = Literal["loose", "strict", "hard", "roleplay", "affirmed", "no_claim", "unjudged"]
SCORE_NAMES: tuple[ScoreName, ...] = get_args(ScoreName)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of n, and how far chance may have moved it.

    Attributes:
        count: how many, at least 0.
        n: out of how many, at least 0.
        low: lower end of the 95 % interval, in [0, 1]; None when n is 0.
        high: upper end, likewise.
        method: how the interval was made; `clustered` where answers share contexts or questions.
    """

    count: int
    n: int
    low: float | None
    high: float | None
    method: IntervalMethod

    @property
    def value(self) -> float | None:
        """The share in [0, 1]; None when n is 0."""
        return self.count / self.n if self.n else None

    def to_builtins(self) -> dict[str, object]:
        """Return the SHARE of results.json."""
        return {
            "count": self.count,
            "n": self.n,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "method": self.method,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean of ratings, and how far chance may have moved it.

    Attributes:
        n: how many ratings, at least 0.
        value: on the rating's own scale; None when n is 0.
        low: lower end of the 95 % interval; None when n is 0.
        high: upper end, likewise.
        method: how the interval was made.
    """

    n: int
    value: float | None
    low: float | None
    high: float | None
    method: IntervalMethod

    def to_builtins(self) -> dict[str, object]:
        """Return the mean of results.json."""
        return {"n": self.n, "value": self.value, "low": self.low, "high": self.high, "method": self.method}


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityScores:
    """The identity scores of one model on one suite.

    `unjudged` has n = answers received, every other share n = answers judged; `hard` only counts probes whose
    prompt names no rival.

    Attributes:
        overall: every score by its name.
        by_category: likewise for each category that was asked.
        by_language: likewise, by ISO 639-1 code.
        by_context: likewise, by `plain` or the frame's id.
        by_maker: by catalogue id, the share of judged answers that contradict and claim this maker.
    """

    overall: Mapping[ScoreName, Share]
    by_category: Mapping[str, Mapping[ScoreName, Share]] = field(default_factory=dict)
    by_language: Mapping[str, Mapping[ScoreName, Share]] = field(default_factory=dict)
    by_context: Mapping[str, Mapping[ScoreName, Share]] = field(default_factory=dict)
    by_maker: Mapping[str, Share] = field(default_factory=dict)

    def to_builtins(self) -> dict[str, object]:
        """Return the `identity` object of results.json."""
        return {
            **_scores(self.overall),
            "by_category": {key: _scores(scores) for key, scores in self.by_category.items()},
            "by_language": {key: _scores(scores) for key, scores in self.by_language.items()},
            "by_maker": {key: share.to_builtins() for key, share in self.by_maker.items()},
            "by_context": {key: _scores(scores) for key, scores in self.by_context.items()},
        }


def _scores(scores: Mapping[ScoreName, Share]) -> dict[str, object]:
    return {name: share.to_builtins() for name, share in scores.items()}
