"""How fast one endpoint may be asked: adaptive concurrency, and requests a minute.

Both are told the time, in seconds of one monotonic clock, and know nothing of event loops.
"""

import math

SATURATED = 0.8
"""Share of the allowed requests that must be in flight for an answer to say that more would go."""

DECREASE = 0.8
"""What a rate limit leaves of the concurrency."""

INCREASE = 0.05
"""Share of the maximum that a full window of answers adds."""

HOLD_S = 15.0
"""Seconds after a decrease without growth."""


class ConcurrencyLimit:
    """How many requests may be in flight: additive increase, multiplicative decrease.

    It starts at half of the maximum and doubles once a window of answers came back (slow start). The first rate
    limit ends that: it undoes the doubling, or decreases. From then on each window adds a little. A window is as many
    answers as requests are allowed, of which only those count that came while the limit was nearly used up. Nothing but
    a rate limit decreases, and of all requests that were sent before a decrease none decreases again: they knew
    nothing of it. When nothing at all was answered since the last decrease, the endpoint is closed to us rather than
    crowded: one request at a time probes until one is answered.
    """

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._start = (maximum + 1) // 2
        self._current = float(self._start)
        self._slow_start = True
        self._window = 0
        self._decreased_at = -math.inf
        self._answered = True
        self._probing = False

    @property
    def allowed(self) -> int:
        """How many requests may be in flight now, at least 1."""
        return 1 if self._probing else int(self._current)

    def answered(self, *, in_flight: int, now: float) -> None:
        """Learn from an answer; `in_flight` counts its own request too."""
        self._answered, self._probing = True, False
        if in_flight < SATURATED * self._current or now < self._decreased_at + HOLD_S:
            return
        self._window += 1
        if self._window >= self._current:
            grown = (
                2 * self._current if self._slow_start else self._current + max(1, INCREASE * self._maximum)
            )
            self._set(min(float(self._maximum), grown))

    def rate_limited(self, *, sent_at: float, now: float) -> bool:
        """Learn from a rate limit; return whether it is news: its request was sent after the last decrease."""
        if sent_at <= self._decreased_at:
            return False
        if not self._answered:
            self._probing = True
        elif self._slow_start and self._current > self._start:
            self._set(float(self._start))
        else:
            self._set(max(1.0, DECREASE * self._current))
        self._slow_start, self._answered, self._decreased_at = False, False, now
        return True

    def _set(self, current: float) -> None:
        self._current, self._window = current, 0


class TokenBucket:
    """At most so many requests a minute, spread evenly: it holds one second's worth, and one request at least."""

    def __init__(self, per_minute: float) -> None:
        self._per_s = per_minute / 60
        self._capacity = max(1.0, self._per_s)
        self._tokens = self._capacity
        self._filled_at = -math.inf

    def ready_at(self, now: float) -> float:
        """Return when the next request may be sent; `now` when it may at once."""
        tokens = self._filled(now)
        return now if tokens >= 1 else now + (1 - tokens) / self._per_s

    def take(self, now: float) -> None:
        """Count a request that is sent."""
        self._tokens, self._filled_at = self._filled(now) - 1, now

    def _filled(self, now: float) -> float:
        return min(self._capacity, self._tokens + (now - self._filled_at) * self._per_s)
