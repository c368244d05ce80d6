"""From features to the scale of the ratings, by weights that were fitted to ratings and ship as data.

Each aspect is a sum of curves: a curve says how unusual a value of a feature is among unrelated answers to one
prompt, and no curve falls and no weight is negative. More in common never lowers a rating.
"""

import math
import pathlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pytest_distillcheck.domain.ratings import Rating
from pytest_distillcheck.errors import CatalogError
from pytest_distillcheck.resources import load_yaml

_FILE = pathlib.Path(__file__).parent / "data" / "scale.yaml"

RANGES: Mapping[str, tuple[float, float]] = {
    "style": (0.0, 2.0),
    "logic": (0.0, 2.0),
    "content": (0.0, 2.0),
    "overall": (1.0, 5.0),
}
"""Lowest and highest value of each part of a rating, as in the paper."""
_NEUTRAL = 1.0
_NEAR_NEUTRAL = 0.3
_NEAR_END = 0.2
"""Within these of a level of the paper an aspect is at that level. It has three levels, and people give the middle
one whenever two texts are partly alike, however much: what is finer than that is a precision that nobody meant."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A piecewise linear function that does not fall; constant beyond its ends."""

    inputs: tuple[float, ...]
    outputs: tuple[float, ...]

    def __call__(self, value: float) -> float:
        """Return the output for a value."""
        place = bisect_right(self.inputs, value)
        if place == 0:
            return self.outputs[0]
        if place == len(self.inputs):
            return self.outputs[-1]
        left, right = self.inputs[place - 1], self.inputs[place]
        low, high = self.outputs[place - 1], self.outputs[place]
        return low + (high - low) * (value - left) / (right - left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How features become a rating.

    Attributes:
        curves: by feature, where its value stands among unrelated answers: -1 the lowest, 1 the highest.
        weights: by aspect and feature, what a step of the curve adds.
        intercepts: by aspect.
    """

    curves: Mapping[str, Curve]
    weights: Mapping[str, Mapping[str, float]]
    intercepts: Mapping[str, float]

    def rate(self, features: Mapping[str, float]) -> Rating:
        """Return the rating of a pair with these features."""
        placed = {name: curve(features[name]) for name, curve in self.curves.items()}
        return Rating(**{aspect: self._aspect(aspect, placed) for aspect in RANGES})

    def _aspect(self, aspect: str, placed: Mapping[str, float]) -> float:
        weighted = sum(weight * placed[name] for name, weight in self.weights[aspect].items())
        return settled(aspect, self.intercepts[aspect] + weighted)


def settled(aspect: str, value: float) -> float:
    """Return a weighted sum as a rating: within the range, and flat about the levels of the three-level aspects."""
    low, high = RANGES[aspect]
    if aspect != "overall":
        away = value - _NEUTRAL
        beyond = max(0.0, abs(away) - _NEAR_NEUTRAL) / (1 - _NEAR_NEUTRAL - _NEAR_END)
        value = _NEUTRAL + math.copysign(beyond, away)
    return min(high, max(low, value))


@cache
def scale() -> Scale:
    """Return the scale that the package ships.

    Raises:
        CatalogError: its data file has faults.
    """
    data = load_yaml(_FILE, CatalogError).data
    return Scale(
        curves={
            name: Curve(tuple(point[0] for point in points), tuple(point[1] for point in points))
            for name, points in data["curves"].items()
        },
        weights={aspect: data["aspects"][aspect]["weights"] for aspect in RANGES},
        intercepts={aspect: data["aspects"][aspect]["intercept"] for aspect in RANGES},
    )
