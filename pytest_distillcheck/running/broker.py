"""The broker: sends the requests of one run from a thread of its own, while tests wait for their answers.

Tests stay synchronous and run in their order; `plan` sends their requests ahead of them. There is one broker a run, in
the process that reports; under pytest-xdist the workers reach it by `RemoteBroker`.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import CancelledError, Future
from functools import partial
from random import Random
from typing import Any, TypeVar

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.domain.progress import Progress
from pytest_distillcheck.errors import NotSentError
from pytest_distillcheck.ports import Clock, ResponseStore
from pytest_distillcheck.running.dispatching import Dispatcher, RunLimits
from pytest_distillcheck.running.jobs import Job
from pytest_distillcheck.running.lanes import LiveModel
from pytest_distillcheck.running.turns import new_watched_loop

T = TypeVar("T")

_POLL_S = (
    0.25  # how long a waiting thread may be deaf: to Ctrl-C on Windows, and to the end of the loop's thread
)
_TURN_S = 0.02
_FIRST_TURN_S = 0.1  # as many requests begin at once as the run allows


class Broker:
    """Sends each request of a run once, and hands its answer to whoever asks.

    Its methods may be called from any thread of the process that made it, `ask` on its own event loop alone.

    Attributes:
        while_waiting: called some times a second by each thread that waits; it must not raise.
    """

    def __init__(
        self,
        models: Iterable[LiveModel],
        limits: RunLimits,
        *,
        clock: Clock,
        rng: Random,
        store: ResponseStore | None = None,
    ) -> None:
        self._dispatcher = Dispatcher(models, limits, store=store, clock=clock, rng=rng)
        self._counts_taken = limits.look_ahead is not None
        self._pid = os.getpid()
        self.while_waiting: Callable[[], object] = lambda: None
        self._loop, self._give_way = new_watched_loop()
        self._ending = asyncio.Event()
        self._grace_s = 0.0
        self._thread = threading.Thread(target=self._run, name="distillcheck-broker", daemon=True)
        self._thread.start()

    def add(self, model: LiveModel) -> None:
        """Let the run ask this model too, which must be called on the broker's own event loop.

        One of its name that the run has already stays.
        """
        self._dispatcher.add(model)

    def plan(self, jobs: Iterable[Job], *, chained: bool = False) -> None:
        """Send these ahead of their tests, in this order. What is known already is not sent again.

        Args:
            jobs: of one model or of several.
            chained: they follow answers that are there, and go before all that is planned otherwise.

        Raises:
            NotSentError: the run has no such model.
        """
        planned = tuple(jobs)
        for job in planned:
            self._dispatcher.call(job)
        self._soon(partial(self._dispatcher.plan, planned, chained=chained))
        if threading.current_thread() is not self._thread:  # where the server of workers plans
            self._give_way(_FIRST_TURN_S)

    def settled(self, keys: Iterable[str]) -> dict[str, Response | None]:
        """Return what has come of these jobs by now, by key; None where there will be no answer. It sends nothing."""
        return self._dispatcher.settled(keys)

    def result(self, job: Job) -> Response:
        """Return the answer. Until it is there, block; its request goes before all that no test waits for.

        Raises:
            ClientError: there is none.
            StoreError: it could not be kept, and must not be judged.
        """
        call = self._dispatcher.call(job)
        if self._counts_taken or not call.answer.done():
            self._soon(self._dispatcher.demand, call)
        self._give_way(_TURN_S)  # a test that finds its answer there would compute while requests are due
        return self.wait(call.answer)

    async def ask(self, job: Job, *, demanded: bool = False) -> Response:
        """Return the answer, on the broker's own event loop: for what is given to `submit`.

        Unless a test waits (`demanded`), a planned request keeps its place; any other goes before those.

        Raises:
            ClientError: there is none.
            StoreError: it could not be kept, and must not be judged.
        """
        return await self._dispatcher.ask(job, demanded=demanded)

    def submit(self, work: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        """Run a coroutine function on the event loop, such as one that asks, reads the answer and asks again.

        Raises:
            NotSentError: the run is over.
        """
        self._refuse_fork()
        coroutine = work()
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError:
            coroutine.close()
            raise NotSentError("not sent: the run has ended") from None

    def wait(self, future: Future[T]) -> T:
        """Return what a future comes to.

        Raises:
            NotSentError: the run ended before.
        """
        while not future.done():
            self._refuse_fork()
            over = not self._thread.is_alive()
            try:
                return future.result(_POLL_S)
            except TimeoutError:
                if over and not future.done():
                    raise NotSentError("not sent: the run has ended") from None
                self.while_waiting()
            except CancelledError:
                break
        if future.cancelled():
            raise NotSentError("not sent: the run has ended")
        return future.result()

    def progress(self) -> Progress:
        """Return the counts so far."""
        return self._dispatcher.progress()

    def stop_sending(self, reason: str = "the run is stopping") -> None:
        """Drop what is not sent, and release who waits for it; requests in flight come back."""
        self._soon(self._dispatcher.stop, reason)

    def close(self, grace_s: float = 10.0) -> None:
        """Stop, give requests in flight so many seconds to come back, and close the store and every client."""
        self._grace_s = grace_s
        self._soon(self._ending.set)
        while self._thread.is_alive():
            self._thread.join(_POLL_S)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._live())

    async def _live(self) -> None:
        await self._ending.wait()
        await self._dispatcher.drain(self._grace_s)

    def _soon(self, function: Callable[..., object], *arguments: object) -> None:
        self._refuse_fork()
        try:
            self._loop.call_soon_threadsafe(function, *arguments)
        except RuntimeError:  # the loop is closed, which `wait` will notice
            return

    def _refuse_fork(self) -> None:
        if os.getpid() != self._pid:
            raise NotSentError(
                f"not sent: the broker lives in process {self._pid} and does not survive fork(); run without --forked"
            )
