"""Requests on their way to an answer, and the order in which they go."""

import heapq
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum, IntEnum, auto

from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.errors import NotSentError
from pytest_distillcheck.running.retrying import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One request to one live model.

    Attributes:
        model: its name among the run's live models.
        key: what decides the answer (`response_key`); equal keys are one request.
    """

    model: str
    request: ModelRequest
    key: str


class Priority(IntEnum):
    """Who goes first."""

    DEMANDED = 0
    """A test is waiting."""
    CHAINED = 1
    """It follows an answer that is there."""
    PLANNED = 2
    """It is sent ahead of its test."""


class State(Enum):
    """How far a call has come."""

    NEW = auto()
    QUEUED = auto()
    LEASED = auto()
    """Another process is asking the same."""
    BACKING_OFF = auto()
    SENT = auto()
    DONE = auto()


def _pending() -> Future[Response]:
    future = Future[Response]()
    # A future that is running cannot be cancelled: one of many waiters must not take the answer from the others.
    future.set_running_or_notify_cancel()
    return future


@dataclass(eq=False, slots=True)
class Call:
    """A job and all that happened to it. Only the event loop changes it; any thread may wait for the answer.

    Attributes:
        order: place among calls of one priority.
        planned: whether it stands in the plan.
        ahead: whether it counts as sent ahead of its test.
        claimed: whether other processes were told that we ask.
        leased_at: when another process was first seen asking the same.
        trial: None until it is sent.
        ceiling_usd: what it may cost at most, while it is sent; None without a price.
    """

    job: Job
    answer: Future[Response] = field(default_factory=_pending)
    state: State = State.NEW
    priority: Priority = Priority.PLANNED
    order: int = 0
    planned: bool = False
    ahead: bool = False
    claimed: bool = False
    leased_at: float | None = None
    trial: Trial | None = None
    ceiling_usd: float | None = None

    @property
    def rank(self) -> tuple[Priority, int]:
        """Its place in the queue; the smallest goes first."""
        return self.priority, self.order

    def refusal(self, reason: str) -> NotSentError:
        """Return the error of a call that is not sent, or not again."""
        reason = reason.removeprefix(f"{self.job.model}: ")
        if self.trial and self.trial.error:
            last = f" (the last attempt: {self.trial.error})"
            return NotSentError(f"{self.job.model}: not sent again: {reason}{last}")
        return NotSentError(f"{self.job.model}: not sent: {reason}")


class CallQueue:
    """Queued calls by rank. One that is promoted is pushed again, and its old entry passed over."""

    def __init__(self) -> None:
        self._heap: list[tuple[tuple[Priority, int], Call]] = []

    def push(self, call: Call) -> None:
        """Queue a call at its rank, which no other call of the run has."""
        call.state = State.QUEUED
        heapq.heappush(self._heap, (call.rank, call))

    def head(self) -> Call | None:
        """Return the call that goes first, or None."""
        while self._heap:
            rank, call = self._heap[0]
            if call.state is State.QUEUED and call.rank == rank:
                return call
            heapq.heappop(self._heap)
        return None

    def pop(self) -> Call:
        """Take the call out that `head` returned."""
        return heapq.heappop(self._heap)[1]


class Plan:
    """Calls to be sent ahead of their tests, in test order.

    With a look-ahead of N, at most N of them are on their way or answered without a test that has taken them.
    """

    def __init__(self, *, look_ahead: int | None) -> None:
        self._look_ahead = look_ahead
        self._calls: deque[Call] = deque()
        self._ahead = 0

    def add(self, call: Call) -> None:
        """Put a call at the end, unless it is planned or under way."""
        if call.state is State.NEW and not call.planned:
            call.planned = True
            self._calls.append(call)

    def taken(self, call: Call) -> None:
        """Learn that a test waits for a call, or has its answer."""
        if call.ahead:
            call.ahead = False
            self._ahead -= 1

    def release(self) -> Iterator[Call]:
        """Take out the calls that may be sent now."""
        while self._calls and (self._look_ahead is None or self._ahead < self._look_ahead):
            call = self._calls.popleft()
            if call.state is State.NEW:
                call.ahead = True
                self._ahead += 1
                yield call
