import dataclasses
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response, Usage
from pytest_distillcheck.errors import NotSentError, RequestRefusedError, StoreError, UsageError
from pytest_distillcheck.running.jobs import Job
from pytest_distillcheck.running.remote import RemoteBroker
from pytest_distillcheck.running.serving import BrokerServer
from pytest_distillcheck.running.wire import BrokerAddress


@pytest.fixture
def remotes(brokers):
    """Serves a broker and connects workers to it."""
    closed = []

    def make(*arguments, workers=1, **options):
        broker = brokers(*arguments, **options)
        server = BrokerServer(broker)
        connected = [RemoteBroker(server.address) for _ in range(workers)]
        closed.extend((*connected, server))
        return broker, server, *connected

    yield make
    for each in closed:
        each.close()


def raw(address, *frames):
    """Send frames to a server and return all that it answers until it closes, in whatever way."""
    heard = b""
    with socket.create_connection((address.host, address.port), 5) as connection, suppress(ConnectionError):
        for each in frames:
            connection.sendall(each)
        with suppress(OSError):  # the server may have closed already
            connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            heard += part
    return heard


def frame(message):
    body = json.dumps(message).encode()
    return struct.pack(">I", len(body)) + body


def test_workers_plan_and_get_answers(remotes, client_of, job):
    client = client_of()
    *_, one, two = remotes(client, workers=2)
    jobs = [job(str(n)) for n in range(30)]
    one.plan(jobs)
    two.plan(jobs)
    assert [one.result(j).text for j in jobs[::2]] == [f"answer to {n}" for n in range(0, 30, 2)]
    assert [two.result(j).text for j in jobs[1::2]] == [f"answer to {n}" for n in range(1, 30, 2)]
    assert client.sent == [str(n) for n in range(30)]


def test_a_plan_goes_over_the_wire_once(remotes, client_of, job, monkeypatch):
    *_, one, two = remotes(client_of(), workers=2)
    jobs = [job(str(n)) for n in range(30)]
    messages = []
    exchange = RemoteBroker._exchange
    monkeypatch.setattr(
        RemoteBroker, "_exchange", lambda self, message: messages.append(message) or exchange(self, message)
    )
    one.plan(jobs)
    two.plan(jobs)
    assert ["jobs" in message for message in messages] == [False, True, False]


def test_a_long_plan_is_cut_into_frames(remotes, client_of, job):
    client = client_of()
    *_, worker = remotes(client)
    jobs = [job(f"{n} " + "x" * 300_000) for n in range(9)]
    worker.plan(jobs)
    assert [worker.result(j).text[:12] for j in jobs] == [f"answer to {n} " for n in range(9)]
    assert len(client.sent) == 9


def test_everything_of_a_request_and_an_answer_survives_the_way(remotes, client_of):
    text = "\ud83d lone, \x00 null, \u202e bidi, 通义千问 \U0001f600"
    answer = Response(
        text=text,
        source="live",
        reasoning="hm \udc00",
        model="m-1",
        usage=Usage(prompt_tokens=3, completion_tokens=4),
        finish_reason="length",
    )
    seen = []

    class Client(client_of):
        async def ask(self, request):
            seen.append(request)
            return answer

    *_, worker = remotes(Client())
    request = ModelRequest(
        messages=(Message("system", "s"), Message("user", text)), parameters={"stop": ["\ud83d"]}, sample=3
    )
    assert worker.result(Job(model="model", request=request, key="k")) == answer
    assert seen == [request]


@pytest.mark.parametrize("error", [RequestRefusedError("model: 400: \ud83d"), NotSentError("budget")])
def test_an_error_is_raised_in_the_worker_as_it_was(remotes, client_of, job, error):
    *_, worker = remotes(client_of(lambda *_: error))
    with pytest.raises(type(error)) as raised:
        worker.result(job("a"))
    assert str(error) in str(raised.value)


def test_a_store_that_fails_is_told_to_the_worker(remotes, job, memory_store):
    store = memory_store()
    store.fails = StoreError("disk full")
    *_, worker = remotes(store=store)
    with pytest.raises(StoreError, match="disk full"):
        worker.result(job("a"))


def test_an_unknown_model_is_refused(remotes, job):
    *_, worker = remotes()
    with pytest.raises(NotSentError, match="no such model"):
        worker.plan([job("a", model="elsewhere")])
    assert worker.result(job("b")).text == "answer to b"


def test_threads_of_a_worker_do_not_wait_for_each_other(remotes, client_of, job):
    *_, worker = remotes(client_of(latency_s=0.2))
    threads = [threading.Thread(target=worker.result, args=(job(str(n)),)) for n in range(8)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - started < 1


def test_stopping_releases_blocked_workers(remotes, client_of, job):
    broker, _, worker = remotes(client_of(latency_s=0.3), concurrency=2)
    broker.plan([job("0")])
    threading.Timer(0.1, broker.stop_sending).start()
    with pytest.raises(NotSentError, match="the run is stopping"):
        worker.result(job("1"))
    assert worker.result(job("0")).text == "answer to 0"


def test_closing_is_quiet(remotes, client_of, job, caplog):
    _, server, worker, other = remotes(client_of(latency_s=60), workers=2)
    other.plan([job("0")])

    def wait():
        with pytest.raises(NotSentError):
            worker.result(job("0"))

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.1)
    server.close()
    waiting.join()
    assert not caplog.records


def test_closing_the_server_releases_blocked_workers(remotes, client_of, job):
    _, server, worker = remotes(client_of(latency_s=60))
    threading.Timer(0.1, server.close).start()
    with pytest.raises(NotSentError, match="the process that sends for the workers is gone"):
        worker.result(job("0"))
    with pytest.raises(NotSentError, match="is gone"):
        worker.plan([job("1")])


def test_without_the_token_nothing_is_heard(remotes, client_of, job):
    client = client_of()
    _, server, _ = remotes(client)
    stranger = RemoteBroker(dataclasses.replace(server.address, token="0" * 32))
    with pytest.raises(NotSentError):
        stranger.result(job("a"))
    assert raw(server.address, frame({"token": None}), frame({"plan": "x"})) == b""
    assert raw(server.address, frame({}), frame({"plan": "x"})) == b""
    assert raw(server.address, b"GET / HTTP/1.1\r\n\r\n") == b""
    assert raw(server.address, struct.pack(">I", 2**31) + b"x" * 5000) == b""
    assert client.sent == []


def test_a_frame_that_is_too_large_ends_the_connection(remotes):
    _, server, _ = remotes()
    assert raw(server.address, frame({"token": server.address.token}), struct.pack(">I", 2**30)) == b""


@pytest.mark.parametrize(
    "message", [{}, {"op": 1}, {"plan": 1}, {"result": {"key": 1}}, {"plan": "x", "jobs": [{}]}]
)
def test_a_message_that_says_nothing_is_answered_with_an_error(remotes, message):
    _, server, _ = remotes()
    told = raw(server.address, frame({"token": server.address.token}), frame(message))
    assert b'"error"' in told


def test_a_token_is_not_shown():
    address = BrokerAddress(host="h", port=1, token="secret")
    assert "secret" not in repr(address)
    assert BrokerAddress(**json.loads(json.dumps(address.to_builtins()))) == address


WORKER = """
import json, sys
from pytest_distillcheck.domain.exchanges import Message, ModelRequest
from pytest_distillcheck.running.jobs import Job
from pytest_distillcheck.running.remote import RemoteBroker
from pytest_distillcheck.running.wire import BrokerAddress
worker = RemoteBroker(BrokerAddress(**json.loads(sys.argv[1])))
print("connected", flush=True)
request = ModelRequest(messages=(Message("user", "0"),))
print(worker.result(Job(model="model", request=request, key="model/0")).text, flush=True)
"""


def test_a_killed_worker_is_replaced_and_its_request_is_not_sent_again(remotes, client_of):
    client = client_of(latency_s=1.0)
    _, server, _ = remotes(client)
    command = [sys.executable, "-c", WORKER, json.dumps(server.address.to_builtins())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout.readline() == "connected\n"
        while not client.sent:
            time.sleep(0.01)
        worker.kill()
    replacement = subprocess.run(command, capture_output=True, text=True, check=True)
    assert replacement.stdout.splitlines() == ["connected", "answer to 0"]
    assert client.sent == ["0"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork()")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_worker_has_connections_of_its_own(remotes, job):
    *_, worker = remotes()
    assert worker.result(job("a")).text == "answer to a"
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, worker.result(job("b")).text.encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 100) == b"answer to b"
    os.close(reading)
    os.close(writing)
    assert worker.result(job("c")).text == "answer to c"


def test_a_worker_has_more_models_asked_by_the_names_that_the_user_gave(brokers):
    broker, added = brokers(), []
    server = BrokerServer(broker, add=added.extend)
    remote = RemoteBroker(server.address)
    remote.add(["gpt-4o", "x=openai:m@http://127.0.0.1/v1"])
    assert added == ["gpt-4o", "x=openai:m@http://127.0.0.1/v1"]
    remote.close()
    server.close()


def test_a_model_that_cannot_be_added_is_the_workers_error(brokers):
    def add(names):
        raise UsageError(f"{names[0]}: no key")

    server = BrokerServer(brokers(), add=add)
    remote = RemoteBroker(server.address)
    with pytest.raises(UsageError, match="gpt-4o: no key"):
        remote.add(["gpt-4o"])
    remote.close()
    server.close()


def test_without_a_way_to_add_models_there_are_no_more(remotes):
    *_, remote = remotes()
    with pytest.raises(NotSentError, match="asks no more models, gpt-4o neither"):
        remote.add(["gpt-4o"])
