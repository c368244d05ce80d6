import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from statsmodels.stats.inter_rater import cohens_kappa

from pytest_distillcheck.statistics import cohen_kappa, quadratic_weighted_kappa, spearman

pairs = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=60)


def table(first, second):
    cells = np.zeros((5, 5))
    for a, b in zip(first, second, strict=True):
        cells[a - 1, b - 1] += 1
    return cells


def agrees(ours, oracle):
    return math.isnan(oracle) if ours is None else ours == pytest.approx(oracle, abs=1e-12)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(pairs)
def test_kappa_agrees_with_statsmodels(rated):
    first, second = zip(*rated, strict=True)
    assert agrees(cohen_kappa(first, second), cohens_kappa(table(first, second), return_results=False))
    assert agrees(
        quadratic_weighted_kappa(first, second),
        cohens_kappa(table(first, second), wt="fc", return_results=False),
    )


@pytest.mark.filterwarnings("ignore")
@given(st.lists(st.tuples(st.integers(0, 6), st.floats(-5, 5)), min_size=2, max_size=40))
def test_rank_correlation_agrees_with_scipy(rated):
    first, second = zip(*rated, strict=True)
    assert agrees(spearman(first, second), float(spearmanr(first, second).statistic))


def test_kappa_takes_any_categories():
    assert cohen_kappa(["a", "b", "b"], ["a", "b", "a"]) == pytest.approx(0.4)


def test_kappa_falls_when_one_category_is_rare():
    def kappa(prevalence):
        positives = round(10_000 * prevalence)
        hits, alarms = round(0.95 * positives), round(0.02 * (10_000 - positives))
        truth = [1] * positives + [0] * (10_000 - positives)
        judged = [1] * hits + [0] * (positives - hits) + [1] * alarms + [0] * (10_000 - positives - alarms)
        return cohen_kappa(truth, judged)

    assert kappa(0.5) == pytest.approx(0.93, abs=0.01)
    assert kappa(0.01) == pytest.approx(0.48, abs=0.01)


def test_decimal_ratings_take_the_concordance_correlation():
    first, second = [1.0, 2.5, 4.2], [1.5, 2.0, 4.9]
    spread = np.var(first) + np.var(second) + (np.mean(first) - np.mean(second)) ** 2
    covariance = np.cov(first, second, bias=True)[0, 1]
    assert quadratic_weighted_kappa(first, second) == pytest.approx(2 * covariance / spread)


@pytest.mark.parametrize("measure", [cohen_kappa, quadratic_weighted_kappa, spearman])
def test_agreement_that_is_not_defined_is_none_and_not_a_number(measure):
    assert measure([], []) is None
    assert measure([3, 3], [3, 3]) is None


@pytest.mark.parametrize("measure", [cohen_kappa, quadratic_weighted_kappa, spearman])
def test_raters_of_different_items_are_refused(measure):
    with pytest.raises(ValueError, match="the same items"):
        measure([1, 2], [1])
