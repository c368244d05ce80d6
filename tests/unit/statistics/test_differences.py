"""Differences of two shares, against published examples and other implementations."""

import pytest
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_effectsize

from pytest_distillcheck.domain.scores import Share
from pytest_distillcheck.statistics import detectable_increase, difference_interval, wilson


def a_share(count, n):
    interval = wilson(count, n)
    return Share(count=count, n=n, low=interval.low, high=interval.high, method="wilson")


@pytest.mark.parametrize(("first", "second"), [((56, 70), (48, 80)), ((9, 10), (3, 10)), ((0, 10), (0, 20))])
def test_the_interval_of_two_wilson_intervals_is_newcombes(first, second):
    interval = difference_interval(a_share(*first), a_share(*second))
    expected = confint_proportions_2indep(*first, *second, method="newcomb")
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-9)


def test_there_is_none_without_an_n():
    assert difference_interval(a_share(1, 2), Share(count=0, n=0, low=None, high=None, method="none")) is None


@pytest.mark.parametrize(("rate", "n"), [(0.03, 1000), (0.1, 500), (0.3, 200)])
def test_the_detectable_increase_has_about_the_power_that_another_formula_gives(rate, n):
    increase = detectable_increase(rate, n)
    assert increase is not None
    effect = proportion_effectsize(rate + increase, rate)
    assert NormalIndPower().power(effect, n, 0.05) == pytest.approx(0.8, abs=0.02)


def test_an_increase_from_none_can_be_detected():
    # A single run of 1,000 clean draws refutes 0.0037; a difference of two needs more.
    assert 0.0037 < detectable_increase(0, 1000) < 0.01


def test_clusters_hide_differences():
    alone, clustered = detectable_increase(0.1, 1000), detectable_increase(0.1, 1000, design_effect=4)
    assert clustered == pytest.approx(detectable_increase(0.1, 250))
    assert clustered > alone


def test_too_few_draws_detect_nothing():
    assert detectable_increase(0.5, 2) is None
