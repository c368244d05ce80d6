"""The broker: sends the requests of one run from a thread of its own, while tests wait for their answers.

Tests stay synchronous and run in their order; `plan` sends their requests ahead of them. There is one broker a run, in
the process that owns it; under pytest-xdist workers reach it through `RemoteBroker`.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import CancelledError, Future
from random import Random
from typing import Any, TypeVar

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.errors import NotSentError
from pytest_distillcheck.ports import Clock, ResponseStore
from pytest_distillcheck.running.dispatching import Dispatcher, RunLimits
from pytest_distillcheck.running.jobs import Job
from pytest_distillcheck.running.lanes import Endpoint
from pytest_distillcheck.running.ledger import Progress

T = TypeVar("T")

_POLL_S = 0.25  # how long a waiting thread may be deaf: to Ctrl-C on Windows, and to the end of the loop's thread


class Broker:
    """Sends each request of a run once, and hands its answer to whoever asks.

    Every method may be called from any thread of the process that made the broker.
    """

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        limits: RunLimits,
        *,
        clock: Clock,
        rng: Random,
        store: ResponseStore | None = None,
    ) -> None:
        self._dispatcher = Dispatcher(endpoints, limits, store=store, clock=clock, rng=rng)
        self._ready_answers_matter = limits.look_ahead is not None
        self._pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._ending = asyncio.Event()
        self._grace_s = 0.0
        self._thread = threading.Thread(target=self._run, name="distillcheck-broker", daemon=True)
        self._thread.start()

    def plan(self, jobs: Iterable[Job]) -> None:
        """Send these ahead of their tests, in this order. What is known already is not sent again.

        Raises:
            NotSentError: the run has no such endpoint, or is over.
        """
        planned = tuple(jobs)
        for job in planned:
            self._dispatcher.call(job)
        self._soon(self._dispatcher.plan, planned)

    def result(self, job: Job) -> Response:
        """Return the answer; until it is there, block, and let the request go before all that no test waits for.

        Raises:
            ClientError: there is none.
            StoreError: it could not be kept, and must not be judged.
        """
        call = self._dispatcher.call(job)
        if not call.answer.done():
            self._soon(self._dispatcher.demand, call)
        elif self._ready_answers_matter:
            ...
        return self.wait(call.answer)
