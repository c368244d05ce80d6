"""Fakes of our ports: a clock whose time passes when nothing else can happen, a client with a script."""

import asyncio
import heapq
import itertools
import random
from collections.abc import Callable, Iterator

import pytest

from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response
from pytest_distillcheck.errors import ClientError, StoreError
from pytest_distillcheck.running.broker import Broker
from pytest_distillcheck.running.clocks import SystemClock
from pytest_distillcheck.running.dispatching import Dispatcher, RunLimits
from pytest_distillcheck.running.jobs import Job
from pytest_distillcheck.running.lanes import LiveModel

Outcome = Response | Exception


class FakeClock:
    """Time stands still until everybody sleeps, and then goes on to the next who wakes."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._passing: asyncio.Task[None] | None = None

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_800_000_000 + self.now

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), woken))
        if self._passing is None or self._passing.done():
            self._passing = asyncio.create_task(self._pass())
        await woken

    async def _pass(self) -> None:
        while self._sleepers:
            for _ in range(20):
                await asyncio.sleep(0)
            at, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                self.now = max(self.now, at)
                woken.set_result(None)


class ScriptedClient:
    """Answers as `script(prompt, attempt)` says, after a latency; errors come at once. Attempts count from 0 a prompt.

    Attributes:
        sent: prompts in the order in which they were asked, and `times` when.
    """

    def __init__(
        self,
        script: Callable[[str, int], Outcome] | None = None,
        *,
        clock: FakeClock | SystemClock | None = None,
        latency_s: float = 0.0,
    ) -> None:
        self._script = script or (lambda prompt, _: live(f"answer to {prompt}"))
        self._clock = clock or SystemClock()
        self._latency_s = latency_s
        self.sent: list[str] = []
        self.times: list[float] = []
        self.in_flight = self.peak = 0
        self.closed = False

    async def ask(self, request: ModelRequest) -> Response:
        prompt = request.messages[-1].content
        attempt = self.sent.count(prompt)
        self.sent.append(prompt)
        self.times.append(self._clock.monotonic())
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            # Decided on arrival, as a server that counts requests does.
            outcome = self._script(prompt, attempt)
            if isinstance(outcome, Exception):
                await asyncio.sleep(0)
                raise outcome
            await self._clock.sleep(self._latency_s)
            return outcome
        finally:
            self.in_flight -= 1

    async def close(self) -> None:
        self.closed = True


class MemoryStore:
    """A response store without a disk. `others` holds keys that another process asks."""

    def __init__(self, answers: dict[str, Response] | None = None) -> None:
        self.answers = answers or {}
        self.groups: list[list[str]] = []
        self.claimed: set[str] = set()
        self.others: set[str] = set()
        self.fails: StoreError | None = None
        self.closed = False

    def get(self, key: str) -> Response | None:
        return self.answers.get(key)

    def put(self, answers: dict[str, Response]) -> None:
        if self.fails:
            raise self.fails
        self.groups.append(list(answers))
        self.answers.update(answers)

    def claim(self, key: str) -> bool:
        if key in self.others:
            return False
        self.claimed.add(key)
        return True

    def release(self, key: str) -> None:
        self.claimed.discard(key)

    def close(self) -> None:
        self.closed = True


def live(text: str) -> Response:
    return Response(text=text, source="live")


def job_of(prompt: str, *, model: str = "model", **parameters: object) -> Job:
    request = ModelRequest(messages=(Message("user", prompt),), parameters=parameters)
    return Job(model=model, request=request, key=f"{model}/{prompt}")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def client_of() -> type[ScriptedClient]:
    return ScriptedClient


@pytest.fixture
def memory_store() -> type[MemoryStore]:
    return MemoryStore


@pytest.fixture
def job() -> Callable[..., Job]:
    return job_of


@pytest.fixture
def answer() -> Callable[[str], Response]:
    return live


@pytest.fixture
def brokers() -> Iterator[Callable[..., Broker]]:
    """Makes brokers of one model `model` or of several, and closes them."""
    made: list[Broker] = []

    def make(client=None, *, models=None, store=None, **limits) -> Broker:
        models = models or [LiveModel(name="model", client=client or ScriptedClient())]
        broker = Broker(models, RunLimits(**limits), clock=SystemClock(), rng=random.Random(0), store=store)
        made.append(broker)
        return broker

    yield make
    for broker in made:
        broker.close(grace_s=1)


@pytest.fixture
def dispatched(clock):
    """Runs jobs through a dispatcher in fake time and returns the outcome of each, and the dispatcher."""

    def run(jobs, client=None, *, models=None, store=None, during=None, **limits):
        async def scenario():
            made = models or [LiveModel(name="model", client=client)]
            dispatcher = Dispatcher(made, RunLimits(**limits), store=store, clock=clock, rng=random.Random(0))
            dispatcher.plan(jobs)
            if during:
                await during(dispatcher)
            outcomes = await asyncio.gather(
                *(dispatcher.ask(job, demanded=True) for job in jobs), return_exceptions=True
            )
            await dispatcher.drain(grace_s=0)
            return [o if isinstance(o, Exception) else o.text for o in outcomes], dispatcher

        return asyncio.run(scenario())

    return run


@pytest.fixture
def failing() -> Callable[[ClientError, int], Callable[[str, int], Outcome]]:
    """Scripts that raise for the first so many attempts at each prompt."""

    def make(error: ClientError, times: int) -> Callable[[str, int], Outcome]:
        return lambda prompt, attempt: error if attempt < times else live(f"answer to {prompt}")

    return make
