"""What a share is worth when its outcomes are not independent.

Answers that share a context (or a seed template) or a question resemble each other. A thousand of them may
tell as much as a hundred independent ones, and an interval that ignores that is far too narrow.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pytest_distillcheck.statistics.intervals import (
    Interval,
    excess_p_value,
    lower_bound,
    upper_bound,
    wilson,
)
from pytest_distillcheck.statistics.special import student_t_quantile

_HALVINGS = 50
_UNDECIDED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One observation with its two crossed cluster labels.

    Attributes:
        hit: whether it counts.
        context: the context or seed template that it shares with others.
        question: the question that it shares with others.
    """

    hit: bool
    context: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusteredShare:
    """A share and how much its clusters take from it.

    Attributes:
        count: hits.
        n: outcomes.
        design_effect: variance of the share over that of as many independent outcomes, at least 1.
        df: degrees of freedom of that variance: clusters - 1 in the dimension with fewer of them; n - 1 when
            no dimension has two clusters.
    """

    count: int
    n: int
    design_effect: float
    df: int

    def effective_n(self, confidence: float) -> float:
        """Return how many independent outcomes carry as much as these, at a one-sided `confidence`.

        (t_{n-1} / t_df)² · n / design effect, both quantiles at `confidence` (Korn and Graubard 1998). The
        first factor pays for a variance that few clusters give only roughly: with 10 clusters and 95 % it
        takes a fifth, with 2 nearly all. Never above n.

        Args:
            confidence: in (0.5, 1).
        """
        if self.df == self.n - 1:
            return self.n / self.design_effect
        widening = student_t_quantile(confidence, self.n - 1) / student_t_quantile(confidence, self.df)
        return widening**2 * self.n / self.design_effect

    def mirrored(self) -> "ClusteredShare":
        """Return the share of what does not count, for limits that hold from below."""
        return replace(self, count=self.n - self.count)


def clustered_share(outcomes: Iterable[Outcome]) -> ClusteredShare:
    """Count outcomes and estimate what their contexts and questions cost. Time is linear in their number.

    The variance is the cluster-robust one, V = V_context + V_question - V_both (Cameron, Gelbach and Miller
    2011), each term with the factor G / (G - 1) for its G clusters; a dimension with one cluster has no
    variance between clusters and leaves the other one alone.

    V is floored at V_context, at V_question and at the variance of independent outcomes. Prompts that share a
    template or a question err in the same direction, so the true variance is at least each of those; a
    difference of estimates that falls below them (it can even be negative) is noise, and a gate must not
    be passed by noise.

    With no hit, or hits only, every estimate is 0: the design effect is taken as 1, which is also what a
    single hit among clusters of one size gives, and the correction for few clusters stays.
    """
    sizes: Counter[tuple[str, str]] = Counter()
    hits: Counter[tuple[str, str]] = Counter()
    for outcome in outcomes:
        cell = (outcome.context, outcome.question)
        sizes[cell] += 1
        hits[cell] += outcome.hit
    n, count = sizes.total(), hits.total()
    deviations = {cell: n * hits[cell] - count * size for cell, size in sizes.items()}
    by_context = _summed(deviations, dimension=0)
    by_question = _summed(deviations, dimension=1)
    independent = count * (n - count) * n * n / (n - 1) if n > 1 else 0.0
    context, question, both = _spread(by_context), _spread(by_question), _spread(deviations)
    spread = max(context + question - both, context, question, independent)
    clusters = [len(dimension) for dimension in (by_context, by_question) if len(dimension) > 1]
    return ClusteredShare(
        count=count,
        n=n,
        design_effect=spread / independent if independent else 1.0,
        df=min(clusters, default=n) - 1,
    )


def korn_graubard(share: ClusteredShare, confidence: float) -> Interval:
    """Return the two one-sided bounds of a clustered share, each at `confidence`, for decisions.

    They are Clopper-Pearson's on the effective counts (Korn and Graubard 1998), so they are exact when nothing
    is clustered. With few clusters and rare hits they still pass too often (simulated with an
    intra-class correlation of 0.3, nominally 5 %: 7 % with 50 clusters of 20, 5 % with 100 of 10, 4 % with 200 of
    5; plain bounds 25, 14 and 13 %).

    Args:
        share: the clustered share.
        confidence: one-sided, in (0.5, 1).
    """
    count, n = _effective_counts(share, confidence)
    return Interval(lower_bound(count, n, confidence), upper_bound(count, n, confidence))


def clustered_interval(share: ClusteredShare, confidence: float = 0.95) -> Interval:
    """Return the two-sided interval of a clustered share, for reading.

    It is Wilson's on the effective counts (Kott and Carr 1997). Independent shares are shown with Wilson's, and
    the two must be comparable and agree when clusters have no effect; Clopper-Pearson would be wider for a
    reason that has nothing to do with the clusters. Decisions use `korn_graubard`.

    Args:
        share: the clustered share.
        confidence: two-sided, in (0, 1).
    """
    count, n = _effective_counts(share, (1 + confidence) / 2)
    return wilson(count, n, confidence)


def clustered_p_value(share: ClusteredShare, limit: float) -> float:
    """Return the p-value against a share of at most `limit`, for Holm's correction.

    It is the level at which the lower bound of `korn_graubard` reaches the limit; the effective counts
    themselves depend on that level, so it is found by halving.

    Args:
        share: the clustered share; `mirrored()`, with 1 - limit, for a limit from below.
        limit: in [0, 1].

    Returns:
        In (0, 0.5), or 1 where it is one half or more and decides nothing.
    """

    def excess(level: float) -> float:
        return excess_p_value(*_effective_counts(share, 1 - level), limit)

    low, high = 0.0, _UNDECIDED
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if excess(middle) < middle:
            high = middle
        else:
            low = middle
    return high if high < _UNDECIDED else 1.0


def _effective_counts(share: ClusteredShare, confidence: float) -> tuple[float, float]:
    n = share.effective_n(confidence)
    # Dividing first keeps the effective count within n to the last bit.
    return (share.count / share.n * n if share.n else 0.0), n


def _summed(deviations: Mapping[tuple[str, str], int], *, dimension: int) -> Counter[str]:
    """Return the deviations of the cells summed by one of their two labels."""
    clusters: Counter[str] = Counter()
    for cell, deviation in deviations.items():
        clusters[cell[dimension]] += deviation
    return clusters


def _spread(deviations: Mapping[Any, int]) -> float:
    """Return the cluster-robust variance of the share times n⁴.

    A cluster's deviation is n·hits - count·size, a whole number, so the sum does not depend on any order.
    """
    clusters = len(deviations)
    if clusters <= 1:
        return 0.0
    return sum(deviation * deviation for deviation in deviations.values()) * clusters / (clusters - 1)
