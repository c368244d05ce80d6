import asyncio
import time

import pytest

from pytest_distillcheck.domain.exchanges import Response, Usage
from pytest_distillcheck.domain.prices import Price
from pytest_distillcheck.errors import (
    EndpointError,
    NotSentError,
    RequestRefusedError,
    StoreError,
    TransientError,
)
from pytest_distillcheck.running.lanes import LiveModel
from pytest_distillcheck.running.retrying import RetryPolicy


def test_every_job_is_answered_in_the_order_of_the_plan(dispatched, client_of, job):
    client = client_of()
    outcomes, _ = dispatched([job(str(n)) for n in range(20)], client, concurrency=2)
    assert outcomes == [f"answer to {n}" for n in range(20)]
    assert client.sent == [str(n) for n in range(20)]


def test_equal_keys_are_one_request(dispatched, client_of, job):
    client = client_of()
    outcomes, dispatcher = dispatched([job("a"), job("b"), job("a")], client)
    assert outcomes == ["answer to a", "answer to b", "answer to a"]
    assert client.sent == ["a", "b"]
    assert dispatcher.progress().calls == 2


def test_no_more_than_the_concurrency_is_in_flight(dispatched, client_of, clock, job):
    client = client_of(clock=clock, latency_s=1)
    _, dispatcher = dispatched([job(str(n)) for n in range(200)], client, concurrency=16)
    assert client.peak == dispatcher.progress().peak_in_flight == 16


def test_models_share_the_concurrency_of_the_run(dispatched, client_of, clock, job):
    clients = [client_of(clock=clock, latency_s=1), client_of(clock=clock, latency_s=1)]
    models = [LiveModel(name=name, client=client) for name, client in zip("ab", clients, strict=True)]
    jobs = [job(str(n), model="ab"[n % 2]) for n in range(100)]
    _, dispatcher = dispatched(jobs, models=models, concurrency=10)
    assert dispatcher.progress().peak_in_flight == 10
    assert max(client.peak for client in clients) == 5


def test_a_model_that_is_full_does_not_hold_up_another(dispatched, client_of, clock, job):
    slow, fast = client_of(clock=clock, latency_s=100), client_of(clock=clock, latency_s=1)
    models = [
        LiveModel(name="slow", client=slow, max_concurrency=1),
        LiveModel(name="fast", client=fast),
    ]
    jobs = [job(str(n), model="slow") for n in range(2)] + [job("x", model="fast")]
    dispatched(jobs, models=models)
    assert fast.times == [1000.0]


def test_a_model_of_another_run_is_unknown(dispatched, client_of, job):
    with pytest.raises(NotSentError, match="elsewhere: not sent: the run has no such model"):
        dispatched([job("a", model="elsewhere")], client_of())


def test_requests_a_minute_are_kept(dispatched, client_of, clock, job):
    client = client_of(clock=clock)
    model = LiveModel(name="model", client=client, requests_per_minute=60)
    dispatched([job(str(n)) for n in range(30)], models=[model])
    assert client.times == pytest.approx([1000.0 + n for n in range(30)])


def test_what_fails_in_passing_is_tried_again(dispatched, client_of, clock, failing, job):
    client = client_of(failing(TransientError("503"), 4), clock=clock)
    outcomes, dispatcher = dispatched([job("a")], client)
    assert outcomes == ["answer to a"]
    assert (dispatcher.progress().sent, dispatcher.progress().retried) == (5, 4)


def test_what_always_fails_is_given_up_after_five_attempts(dispatched, client_of, clock, failing, job):
    client = client_of(failing(TransientError("model: 503"), 99), clock=clock)
    outcomes, dispatcher = dispatched([job("a")], client)
    assert isinstance(outcomes[0], TransientError)
    assert str(outcomes[0]) == "model: 503 (tried 5 times)"
    assert len(client.sent) == 5
    assert dispatcher.progress().failed == 1


def test_a_failure_is_kept_for_whoever_asks_again(dispatched, client_of, job):
    client = client_of(lambda *_: RequestRefusedError("400"))
    outcomes, _ = dispatched([job("a"), job("a")], client)
    assert outcomes[0] is outcomes[1]
    assert client.sent == ["a"]


def test_retry_after_is_waited_for(dispatched, client_of, clock, failing, job):
    client = client_of(failing(TransientError("503", retry_after_s=30), 1), clock=clock)
    dispatched([job("a")], client)
    assert 30 <= client.times[1] - client.times[0] <= 31


def test_a_retry_after_that_is_too_long_ends_the_model_and_tells_until_when(
    dispatched, client_of, job, failing
):
    client = client_of(failing(TransientError("429", rate_limited=True, retry_after_s=3600), 1))
    outcomes, _ = dispatched([job("a"), job("b"), job("c")], client, concurrency=1)
    assert isinstance(outcomes[0], EndpointError)
    assert "in 3600 s, at 2027-01-15 09:16 UTC" in str(outcomes[0])
    assert [type(outcome) for outcome in outcomes[1:]] == [NotSentError] * 2
    assert client.sent == ["a"]


def test_an_outage_costs_a_few_requests_and_not_the_whole_plan(dispatched, client_of, clock, job):
    client = client_of(lambda *_: TransientError("503"), clock=clock, latency_s=0.1)
    outcomes, dispatcher = dispatched([job(str(n)) for n in range(2000)], client, concurrency=8)
    assert len(client.sent) < 80
    assert dispatcher.progress().not_sent == 2000 - sum(type(o) is TransientError for o in outcomes)
    assert "failed 10 calls in a row" in str(outcomes[-1])


def test_a_run_repeats_no_more_than_a_fifth_of_its_calls(dispatched, client_of, clock, job, answer):
    # Every other prompt never succeeds, so that no ten failures follow one another.
    def script(prompt, _):
        return TransientError("503") if int(prompt) % 2 else answer("x")

    client = client_of(script, clock=clock)
    _, dispatcher = dispatched([job(str(n)) for n in range(100)], client, concurrency=1)
    assert dispatcher.progress().retried == 20
    assert dispatcher.progress().sent == 120


def test_a_wrong_key_costs_one_request(dispatched, client_of, job):
    client = client_of(lambda *_: EndpointError("key rejected"))
    outcomes, _ = dispatched([job(str(n)) for n in range(50)], client, concurrency=1)
    assert client.sent == ["0"]
    assert str(outcomes[0]) == "key rejected"
    assert str(outcomes[1]) == "model: not sent: key rejected"


def test_a_model_that_is_left_alone_keeps_nobody_waiting(dispatched, client_of, clock, job):
    errors = {"0": TransientError("503", retry_after_s=100), "1": EndpointError("model: key rejected")}
    outcomes, _ = dispatched([job("1"), job("0")], client_of(lambda prompt, _: errors[prompt], clock=clock))
    assert str(outcomes[1]) == "model: not sent again: key rejected (the last attempt: 503)"
    assert clock.now == 1000


def test_a_wrong_key_of_one_model_leaves_the_others_alone(dispatched, client_of, job):
    bad, good = client_of(lambda *_: EndpointError("key rejected")), client_of()
    models = [LiveModel(name="bad", client=bad), LiveModel(name="good", client=good)]
    outcomes, _ = dispatched([job("a", model="bad"), job("b", model="good")], models=models)
    assert isinstance(outcomes[0], EndpointError)
    assert outcomes[1] == "answer to b"


def test_a_rate_limit_is_pacing_and_costs_no_attempts(dispatched, client_of, clock, failing, job):
    client = client_of(failing(TransientError("429", rate_limited=True, retry_after_s=5), 20), clock=clock)
    outcomes, dispatcher = dispatched([job("a")], client)
    assert outcomes == ["answer to a"]
    assert (dispatcher.progress().rate_limited, dispatcher.progress().retried) == (20, 0)


def test_a_rate_limit_pauses_all_of_its_model(dispatched, client_of, clock, job, answer):
    def script(prompt, attempt):
        return (
            TransientError("429", rate_limited=True, retry_after_s=7)
            if prompt == "0" and not attempt
            else answer("x")
        )

    client = client_of(script, clock=clock)
    dispatched([job(str(n)) for n in range(10)], client, concurrency=1)
    assert client.sent[:2] == ["0", "0"]
    assert client.times[1] - client.times[0] >= 7


def test_a_model_that_only_rate_limits_is_left_alone_before_long(dispatched, client_of, clock, job):
    client = client_of(lambda *_: TransientError("429", rate_limited=True), clock=clock, latency_s=0.05)
    started = clock.now
    outcomes, _ = dispatched([job(str(n)) for n in range(100)], client, concurrency=32)
    assert len(client.sent) <= 120
    assert clock.now - started <= 300 + 60
    assert "no time is left of 300 s" in str(outcomes[0])
    assert isinstance(outcomes[-1], NotSentError)


def test_a_server_with_room_for_half_loses_nothing_and_is_found_out(
    dispatched, client_of, clock, job, answer
):
    def script(prompt, _):
        if client.in_flight > 16:
            return TransientError("429", rate_limited=True, retry_after_s=1)
        return answer(prompt)

    client = client_of(script, clock=clock, latency_s=0.05)
    outcomes, dispatcher = dispatched([job(str(n)) for n in range(500)], client, concurrency=32)
    assert outcomes == [str(n) for n in range(500)]
    assert dispatcher.progress().rate_limited <= 20


def test_a_call_that_may_have_been_billed_is_repeated_once_and_counted(dispatched, client_of, clock, job):
    client = client_of(lambda *_: TransientError("read timeout", maybe_billed=True), clock=clock)
    outcomes, dispatcher = dispatched([job("a")], client)
    assert len(client.sent) == 2
    assert dispatcher.progress().maybe_billed == 2
    assert "billed" in str(outcomes[0])


def test_a_client_that_raises_anything_else_ends_its_call_and_no_more(dispatched, client_of, job, answer):
    client = client_of(lambda prompt, _: KeyError("choices") if prompt == "a" else answer("x"))
    outcomes, _ = dispatched([job("a"), job("b")], client)
    assert str(outcomes[0]) == "model: its client raised KeyError: 'choices'; tell its author"
    assert outcomes[1] == "x"


def test_the_deadline_of_a_call_ends_an_attempt_that_hangs(client_of, dispatched, job):
    client = client_of(latency_s=60)
    model = LiveModel(name="model", client=client, retry=RetryPolicy(deadline_s=0.05))
    started = time.monotonic()
    outcomes, _ = dispatched([job("a")], models=[model])
    assert time.monotonic() - started < 5
    assert "no answer came within" in str(outcomes[0])


def test_the_budget_of_requests_is_never_exceeded(dispatched, client_of, clock, job):
    client = client_of(clock=clock, latency_s=1)
    outcomes, dispatcher = dispatched(
        [job(str(n)) for n in range(100)], client, concurrency=8, max_requests=25
    )
    assert len(client.sent) == 25
    assert dispatcher.progress().answered == 25
    assert "the budget of 25 requests is used up" in str(outcomes[-1])


def test_retries_count_as_requests(dispatched, client_of, clock, failing, job):
    client = client_of(failing(TransientError("503"), 99), clock=clock)
    outcomes, _ = dispatched([job("a")], client, max_requests=3)
    assert len(client.sent) == 3
    assert "not sent again: the budget of 3 requests is used up" in str(outcomes[0])
    assert "the last attempt: 503" in str(outcomes[0])


def test_a_cost_budget_is_never_exceeded_and_used_as_far_as_it_goes(dispatched, client_of, clock, job):
    def script(*_):
        usage = Usage(prompt_tokens=0, completion_tokens=100_000)
        return Response(text="x", source="live", usage=usage)

    client = client_of(script, clock=clock, latency_s=1)
    model = LiveModel(name="model", client=client, price=Price(input_usd_per_mtok=0, output_usd_per_mtok=1))
    jobs = [job(str(n), max_tokens=300_000) for n in range(100)]
    _, dispatcher = dispatched(jobs, models=[model], concurrency=8, max_cost_usd=1.0)
    assert client.peak == 3  # each may cost 0.3
    assert len(client.sent) == 8  # and costs 0.1, so that the next might exceed the budget
    assert dispatcher.progress().cost_usd == pytest.approx(0.8)
    assert dispatcher.progress().completion_tokens == 800_000


def test_answers_without_a_price_are_counted_as_unpriced(dispatched, client_of, job):
    _, dispatcher = dispatched([job("a"), job("b")], client_of())
    assert (dispatcher.progress().unpriced, dispatcher.progress().cost_usd) == (2, 0)


def test_an_answer_is_kept_before_anybody_has_it(client_of, dispatched, job, memory_store):
    store, kept_when_asked = memory_store(), []

    async def during(dispatcher):
        await dispatcher.ask(job("a"))
        kept_when_asked.append("model/a" in store.answers)

    dispatched([job("a")], client_of(), store=store, during=during)
    assert kept_when_asked == [True]
    assert not store.claimed


def test_answers_that_come_during_a_commit_are_committed_together(client_of, dispatched, job, memory_store):
    class SlowStore(memory_store):
        def put(self, answers):
            time.sleep(0.05)
            super().put(answers)

    store = SlowStore()
    dispatched([job(str(n)) for n in range(64)], client_of(latency_s=0.001), store=store, concurrency=64)
    assert sorted(key for group in store.groups for key in group) == sorted(f"model/{n}" for n in range(64))
    assert len(store.groups) <= 4


def test_what_is_stored_is_not_sent(client_of, dispatched, job, memory_store):
    store, client = memory_store({"model/a": Response(text="old", source="store")}), client_of()
    outcomes, dispatcher = dispatched([job("a"), job("b")], client, store=store)
    assert outcomes == ["old", "answer to b"]
    assert client.sent == ["b"]
    assert (dispatcher.progress().from_store, dispatcher.progress().answered) == (1, 1)


def test_what_is_stored_can_be_had_when_nothing_may_be_sent(client_of, dispatched, job, memory_store):
    store = memory_store({"model/b": Response(text="old", source="store")})
    outcomes, _ = dispatched([job("a"), job("b")], client_of(), store=store, max_requests=0)
    assert isinstance(outcomes[0], NotSentError)
    assert outcomes[1] == "old"


@pytest.mark.parametrize("error", [TransientError("503"), RequestRefusedError("400"), EndpointError("401")])
def test_errors_are_never_stored_and_their_claims_given_back(
    client_of, clock, dispatched, job, memory_store, error
):
    store = memory_store()
    dispatched([job("a")], client_of(lambda *_: error, clock=clock), store=store)
    assert not store.answers
    assert not store.claimed


def test_a_store_that_fails_stops_the_run_and_gives_no_answer(client_of, dispatched, job, memory_store):
    store, client = memory_store(), client_of(latency_s=0.05)
    store.fails = StoreError("disk full")
    outcomes, _ = dispatched([job(str(n)) for n in range(100)], client, store=store, concurrency=4)
    assert [str(outcome) for outcome in outcomes[:2]] == ["disk full", "disk full"]
    assert len(client.sent) < 20
    assert str(outcomes[-1]) == "model: not sent: disk full"


def test_what_another_process_asks_is_waited_for(client_of, clock, dispatched, job, memory_store):
    store, client = memory_store(), client_of(clock=clock)
    store.others.add("model/a")

    async def during(_):
        await clock.sleep(10)
        store.answers["model/a"] = Response(text="theirs", source="store")

    outcomes, _ = dispatched([job("a"), job("b")], client, store=store, during=during)
    assert outcomes == ["theirs", "answer to b"]
    assert client.sent == ["b"]


def test_what_another_process_failed_to_ask_is_sent(client_of, clock, dispatched, job, memory_store):
    store, client = memory_store(), client_of(clock=clock)
    store.others.add("model/a")

    async def during(_):
        await clock.sleep(10)
        store.others.clear()

    outcomes, _ = dispatched([job("a")], client, store=store, during=during)
    assert outcomes == ["answer to a"]


def test_another_process_is_not_waited_for_without_end(client_of, clock, dispatched, job, memory_store):
    store = memory_store()
    store.others.add("model/a")
    outcomes, _ = dispatched([job("a")], client_of(clock=clock), store=store)
    assert "another process has been asking the same for 36" in str(outcomes[0])


def test_a_demanded_call_goes_before_what_is_planned(client_of, clock, dispatched, job):
    client = client_of(clock=clock, latency_s=1)

    async def during(dispatcher):
        await dispatcher.ask(job("9"), demanded=True)

    dispatched([job(str(n)) for n in range(10)], client, during=during, concurrency=1)
    assert client.sent[:3] == ["0", "9", "1"]


def test_a_chained_call_goes_between_what_is_demanded_and_what_is_planned(client_of, clock, dispatched, job):
    client = client_of(clock=clock, latency_s=1)

    async def during(dispatcher):
        chained = asyncio.ensure_future(dispatcher.ask(job("judge")))
        await asyncio.sleep(0)
        await dispatcher.ask(job("9"), demanded=True)
        await chained

    dispatched([job(str(n)) for n in range(10)], client, during=during, concurrency=1)
    assert client.sent[:4] == ["0", "9", "judge", "1"]


def test_asking_for_a_planned_call_without_a_test_leaves_it_its_place(client_of, clock, dispatched, job):
    client = client_of(clock=clock, latency_s=1)

    async def during(dispatcher):
        await dispatcher.ask(job("2"))

    dispatched([job(str(n)) for n in range(3)], client, during=during, concurrency=1)
    assert client.sent == ["0", "1", "2"]


def test_no_more_than_the_look_ahead_goes_without_a_test(client_of, clock, dispatched, job):
    client, sent = client_of(clock=clock), []

    async def during(dispatcher):
        await clock.sleep(1)
        sent.append(len(client.sent))
        await dispatcher.ask(job("0"), demanded=True)
        await clock.sleep(1)
        sent.append(len(client.sent))
        await dispatcher.ask(job("50"), demanded=True)
        await clock.sleep(1)
        sent.append(len(client.sent))

    dispatched([job(str(n)) for n in range(100)], client, during=during, look_ahead=5)
    assert sent == [5, 6, 7]


def test_stopping_drops_what_is_not_sent(client_of, clock, dispatched, job):
    client = client_of(clock=clock, latency_s=1)

    async def during(dispatcher):
        await clock.sleep(0.5)
        dispatcher.stop("the run is stopping")

    outcomes, _ = dispatched([job(str(n)) for n in range(10)], client, during=during, concurrency=4)
    assert client.sent == ["0", "1"]
    assert outcomes[:2] == ["answer to 0", "answer to 1"]
    assert [str(outcome) for outcome in outcomes[2:]] == ["model: not sent: the run is stopping"] * 8


def test_what_backs_off_when_the_run_stops_tells_of_its_last_attempt(
    client_of, clock, dispatched, failing, job
):
    client = client_of(failing(TransientError("503", retry_after_s=100), 9), clock=clock)

    async def during(dispatcher):
        await clock.sleep(1)
        dispatcher.stop("the run is stopping")

    outcomes, _ = dispatched([job("a")], client, during=during)
    assert str(outcomes[0]) == "model: not sent again: the run is stopping (the last attempt: 503)"


def test_what_is_cut_off_may_have_been_billed(client_of, clock, dispatched, job):
    client = client_of(clock=clock, latency_s=100)

    async def during(dispatcher):
        await clock.sleep(1)
        await dispatcher.drain(grace_s=0)

    outcomes, dispatcher = dispatched([job("a")], client, during=during)
    assert "cut off when the run ended" in str(outcomes[0])
    assert dispatcher.progress().maybe_billed == 1
    assert client.closed


def test_p05_no_wait_is_measured_on_the_wall_clock(client_of, clock, dispatched, job, memory_store, answer):
    store = memory_store()
    store.others.add("model/b")
    clock.wall = lambda: pytest.fail("the wall clock was read")
    errors = [TransientError("503"), TransientError("429", rate_limited=True, retry_after_s=7)]
    client = client_of(
        lambda _, attempt: errors[attempt] if attempt < len(errors) else answer("x"), clock=clock
    )

    async def during(_):
        await clock.sleep(20)
        store.others.clear()

    outcomes, dispatcher = dispatched([job("a"), job("b")], client, store=store, during=during)
    assert all(isinstance(outcome, str) for outcome in outcomes)
    assert (dispatcher.progress().retried, dispatcher.progress().rate_limited) == (2, 2)
