import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.statistics import Evidence, betting_test, draws_to_decide

LIMIT = betting_test(accept=0.03, reject=0.03)
ZONE = betting_test(accept=0.01, reject=0.05)

limits = st.floats(0.001, 0.999)
counts = st.integers(0, 2_000).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


def both_stakes(test):
    return test.lower, test.higher


def mean_gain(stake, n, hits, rate):
    """Return how many times the stake grows with one more draw, on average at a true rate."""
    before = stake.log_value(n, hits)
    on_hit = math.exp(stake.log_value(n + 1, hits + 1) - before)
    on_miss = math.exp(stake.log_value(n + 1, hits) - before)
    return rate * on_hit + (1 - rate) * on_miss


@given(limit=limits, counts=counts)
def test_one_more_draw_at_the_limit_is_a_fair_bet(limit, counts):
    for stake in both_stakes(betting_test(accept=limit, reject=limit)):
        assert mean_gain(stake, *counts, limit) == pytest.approx(1, rel=1e-9)


@given(counts=counts, rate=st.floats(0.05, 1))
def test_evidence_for_pass_never_grows_on_average_at_or_beyond_reject(counts, rate):
    assert mean_gain(ZONE.lower, *counts, rate) <= 1 + 1e-9


@given(counts=counts, rate=st.floats(0, 0.01))
def test_evidence_for_fail_never_grows_on_average_at_or_below_accept(counts, rate):
    assert mean_gain(ZONE.higher, *counts, rate) <= 1 + 1e-9


@given(limit=limits, counts=counts)
def test_more_hits_speak_for_fail_and_against_pass(limit, counts):
    n, hits = counts
    test = betting_test(accept=limit, reject=limit)
    assert test.lower.log_value(n + 1, hits) > test.lower.log_value(n + 1, hits + 1)
    assert test.higher.log_value(n + 1, hits) < test.higher.log_value(n + 1, hits + 1)


@given(draws=st.lists(st.booleans(), max_size=60), seed=st.integers(0, 99))
def test_the_order_of_the_draws_does_not_matter(draws, seed):
    shuffled = draws.copy()
    Random(seed).shuffle(shuffled)
    standing, other = Evidence(test=LIMIT), Evidence(test=LIMIT)
    for one, another in zip(draws, shuffled, strict=True):
        standing, other = standing.observe(hit=one), other.observe(hit=another)
    assert standing == other == Evidence(test=LIMIT, n=len(draws), hits=sum(draws))
    assert standing.decide() == other.decide()


@given(limit=limits)
def test_before_the_first_draw_nothing_is_known(limit):
    test = betting_test(accept=limit, reject=limit)
    assert [stake.log_value(0, 0) for stake in both_stakes(test)] == [0, 0]
    assert Evidence(test=test).decide() is None
    assert test.fail_p_value(0, 0) == 1


@pytest.mark.parametrize(("n", "hits"), [(0, 0), (1, 0), (1, 1), (40, 0), (40, 3), (40, 40)])
@pytest.mark.parametrize("limit", [0.01, 0.03, 0.5, 0.9])
def test_the_stake_is_the_mean_likelihood_ratio(limit, n, hits):
    test, odds = betting_test(accept=limit, reject=limit), limit / (1 - limit)
    for stake, multiples in (
        (test.lower, (0, 0.05, 0.15, 0.3, 0.5, 0.7)),
        (test.higher, (1.25, 1.5, 2, 3, 5, 10, 20)),
    ):
        bets = [multiple * odds / (1 + multiple * odds) for multiple in multiples]
        ratios = [(bet / limit) ** hits * ((1 - bet) / (1 - limit)) ** (n - hits) for bet in bets]
        assert math.exp(stake.log_value(n, hits)) == pytest.approx(sum(ratios) / len(ratios), rel=1e-9)


def test_huge_counts_neither_overflow_nor_vanish():
    assert LIMIT.decide(10**9, 10**9) == "fail"
    assert LIMIT.decide(10**9, 0) == "pass"
    assert math.isfinite(LIMIT.lower.log_value(10**9, 10**9))


def test_clean_answers_pass_at_three_percent_after_122_draws():
    assert LIMIT.decide(121, 0) is None
    assert LIMIT.decide(122, 0) == "pass"
    assert draws_to_decide(LIMIT) == 122


@given(limit=limits, counts=counts)
def test_a_single_limit_never_passes_and_fails_at_once(limit, counts):
    test = betting_test(accept=limit, reject=limit)
    assert not (test.passes(*counts) and test.fails(*counts))


def test_inside_an_indifference_zone_fail_comes_first():
    assert ZONE.passes(2_000, 60)
    assert ZONE.fails(2_000, 60)
    assert ZONE.decide(2_000, 60) == "fail"


def test_an_indifference_zone_takes_fewer_draws():
    assert draws_to_decide(ZONE) == 73


def test_a_stricter_level_takes_more_draws():
    strict = betting_test(accept=0.03, reject=0.03, pass_alpha=0.01, fail_alpha=0.0125)
    assert draws_to_decide(strict) > draws_to_decide(LIMIT)
    assert LIMIT.fails(10, 3)
    assert not strict.fails(2, 2)


@pytest.mark.parametrize("n", [10, 200, 1_000])
def test_the_p_value_decides_as_the_stake_does(n):
    for hits in range(n // 10):
        assert (LIMIT.fail_p_value(n, hits) <= 0.05) == LIMIT.fails(n, hits)


@pytest.mark.parametrize(("n", "hits"), [(0, 0), (500, 5), (1_000, 20), (1_000, 40), (1_000, 60), (100, 50)])
def test_one_draw_fewer_than_needed_decides_nothing(n, hits):
    rate = hits / n if n else 0
    more = draws_to_decide(LIMIT, n, hits)
    assert LIMIT.decide(n + more, rate * (n + more)) is not None
    assert more == 0 or LIMIT.decide(n + more - 1, rate * (n + more - 1)) is None


def test_a_rate_near_the_limit_is_never_decided():
    assert draws_to_decide(LIMIT, 1_000, 30) is None
    assert draws_to_decide(LIMIT, 1_000, 20, cap=100) is None


@pytest.mark.parametrize(
    "levels",
    [
        {"accept": 0, "reject": 0.03},
        {"accept": 0.05, "reject": 0.03},
        {"accept": 0.05, "reject": 1},
        {"accept": 0.03, "reject": 0.03, "pass_alpha": 0},
        {"accept": 0.03, "reject": 0.03, "fail_alpha": 1},
    ],
)
def test_limits_that_cross_and_levels_out_of_range_are_refused(levels):
    with pytest.raises(ValueError, match="must"):
        betting_test(**levels)
