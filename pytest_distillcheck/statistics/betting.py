"""The sequential betting test of a rate against a limit.

A gambler bets on each draw at odds that are fair when the rate is exactly the limit. Were the limit true, the
stake would not grow on average, and the chance that it ever grows 1/α-fold is at most α (Ville 1939). So the
stake may be looked at after each draw, and testing may stop at any time or go on another day.

The draws must be independent and identically distributed: drawn with replacement by a seeded generator,
never template by template. (Waudby-Smith and Ramdas, "Estimating means of bounded random variables by
betting", 2024.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, inf, log
from typing import Literal

from pytest_distillcheck.statistics.search import least_true

# Bets as multiples of the limit's odds. Each suits some true rates; the stake is split evenly over them. As odds,
# and not as rates, they are bets at any limit, and those near 1 are no worse than those near 0.
_LOWER_ODDS = (0, 0.05, 0.15, 0.3, 0.5, 0.7)
_HIGHER_ODDS = (1.25, 1.5, 2, 3, 5, 10, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """An even mixture of likelihood ratios, alternatives over one null rate.

    Attributes:
        on_hit: what a hit adds to the logarithm of each ratio; minus infinity for an alternative of 0.
        on_miss: what a miss adds to it.
    """

    on_hit: tuple[float, ...]
    on_miss: tuple[float, ...]

    def log_value(self, n: float, hits: float) -> float:
        """Return the natural logarithm of the stake, 0 at the start, after `hits` in `n` draws.

        It depends on the counts only, not on the order of the draws.
        """
        ratios = [
            (hits * hit if hits else 0.0) + (n - hits) * miss
            for hit, miss in zip(self.on_hit, self.on_miss, strict=True)
        ]
        best = max(ratios)
        if best == -inf:
            return -inf
        return best + log(sum(exp(ratio - best) for ratio in ratios) / len(ratios))


@dataclass(frozen=True, slots=True, kw_only=True)
class BettingTest:
    """A test that decides `pass`, `fail` or nothing yet, on counts.

    At any true rate of `reject` or more it ever passes with a chance of at most `pass_alpha`; at any of `accept`
    or less it ever fails with a chance of at most `fail_alpha`. Between the two either is right.

    Attributes:
        lower: the stake on a rate below `reject`, which grows when the model is good.
        higher: the stake on a rate above `accept`, which grows when it is bad.
        pass_alpha: chance of a false PASS, in (0, 1).
        fail_alpha: chance of a false FAIL, in (0, 1).
    """

    lower: Stake
    higher: Stake
    pass_alpha: float
    fail_alpha: float

    def passes(self, n: float, hits: float) -> bool:
        """Return whether the evidence against a rate of `reject` or more suffices; never more so with more hits."""
        return self.lower.log_value(n, hits) >= -log(self.pass_alpha)

    def fails(self, n: float, hits: float) -> bool:
        """Return whether the evidence against a rate of `accept` or less suffices; never less so with more hits."""
        return self.higher.log_value(n, hits) >= -log(self.fail_alpha)

    def decide(self, n: float, hits: float) -> Literal["pass", "fail"] | None:
        """Return the decision after `hits` in `n` draws, or None for not yet.

        With an indifference zone both may hold for a rate inside it; then it is `fail`.
        """
        if self.fails(n, hits):
            return "fail"
        return "pass" if self.passes(n, hits) else None

    def fail_p_value(self, n: float, hits: float) -> float:
        """Return the p-value against a rate of `accept` or less, valid whenever one stops, for Holm's correction."""
        return exp(min(0.0, -self.higher.log_value(n, hits)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a betting test stands.

    Attributes:
        test: what is tested.
        n: draws so far.
        hits: how many of them count.
    """

    test: BettingTest
    n: int = 0
    hits: int = 0

    def observe(self, *, hit: bool) -> "Evidence":
        """Return the evidence after one more draw."""
        return replace(self, n=self.n + 1, hits=self.hits + hit)

    def decide(self) -> Literal["pass", "fail"] | None:
        """Return the decision, or None for not yet."""
        return self.test.decide(self.n, self.hits)


def betting_test(
    *, accept: float, reject: float, pass_alpha: float = 0.05, fail_alpha: float = 0.05
) -> BettingTest:
    """Set up a betting test; `accept` equal to `reject` is a plain limit, less is an indifference zone.

    For a rate that must be at least L, count the misses and use 1 - L.

    Args:
        accept: the highest rate that must not fail, in (0, 1).
        reject: the lowest rate that must not pass, in [accept, 1).
        pass_alpha: chance of a false PASS, in (0, 1).
        fail_alpha: chance of a false FAIL, in (0, 1); α over the number of gates stays within Holm's correction.

    Raises:
        ValueError: an argument is out of its range.
    """
    if not 0 < accept <= reject < 1:
        message = f"0 < accept <= reject < 1 must hold, not {accept!r} and {reject!r}"
        raise ValueError(message)
    if not (0 < pass_alpha < 1 and 0 < fail_alpha < 1):
        message = f"error levels must be in (0, 1), not {pass_alpha!r} and {fail_alpha!r}"
        raise ValueError(message)
    return BettingTest(
        lower=_stake(reject, _LOWER_ODDS),
        higher=_stake(accept, _HIGHER_ODDS),
        pass_alpha=pass_alpha,
        fail_alpha=fail_alpha,
    )


def draws_to_decide(test: BettingTest, n: int = 0, hits: int = 0, *, cap: int = 1_000_000) -> int | None:
    """Return how many more draws would decide if hits went on at the observed rate.

    Before the first draw the rate is taken as 0, so the result is the least number of draws with which the
    test can pass: 122 at a limit of 0.03 and 5 %.

    Args:
        test: what is tested.
        n: draws so far.
        hits: how many of them count.
        cap: the most further draws to consider.

    Returns:
        0 when it is decided already; None when the cap does not suffice, or the rate is so near the limit
        that no bet on it gains.
    """
    rate = hits / n if n else 0.0
    # Along one rate every log ratio is a line from 0, so their mixture is convex: once beyond its bar, it stays.
    return least_true(lambda more: test.decide(n + more, rate * (n + more)) is not None, start=0, cap=cap)


def _stake(null: float, odds: Sequence[float]) -> Stake:
    """Return the stake on alternatives at `odds` times the odds of the null rate."""
    scale = [1 - null + multiple * null for multiple in odds]
    # The alternative is multiple · null / scale, so both ratios to the null are had without subtraction.
    return Stake(
        on_hit=tuple(
            log(multiple / total) if multiple else -inf for multiple, total in zip(odds, scale, strict=True)
        ),
        on_miss=tuple(-log(total) for total in scale),
    )
