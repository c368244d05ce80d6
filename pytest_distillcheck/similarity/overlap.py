"""Measures of what sets, bags, sequences and sizes have in common."""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet


def jaccard(first: AbstractSet[object], second: AbstractSet[object]) -> float:
    """Return the share of all members that both sets have; 1 for two empty sets."""
    shared = len(first & second)
    union = len(first) + len(second) - shared
    return shared / union if union else 1.0


def bag_jaccard(first: Counter[str], second: Counter[str]) -> float:
    """Return the Jaccard similarity of two bags; 1 for two empty ones."""
    shared = (first & second).total()
    union = first.total() + second.total() - shared
    return shared / union if union else 1.0


def common_order(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the length of the longest common subsequence.

    Bit-parallel (Hyyro 2004): each member of `second` costs one addition of an integer as long as `first`.
    """
    in_both = set(first).intersection(second)
    first = [member for member in first if member in in_both]
    places: dict[str, int] = {}
    for index, member in enumerate(first):
        places[member] = places.get(member, 0) | 1 << index
    everything = (1 << len(first)) - 1
    unmatched = everything
    for member in second:
        if member in in_both:
            taken = unmatched & places[member]
            unmatched = ((unmatched + taken) | (unmatched - taken)) & everything
    return len(first) - unmatched.bit_count()


def nearness(first: float, second: float, softening: float) -> float:
    """Return 1 for equal sizes, falling with the ratio of the larger to the smaller, both softened."""
    low, high = sorted((first + softening, second + softening))
    return low / high
