"""Profiles of word use: in how many answers each word occurs, against the references together."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import mul, sub

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
class Counts:
    """In how many answers each token occurs, for one set of prompts.

    Attributes:
        model: of the model that is compared.
        shared: of each reference, over the prompts that the model answered.
        known: of each reference, over these and the prompts that only the references answered; empty when there
            are no such prompts.
    """

    model: Counter[str]
    shared: Sequence[Counter[str]]
    known: Sequence[Counter[str]]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Counts over the words that are compared, in one order."""

    model: Sequence[int]
    shared: Sequence[Sequence[int]]
    known: Sequence[Sequence[int]]

    @classmethod
    def of(cls, counts: Counts, words: Sequence[str]) -> "_Rows":
        def row(own: Counter[str]) -> list[int]:
            return [own[word] for word in words]

        shared = list(map(row, counts.shared))
        return cls(row(counts.model), shared, list(map(row, counts.known)) if counts.known else shared)

    def minus(self, part: "_Rows") -> "_Rows":
        def rows(whole: Sequence[Sequence[int]], taken: Sequence[Sequence[int]]) -> list[list[int]]:
            return [list(map(sub, *pair)) for pair in zip(whole, taken, strict=True)]

        shared = rows(self.shared, part.shared)
        known = shared if self.known is self.shared else rows(self.known, part.known)
        return _Rows(list(map(sub, self.model, part.model)), shared, known)


@dataclass(frozen=True, slots=True)
class Profiles:
    """Counts of a model and of the references, over the words that are compared.

    Attributes:
        total: of all prompts.
        blocks: of each block of prompts.
    """

    total: _Rows
    blocks: Sequence[_Rows]

    @classmethod
    def of(cls, blocks: Sequence[Counts], answers: int) -> "Profiles":
        """Return the profiles over the words that enough of the references' answers have.

        Args:
            blocks: the counts of each block of prompts.
            answers: how many answers each reference gave.
        """
        total = Counts(
            _total(block.model for block in blocks),
            [_total(parts) for parts in zip(*(block.shared for block in blocks), strict=True)],
            [_total(parts) for parts in zip(*(block.known for block in blocks), strict=True)],
        )
        pool = _total(total.known or total.shared)
        least = max(_LEAST, _LEAST_SHARE * answers * len(total.shared))
        words = sorted(word for word, count in pool.items() if count >= least)
        return cls(_Rows.of(total, words), [_Rows.of(block, words) for block in blocks])

    def whole(self) -> list[float]:
        """Return the cosine of the model's profile with each reference's."""
        return _cosines(*_profiles(self.total))

    def without(self, block: int) -> list[float]:
        """Return the same when a block of prompts is left out."""
        return _cosines(*_profiles(self.total.minus(self.blocks[block])))

    def families(self, least: float) -> list[frozenset[int]]:
        """Return for each reference those, itself among them, whose profile has at least this cosine with its."""
        _, profiles = _profiles(self.total)
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


@dataclass(frozen=True, slots=True)
class _Typical:
    """What the references together would lead one to expect of an answerer of the same prompts.

    Attributes:
        shares: of each word in all that an answerer uses.
        total: of the counts of an answerer.
    """

    shares: Sequence[float]
    total: float

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> "_Typical":
        sums = [max(1, sum(row)) for row in rows]
        shares = ([count / own for count in row] for row, own in zip(rows, sums, strict=True))
        return cls([sum(column) / len(rows) for column in zip(*shares, strict=True)], sum(sums) / len(rows))

    def profile(self, row: Sequence[int], weights: Sequence[float]) -> list[float]:
        """Return the unit vector of log ratios of counts to those expected."""
        total = sum(row)
        return _unit(
            [
                weight * math.log((count + _SMOOTHING) / (total * share + _SMOOTHING))
                for count, share, weight in zip(row, self.shares, weights, strict=True)
            ]
        )


def _profiles(rows: _Rows) -> tuple[list[float], list[list[float]]]:
    """Return the profile of the model, and those of the references."""
    # Each against the same prompts, so that their topics cancel out.
    shared = _Typical.of(rows.shared)
    known = shared if rows.known is rows.shared else _Typical.of(rows.known)
    weights = [math.sqrt(min(share * shared.total, _FULL_WEIGHT)) for share in shared.shares]
    return shared.profile(rows.model, weights), [known.profile(row, weights) for row in rows.known]


def _unit(vector: list[float]) -> list[float]:
    length = math.sqrt(_dot(vector, vector))
    return [value / length for value in vector] if length else vector


def _cosines(model: Sequence[float], references: Sequence[Sequence[float]]) -> list[float]:
    return [_dot(model, profile) for profile in references]


def _dot(first: Sequence[float], second: Sequence[float]) -> float:
    return math.fsum(map(mul, first, second))
