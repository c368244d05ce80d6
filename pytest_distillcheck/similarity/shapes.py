"""The shapes of answers, prompt by prompt: who answers at length here, with a list there, in one line elsewhere.

How often a model makes lists at all says little: many models share that habit, and fluent ones most. For which
prompts it does so, when others do not, is learned from a teacher and not from the quality of the answers.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

_NUMBERED = re.compile(r"\d+[.)、]")
_BULLETED = re.compile(r"[-*•]\s")
_INTRODUCES = (":", "：")
_LEAST_VARIANCE = 1e-9
"""Sum of squares below which a model shows the same trait everywhere, but for rounding."""

Shape = tuple[float, ...]


def shape_of(text: str) -> Shape:
    """Return the traits of an answer: lengths as natural logarithms of characters and lines, choices as 0 or 1."""
    lines = [line for line in map(str.strip, text.split("\n")) if line] or [""]
    numbered = sum(1 for line in lines if _NUMBERED.match(line))
    bulleted = sum(1 for line in lines if _BULLETED.match(line))
    introducing = sum(1 for line in lines if line.endswith(_INTRODUCES))
    return (
        math.log1p(len(text)),
        math.log1p(len(lines)),
        math.log1p(len(lines[0])),
        math.log1p(len(lines[-1])),
        math.log1p(numbered),
        math.log1p(bulleted),
        math.log1p(introducing),
        float(numbered > 0),
        float(bulleted > 0),
        float(lines[0].endswith(_INTRODUCES)),
        float(bool(_NUMBERED.match(lines[-1]) or _BULLETED.match(lines[-1]))),
        float("\n\n" in text),
        float(len(lines) == 1),
    )


@dataclass(frozen=True, slots=True)
class Shapes:
    """Sums over prompts from which the agreement of a model with each reference follows.

    Every trait is first taken as the difference from the references' mean for the prompt.

    Attributes:
        prompts: how many there are.
        sums: of each trait; of the model first, then of each reference.
        squares: of the traits' squares, in the same order.
        products: of the model's traits and those of each reference.
    """

    prompts: int
    sums: Sequence[Sequence[float]]
    squares: Sequence[Sequence[float]]
    products: Sequence[Sequence[float]]

    @classmethod
    def of(cls, shapes: Sequence[Sequence[Shape]]) -> "Shapes":
        """Return the sums over some prompts: shapes by model, the references after the first, in one order."""
        differences = [_differences(to_prompt) for to_prompt in zip(*shapes, strict=True)]
        # For each model and trait, its values over the prompts.
        values = [list(zip(*own, strict=True)) for own in zip(*differences, strict=True)]
        return cls(
            len(differences),
            [[math.fsum(trait) for trait in own] for own in values],
            [[_dot(trait, trait) for trait in own] for own in values],
            [list(map(_dot, values[0], own)) for own in values[1:]],
        )

    @classmethod
    def total(cls, parts: Sequence["Shapes"]) -> "Shapes":
        """Return the sums over the prompts of at least one part."""
        return cls(
            sum(part.prompts for part in parts),
            _added([part.sums for part in parts]),
            _added([part.squares for part in parts]),
            _added([part.products for part in parts]),
        )

    def minus(self, part: "Shapes") -> "Shapes":
        """Return what is left without a part."""
        return Shapes(
            self.prompts - part.prompts,
            _less(self.sums, part.sums),
            _less(self.squares, part.squares),
            _less(self.products, part.products),
        )

    def agreements(self) -> list[float]:
        """Return for each reference the mean over traits of the correlation (Pearson) over prompts, in [-1, 1]."""
        prompts = max(1, self.prompts)  # None are left when the only one is left out.
        spreads = [
            [square - total * total / prompts for total, square in zip(sums, squares, strict=True)]
            for sums, squares in zip(self.sums, self.squares, strict=True)
        ]
        return [
            math.fsum(
                _correlation(product - first * second / prompts, mine, theirs)
                for product, first, second, mine, theirs in zip(
                    products, self.sums[0], sums, spreads[0], own, strict=True
                )
            )
            / len(products)
            for products, sums, own in zip(self.products, self.sums[1:], spreads[1:], strict=True)
        ]


def _correlation(product: float, first: float, second: float) -> float:
    return product / math.sqrt(first * second) if min(first, second) > _LEAST_VARIANCE else 0.0


def _differences(shapes: Sequence[Shape]) -> list[list[float]]:
    means = [math.fsum(trait) / (len(shapes) - 1) for trait in zip(*shapes[1:], strict=True)]
    return [[value - mean for value, mean in zip(shape, means, strict=True)] for shape in shapes]


def _dot(first: Sequence[float], second: Sequence[float]) -> float:
    return math.fsum(map(mul, first, second))


def _added(parts: Sequence[Sequence[Sequence[float]]]) -> list[list[float]]:
    return [[math.fsum(values) for values in zip(*rows, strict=True)] for rows in zip(*parts, strict=True)]


def _less(whole: Sequence[Sequence[float]], part: Sequence[Sequence[float]]) -> list[list[float]]:
    return [
        [value - taken for value, taken in zip(row, own, strict=True)]
        for row, own in zip(whole, part, strict=True)
    ]
