"""Measures of what sets, bags, sequences and sizes have in common."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet


def jaccard(first: AbstractSet[object], second: AbstractSet[object]) -> float:
    """Return the share of all members that both sets have; 1 for two empty sets."""
    shared = len(first & second)
    return share(shared, len(first) + len(second) - shared)


def bag_jaccard(first: Counter[str], second: Counter[str]) -> float:
    """Return the Jaccard similarity of two bags; 1 for two empty ones."""
    shared = (first & second).total()
    return share(shared, first.total() + second.total() - shared)


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


def aligned(first: Sequence[AbstractSet[str]], second: Sequence[AbstractSet[str]]) -> float:
    """Return how much of the longer of two sequences of sets has its like in the other, in the same order.

    The best alignment without costs of gaps (Needleman and Wunsch 1970), where two sets count by their cosine;
    1 for two empty sequences. Quadratic in the lengths.
    """
    in_both = set[str]().union(*first) & set[str]().union(*second)
    bits = {member: 1 << place for place, member in enumerate(in_both)}
    rows, columns = _masks(first, bits), _masks(second, bits)
    best = [0.0] * (len(columns) + 1)
    for mask, size in rows:
        # From the last column, so that what a row adds is not met by the row again.
        for place in range(len(columns) - 1, -1, -1):
            other, other_size = columns[place]
            if shared := mask & other:
                total = best[place] + shared.bit_count() / math.sqrt(size * other_size)
                after = place + 1
                while after < len(best) and best[after] < total:
                    best[after] = total
                    after += 1
    return share(best[-1], max(len(rows), len(columns)))


def _masks(sets: Sequence[AbstractSet[str]], bits: Mapping[str, int]) -> list[tuple[int, int]]:
    """Return each set as an integer, made of the bits of its members that have one, and its size."""
    return [(sum(map(bits.__getitem__, bits.keys() & members)), len(members)) for members in sets]


def share(part: float, whole: float) -> float:
    """Return a part of a whole; 1 for a whole of nothing."""
    return part / whole if whole else 1.0


def nearness(first: float, second: float, softening: float) -> float:
    """Return 1 for equal sizes, falling with the ratio of the larger to the smaller, both softened."""
    low, high = sorted((first + softening, second + softening))
    return low / high
