"""Sign-flip permutation test of paired differences."""

from collections.abc import Iterator, Sequence
from itertools import product
from operator import getitem
from random import Random
from typing import Literal

Alternative = Literal["greater", "less", "two-sided"]

# One random byte gives the signs of eight differences, by a table of the 256 sums that they can have; that is
# eight times fewer steps than flipping one by one.
_BLOCK = 8
_PATTERNS = 1 << _BLOCK
_EXACT_TABLES = 2
_ROUNDING = 1e-12


def sign_flip_test(
    differences: Sequence[float],
    rng: Random,
    *,
    alternative: Alternative = "greater",
    resamples: int = 9_999,
) -> float:
    """Return the p-value of the hypothesis that the paired differences are symmetric about 0.

    Up to 16 differences other than 0 the value is exact, over all sign patterns, and `rng` is not used. Beyond,
    it is (1 + as extreme) / (1 + resamples), valid for any number of resamples (Phipson and Smyth 2010).

    Args:
        differences: candidate minus baseline, one a prompt; average repeats of a prompt first, since repeats
            taken as prompts triple the false alarms.
        rng: source of the sign patterns.
        alternative: `greater` when a positive mean is to be shown.
        resamples: sign patterns to draw, at least 1.

    Returns:
        In (0, 1]; 1 when every difference is 0.
    """
    sign = -1 if alternative == "less" else 1
    # A difference of 0 has no sign to flip.
    moved = [sign * difference for difference in differences if difference]
    tables = [_signed_sums(moved[start : start + _BLOCK]) for start in range(0, len(moved), _BLOCK)]
    observed = sum(moved)
    exact = len(tables) <= _EXACT_TABLES
    sums = map(sum, product(*tables)) if exact else _drawn_sums(tables, rng, resamples)
    if alternative == "two-sided":
        observed, sums = abs(observed), map(abs, sums)
    least = observed - _ROUNDING * sum(map(abs, moved))
    extreme = sum(total >= least for total in sums)
    return extreme / _PATTERNS ** len(tables) if exact else (1 + extreme) / (1 + resamples)


def _signed_sums(block: Sequence[float]) -> list[float]:
    """Return the sum of the block under each of 256 sign patterns; a short block repeats its own."""
    sums = [0.0]
    for value in block:
        sums = [total + value for total in sums] + [total - value for total in sums]
    return sums * (_PATTERNS // len(sums))


def _drawn_sums(tables: Sequence[list[float]], rng: Random, resamples: int) -> Iterator[float]:
    for _ in range(resamples):
        yield sum(map(getitem, tables, rng.randbytes(len(tables))))
