"""One line that says how far a run has come, for a terminal or a log."""

from pytest_distillcheck.domain.progress import Progress
from pytest_distillcheck.reports.quantities import cost_text, duration_text
from pytest_distillcheck.running.pace import Pace


def progress_text(progress: Progress, pace: Pace, *, width: int | None = None) -> str:
    """Return how far a run has come, what matters most first, in ASCII.

    Args:
        progress: the counts.
        pace: how fast it goes.
        width: the most characters; None for any number.
    """
    eta = "unknown" if pace.eta_s is None else duration_text(pace.eta_s)
    # Before the first answer nobody knows whether it will have a price.
    is_cost_known = progress.cost_usd or progress.unpriced
    parts = [
        f"{progress.done}/{progress.calls} done",
        f"{pace.requests_per_s:.1f} requests/s",
        *([cost_text(progress.cost_usd, progress.unpriced)] if is_cost_known else []),
        f"ETA {eta}",
        f"{progress.retried} retried",
        f"{progress.in_flight} in flight",
    ]
    told = {"told to wait": progress.rate_limited, "without an answer": progress.failed}
    parts += [f"{count} {what}" for what, count in told.items() if count]
    text = "distillcheck: " + ", ".join(parts)
    return text if width is None or len(text) <= width else text[: max(width - 3, 0)] + "..."[:width]
