from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap, norm

from pytest_distillcheck.statistics import Interval, bootstrap_macro_mean, bootstrap_mean

SKEWED = tuple(map(Random(4).expovariate, [1.0] * 40))


@pytest.fixture(scope="module")
def resampled():
    return bootstrap_mean(SKEWED, Random(1), resamples=20_000)


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_the_interval_agrees_with_scipy_up_to_the_resampling(resampled, method):
    oracle = bootstrap(
        (SKEWED,), np.mean, n_resamples=20_000, method=method, rng=np.random.default_rng(1)
    ).confidence_interval
    ours = resampled.interval(0.95, method)
    # The standard error of such an end is about 0.003.
    assert (ours.low, ours.high) == pytest.approx((oracle.low, oracle.high), abs=0.015)


def test_percentiles_of_the_same_resamples_are_those_of_numpy(resampled):
    for confidence in (0.5, 0.9, 0.95, 0.999):
        assert resampled.lower_bound(confidence, "percentile") == pytest.approx(
            np.quantile(resampled.means, 1 - confidence), rel=1e-12
        )
        assert resampled.upper_bound(confidence, "percentile") == pytest.approx(
            np.quantile(resampled.means, confidence), rel=1e-12
        )


def test_bca_bounds_follow_the_textbook_formula(resampled):
    values, means = np.array(SKEWED), np.array(resampled.means)
    bias = norm.ppf((np.mean(means < values.mean()) + np.mean(means <= values.mean())) / 2)
    jackknife = (values.sum() - values) / (len(values) - 1)
    gaps = jackknife.mean() - jackknife
    acceleration = (gaps**3).sum() / (6 * (gaps**2).sum() ** 1.5)
    assert (resampled.bias, resampled.acceleration) == pytest.approx((bias, acceleration), rel=1e-9)
    for confidence in (0.9, 0.95, 0.99):
        z = bias + norm.ppf(confidence)
        level = norm.cdf(bias + z / (1 - acceleration * z))
        assert resampled.upper_bound(confidence) == pytest.approx(np.quantile(means, level), rel=1e-9)


def test_an_interval_is_made_of_two_bounds(resampled):
    assert resampled.interval(0.9) == Interval(resampled.lower_bound(0.95), resampled.upper_bound(0.95))


def test_bca_moves_towards_the_long_tail(resampled):
    assert resampled.upper_bound(0.95) > resampled.upper_bound(0.95, "percentile")


@given(values=st.lists(st.floats(1, 5), min_size=1, max_size=12), seed=st.integers(0, 9))
def test_bounds_are_ordered_and_stay_among_the_values(values, seed):
    found = bootstrap_mean(values, Random(seed), resamples=60)
    for method in ("bca", "percentile"):
        low, high = found.lower_bound(0.95, method), found.upper_bound(0.95, method)
        assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9


def test_equal_values_leave_no_room():
    interval = bootstrap_mean([0.1] * 7, Random(0)).interval()
    assert (interval.low, interval.high) == pytest.approx((0.1, 0.1))


def test_resamples_that_tie_with_the_estimate_count_as_half_below_it():
    assert bootstrap_mean([0, 1] * 8, Random(1), resamples=5_000).bias == pytest.approx(0, abs=0.05)


def test_a_mean_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one value"):
        bootstrap_mean([], Random(0))


def test_the_same_seed_gives_the_same_resamples():
    assert bootstrap_mean(SKEWED, Random(7), resamples=50) == bootstrap_mean(SKEWED, Random(7), resamples=50)


def test_the_interval_covers_the_true_mean_about_as_often_as_it_says():
    rng = Random(8)
    covered = 0
    for _ in range(300):
        interval = bootstrap_mean([rng.gauss(0.2, 1) for _ in range(40)], rng, resamples=300).interval(0.9)
        covered += interval.low <= 0.2 <= interval.high
    # Expected 270 or slightly less, with a standard deviation of 5.
    assert 250 <= covered <= 287


def test_the_p_value_inverts_the_lower_bound(resampled):
    for confidence in (0.6, 0.9, 0.95, 0.99):
        bound = resampled.lower_bound(confidence)
        assert resampled.p_value(bound - 0.01) < 1 - confidence < resampled.p_value(bound + 0.01)
    assert resampled.p_value(-1) < 1e-4
    assert resampled.p_value(99) > 1 - 1e-4


def test_equal_values_leave_no_doubt_but_at_the_value_itself():
    equal = bootstrap_mean([3.0] * 30, Random(1))
    assert equal.p_value(2.9) < 0.001
    assert equal.p_value(3.0) == pytest.approx(0.5)
    assert equal.p_value(3.1) > 0.999


def test_a_macro_mean_weighs_strata_alike_and_is_resampled_within_them():
    strata = [[1.0] * 50, [5.0, 5.0]]
    found = bootstrap_macro_mean(strata, Random(1), resamples=200)
    assert found.estimate == 3.0
    assert set(found.means) == {3.0}


def test_the_error_of_a_macro_mean_is_that_of_its_strata():
    rng = Random(2)
    strata = [[rng.gauss(0, 1) for _ in range(50)], [rng.gauss(0, 3) for _ in range(200)]]
    means = bootstrap_macro_mean(strata, Random(1), resamples=5_000).means
    expected = sum(np.var(values) / len(values) for values in strata) ** 0.5 / 2
    assert np.std(means) == pytest.approx(expected, rel=0.05)


def test_one_stratum_is_a_plain_mean():
    assert bootstrap_macro_mean([SKEWED], Random(1)) == bootstrap_mean(SKEWED, Random(1))
