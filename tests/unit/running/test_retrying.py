import math
import random

import pytest

from pytest_distillcheck.errors import RequestRefusedError, TransientError
from pytest_distillcheck.running.retrying import (
    CircuitBreaker,
    GivenUp,
    RetryBudget,
    RetryPolicy,
    Trial,
    next_attempt,
)

POLICY = RetryPolicy()


def waits(failures, retry_after_s=None, *, draws=200):
    rng = random.Random(1)
    return [POLICY.wait_s(failures, retry_after_s, rng) for _ in range(draws)]


def step(trial, error=None, *, now=0.0, policy=POLICY):
    return next_attempt(policy, trial, error or TransientError("500"), now=now, rng=random.Random(1))


@pytest.mark.parametrize(("failures", "most"), [(0, 1), (1, 2), (5, 32), (6, 60), (5000, 60)])
def test_a_wait_is_drawn_between_nothing_and_a_bound_that_doubles(failures, most):
    drawn = waits(failures)
    assert 0 <= min(drawn) < 0.05 * most
    assert 0.95 * most < max(drawn) <= most


def test_retry_after_is_the_least_to_wait():
    drawn = waits(0, 7.5)
    assert 7.5 <= min(drawn) < 7.6
    assert 8.4 < max(drawn) <= 8.5


@pytest.mark.parametrize("nonsense", [-1.0, math.nan, math.inf, -math.inf])
def test_a_retry_after_that_cannot_be_meant_is_ignored(nonsense):
    assert waits(0, nonsense) == waits(0)


def test_the_fifth_failure_is_the_last():
    trial = Trial(started_at=0, sent_at=0)
    steps = [step(trial) for _ in range(5)]
    assert all(isinstance(s, float) for s in steps[:4])
    assert steps[4] == GivenUp(why="tried 5 times")


def test_a_wait_past_the_deadline_is_not_begun():
    trial = Trial(started_at=0, sent_at=0)
    assert isinstance(step(trial, TransientError("503", retry_after_s=10), now=288), float)
    assert isinstance(step(trial, TransientError("503", retry_after_s=10), now=291), GivenUp)


def test_what_may_have_been_billed_is_repeated_once():
    trial = Trial(started_at=0, sent_at=0)
    assert isinstance(step(trial, TransientError("no answer", maybe_billed=True)), float)
    given_up = step(trial, TransientError("no answer", maybe_billed=True))
    assert isinstance(given_up, GivenUp)
    assert "billed" in given_up.why


def test_a_run_repeats_a_fifth_of_its_calls():
    budget = RetryBudget(lambda: 200)
    assert [budget.spend() for _ in range(41)] == [True] * 40 + [False]


def test_a_small_run_repeats_a_few_calls_in_any_case():
    budget = RetryBudget(lambda: 1)
    assert [budget.spend() for _ in range(11)] == [True] * 10 + [False]


def test_the_budget_of_retries_grows_with_the_calls():
    calls = 50
    budget = RetryBudget(lambda: calls)
    assert [budget.spend() for _ in range(11)][-1] is False
    calls = 60
    assert [budget.spend() for _ in range(3)] == [True, True, False]


def test_ten_failures_in_a_row_open_the_breaker():
    breaker = CircuitBreaker()
    told = [breaker.failed(TransientError("503")) for _ in range(10)]
    assert told[:9] == [None] * 9
    assert told[9] == "failed 10 calls in a row, the last: 503"


def test_an_answer_closes_the_series():
    breaker = CircuitBreaker()
    for _ in range(9):
        breaker.failed(TransientError("503"))
    breaker.answered()
    assert breaker.failed(TransientError("503")) is None


def test_three_refusals_in_the_same_words_open_the_breaker():
    breaker = CircuitBreaker()
    told = [breaker.failed(RequestRefusedError("400: no parameter top_p")) for _ in range(3)]
    assert told == [None, None, "refused 3 requests in a row: 400: no parameter top_p"]


def test_refusals_for_different_reasons_do_not_open_the_breaker():
    breaker = CircuitBreaker()
    assert not any(breaker.failed(RequestRefusedError(f"413: {n} bytes")) for n in range(50))
