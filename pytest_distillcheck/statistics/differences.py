"""Differences of two shares: their interval, and the least that two runs would tell apart."""

from math import sqrt
from statistics import NormalDist

from pytest_distillcheck.domain.scores import Share
from pytest_distillcheck.statistics.intervals import Interval

_HALVINGS = 50


def difference_interval(first: Share, second: Share) -> Interval | None:
    """Return the 95 % interval of `first` less `second`, two shares of different clusters; None when either has no n.

    It is put together from the intervals of the shares (Newcombe 1998; Zou and Donner 2008), so that it is clustered
    where they are.
    """
    parts = [(share.value, share.low, share.high) for share in (first, second)]
    if None in parts[0] or None in parts[1]:
        return None
    (p1, low1, high1), (p2, low2, high2) = parts
    assert p1 is not None and low1 is not None and high1 is not None  # noqa: PT018 - for mypy
    assert p2 is not None and low2 is not None and high2 is not None  # noqa: PT018
    difference = p1 - p2
    return Interval(
        difference - sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2),
        difference + sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2),
    )


def detectable_increase(
    rate: float, n: float, *, design_effect: float = 1.0, alpha: float = 0.05, power: float = 0.8
) -> float | None:
    """Return the least increase of a rate that two runs of n draws each would tell apart, or None when none would.

    The usual two-sided test of two shares, by the normal approximation (Fleiss, Levin and Paik 2003, section 4.3),
    on n over the design effect.

    Args:
        rate: of the first run, in [0, 1].
        n: draws of each run, at least 1.
        design_effect: at least 1.
        alpha: chance to see a difference where there is none, in (0, 1).
        power: chance to see this one, in (0, 1).
    """
    effective = n / design_effect
    normal = NormalDist()
    by_chance, missed = normal.inv_cdf(1 - alpha / 2), normal.inv_cdf(power)

    def is_seen(increase: float) -> bool:
        other = rate + increase
        mean = (rate + other) / 2
        null = sqrt(2 * mean * (1 - mean) / effective)
        true = sqrt((rate * (1 - rate) + other * (1 - other)) / effective)
        return increase >= by_chance * null + missed * true

    most = 1 - rate
    if not is_seen(most):
        return None
    low, high = 0.0, most
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if is_seen(middle) else (middle, high)
    return high
