from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from pytest_distillcheck.statistics import holm


@pytest.mark.parametrize(
    "p_values", [[0.01, 0.04, 0.03], [0.2, 0.2, 0.001, 0.9, 0.0], [0.04] * 4, [1.0, 0.5], [1e-9, 1e-8, 1e-7]]
)
def test_adjusted_values_agree_with_statsmodels(p_values):
    assert holm(p_values) == pytest.approx(tuple(multipletests(p_values, method="holm")[1]), rel=1e-12, abs=0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_adjusted_values_are_those_of_closed_testing(p_values):
    indices = range(len(p_values))
    families = [family for size in indices for family in combinations(indices, size + 1)]
    bonferroni = {family: min(1.0, len(family) * min(p_values[i] for i in family)) for family in families}
    closed = [max(bonferroni[family] for family in families if index in family) for index in indices]
    assert holm(p_values) == pytest.approx(closed)


def test_adjusted_values_keep_the_order_of_the_input():
    assert holm([0.04, 0.01, 0.03]) == pytest.approx((0.06, 0.03, 0.06))


def test_a_family_of_none_or_one_is_not_adjusted():
    assert holm([]) == ()
    assert holm([0.04]) == (0.04,)
