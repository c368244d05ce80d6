"""The least whole number at which something becomes true."""

from bisect import bisect_left
from collections.abc import Callable


def least_true(predicate: Callable[[int], bool], *, start: int, cap: int) -> int | None:
    """Return the least n in [start, cap] at which `predicate` holds, or None; once true it must stay true."""
    candidates = range(start, cap + 1)
    found = bisect_left(candidates, True, key=predicate)
    return candidates[found] if found < len(candidates) else None
