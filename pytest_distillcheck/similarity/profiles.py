"""Profiles of word use: in how many answers each word occurs, against the references together."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import mul

_SMOOTHING = 1.0
"""Answers added to observed and expected: a word that a model never uses must not weigh without limit."""
_FULL_WEIGHT = 50.0
"""Expected answers from which a word weighs no more: else the commonest few would be the profile."""
_LEAST_SHARE = 0.0015
_LEAST = 8
"""A word must occur in this share of the references' answers, and in this many: rarer ones are the topic of one
prompt, and would say little more than that it was answered."""


def count_answers(answers: Sequence[Sequence[str]]) -> Counter[str]:
    """Return in how many answers each token occurs, all numbers taken as one; answers come as tokens."""
    found: Counter[str] = Counter()
    for tokens in answers:
        found.update({"0" if token[0].isdecimal() else token for token in tokens})
    return found


@dataclass(frozen=True, slots=True)
class Profiles:
    """Counts of the first model and of the references after it, over the words that are compared.

    Attributes:
        totals: for each model, its count of each word.
        blocks: the same for each block of prompts.
    """

    totals: Sequence[Sequence[int]]
    blocks: Sequence[Sequence[Sequence[int]]]

    @classmethod
    def of(cls, blocks: Sequence[Sequence[Counter[str]]], answers: int) -> "Profiles":
        """Return the profiles over the words that enough of the references' answers have.

        Args:
            blocks: for each block of prompts the counts of each model.
            answers: how many answers each model gave.
        """
        totals = [_total(parts) for parts in zip(*blocks, strict=True)]
        pool = _total(totals[1:])
        least = max(_LEAST, _LEAST_SHARE * answers * (len(totals) - 1))
        words = sorted(word for word, count in pool.items() if count >= least)
        return cls(
            [[total[word] for word in words] for total in totals],
            [[[part[word] for word in words] for part in parts] for parts in blocks],
        )

    def whole(self) -> list[float]:
        """Return the cosine of the model's profile with each reference's."""
        return _cosines(_profiles(self.totals))

    def without(self, block: int) -> list[float]:
        """Return the same when a block of prompts is left out."""
        left = [
            [whole - part for whole, part in zip(total, taken, strict=True)]
            for total, taken in zip(self.totals, self.blocks[block], strict=True)
        ]
        return _cosines(_profiles(left))

    def families(self, least: float) -> list[frozenset[int]]:
        """Return for each reference those, itself among them, whose profile has at least this cosine with its."""
        profiles = _profiles(self.totals)[1:]
        return [
            frozenset(index for index, other in enumerate(profiles) if _dot(own, other) >= least) | {position}
            for position, own in enumerate(profiles)
        ]


def _total(parts: Iterable[Counter[str]]) -> Counter[str]:
    # `sum` would copy the growing total at each step.
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return total


def _profiles(counts: Sequence[Sequence[int]]) -> list[list[float]]:
    """Return unit vectors of log ratios to what the references together would lead one to expect."""
    sums = [max(1, sum(row)) for row in counts]
    references = len(counts) - 1
    shares = [
        sum(column) / references
        for column in zip(
            *([count / total for count in row] for row, total in zip(counts[1:], sums[1:], strict=True)),
            strict=True,
        )
    ]
    typical = sum(sums[1:]) / references
    weights = [math.sqrt(min(share * typical, _FULL_WEIGHT)) for share in shares]
    return [_unit(_log_ratios(row, total, shares, weights)) for row, total in zip(counts, sums, strict=True)]


def _log_ratios(
    row: Sequence[int], total: int, shares: Sequence[float], weights: Sequence[float]
) -> list[float]:
    return [
        weight * math.log((count + _SMOOTHING) / (total * share + _SMOOTHING))
        for count, share, weight in zip(row, shares, weights, strict=True)
    ]


def _unit(vector: list[float]) -> list[float]:
    length = math.sqrt(_dot(vector, vector))
    return [value / length for value in vector] if length else vector


def _cosines(profiles: Sequence[Sequence[float]]) -> list[float]:
    return [_dot(profiles[0], profile) for profile in profiles[1:]]


def _dot(first: Sequence[float], second: Sequence[float]) -> float:
    return math.fsum(map(mul, first, second))
