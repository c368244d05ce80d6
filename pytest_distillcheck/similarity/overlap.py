"""Measures of overlap between sets, bags and sequences: 0 nothing in common, 1 the same."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet


def jaccard(first: AbstractSet[object], second: AbstractSet[object]) -> float:
    """Return the share of all members that both sets have; 1 for two empty sets."""
    shared = len(first & second)
    union = len(first) + len(second) - shared
    return shared / union if union else 1.0


def containment(first: AbstractSet[object], second: AbstractSet[object]) -> float:
    """Return the share of the larger set that both have (Braun-Blanquet); 1 for two empty sets."""
    larger = max(len(first), len(second))
    return len(first & second) / larger if larger else 1.0


def weighted_jaccard(first: Counter[str], second: Counter[str], weight: Callable[[str], float]) -> float:
    """Return the Jaccard similarity of two bags whose members count by weight and root of frequency (Ruzicka).

    The root keeps one word that is said again and again from outweighing all others.
    """
    total = sum(weight(member) * math.sqrt(count) for member, count in first.items())
    total += sum(weight(member) * math.sqrt(count) for member, count in second.items())
    shared = 0.0
    for member in first.keys() & second.keys():
        shared += weight(member) * math.sqrt(min(first[member], second[member]))
    return shared / (total - shared) if total else 1.0


def bag_jaccard(first: Counter[str], second: Counter[str]) -> float:
    """Return the Jaccard similarity of two bags; 1 for two empty ones."""
    shared = (first & second).total()
    union = first.total() + second.total() - shared
    return shared / union if union else 1.0


def common_order(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the length of the longest common subsequence.

    Bit-parallel (Hyyro 2004): each member of `second` costs one addition of an integer as long as `first`.
    """
    places: dict[str, int] = {}
    for index, member in enumerate(first):
        places[member] = places.get(member, 0) | 1 << index
    everything = (1 << len(first)) - 1
    unmatched = everything
    for member in second:
        if match := places.get(member):
            taken = unmatched & match
            unmatched = ((unmatched + taken) | (unmatched - taken)) & everything
    return len(first) - unmatched.bit_count()


def nearness(first: float, second: float, softening: float) -> float:
    """Return 1 for equal sizes, falling with the ratio of the larger to the smaller, both softened."""
    low, high = sorted((first + softening, second + softening))
    return low / high
