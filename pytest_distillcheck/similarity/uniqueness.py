"""Phrases that one reference alone uses in its answer to a prompt, and how many of them a model uses too."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_LENGTH = 3
"""Tokens in a phrase."""
_CONSIDERED = 300
"""Tokens of an answer that are read: one endless answer must not outweigh a hundred others."""
_PRIOR = 5.0
"""Hits added at the rate of all references: two or three hits more must not look like a teacher."""

Phrases = set[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Hits:
    """For each reference, its own phrases and how many of them the model used.

    Attributes:
        used: phrases that the model used too.
        own: phrases of the reference alone.
    """

    used: Sequence[int]
    own: Sequence[int]

    @classmethod
    def total(cls, parts: Sequence["Hits"]) -> "Hits":
        """Return the sum of at least one part."""
        return cls(
            [sum(column) for column in zip(*(part.used for part in parts), strict=True)],
            [sum(column) for column in zip(*(part.own for part in parts), strict=True)],
        )

    def minus(self, part: "Hits") -> "Hits":
        """Return what is left without a part."""
        return Hits(
            [whole - taken for whole, taken in zip(self.used, part.used, strict=True)],
            [whole - taken for whole, taken in zip(self.own, part.own, strict=True)],
        )

    def log_rates(self) -> list[float]:
        """Return the natural logarithm of the share of its own phrases that the model used, per reference."""
        common = (sum(self.used) + 1) / (sum(self.own) + 1)
        return [
            math.log((used + _PRIOR) / (own + _PRIOR / common))
            for used, own in zip(self.used, self.own, strict=True)
        ]


def count_hits(answers: Sequence[Sequence[Sequence[str]]]) -> Hits:
    """Return the hits over some prompts.

    Args:
        answers: tokens of the answers to each prompt, in one order: first the model's, then each reference's.
    """
    return Hits.total([_hits(*map(_phrases, to_prompt)) for to_prompt in zip(*answers, strict=True)])


def _hits(model: Phrases, *references: Phrases) -> Hits:
    repeated = _repeated(references)
    own = [phrases - repeated for phrases in references]
    return Hits([len(phrases & model) for phrases in own], [len(phrases) for phrases in own])


def _repeated(sets: Iterable[Phrases]) -> Phrases:
    """Return the phrases that more than one set has."""
    seen: Phrases = set()
    repeated: Phrases = set()
    for phrases in sets:
        repeated |= seen & phrases
        seen |= phrases
    return repeated


def _phrases(tokens: Sequence[str]) -> Phrases:
    # Marks count as words: how a model punctuates a list is as much its own as how it phrases it.
    read = tokens[:_CONSIDERED]
    return set(zip(*(read[start:] for start in range(_LENGTH)), strict=False))
