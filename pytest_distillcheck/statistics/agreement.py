"""How far two raters, or a judge and a person, agree."""

from collections import Counter
from collections.abc import Hashable, Sequence
from statistics import StatisticsError, correlation, fmean, pvariance


def cohen_kappa(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Return Cohen's kappa of two raters over categories (Cohen 1960).

    It falls with the prevalence of the rarer category: at the same sensitivity and specificity it may be
    0.9 on a balanced sample and 0.5 on one with 1 % positives.

    Returns:
        At most 1; None when it is not defined, because there is no pair or both raters gave one and the
        same category throughout.

    Raises:
        ValueError: the sequences differ in length.
    """
    n = _paired(first, second)
    given_first, given_second = Counter(first), Counter(second)
    by_chance = sum(given_first[category] * given_second[category] for category in given_first)
    if by_chance == n * n:
        return None
    agreed = sum(a == b for a, b in zip(first, second, strict=True))
    return (n * agreed - by_chance) / (n * n - by_chance)


def quadratic_weighted_kappa(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return Cohen's kappa with squared disagreement, for ordinal ratings (Cohen 1968).

    The ratings themselves are the scale, so equal steps are assumed, and decimals are welcome: it is then
    Lin's concordance correlation coefficient.

    Returns:
        At most 1; None when it is not defined, because there is no pair or all ratings are the same.

    Raises:
        ValueError: the sequences differ in length.
    """
    if _paired(first, second) == 0:
        return None
    by_chance = pvariance(first) + pvariance(second) + (fmean(first) - fmean(second)) ** 2
    if by_chance == 0:
        return None
    return 1 - fmean((a - b) ** 2 for a, b in zip(first, second, strict=True)) / by_chance


def spearman(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation; ties share their average rank.

    Returns:
        In [-1, 1]; None when it is not defined, because a side has fewer than two different values.

    Raises:
        ValueError: the sequences differ in length.
    """
    _paired(first, second)
    try:
        return correlation(_average_ranks(first), _average_ranks(second))
    except StatisticsError:
        return None


def _average_ranks(values: Sequence[float]) -> tuple[float, ...]:
    """Return the ranks of the values, from 1; equal values share the average of their ranks."""
    order = sorted(values)
    counts = Counter(order)
    ranks: dict[float, float] = {}
    below = 0
    for value, count in counts.items():
        ranks[value] = below + (count + 1) / 2
        below += count
    return tuple(ranks[value] for value in values)


def _paired(first: Sequence[object], second: Sequence[object]) -> int:
    if len(first) != len(second):
        message = f"both raters must rate the same items: {len(first)} against {len(second)} ratings"
        raise ValueError(message)
    return len(first)
