"""Time that the broker adds to requests whose answers take a fixed time, and its CPU.

    python tests/benchmarks/bench_broker.py

Bounds: 1.05 of the ideal (requests x latency / concurrency) from first request to last answer, and 0.3 ms CPU a
request, with and without a response store. The floor is the same client under a bare semaphore.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from measuring import median

from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response
from pytest_distillcheck.running.broker import Broker
from pytest_distillcheck.running.clocks import SystemClock
from pytest_distillcheck.running.dispatching import RunLimits
from pytest_distillcheck.running.jobs import Job
from pytest_distillcheck.running.lanes import LiveModel
from pytest_distillcheck.stores.responses import SqliteResponseStore

ROUNDS = 3
REQUESTS = 2000
ANSWER = "I am a language model. " * 40


@dataclass
class TimedClient:
    """Answers after a fixed time, and remembers when it was asked first and answered last."""

    latency_s: float
    first: float | None = None
    last: float = field(default=0.0)

    async def ask(self, request: ModelRequest) -> Response:
        """Wait, then answer."""
        self.first = self.first or time.perf_counter()
        await asyncio.sleep(self.latency_s)
        self.last = time.perf_counter()
        return Response(text=ANSWER, source="live")

    async def close(self) -> None:
        """Nothing is open."""

    @property
    def window_s(self) -> float:
        """Seconds from the first request to the last answer."""
        return self.last - (self.first or 0.0)


def main() -> None:
    """Print a line for each latency, concurrency and way."""
    for latency_s, concurrency in ((0.05, 32), (0.2, 64)):
        ideal_s = REQUESTS * latency_s / concurrency
        print(
            f"{REQUESTS} requests at {1000 * latency_s:.0f} ms, {concurrency} in flight: ideal {ideal_s:.3f} s"
        )
        for name, run in (("semaphore", _floor), ("broker", _broker), ("broker + store", _broker_with_store)):
            _print_line(name, run, latency_s, concurrency, ideal_s)


def _print_line(
    name: str,
    run: Callable[[TimedClient, int], None],
    latency_s: float,
    concurrency: int,
    ideal_s: float,
) -> None:
    windows, cpus, walls = [], [], []
    for _ in range(ROUNDS):
        client = TimedClient(latency_s)
        cpu, wall = time.process_time(), time.perf_counter()
        run(client, concurrency)
        cpus.append(time.process_time() - cpu)
        walls.append(time.perf_counter() - wall)
        windows.append(client.window_s)
    print(
        f"  {name:15} first request to last answer {median(windows):.3f} s ({median(windows) / ideal_s:.3f} x),"
        f" to the last test {median(walls):.3f} s, CPU {1e6 * median(cpus) / REQUESTS:.0f} us a request"
    )


def _floor(client: TimedClient, concurrency: int) -> None:
    async def gather() -> None:
        slots = asyncio.Semaphore(concurrency)

        async def one(request: ModelRequest) -> None:
            async with slots:
                await client.ask(request)

        await asyncio.gather(*(one(job.request) for job in _jobs()))

    asyncio.run(gather())


def _broker(client: TimedClient, concurrency: int, store: SqliteResponseStore | None = None) -> None:
    broker = Broker(
        [LiveModel(name="stub", client=client)],
        RunLimits(concurrency=concurrency),
        store=store,
        clock=SystemClock(),
        rng=random.Random(0),
    )
    jobs = _jobs()
    broker.plan(jobs)
    for job in jobs:
        broker.result(job)
    broker.close()


def _broker_with_store(client: TimedClient, concurrency: int) -> None:
    with tempfile.TemporaryDirectory() as folder, SqliteResponseStore(Path(folder)) as store:
        _broker(client, concurrency, store)


def _jobs() -> list[Job]:
    requests = (ModelRequest(messages=(Message("user", f"question {n}"),)) for n in range(REQUESTS))
    return [Job(model="stub", request=request, key=request.digest()) for request in requests]


if __name__ == "__main__":
    main()
