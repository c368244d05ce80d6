"""How long an endpoint asks to be left alone."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx


def retry_after_s(headers: httpx.Headers, *, wall_s: float) -> float | None:
    """Return the wait that the headers tell, in seconds, or None.

    `retry-after-ms` is finer than `retry-after`, whose value is seconds or an HTTP date (RFC 9110, 10.2.3); of several
    the longest counts. What is negative, past, not finite or no number says nothing.

    A date is held against the reply's own `date`, so that it does not matter whether both clocks agree.

    Args:
        headers: of the reply.
        wall_s: seconds since 1970 by our clock, for a reply without a date.
    """
    sent_s = _moment(headers.get("date", ""))
    now_s = wall_s if sent_s is None else sent_s
    milliseconds = [_seconds(value, 0.001) for value in headers.get_list("retry-after-ms")]
    others = [
        _until(value, now_s) if (seconds := _seconds(value, 1.0)) is None else seconds
        for value in headers.get_list("retry-after")
    ]
    for told in (milliseconds, others):
        waits = [wait for wait in told if wait is not None]
        if waits:
            return max(waits)
    return None


def duration_s(text: str) -> float | None:
    """Return the seconds of a duration as Google writes it, such as `37.8s`, or None."""
    return _seconds(text.removesuffix("s"), 1.0)


def reset_time(wait_s: float, *, wall_s: float) -> str:
    """Return when a wait from now ends, as `2026-05-01 09:30 UTC`; a wait past the year 9999 has no such time."""
    try:
        return datetime.fromtimestamp(wall_s + wait_s, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (OverflowError, ValueError, OSError):
        return "a time that no calendar has"


def _seconds(text: str, unit_s: float) -> float | None:
    try:
        wait = float(text) * unit_s
    except ValueError:
        return None
    return wait if math.isfinite(wait) and wait >= 0 else None


def _until(text: str, now_s: float) -> float | None:
    moment_s = _moment(text)
    return moment_s - now_s if moment_s is not None and moment_s >= now_s else None


def _moment(text: str) -> float | None:
    """Return an HTTP date in seconds since 1970; None for what is none."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None
