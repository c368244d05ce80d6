"""How fast a run goes and when it will be done, from how far it has come."""

from collections import deque
from dataclasses import dataclass

from pytest_distillcheck.domain.progress import Progress

WINDOW_S = 30.0
"""How far back the pace is measured: long enough to be steady, short enough to follow a rate limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a run goes.

    Attributes:
        requests_per_s: sent of late.
        eta_s: seconds until every call is through that is known now; None while nothing comes back.
    """

    requests_per_s: float
    eta_s: float | None


class PaceMeter:
    """Measures the pace over the last seconds. Times are seconds of one monotonic clock."""

    def __init__(self, now: float) -> None:
        self._seen = deque([(now, 0, 0)])

    def measure(self, progress: Progress, now: float) -> Pace:
        """Take in how far the run has come, and return its pace."""
        # What the store answers comes at once, and says nothing of how fast models do.
        back = progress.done - progress.from_store
        if not progress.sent:
            self._seen.clear()  # the time in which workers start is no pace
        self._seen.append((now, progress.sent, back))
        while len(self._seen) > 2 and self._seen[1][0] <= now - WINDOW_S:  # noqa: PLR2004
            self._seen.popleft()
        # At the first look there is no time yet to measure.
        since, sent_then, back_then = self._seen[0]
        elapsed_s = max(now - since, 1e-9)
        backs_per_s = (back - back_then) / elapsed_s
        return Pace(
            requests_per_s=(progress.sent - sent_then) / elapsed_s,
            eta_s=(progress.calls - progress.done) / backs_per_s if backs_per_s else None,
        )
