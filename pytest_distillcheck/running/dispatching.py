"""Decides which request is sent when, and brings every call to its end.

A call is queued at its endpoint, sent when every limit allows, tried again when it failed in passing, and answered
once its answer is durable. All of it happens on one event loop, so nothing here needs a lock; `Dispatcher.call` and
`Dispatcher.progress` alone may be used from any thread.
"""

import asyncio
import math
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from itertools import count
from random import Random

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.domain.scrubbing import one_line
from pytest_distillcheck.errors import (
    ClientError,
    DistillcheckError,
    NotSentError,
    StoreError,
    TransientError,
)
from pytest_distillcheck.ports import Clock, ResponseStore
from pytest_distillcheck.running.budget import Budget
from pytest_distillcheck.running.jobs import Call, Job, Plan, Priority, State
from pytest_distillcheck.running.keeping import AnswerKeeper
from pytest_distillcheck.running.lanes import BackOff, Endpoint, Lane, Lost, Paced
from pytest_distillcheck.running.ledger import Ledger, Progress
from pytest_distillcheck.running.retrying import RetryBudget

_LEASE_GRACE_S = 60.0  # past the deadline of the process that asks: its commit, on a slow machine


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """What one run may do, over all endpoints.

    Attributes:
        concurrency: requests in flight at most.
        look_ahead: planned calls that may be sent or answered ahead of their tests; None for all.
        max_requests: requests that may be sent, retries included; None for any number.
        max_cost_usd: None for any cost.
    """

    concurrency: int = 32
    look_ahead: int | None = None
    max_requests: int | None = None
    max_cost_usd: float | None = None


class Dispatcher:
    """Sends what is wanted, most urgent first, each call once."""

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        limits: RunLimits,
        *,
        store: ResponseStore | None,
        clock: Clock,
        rng: Random,
    ) -> None:
        self._calls: dict[str, Call] = {}
        self._orders = count()
        retries = RetryBudget(lambda: len(self._calls))
        self._lanes = {
            endpoint.name: Lane(
                endpoint, concurrency=limits.concurrency, retries=retries, clock=clock, rng=rng
            )
            for endpoint in endpoints
        }
        self._concurrency = limits.concurrency
        self._ledger = Ledger(Budget(max_requests=limits.max_requests, max_cost_usd=limits.max_cost_usd))
        self._plan = Plan(look_ahead=limits.look_ahead)
        self._keeper = AnswerKeeper(store)
        self._clock = clock
        self._stopped: str | None = None
        self._requests: set[asyncio.Task[None]] = set()
        self._keeping: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.Task[None]] = set()
        self._alarm_at = math.inf

    def call(self, job: Job) -> Call:
        """Return the one call of all jobs with this key.

        Raises:
            NotSentError: the run has no such endpoint.
        """
        if job.endpoint not in self._lanes:
            raise NotSentError(f"{job.endpoint}: not sent: the run has no such endpoint")
        # `setdefault` is atomic, so that two threads get one call; it alone would make a call to throw away each time.
        return self._calls.get(job.key) or self._calls.setdefault(job.key, Call(job, order=next(self._orders)))

    def progress(self) -> Progress:
        """Return the counts so far."""
        return self._ledger.progress(calls=len(self._calls))

    def plan(self, jobs: Iterable[Job]) -> None:
        """Send these ahead of their tests, in this order."""
        for job in jobs:
            self._plan.add(self.call(job))
        self._look_ahead()
        self._dispatch()

    def demand(self, call: Call) -> None:
        """A test waits for this call, or takes the answer that is there."""
        self._plan.taken(call)
        self._look_ahead()
        self._promote(call, Priority.DEMANDED)
        self._dispatch()

    async def ask(self, job: Job, *, demanded: bool = False) -> Response:
        """Return the answer. Unless a test waits, what is planned keeps its place; anything else goes before it.

        Raises:
            ClientError: there is none.
            StoreError: it could not be kept.
        """
        call = self.call(job)
        if demanded:
            self.demand(call)
        elif not call.planned:
            self._promote(call, Priority.CHAINED)
            self._dispatch()
        return await asyncio.wrap_future(call.answer)

    def stop(self, reason: str) -> None:
        """Send nothing more; what is stored can still be had."""
        if self._stopped is None:
            self._stopped = reason
            self._refuse_unsent()

    async def drain(self, grace_s: float) -> None:
        """Stop, let requests in flight come back for a time, then close the store's thread and every client."""
        self.stop("the run has ended")
        for timer in self._timers:
            timer.cancel()
        if self._requests:
            await asyncio.wait(self._requests, timeout=grace_s)
        for request in self._requests:
            request.cancel()
        await asyncio.gather(*self._timers, *self._requests, return_exceptions=True)
        await asyncio.gather(*self._keeping)
        await self._keeper.close()
        for lane in self._lanes.values():
            await asyncio.gather(lane.endpoint.client.close(), return_exceptions=True)

    def _look_ahead(self) -> None:
        for call in self._plan.release():
            self._queue(call)

    def _promote(self, call: Call, priority: Priority) -> None:
        if priority < call.priority:
            call.priority = priority
            if call.state is State.QUEUED:
                self._lane(call).queue.push(call)
        if call.state is State.NEW:
            self._queue(call)

    def _queue(self, call: Call) -> None:
        """Queue a call, or finish it: its answer is stored, or nothing more is sent."""
        lane = self._lane(call)
        if not call.claimed and self._answer_from_store(call):
            return
        if reason := self._stopped or lane.closed:
            self._finish(call, _refusal(call, reason))
        else:
            lane.queue.push(call)

    def _refuse_unsent(self) -> None:
        for call in tuple(self._calls.values()):
            unsent = call.state not in {State.SENT, State.DONE}
            if unsent and (self._stopped or self._lane(call).closed):
                self._queue(call)

    def _dispatch(self) -> None:
        """Send as much as may be sent now, and set the alarm for the rest."""
        now = self._clock.monotonic()
        while self._ledger.in_flight < self._concurrency:
            ready = [lane for lane in self._lanes.values() if lane.ready_at(now) <= now]
            if not ready or not self._take_next(min(ready, key=Lane.rank), now):
                break
        at = min((lane.ready_at(now) for lane in self._lanes.values()), default=math.inf)
        # What could go at once waits for a request to come back, which dispatches anew.
        if now < at < self._alarm_at:
            self._alarm_at = at
            self._spawn(self._timers, self._ring(at))

    async def _ring(self, at: float) -> None:
        await self._clock.sleep(at - self._clock.monotonic())
        if self._alarm_at == at:
            self._alarm_at = math.inf
        self._dispatch()

    def _take_next(self, lane: Lane, now: float) -> bool:
        """Send the head of a lane, or find that it need not be sent; return False when all must wait for others."""
        call = lane.queue.pop()
        if lost := lane.overdue(call, now):
            self._finish(call, lost.error)
        elif self._claim(call, now):
            return self._send(call, lane, now)
        return True

    def _send(self, call: Call, lane: Lane, now: float) -> bool:
        price = lane.endpoint.price
        ceiling_usd = price.ceiling_usd(call.job.request) if price else None
        try:
            admitted = self._ledger.admit(ceiling_usd)
        except NotSentError as used_up:
            admitted = False
            self._stopped = self._stopped or str(used_up)
        if not admitted:
            lane.queue.push(call)
            if self._stopped:
                self._refuse_unsent()
            return False
        call.state = State.SENT
        within_s = lane.sent(call, now)
        self._spawn(self._requests, self._attempt(call, lane, ceiling_usd, within_s))
        return True

    async def _attempt(self, call: Call, lane: Lane, ceiling_usd: float | None, within_s: float) -> None:
        try:
            outcome = await _ask(lane.endpoint, call.job, within_s)
        except asyncio.CancelledError:
            outcome = TransientError(f"{call.job.endpoint}: cut off when the run ended", maybe_billed=True)
        self._ledger.came_back(outcome, price=lane.endpoint.price, ceiling_usd=ceiling_usd)
        if isinstance(outcome, Response):
            lane.answered()
            self._spawn(self._keeping, self._keep(call, outcome))
        else:
            self._follow_up(call, lane, outcome)
        self._dispatch()

    async def _keep(self, call: Call, response: Response) -> None:
        try:
            await self._keeper.keep(call.job.key, response)
        except StoreError as error:
            self._store_failed(call, error)
        else:
            self._finish(call, response)

    def _follow_up(self, call: Call, lane: Lane, error: ClientError) -> None:
        match lane.failed(call, error):
            case BackOff(wait_s=wait_s) if not self._stopped:
                self._ledger.retried()
                self._later(call, State.BACKING_OFF, wait_s)
            case BackOff() | Paced():
                self._queue(call)
            case Lost(error=final):
                self._finish(call, final)
        if lane.closed:
            self._refuse_unsent()

    def _answer_from_store(self, call: Call) -> bool:
        """Return whether the call is finished: by a stored answer, or by a store that fails."""
        try:
            stored = self._keeper.find(call.job.key)
        except StoreError as error:
            self._store_failed(call, error)
            return True
        if stored:
            self._finish(call, stored)
        return stored is not None

    def _claim(self, call: Call, now: float) -> bool:
        """Return whether the call is ours to send; if not, it is finished, or waits for the process that asks."""
        if call.claimed:
            return True
        try:
            call.claimed = self._keeper.claim(call.job.key)
        except StoreError as error:
            self._store_failed(call, error)
            return False
        if call.claimed:
            # Looked up again: who held the claim before may have stored the answer since.
            return not self._answer_from_store(call)
        self._await_lease(call, now)
        return False

    def _await_lease(self, call: Call, now: float) -> None:
        if call.leased_at is None:
            call.leased_at = now
        waited_s = now - call.leased_at
        if waited_s > self._lane(call).endpoint.retry.deadline_s + _LEASE_GRACE_S:
            reason = f"another process has been asking the same for {waited_s:.0f} s; end it and run again"
            self._finish(call, _refusal(call, reason))
        else:
            longest_s = 0.1 if call.priority is Priority.DEMANDED else 1.0
            self._later(call, State.LEASED, min(longest_s, 0.05 + waited_s / 2))

    def _store_failed(self, call: Call, error: StoreError) -> None:
        """Stop: what cannot be kept would be paid for in vain."""
        self._finish(call, error)
        self.stop(str(error))

    def _finish(self, call: Call, outcome: Response | DistillcheckError) -> None:
        call.state = State.DONE
        if call.claimed:
            self._keeper.release(call.job.key)
        self._ledger.finished(outcome)
        if isinstance(outcome, Response):
            call.answer.set_result(outcome)
        else:
            call.answer.set_exception(outcome)

    def _later(self, call: Call, state: State, wait_s: float) -> None:
        call.state = state
        self._spawn(self._timers, self._wake(call, state, wait_s))

    async def _wake(self, call: Call, state: State, wait_s: float) -> None:
        await self._clock.sleep(wait_s)
        if call.state is state:
            self._queue(call)
            self._dispatch()

    def _spawn(self, tasks: set[asyncio.Task[None]], work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        tasks.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(tasks.discard)

    def _lane(self, call: Call) -> Lane:
        return self._lanes[call.job.endpoint]


async def _ask(endpoint: Endpoint, job: Job, within_s: float) -> Response | ClientError:
    try:
        async with asyncio.timeout(within_s):
            return await endpoint.client.ask(job.request)
    except ClientError as error:
        return error
    except TimeoutError:
        return TransientError(f"{endpoint.name}: no answer came within {within_s:.0f} s", maybe_billed=True)
    except Exception as error:  # noqa: BLE001  # a provider's client is anybody's code, and a test waits
        told = one_line(f"{type(error).__name__}: {error}", 300)
        return ClientError(f"{endpoint.name}: its client raised {told}; tell its author")


def _refusal(call: Call, reason: str) -> NotSentError:
    if call.trial and call.trial.error:
        return NotSentError(
            f"{call.job.endpoint}: not sent again: {reason} (the last attempt: {call.trial.error})"
        )
    return NotSentError(f"{call.job.endpoint}: not sent: {reason}")
