import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from pytest_distillcheck.statistics import (
    Interval,
    beta_quantile,
    binomial_at_least,
    clopper_pearson,
    excess_p_value,
    lower_bound,
    queries_needed,
    smallest_n,
    upper_bound,
    wilson,
)

CELLS = [(0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (1, 91), (20, 1_000), (999, 1_000), (30, 1_000_000)]
counts = st.integers(1, 2_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
confidences = st.sampled_from([0.8, 0.95, 0.99])


@pytest.mark.parametrize(("count", "n"), CELLS)
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_two_sided_intervals_agree_with_scipy_and_statsmodels(count, n, confidence):
    for interval, scipy_name, statsmodels_name in (
        (wilson, "wilson", "wilson"),
        (clopper_pearson, "exact", "beta"),
    ):
        ours = interval(count, n, confidence)
        scipy = binomtest(count, n).proportion_ci(confidence, scipy_name)
        statsmodels = proportion_confint(count, n, 1 - confidence, statsmodels_name)
        # scipy solves the exact bounds by root finding, to about 1e-9.
        assert (ours.low, ours.high) == pytest.approx((scipy.low, scipy.high), rel=1e-8, abs=1e-12)
        assert (ours.low, ours.high) == pytest.approx(statsmodels, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(("count", "n"), CELLS)
def test_one_sided_bounds_agree_with_scipy(count, n):
    for confidence in (0.9, 0.95, 0.99):
        below = binomtest(count, n, alternative="greater").proportion_ci(confidence, "exact").low
        above = binomtest(count, n, alternative="less").proportion_ci(confidence, "exact").high
        assert lower_bound(count, n, confidence) == pytest.approx(below, rel=1e-8)
        assert upper_bound(count, n, confidence) == pytest.approx(above, rel=1e-8)


def test_published_figures_for_a_thousand_answers_hold():
    assert upper_bound(0, 1_000, 0.975) == pytest.approx(0.0037, abs=5e-5)
    assert clopper_pearson(30, 1_000).low == pytest.approx(0.0203, abs=5e-5)
    assert clopper_pearson(30, 1_000).high == pytest.approx(0.0426, abs=5e-5)


def test_nothing_observed_leaves_everything_possible():
    assert wilson(0, 0) == clopper_pearson(0, 0) == Interval(0, 1)


def test_real_counts_take_the_beta_form():
    assert upper_bound(1.25, 61.5, 0.95) == beta_quantile(0.95, 2.25, 60.25)
    assert lower_bound(1.25, 61.5, 0.95) == pytest.approx(beta_quantile(0.05, 1.25, 61.25), rel=1e-12)
    assert 0 < wilson(0.5, 12.5).low < 0.5 / 12.5 < wilson(0.5, 12.5).high


@given(cell=counts, confidence=confidences)
def test_an_interval_holds_the_share_and_mirrors(cell, confidence):
    count, n = cell
    for interval in (wilson, clopper_pearson):
        here, mirrored = interval(count, n, confidence), interval(n - count, n, confidence)
        assert 0 <= here.low <= count / n <= here.high <= 1
        assert (here.low, here.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-10)


@given(cell=counts)
def test_bounds_rise_with_the_count(cell):
    count, n = cell
    assume(count < n)
    assert lower_bound(count, n, 0.95) < lower_bound(count + 1, n, 0.95)
    assert upper_bound(count, n, 0.95) < upper_bound(count + 1, n, 0.95) or count + 1 == n


@given(cell=counts, limit=st.sampled_from([0.01, 0.03, 0.1, 0.5]), confidence=confidences)
def test_the_p_value_decides_as_the_lower_bound_does(cell, limit, confidence):
    count, n = cell
    p_value = excess_p_value(count, n, limit)
    assert p_value == pytest.approx(binomial_at_least(count, n, limit), rel=1e-9, abs=1e-300)
    assert (p_value < 1 - confidence) == (lower_bound(count, n, confidence) > limit)


def test_how_many_clean_probes_a_gate_needs_is_known():
    assert [smallest_n(limit, 0.95) for limit in (0.01, 0.02, 0.03, 0.05)] == [299, 149, 99, 59]
    assert [smallest_n(limit, 0.95) for limit in (0.03, 0.005, 0.001)] == [99, 598, 2995]
    assert smallest_n(0.97, 0.95, side="min") == 99


@given(hits=st.integers(0, 30), limit=st.sampled_from([0.004, 0.03, 0.2, 0.6]), confidence=confidences)
def test_one_probe_fewer_than_the_smallest_number_is_too_few(hits, limit, confidence):
    n = smallest_n(limit, confidence, hits)
    assert upper_bound(hits, n, confidence) <= limit * (1 + 1e-12)
    assert n == hits or upper_bound(hits, n - 1, confidence) > limit
    misses = smallest_n(1 - limit, confidence, hits, side="min")
    assert lower_bound(misses - hits, misses, confidence) == pytest.approx(
        1 - upper_bound(hits, misses, confidence)
    )


def test_a_gate_that_can_never_pass_has_no_smallest_number():
    assert smallest_n(0, 0.95) is None
    assert smallest_n(1, 0.95, side="min") is None
    assert smallest_n(1e-9, 0.95) is None
    assert smallest_n(1e-9, 0.95, cap=10**10) == 2_995_732_273


def test_a_gate_that_always_passes_needs_nothing():
    assert smallest_n(1, 0.95) == 0
    assert queries_needed(5, 5, limit=1, confidence=0.95) == 0
    assert queries_needed(0, 5, limit=0, confidence=0.95, side="min") == 0


def test_the_queries_still_needed_lead_to_a_decision():
    assert queries_needed(0, 50, limit=0.03, confidence=0.95) == 49
    assert queries_needed(0, 0, limit=0.03, confidence=0.95) == 99
    assert queries_needed(100, 100, limit=0.97, confidence=0.95, side="min") == 0
    assert queries_needed(50, 50, limit=0.97, confidence=0.95, side="min") == 49


@given(
    cell=counts,
    limit=st.sampled_from([0.01, 0.03, 0.4]),
    confidence=confidences,
    side=st.sampled_from(["max", "min"]),
)
def test_one_query_fewer_than_needed_decides_nothing(cell, limit, confidence, side):
    count, n = cell
    more = queries_needed(count, n, limit=limit, confidence=confidence, side=side)
    assume(more is not None)

    def decided(total):
        grown = count / n * total
        upper, lower = upper_bound(grown, total, confidence), lower_bound(grown, total, confidence)
        return (upper <= limit or lower > limit) if side == "max" else (lower >= limit or upper < limit)

    assert decided(n + more)
    assert more == 0 or not decided(n + more - 1)


def test_a_rate_at_the_limit_is_never_decided():
    assert queries_needed(30, 1_000, limit=0.03, confidence=0.95) is None
    assert queries_needed(970, 1_000, limit=0.97, confidence=0.95, side="min") is None
    assert queries_needed(29, 1_000, limit=0.03, confidence=0.95, cap=10_000) is None
    assert queries_needed(29, 1_000, limit=0.03, confidence=0.95) > 10_000


@pytest.mark.parametrize("call", [(-1, 5, 0.9), (6, 5, 0.9), (1, 5, 0.0), (1, 5, 1.0)])
def test_impossible_counts_and_confidences_are_refused(call):
    for function in (wilson, clopper_pearson, lower_bound, upper_bound):
        with pytest.raises(ValueError, match="must be in"):
            function(*call)
