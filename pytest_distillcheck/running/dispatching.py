"""Decides which request is sent when, and brings every call to its end.

A call is queued at its model, sent when every limit allows, tried again when it failed in passing, and answered
once its answer is durable. All of it happens on one event loop, so nothing here needs a lock; `Dispatcher.call`,
`Dispatcher.settled` and `Dispatcher.progress` alone may be used from any thread.
"""

import asyncio
import math
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import count
from random import Random

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.domain.progress import Progress
from pytest_distillcheck.errors import (
    ClientError,
    DistillcheckError,
    NotSentError,
    StoreError,
    TransientError,
)
from pytest_distillcheck.ports import Clock, ResponseStore
from pytest_distillcheck.running.budget import Budget, ceiling_usd
from pytest_distillcheck.running.jobs import Call, Job, Plan, Priority, State
from pytest_distillcheck.running.keeping import AnswerKeeper
from pytest_distillcheck.running.lanes import BackOff, Lane, LiveModel, Lost, Paced
from pytest_distillcheck.running.ledger import Ledger
from pytest_distillcheck.running.retrying import RetryBudget

_LEASE_GRACE_S = 60.0  # past the deadline of the process that asks: its commit, on a slow machine


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """What one run may do, over all models.

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
        models: Iterable[LiveModel],
        limits: RunLimits,
        *,
        store: ResponseStore | None,
        clock: Clock,
        rng: Random,
    ) -> None:
        self._calls: dict[str, Call] = {}
        self._orders = count()
        self._new_lane = partial(
            Lane,
            concurrency=limits.concurrency,
            retries=RetryBudget(lambda: len(self._calls)),
            clock=clock,
            rng=rng,
        )
        self._lanes = {each.name: self._new_lane(each) for each in models}
        self._concurrency = limits.concurrency
        self._ledger = Ledger(Budget(max_requests=limits.max_requests, max_cost_usd=limits.max_cost_usd))
        self._plan = Plan(look_ahead=limits.look_ahead)
        self._keeper = AnswerKeeper(store)
        self._clock = clock
        self._stopped: str | None = None
        self._senders: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.Task[None]] = set()
        self._alarm_at = math.inf

    def add(self, model: LiveModel) -> None:
        """Let the run ask this model too; one of its name that it has already stays."""
        if model.name not in self._lanes:
            self._lanes[model.name] = self._new_lane(model)

    def call(self, job: Job) -> Call:
        """Return the one call of all jobs with this key.

        Raises:
            NotSentError: the run has no such model.
        """
        if job.model not in self._lanes:
            raise NotSentError(f"{job.model}: not sent: the run has no such model")
        # `setdefault` is atomic, so that two threads get one call; it alone would make a call to throw away each time.
        return self._calls.get(job.key) or self._calls.setdefault(
            job.key, Call(job, order=next(self._orders))
        )

    def progress(self) -> Progress:
        """Return the counts so far."""
        return self._ledger.progress(calls=len(self._calls))

    def settled(self, keys: Iterable[str]) -> dict[str, Response | None]:
        """Return what has come of these by now, by key; None where there will be no answer."""
        calls = {key: call for key in keys if (call := self._calls.get(key)) and call.answer.done()}
        return {key: None if call.answer.exception() else call.answer.result() for key, call in calls.items()}

    def plan(self, jobs: Iterable[Job], *, chained: bool = False) -> None:
        """Send these ahead of their tests, in this order; chained ones before those that are planned otherwise."""
        for job in jobs:
            call = self.call(job)
            if chained and not call.planned:
                self._promote(call, Priority.CHAINED)
            else:
                self._plan.add(call)
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
        """Stop, let requests in flight come back for a time, then close the store and every client."""
        self.stop("the run has ended")
        for timer in self._timers:
            timer.cancel()
        if self._senders:
            await asyncio.wait(self._senders, timeout=grace_s)
        for sender in self._senders:
            sender.cancel()
        await asyncio.gather(*self._timers, *self._senders, return_exceptions=True)
        await self._keeper.close()
        for lane in self._lanes.values():
            await asyncio.gather(lane.model.client.close(), return_exceptions=True)

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
            self._finish(call, call.refusal(reason))
        else:
            lane.queue.push(call)

    def _refuse_unsent(self) -> None:
        for call in tuple(self._calls.values()):
            unsent = call.state not in {State.SENT, State.DONE}
            if unsent and (self._stopped or self._lane(call).closed):
                self._queue(call)

    def _dispatch(self) -> None:
        """Send as much as may be sent now."""
        while call := self._next():
            self._spawn(self._senders, self._send(call))

    def _next(self) -> Call | None:
        """Return a call that must be sent now; if there is none, set the alarm for when there may be."""
        now = self._clock.monotonic()
        while self._ledger.in_flight < self._concurrency:
            ready = [lane for lane in self._lanes.values() if lane.ready_at(now) <= now]
            if not ready:
                break
            lane = min(ready, key=Lane.rank)
            call = lane.queue.pop()
            if lost := lane.overdue(call, now):
                self._lose(call, lane, lost)
            elif self._claim(call, now):
                if not self._admit(call, lane):
                    break
                call.state = State.SENT
                lane.sent(call, now)
                return call
        self._set_alarm(now)
        return None

    def _set_alarm(self, now: float) -> None:
        at = min((lane.ready_at(now) for lane in self._lanes.values()), default=math.inf)
        # What could go at once waits for a request to come back, which looks again.
        if now < at < self._alarm_at:
            self._alarm_at = at
            self._spawn(self._timers, self._ring(at))

    async def _ring(self, at: float) -> None:
        await self._clock.sleep(at - self._clock.monotonic())
        if self._alarm_at == at:
            self._alarm_at = math.inf
        self._dispatch()

    def _admit(self, call: Call, lane: Lane) -> bool:
        """Return whether the budget allows a call now; if not, it is queued again, or the run stops."""
        price = lane.model.price
        call.ceiling_usd = ceiling_usd(price, call.job.request) if price else None
        try:
            if self._ledger.admit(call.ceiling_usd):
                return True
            lane.queue.push(call)
        except NotSentError as used_up:
            lane.queue.push(call)
            self.stop(str(used_up))
        return False

    async def _send(self, call: Call) -> None:
        """Send a call, and then the next one: a task that has its turn sends sooner than a new one would."""
        sending: Call | None = call
        while sending:
            await self._attempt(sending, self._lane(sending))
            sending = self._next()
            self._dispatch()

    async def _attempt(self, call: Call, lane: Lane) -> None:
        try:
            outcome = await lane.ask(call)
        except asyncio.CancelledError:
            outcome = TransientError(f"{call.job.model}: cut off when the run ended", maybe_billed=True)
        self._ledger.came_back(outcome, price=lane.model.price, ceiling_usd=call.ceiling_usd)
        if isinstance(outcome, Response):
            lane.answered()
            self._keeper.keep(call.job.key, outcome, partial(self._kept, call, outcome))
        else:
            self._follow_up(call, lane, outcome)

    def _kept(self, call: Call, response: Response, error: StoreError | None) -> None:
        if error:
            self._store_failed(call, error)
        else:
            self._finish(call, response)

    def _follow_up(self, call: Call, lane: Lane, error: ClientError) -> None:
        match lane.failed(call, error):
            case BackOff(wait_s=wait_s) if not (self._stopped or lane.closed):
                self._ledger.retried()
                self._later(call, State.BACKING_OFF, wait_s)
            case BackOff() | Paced():
                self._queue(call)
            case Lost() as lost:
                self._lose(call, lane, lost)

    def _lose(self, call: Call, lane: Lane, lost: Lost) -> None:
        self._finish(call, lost.error)
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
        if waited_s > self._lane(call).model.retry.deadline_s + _LEASE_GRACE_S:
            reason = f"another process has been asking the same for {waited_s:.0f} s; end it and run again"
            self._finish(call, call.refusal(reason))
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
        if state is State.BACKING_OFF:
            self._lane(call).backing_off -= 1
        if call.state is state:
            self._queue(call)
            self._dispatch()

    def _spawn(self, tasks: set[asyncio.Task[None]], work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        tasks.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(tasks.discard)

    def _lane(self, call: Call) -> Lane:
        return self._lanes[call.job.model]
