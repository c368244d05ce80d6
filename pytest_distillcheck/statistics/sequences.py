"""Confidence sequences: what is plausible for a rate, however often one has looked and whenever one stops."""

from pytest_distillcheck.statistics.betting import betting_test
from pytest_distillcheck.statistics.intervals import Interval

_HALVINGS = 40


def confidence_sequence(n: int, hits: int, confidence: float = 0.95) -> Interval:
    """Return the rates that the betting tests against them do not refute after `hits` in `n` draws.

    At every look at once it holds the true rate with a chance of at least `confidence`, if the draws are independent and
    identically distributed (Waudby-Smith and Ramdas 2024). It is wider than an interval for one look.

    Args:
        n: draws, at least 0.
        hits: how many of them count.
        confidence: two-sided, in (0, 1).
    """
    alpha = (1 - confidence) / 2

    def is_too_low(rate: float) -> bool:
        return betting_test(accept=rate, reject=rate, fail_alpha=alpha).fails(n, hits)

    def is_too_high(rate: float) -> bool:
        return betting_test(accept=rate, reject=rate, pass_alpha=alpha).passes(n, hits)

    observed = hits / n if n else 0.5
    low, high = (0.0, observed), (observed, 1.0)
    for _ in range(_HALVINGS):
        middle = sum(low) / 2
        low = (middle, low[1]) if 0 < middle < 1 and is_too_low(middle) else (low[0], middle)
        middle = sum(high) / 2
        high = (high[0], middle) if 0 < middle < 1 and is_too_high(middle) else (middle, high[1])
    return Interval(low[0], high[1])
