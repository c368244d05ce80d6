"""Intervals and one-sided bounds of a share, and how many observations a limit on it needs.

Counts may be real numbers, so that effective counts of clustered outcomes fit (Korn and Graubard).
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from pytest_distillcheck.domain.gates import Side
from pytest_distillcheck.statistics.search import least_true
from pytest_distillcheck.statistics.special import beta_quantile, regularised_beta


@dataclass(frozen=True, slots=True)
class Interval:
    """What is plausible for a quantity.

    Attributes:
        low: the lower end.
        high: the upper end, at least `low`.
    """

    low: float
    high: float


def wilson(count: float, n: float, confidence: float = 0.95) -> Interval:
    """Return Wilson's two-sided score interval of a share (Wilson 1927): for reading, not for decisions.

    Args:
        count: observations that count, in [0, n].
        n: observations; with none the interval is [0, 1].
        confidence: two-sided, in (0, 1).

    Raises:
        ValueError: an argument is out of its range.
    """
    _check(count, n, confidence)
    if n == 0:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    spread = n + z * z
    centre = (count + z * z / 2) / spread
    half = z / spread * sqrt(count * (n - count) / n + z * z / 4)
    return Interval(
        0.0 if count == 0 else max(0.0, centre - half),
        1.0 if count == n else min(1.0, centre + half),
    )


def clopper_pearson(count: float, n: float, confidence: float = 0.95) -> Interval:
    """Return the exact two-sided interval of a share (Clopper and Pearson 1934), equal-tailed.

    Args:
        count: observations that count, in [0, n].
        n: observations; with none the interval is [0, 1].
        confidence: two-sided, in (0, 1).

    Raises:
        ValueError: an argument is out of its range.
    """
    _check(count, n, confidence)
    one_sided = (1 + confidence) / 2
    return Interval(lower_bound(count, n, one_sided), upper_bound(count, n, one_sided))


def lower_bound(count: float, n: float, confidence: float) -> float:
    """Return the exact one-sided lower bound of a share (Clopper-Pearson).

    Args:
        count: observations that count, in [0, n].
        n: observations.
        confidence: one-sided, in (0, 1).

    Raises:
        ValueError: an argument is out of its range.
    """
    _check(count, n, confidence)
    return beta_quantile(1 - confidence, count, n - count + 1) if count > 0 else 0.0


def upper_bound(count: float, n: float, confidence: float) -> float:
    """Return the exact one-sided upper bound of a share (Clopper-Pearson).

    Args:
        count: observations that count, in [0, n].
        n: observations.
        confidence: one-sided, in (0, 1).

    Raises:
        ValueError: an argument is out of its range.
    """
    _check(count, n, confidence)
    return beta_quantile(confidence, count + 1, n - count) if count < n else 1.0


def excess_p_value(count: float, n: float, limit: float) -> float:
    """Return the exact p-value against a share of at most `limit`: P(X >= count | n, limit).

    It is below 1 - confidence exactly when `lower_bound(count, n, confidence)` is above the limit.
    For a share that must be at least L, pass n - count and 1 - L.

    Args:
        count: observations that count, in [0, n].
        n: observations.
        limit: in [0, 1].

    Raises:
        ValueError: an argument is out of its range.
    """
    _check(count, n)
    return regularised_beta(count, n - count + 1, limit) if count > 0 else 1.0


def smallest_n(
    limit: float, confidence: float, hits: int = 0, *, side: Side = "max", cap: int = 1_000_000
) -> int | None:
    """Return the least n at which a gate can still pass, or None when there is none up to `cap`.

    For `max` that is the least n at which `hits` hits give an upper bound within the limit; for `min`, the
    least n at which `hits` misses give a lower bound within it. No hit at 0.03 and 95 % takes 99.

    Args:
        limit: of the gate, in [0, 1]; a `max` of 0 and a `min` of 1 can never pass.
        confidence: one-sided, in (0, 1).
        hits: observations that count against the gate, at least 0.
        side: which way the limit holds.
        cap: the largest n to consider.

    Raises:
        ValueError: an argument is out of its range.
    """
    _check(hits, hits, confidence)
    highest = limit if side == "max" else 1 - limit
    return least_true(lambda n: _within(hits, n, highest, confidence), start=hits, cap=cap)


def queries_needed(
    count: float, n: float, *, limit: float, confidence: float, side: Side = "max", cap: int = 1_000_000
) -> int | None:
    """Return how many more observations would decide a gate if they came at the observed rate.

    Before the first one the rate is taken as perfect: 0 for `max`, 1 for `min`. Effective observations in,
    effective ones out: for clustered ones multiply by what one of them costs.

    Args:
        count: observations that count, in [0, n].
        n: observations so far.
        limit: of the gate, in [0, 1].
        confidence: one-sided, in (0, 1).
        side: which way the limit holds.
        cap: the most further observations to consider.

    Returns:
        0 when it is decided already; None when the rate sits at the limit, or the cap does not suffice.

    Raises:
        ValueError: an argument is out of its range.
    """
    _check(count, n, confidence)
    highest, against = (limit, count) if side == "max" else (1 - limit, n - count)
    rate = against / n if n else 0.0
    if rate == highest < 1:
        return None
    decided = _within if rate <= highest else _beyond
    return least_true(
        lambda more: decided(rate * (n + more), n + more, highest, confidence), start=0, cap=cap
    )


def _within(count: float, n: float, limit: float, confidence: float) -> bool:
    """Return whether the upper bound is at most the limit, without computing the bound."""
    return limit >= 1 or (count < n and regularised_beta(count + 1, n - count, limit) >= confidence)


def _beyond(count: float, n: float, limit: float, confidence: float) -> bool:
    """Return whether the lower bound is above the limit, without computing the bound."""
    return n > 0 and excess_p_value(count, n, limit) < 1 - confidence


def _check(count: float, n: float, confidence: float = 0.5) -> None:
    if not 0 <= count <= n:
        message = f"count must be in [0, n], not {count!r} of {n!r}"
        raise ValueError(message)
    if not 0 < confidence < 1:
        message = f"confidence must be in (0, 1), not {confidence!r}"
        raise ValueError(message)
