"""One live model, all that limits how it is asked, and what follows when it does not answer."""

import asyncio
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.domain.prices import Price
from pytest_distillcheck.domain.scrubbing import one_line
from pytest_distillcheck.errors import ClientError, EndpointError, TransientError
from pytest_distillcheck.ports import Clock, LiveClient
from pytest_distillcheck.running.jobs import Call, CallQueue, Priority
from pytest_distillcheck.running.limits import ConcurrencyLimit, TokenBucket
from pytest_distillcheck.running.retrying import (
    CircuitBreaker,
    GivenUp,
    RetryBudget,
    RetryPolicy,
    Trial,
    next_attempt,
    sane_retry_after,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveModel:
    """A live model, and what is known of its provider's limits.

    Attributes:
        name: as jobs and messages name it.
        max_concurrency: the most requests in flight; None for as many as the run allows.
        requests_per_minute: None when no limit is known.
        price: None when it is not known, which does not mean free.
    """

    name: str
    client: LiveClient
    max_concurrency: int | None = None
    requests_per_minute: float | None = None
    price: Price | None = None
    retry: RetryPolicy = field(default_factory=RetryPolicy)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOff:
    """The call is to be tried again after a wait of its own."""

    wait_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Paced:
    """The call is to be queued again; the lane has paused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The call gets no answer."""

    error: ClientError


class Lane:
    """A live model while a run lasts.

    Attributes:
        closed: why nothing more is sent to it, or None.
        in_flight: requests on their way to it.
        backing_off: calls that wait for another attempt.
    """

    def __init__(
        self, model: LiveModel, *, concurrency: int, retries: RetryBudget, clock: Clock, rng: Random
    ) -> None:
        self.model = model
        self.queue = CallQueue()
        self.closed: str | None = None
        self.in_flight = 0
        self.backing_off = 0
        self._limit = ConcurrencyLimit(min(model.max_concurrency or concurrency, concurrency))
        self._rate = TokenBucket(model.requests_per_minute) if model.requests_per_minute else None
        self._breaker = CircuitBreaker()
        self._retries = retries
        self._clock = clock
        self._rng = rng
        self._paused_until = -math.inf
        self._pauses = 0
        self._failures = 0

    def ready_at(self, now: float) -> float:
        """Return when time alone lets the next request go: `now` or before, later, or never (infinity).

        When a whole window of attempts has failed, nothing new is begun before those that failed had another try: an
        outage is found out by a few calls, and not by the whole plan.
        """
        head = self.queue.head()
        if head is None or self.in_flight >= self._limit.allowed:
            return math.inf
        if head.trial is None and self.backing_off and self._failures >= self._limit.allowed:
            return math.inf
        return max(self._paused_until, self._rate.ready_at(now) if self._rate else now)

    def rank(self) -> tuple[Priority, int]:
        """Return the rank of its next call; there must be one."""
        head = self.queue.head()
        assert head
        return head.rank

    def overdue(self, call: Call, now: float) -> Lost | None:
        """Return the end of a call that waited for another attempt until its time was over."""
        if call.trial and call.trial.error and now >= self._deadline(call.trial):
            return self._give_up(call.trial.error, f"no time is left of {self.model.retry.deadline_s:.0f} s")
        return None

    def sent(self, call: Call, now: float) -> None:
        """Count a request that goes."""
        self.in_flight += 1
        if self._rate:
            self._rate.take(now)
        if call.trial is None:
            call.trial = Trial(started_at=now, sent_at=now)
        call.trial.sent_at = now

    async def ask(self, call: Call) -> Response | ClientError:
        """Make the attempt that was counted as sent, within the time that the call has left."""
        assert call.trial
        model = self.model
        within_s = self._deadline(call.trial) - call.trial.sent_at
        try:
            async with asyncio.timeout(within_s):
                return await model.client.ask(call.job.request)
        except ClientError as error:
            return error
        except TimeoutError:
            return TransientError(f"{model.name}: no answer came within {within_s:.0f} s", maybe_billed=True)
        except Exception as error:  # noqa: BLE001  # a provider's client is anybody's code, and a test waits
            told = one_line(f"{type(error).__name__}: {error}", 300)
            return ClientError(f"{model.name}: its client raised {told}; tell its author")

    def answered(self) -> None:
        """Learn from a request that was answered."""
        self._limit.answered(in_flight=self.in_flight, now=self._clock.monotonic())
        self._breaker.answered()
        self._pauses = self._failures = 0
        self.in_flight -= 1

    def failed(self, call: Call, error: ClientError) -> BackOff | Paced | Lost:
        """Learn from a request that was not answered, and decide what follows."""
        self.in_flight -= 1
        if isinstance(error, TransientError):
            asked_s = sane_retry_after(error.retry_after_s) or 0.0
            if asked_s > self.model.retry.longest_retry_after_s:
                error = EndpointError(f"{error}; it asks to come back {self._in(asked_s)}; run again then")
        if isinstance(error, EndpointError):
            self.closed = self.closed or str(error)
            return Lost(error=error)
        if not isinstance(error, TransientError):
            return self._lose(error)
        return self._pace(call, error) if error.rate_limited else self._retry(call, error)

    def _pace(self, call: Call, error: TransientError) -> Paced | Lost:
        assert call.trial
        now, policy = self._clock.monotonic(), self.model.retry
        if self._limit.rate_limited(sent_at=call.trial.sent_at, now=now):
            wait_s = policy.wait_s(self._pauses, error.retry_after_s, self._rng)
            self._pauses += 1
        else:
            wait_s = sane_retry_after(error.retry_after_s) or 0.0
        self._paused_until = max(self._paused_until, now + wait_s)
        call.trial.error = error
        return self.overdue(call, self._paused_until) or Paced()

    def _retry(self, call: Call, error: TransientError) -> BackOff | Lost:
        assert call.trial
        call.trial.error = error
        self._failures += 1
        now = self._clock.monotonic()
        step = next_attempt(self.model.retry, call.trial, error, now=now, rng=self._rng)
        if isinstance(step, GivenUp):
            return self._give_up(error, step.why)
        if not self._retries.spend():
            return self._give_up(error, "not tried again: the run's retries are used up")
        self.backing_off += 1
        return BackOff(wait_s=step)

    def _give_up(self, error: TransientError, why: str) -> Lost:
        final = TransientError(
            f"{error} ({why})", rate_limited=error.rate_limited, maybe_billed=error.maybe_billed
        )
        final.__cause__ = error
        return self._lose(final)

    def _lose(self, error: ClientError) -> Lost:
        self.closed = self.closed or self._breaker.failed(error)
        return Lost(error=error)

    def _deadline(self, trial: Trial) -> float:
        return trial.started_at + self.model.retry.deadline_s

    def _in(self, seconds: float) -> str:
        at = datetime.fromtimestamp(self._clock.wall() + seconds, UTC)
        return f"in {seconds:.0f} s, at {at:%Y-%m-%d %H:%M} UTC"
