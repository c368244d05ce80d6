"""Which attempt that failed is followed by another, when, and when to leave an endpoint alone."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from pytest_distillcheck.errors import ClientError, RequestRefusedError, TransientError


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and how long one request is tried.

    Attributes:
        attempts: at most so many requests.
        deadline_s: seconds from the first attempt to the last answer, waits included.
        first_wait_s: the most to wait after the first failure; it doubles with each.
        longest_wait_s: where that ends.
        longest_retry_after_s: an endpoint that asks for more than that is left alone.
        billed_retries: how often a request is repeated that may have been paid for.
    """

    attempts: int = 5
    deadline_s: float = 300.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    longest_retry_after_s: float = 120.0
    billed_retries: int = 1

    def wait_s(self, failures: int, retry_after_s: float | None, rng: Random) -> float:
        """Return the seconds to wait before the next attempt.

        Full jitter, U(0, min(longest, first * 2^failures)), with failures counted from 0 (Brooker, "Exponential
        Backoff and Jitter", 2015); or, when the endpoint told, its Retry-After + U(0, 1).
        """
        if (least := sane_retry_after(retry_after_s)) is not None:
            return least + rng.random()
        # Beyond 2^32 every wait is the longest, and a float would overflow at last.
        return rng.uniform(0, min(self.longest_wait_s, self.first_wait_s * 2 ** min(failures, 32)))


def sane_retry_after(seconds: float | None) -> float | None:
    """Return a Retry-After that can be meant, else None: negative, infinite and NaN ones come from broken servers."""
    return seconds if seconds is not None and math.isfinite(seconds) and seconds >= 0 else None


@dataclass(slots=True, kw_only=True)
class Trial:
    """The attempts at one call so far. Times are seconds of the run's monotonic clock.

    Attributes:
        started_at: of the first attempt.
        sent_at: of the latest.
        failures: attempts that failed; rate limits are pacing and none.
        maybe_billed: failures that may have been paid for.
        error: of the latest attempt that came back.
    """

    started_at: float
    sent_at: float
    failures: int = 0
    maybe_billed: int = 0
    error: TransientError | None = None


class RetryBudget:
    """Retries of the whole run: a share of the calls it makes, and a few in any case."""

    def __init__(self, calls: Callable[[], int], *, share: float = 0.2, least: int = 10) -> None:
        self._calls = calls
        self._share = share
        self._least = least
        self._spent = 0

    def spend(self) -> bool:
        """Count a retry; return False when there is none left."""
        if self._spent >= max(self._least, self._share * self._calls()):
            return False
        self._spent += 1
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """There is no further attempt; `why` explains it behind the error."""

    why: str


def next_attempt(
    policy: RetryPolicy, trial: Trial, error: TransientError, *, now: float, rng: Random
) -> float | GivenUp:
    """Count a failure, and return the seconds to wait before the next attempt, or why there is none."""
    wait_s = policy.wait_s(trial.failures, error.retry_after_s, rng)
    trial.failures += 1
    trial.maybe_billed += error.maybe_billed
    if trial.failures >= policy.attempts:
        return GivenUp(why=f"tried {trial.failures} times")
    if trial.maybe_billed > policy.billed_retries:
        return GivenUp(why=f"tried {trial.failures} times; it may have been billed each time")
    if now + wait_s >= trial.started_at + policy.deadline_s:
        return GivenUp(why=f"tried {trial.failures} times; no time is left of {policy.deadline_s:.0f} s")
    return wait_s


class CircuitBreaker:
    """Tells when an endpoint is to be left alone.

    That is after `failures` calls in a row that were given up, or after `refusals` in a row in the same words, which
    then are no fault of the single request.
    """

    def __init__(self, *, failures: int = 10, refusals: int = 3) -> None:
        self._most_failures = failures
        self._most_refusals = refusals
        self._failures = 0
        self._refusals = 0
        self._refusal = ""

    def answered(self) -> None:
        """Learn that the endpoint is well."""
        self._failures = self._refusals = 0

    def failed(self, error: ClientError) -> str | None:
        """Learn that a call got no answer in the end; return why to leave the endpoint alone, if so."""
        if isinstance(error, RequestRefusedError):
            self._refusals = self._refusals + 1 if str(error) == self._refusal else 1
            self._refusal = str(error)
            if self._refusals < self._most_refusals:
                return None
            return f"refused {self._refusals} requests in a row: {error}"
        self._failures += 1
        if self._failures < self._most_failures:
            return None
        return f"failed {self._failures} calls in a row, the last: {error}"
