import pytest

from pytest_distillcheck.domain.exchanges import Message, ModelRequest
from pytest_distillcheck.domain.prices import Price
from pytest_distillcheck.running.forecasting import (
    PlannedSuite,
    Terms,
    expected_tokens,
    expected_usage,
    forecast,
    forecast_run,
)

PRICE = Price(input_usd_per_mtok=1, output_usd_per_mtok=10)
TERMS = {
    "model": Terms(price=PRICE, requests_per_minute=None),
    "paced": Terms(price=PRICE, requests_per_minute=60),
    "unpriced": Terms(price=None, requests_per_minute=None),
}
PROMPT = "x" * 40


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("Who made you?", 3),
        ("x" * 40, 10),
        ("谁创造了你？" * 5, 20),
        ("통의천문", 3),
        ("Qwen 是谁", 3),
    ],
)
def test_a_token_is_four_alphabetic_characters_or_one_and_a_half_wide_ones(text, tokens):
    assert expected_tokens(text) == tokens


@pytest.mark.parametrize(
    ("parameters", "tokens"), [({}, 200), ({"max_tokens": 50}, 50), ({"max_tokens": 900}, 200)]
)
def test_an_answer_has_its_usual_length_unless_it_is_cut(parameters, tokens):
    request = ModelRequest(messages=(Message("user", PROMPT),), parameters=parameters)
    assert expected_usage(request).completion_tokens == tokens


def test_every_turn_adds_what_a_chat_template_does():
    one, two = Message("user", PROMPT), Message("system", PROMPT)
    assert expected_usage(ModelRequest(messages=(one,))).prompt_tokens == 18
    assert expected_usage(ModelRequest(messages=(two, one))).prompt_tokens == 36


def test_a_forecast_sums_tokens_cost_and_time(job):
    told = forecast([job(PROMPT), job("y" * 40)], TERMS, concurrency=1)
    assert (told.calls, told.kept, told.unpriced) == (2, 0, 0)
    assert (told.prompt_tokens, told.completion_tokens) == (36, 400)
    assert told.cost_usd == pytest.approx((36 * 1 + 400 * 10) / 1e6)
    assert told.ceiling_usd == pytest.approx((2 * 48 * 1 + 2 * 4096 * 10) / 1e6)
    assert told.duration_s == pytest.approx(2 * (1 + 200 / 50))


def test_nothing_to_ask_costs_nothing_and_takes_no_time():
    told = forecast([], TERMS, concurrency=8)
    assert (told.calls, told.cost_usd, told.duration_s) == (0, 0, 0)


def test_a_model_without_a_price_is_counted_apart_and_never_as_free(job):
    told = forecast([job(PROMPT, model="unpriced"), job(PROMPT)], TERMS, concurrency=1)
    assert (told.calls, told.unpriced) == (2, 1)
    assert told.cost_usd == pytest.approx((18 + 2000) / 1e6)


def test_what_is_kept_is_neither_asked_nor_paid(job):
    jobs = [job(PROMPT), job("y")]
    told = forecast(jobs, TERMS, concurrency=1, kept={jobs[0].key})
    assert (told.calls, told.kept, told.completion_tokens) == (1, 1, 200)


def test_concurrency_divides_the_time_but_no_single_answer(job):
    jobs = [job(f"{n}") for n in range(10)]
    assert forecast(jobs, TERMS, concurrency=5).duration_s == pytest.approx(10)
    assert forecast(jobs, TERMS, concurrency=100).duration_s == pytest.approx(5)


def test_a_known_rate_stretches_the_time(job):
    jobs = [job(f"{n}", model="paced") for n in range(120)]
    assert forecast(jobs, TERMS, concurrency=100).duration_s == pytest.approx(120)


def test_a_request_of_two_suites_counts_where_it_comes_first(job):
    shared, own = job("shared"), job("own")
    suites = [
        PlannedSuite(suite="a", model="model", spec="s", probes=1, jobs=(shared,)),
        PlannedSuite(suite="b", model="model", spec="s", probes=3, jobs=(shared, own, own)),
    ]
    run = forecast_run(suites, TERMS, concurrency=1)
    assert [told.most.calls for _, told in run.suites] == [1, 1]
    assert [suite for suite, _ in run.suites] == suites
    assert run.total.most.calls == 2
    assert run.total.clean == run.total.most


def test_what_only_a_finding_demands_makes_a_range(job):
    shared, own, spare = job("shared"), job("own"), job("spare")
    suites = [
        PlannedSuite(suite="a", model="model", spec="s", probes=1, jobs=(shared,), spare=(spare, own)),
        PlannedSuite(suite="b", model="model", spec="s", probes=1, jobs=(shared, own), spare=(spare,)),
    ]
    run = forecast_run(suites, TERMS, concurrency=1, kept={spare.key})
    assert [(told.clean.calls, told.most.calls) for _, told in run.suites] == [(1, 2), (1, 1)]
    assert (run.total.clean.calls, run.total.most.calls) == (2, 2)
    assert (run.total.clean.kept, run.total.most.kept) == (0, 1)
