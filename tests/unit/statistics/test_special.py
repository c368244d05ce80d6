import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special as oracle
from scipy import stats

from pytest_distillcheck.statistics import (
    beta_quantile,
    binomial_at_least,
    binomial_at_most,
    regularised_beta,
    student_t_quantile,
)

SHAPES = [0.02, 0.3, 0.5, 1, 1.7, 5, 15.9, 16, 40, 300, 5_000, 1e5, 1e6]
shapes = st.floats(0.05, 1e5)
rates = st.floats(1e-6, 1 - 1e-6)


@pytest.mark.parametrize("a", SHAPES)
def test_the_incomplete_beta_function_agrees_with_scipy(a):
    for b in SHAPES:
        mean = a / (a + b)
        deviation = math.sqrt(mean * (1 - mean) / (a + b + 1))
        for x in (mean, mean - 3 * deviation, mean + 3 * deviation, 0.01, 0.03, 0.5, 0.9):
            expected = oracle.betainc(a, b, x) if 0 < x < 1 else 0.0
            if expected > 1e-290:
                assert regularised_beta(a, b, x) == pytest.approx(expected, rel=1e-10, abs=0)


@pytest.mark.parametrize("a", SHAPES)
def test_the_beta_quantile_agrees_with_scipy(a):
    for b in SHAPES:
        for level in (1e-12, 1e-6, 0.001, 0.025, 0.05, 0.5, 0.95, 0.975, 0.999):
            expected = oracle.betaincinv(a, b, level)
            if expected > 1e-290:
                assert beta_quantile(level, a, b) == pytest.approx(expected, rel=1e-10, abs=0)


def test_the_ends_of_the_beta_distribution_are_exact():
    assert (regularised_beta(2, 3, 0), regularised_beta(2, 3, 1)) == (0, 1)
    assert (beta_quantile(0, 2, 3), beta_quantile(1, 2, 3)) == (0, 1)


def test_a_quantile_too_small_for_a_float_is_nearly_zero():
    assert beta_quantile(0.05, 0.001, 50) == 0
    # About 1e-313, where floats lose their digits.
    assert beta_quantile(0.01, 0.00639, 1.032) < 1e-300


@given(level=rates, a=shapes, b=shapes)
def test_the_quantile_inverts_the_incomplete_beta_function(level, a, b):
    x = beta_quantile(level, a, b)
    # What one rounding of x moves the level by is no fault of the quantile.
    low, high = max(0.0, x * (1 - 1e-12)), min(1.0, x * (1 + 1e-12))
    assert regularised_beta(a, b, low) - 1e-9 <= level <= regularised_beta(a, b, high) + 1e-9


@given(a=shapes, b=shapes, x=rates)
def test_the_two_tails_of_a_beta_variable_add_up_to_one(a, b, x):
    assert regularised_beta(a, b, x) + regularised_beta(b, a, 1 - x) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("n", [1, 2, 10, 1_000, 30_000, 1_000_000])
def test_binomial_tails_agree_with_scipy(n):
    for rate in (1e-9, 1e-5, 0.001, 0.03, 0.5, 0.97, 1 - 1e-6):
        for z in (-6, -1, 0, 1, 6):
            k = min(max(round(n * rate + z * math.sqrt(n * rate * (1 - rate))), 0), n)
            assert binomial_at_most(k, n, rate) == pytest.approx(
                stats.binom.cdf(k, n, rate), rel=1e-10, abs=0
            )
            assert binomial_at_least(k, n, rate) == pytest.approx(
                stats.binom.sf(k - 1, n, rate), rel=1e-10, abs=0
            )


def test_binomial_tails_agree_with_exact_sums():
    n, rate = 40, 0.3
    mass = [math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(n + 1)]
    for k in range(n + 1):
        assert binomial_at_most(k, n, rate) == pytest.approx(math.fsum(mass[: k + 1]), rel=1e-13)
        assert binomial_at_least(k, n, rate) == pytest.approx(math.fsum(mass[k:]), rel=1e-13)


def test_a_tail_as_small_as_a_float_allows_does_not_vanish():
    assert binomial_at_least(1_000, 1_000, 0.5) == pytest.approx(2.0**-1000, rel=1e-12)


def test_binomial_tails_beyond_the_range_are_zero_or_one():
    assert (binomial_at_most(-1, 5, 0.2), binomial_at_most(5, 5, 0.2)) == (0, 1)
    assert (binomial_at_least(0, 5, 0.2), binomial_at_least(6, 5, 0.2)) == (1, 0)
    assert (binomial_at_most(0, 5, 0), binomial_at_least(5, 5, 1)) == (1, 1)


@pytest.mark.parametrize("df", [1, 2, 3, 7, 29.5, 100, 999, 1e6])
def test_the_student_quantile_agrees_with_scipy(df):
    for level in (0.6, 0.9, 0.95, 0.975, 0.995, 0.9999, 0.05, 0.001):
        assert student_t_quantile(level, df) == pytest.approx(stats.t.ppf(level, df), rel=1e-10)
    assert student_t_quantile(0.5, df) == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: regularised_beta(0, 1, 0.5),
        lambda: regularised_beta(1, 1, 1.5),
        lambda: beta_quantile(-0.1, 1, 1),
        lambda: beta_quantile(0.1, 1, 0),
        lambda: binomial_at_most(1, -1, 0.5),
        lambda: binomial_at_least(1, 2, math.nan),
        lambda: student_t_quantile(1, 5),
        lambda: student_t_quantile(0.9, 0),
    ],
)
def test_arguments_out_of_range_are_refused(call):
    with pytest.raises(ValueError, match="must be"):
        call()
