"""How similar a response is to a reference answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Aspect = Literal["overall", "style", "logic", "content"]
ASPECTS: tuple[Aspect, ...] = get_args(Aspect)

RANGES: Mapping[Aspect, tuple[float, float]] = {
    "overall": (1.0, 5.0),
    "style": (0.0, 2.0),
    "logic": (0.0, 2.0),
    "content": (0.0, 2.0),
}
"""The least and the most similar rating of each aspect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One rating on the scale of Lee et al. (arXiv 2501.12619), as floats between its levels.

    Attributes:
        style: response style, 0 to 2: 0 another voice, 1 partly the same, 2 the same voice.
        logic: logical structure, 0 to 2: 0 another structure, 1 a similar flow, 2 the same order and reasoning.
        content: content detail, 0 to 2: 0 other points, 1 most key points shared, 2 the same points in the
            same detail.
        overall: 1 to 5: 1 very different, 2 not similar, 3 somewhat similar, 4 similar, 5 nearly identical.
            A judgement of its own, no sum of the aspects.
    """

    style: float
    logic: float
    content: float
    overall: float

    def to_builtins(self) -> dict[str, float]:
        """Return the rating of a record."""
        return {aspect: getattr(self, aspect) for aspect in ASPECTS}
