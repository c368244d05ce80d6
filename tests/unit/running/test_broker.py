import asyncio
import os
import signal
import threading
import time

import pytest

from pytest_distillcheck.errors import NotSentError, TransientError


def wait_until(true, *, within_s=5.0):
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.001)


def test_tests_get_their_answers_in_order_while_requests_run_side_by_side(brokers, client_of, job):
    client = client_of(latency_s=0.02)
    broker = brokers(client, concurrency=32)
    jobs = [job(str(n)) for n in range(100)]
    started = time.monotonic()
    broker.plan(jobs)
    assert [broker.result(j).text for j in jobs] == [f"answer to {n}" for n in range(100)]
    assert time.monotonic() - started < 100 * 0.02 / 2
    assert client.peak > 8


def test_an_answer_that_was_not_planned_can_be_had(brokers, job):
    assert brokers().result(job("a")).text == "answer to a"


def test_many_threads_share_one_request(brokers, client_of, job):
    client = client_of(latency_s=0.05)
    broker, answers = brokers(client), []
    threads = [
        threading.Thread(target=lambda: answers.append(broker.result(job("a")).text)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["answer to a"] * 8
    assert client.sent == ["a"]


def test_the_error_of_a_call_is_raised_where_it_is_waited_for(brokers, client_of, job):
    broker = brokers(client_of(lambda *_: TransientError("read timeout", retry_after_s=1e4)))
    with pytest.raises(Exception, match="it asks to come back in 10000 s"):
        broker.result(job("a"))


def test_an_unknown_model_is_refused_at_once(brokers, job):
    broker = brokers()
    with pytest.raises(NotSentError, match="no such model"):
        broker.plan([job("a", model="elsewhere")])
    with pytest.raises(NotSentError, match="no such model"):
        broker.result(job("a", model="elsewhere"))


def test_stopping_releases_who_waits_and_lets_what_is_in_flight_come_back(brokers, client_of, job):
    client = client_of(latency_s=0.2)
    broker = brokers(client, concurrency=2)
    broker.plan([job("0"), job("1")])
    wait_until(lambda: client.sent)
    outcomes = []

    def wait():
        with pytest.raises(NotSentError, match="the run is stopping"):
            broker.result(job("1"))
        outcomes.append(time.monotonic())

    waiting = threading.Thread(target=wait)
    waiting.start()
    stopped = time.monotonic()
    broker.stop_sending()
    waiting.join()
    assert outcomes[0] - stopped < 0.15
    assert broker.result(job("0")).text == "answer to 0"
    assert client.sent == ["0"]


def test_a_look_ahead_bounds_what_is_paid_for_in_vain(brokers, client_of, job):
    client = client_of()
    broker = brokers(client, look_ahead=6)
    jobs = [job(str(n)) for n in range(100)]
    broker.plan(jobs)
    for j in jobs[:10]:
        broker.result(j)
    wait_until(lambda: len(client.sent) == 16)
    time.sleep(0.02)
    assert len(client.sent) == 16


def test_closing_keeps_what_comes_back_in_time(brokers, client_of, job, memory_store):
    store, client = memory_store(), client_of(latency_s=0.1)
    broker = brokers(client, store=store)
    broker.plan([job("a")])
    wait_until(lambda: client.sent)
    broker.close(grace_s=5)
    assert list(store.answers) == ["model/a"]
    assert store.closed
    assert client.closed
    assert broker.result(job("a")).text == "answer to a"


def test_closing_cuts_off_what_does_not_come_back_in_time(brokers, client_of, job):
    client = client_of(latency_s=60)
    broker = brokers(client)
    broker.plan([job("a")])
    wait_until(lambda: client.sent)
    started = time.monotonic()
    broker.close(grace_s=0.05)
    assert time.monotonic() - started < 2
    with pytest.raises(NotSentError, match="cut off when the run ended"):
        broker.result(job("a"))


def test_after_the_end_nothing_hangs(brokers, job):
    broker = brokers()
    broker.close()
    broker.close()
    broker.plan([job("a")])
    broker.stop_sending()
    with pytest.raises(NotSentError, match="the run has ended"):
        broker.result(job("b"))
    with pytest.raises(NotSentError, match="the run has ended"):
        broker.submit(lambda: broker.ask(job("c")))


def test_no_thread_is_left_behind(brokers, job, memory_store):
    before = threading.active_count()
    broker = brokers(store=memory_store())
    broker.result(job("a"))
    broker.close()
    assert threading.active_count() == before


def test_a_judge_can_be_asked_behind_a_response(brokers, client_of, job):
    client = client_of()
    broker = brokers(client)

    async def judged(prompt):
        response = await broker.ask(job(prompt))
        verdict = await broker.ask(job(f"judge: {response.text}"))
        return verdict.text

    futures = [broker.submit(lambda n=n: judged(str(n))) for n in range(5)]
    assert [broker.wait(f) for f in futures] == [f"answer to judge: answer to {n}" for n in range(5)]


def test_work_that_fails_raises_where_it_is_waited_for(brokers):
    broker = brokers()

    async def work():
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        broker.wait(broker.submit(work))


def test_work_that_the_end_of_the_run_cuts_off_is_not_waited_for(brokers):
    broker = brokers()
    future = broker.submit(lambda: asyncio.sleep(60))
    broker.close(grace_s=0)
    with pytest.raises(NotSentError, match="the run has ended"):
        broker.wait(future)


def test_a_thread_that_waits_hears_ctrl_c(brokers, client_of, job):
    broker = brokers(client_of(latency_s=60))

    class AlarmError(Exception):
        pass

    def interrupt(*_):
        raise AlarmError

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    started = time.monotonic()
    try:
        with pytest.raises(AlarmError):
            broker.result(job("a"))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - started < 2
    broker.close(grace_s=0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork()")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_is_told_that_the_broker_is_not_there(brokers, job):
    broker = brokers()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            broker.result(job("a"))
        except NotSentError as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    told = os.read(reading, 1000).decode()
    os.close(reading)
    os.close(writing)
    assert f"the broker lives in process {os.getpid()} and does not survive fork()" in told
    assert broker.result(job("a")).text == "answer to a"
