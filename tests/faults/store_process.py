"""Runs in processes of their own, for tests that kill them."""

import asyncio
import multiprocessing
import os
import random
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response
from pytest_distillcheck.running.broker import Broker
from pytest_distillcheck.running.clocks import SystemClock
from pytest_distillcheck.running.dispatching import RunLimits
from pytest_distillcheck.running.jobs import Job
from pytest_distillcheck.running.lanes import LiveModel
from pytest_distillcheck.stores.responses import SqliteResponseStore


class LoggingClient:
    """Writes `sent PROMPT` into a file that survives its process, as the log of a server would."""

    def __init__(self, log: Path, latency_s: float) -> None:
        # One write of one line in append mode is atomic, also between processes.
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._latency_s = latency_s

    async def ask(self, request: ModelRequest) -> Response:
        prompt = request.messages[0].content
        os.write(self._log, f"sent {prompt}\n".encode())
        await asyncio.sleep(self._latency_s)
        return Response(text=f"answer to {prompt}", source="live")

    async def close(self) -> None:
        os.close(self._log)


def ask_all(folder: Path, log: Path, number: int, latency_s: float) -> None:
    """Ask the prompts 0 to N-1, through the broker and the store of the folder."""
    jobs = [
        Job(model="model", request=ModelRequest(messages=(Message("user", str(n)),)), key=str(n))
        for n in range(number)
    ]
    model = LiveModel(name="model", client=LoggingClient(log, latency_s))
    with SqliteResponseStore(folder) as store:
        broker = Broker(
            [model], RunLimits(concurrency=16), clock=SystemClock(), rng=random.Random(), store=store
        )
        broker.plan(jobs)
        answers = [broker.result(job).text for job in jobs]
        broker.close()
    assert answers == [f"answer to {n}" for n in range(number)]


def keep_on(folder: Path, log: Path, name: str) -> None:
    """Keep answers without end, and log each key once it is kept."""
    acknowledged = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with SqliteResponseStore(folder) as store:
        for n in range(1_000_000):
            key = f"{name}-{n}"
            store.put({key: Response(text="x" * 500, source="live")})
            os.write(acknowledged, f"kept {key}\n".encode())


@contextmanager
def forked(function: Callable[..., None], *arguments: object) -> Iterator[BaseProcess]:
    """Run a function in a forked process, which starts at once; it is killed at the end if it still runs."""
    process = multiprocessing.get_context("fork").Process(target=_run, args=(function, *arguments))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _run(function: Callable[..., None], *arguments: object) -> None:
    # What pytest does at its end is the parent's business: neither way may lead back into it.
    try:
        function(*arguments)
        os._exit(0)
    finally:
        traceback.print_exc()
        os._exit(1)
