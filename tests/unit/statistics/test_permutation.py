from itertools import product
from math import comb
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import permutation_test

from pytest_distillcheck.statistics import sign_flip_test

ALTERNATIVES = ["greater", "less", "two-sided"]
ratings = st.lists(st.sampled_from([-2, -1, -0.5, 0, 0.5, 1, 2]), min_size=1, max_size=8)


def by_enumeration(differences, alternative):
    observed = sum(differences)
    totals = [
        sum(sign * value for sign, value in zip(signs, differences, strict=True))
        for signs in product((1, -1), repeat=len(differences))
    ]
    extreme = {
        "greater": [total >= observed for total in totals],
        "less": [total <= observed for total in totals],
        "two-sided": [abs(total) >= abs(observed) for total in totals],
    }[alternative]
    return sum(extreme) / len(totals)


@given(differences=ratings, alternative=st.sampled_from(ALTERNATIVES))
def test_a_small_sample_is_enumerated_in_full(differences, alternative):
    assert sign_flip_test(differences, Random(0), alternative=alternative) == by_enumeration(
        differences, alternative
    )


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_the_exact_value_agrees_with_scipy(alternative):
    differences = [0.31, -0.12, 0.9, 0.4, -0.07, 0.55, 0.2, -0.33, 0.61, 0.18, 0.02]
    oracle = permutation_test(
        (differences,), np.sum, permutation_type="samples", n_resamples=np.inf, alternative=alternative
    ).pvalue
    # scipy doubles the smaller tail, which is the same for a symmetric distribution.
    assert sign_flip_test(differences, Random(0), alternative=alternative) == pytest.approx(oracle, abs=1e-12)


def test_an_exact_value_draws_nothing():
    rng = Random(3)
    before = rng.getstate()
    sign_flip_test([0.5] * 16 + [0.0] * 50, rng)
    assert rng.getstate() == before


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_monte_carlo_comes_near_the_exact_value(alternative):
    # 21 like values: the sum is binomial, so the exact value is known.
    differences = [1.0] * 14 + [-1.0] * 7
    tail = sum(comb(21, k) for k in range(14, 22)) / 2**21
    below = sum(comb(21, k) for k in range(15)) / 2**21
    exact = {"greater": tail, "less": below, "two-sided": 2 * tail}[alternative]
    assert sign_flip_test(differences, Random(5), alternative=alternative, resamples=40_000) == pytest.approx(
        exact, abs=0.01
    )


def test_monte_carlo_never_gives_zero():
    assert sign_flip_test([1.0] * 200, Random(0), resamples=999) == 1 / 1_000


def test_the_same_seed_gives_the_same_value():
    differences = list(map(Random(1).gauss, [0.1] * 40, [1.0] * 40))
    assert sign_flip_test(differences, Random(2)) == sign_flip_test(differences, Random(2))


def test_no_difference_is_no_evidence():
    assert sign_flip_test([], Random(0)) == 1
    assert sign_flip_test([0.0] * 40, Random(0)) == 1


def test_false_alarms_stay_within_the_level():
    rng = Random(11)
    samples = ([rng.choice((-2, -1, 0, 0, 1, 2)) for _ in range(30)] for _ in range(400))
    alarms = sum(sign_flip_test(sample, rng, resamples=199) <= 0.05 for sample in samples)
    # 20 are expected, with a standard deviation of 4.4.
    assert alarms <= 33
