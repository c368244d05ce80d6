import pytest

from pytest_distillcheck.domain.exchanges import Message, ModelRequest
from pytest_distillcheck.domain.prices import Price
from pytest_distillcheck.errors import NotSentError
from pytest_distillcheck.running.budget import ASSUMED_COMPLETION_TOKENS, Budget, ceiling_usd


def request(text, **parameters):
    return ModelRequest(messages=(Message("user", text),), parameters=parameters)


def test_a_ceiling_counts_bytes_and_the_longest_answer():
    price = Price(input_usd_per_mtok=1e6, output_usd_per_mtok=1e6)
    assert ceiling_usd(price, request("你好", max_tokens=100)) == 6 + 8 + 100
    assert ceiling_usd(price, request("\ud83d", max_tokens=100)) == 3 + 8 + 100
    assert ceiling_usd(price, request("hi")) == 2 + 8 + ASSUMED_COMPLETION_TOKENS


def test_the_request_after_the_last_one_is_refused_before_it_is_sent():
    budget = Budget(max_requests=2)
    assert budget.admit(None)
    assert budget.admit(None)
    with pytest.raises(NotSentError, match="budget of 2 requests is used up"):
        budget.admit(None)


def test_a_budget_of_no_requests_sends_none():
    with pytest.raises(NotSentError):
        Budget(max_requests=0).admit(None)


def test_a_request_that_might_cost_too_much_waits_for_those_in_flight():
    budget = Budget(max_cost_usd=1.0)
    assert budget.admit(0.6)
    assert not budget.admit(0.6)
    budget.settle(0.6, 0.1)
    assert budget.admit(0.6)
    assert budget.spent_usd == pytest.approx(0.1)


def test_a_request_that_might_exceed_the_budget_is_refused():
    budget = Budget(max_cost_usd=1.0)
    budget.admit(0.6)
    budget.settle(0.6, 0.5)
    with pytest.raises(NotSentError, match=r"0\.5000 spent, the next request may cost 0\.6000"):
        budget.admit(0.6)


def test_a_cost_limit_without_a_price_sends_nothing():
    with pytest.raises(NotSentError, match="price"):
        Budget(max_cost_usd=1.0).admit(None)


def test_without_limits_everything_is_admitted():
    budget = Budget()
    assert all(budget.admit(None) for _ in range(1000))
