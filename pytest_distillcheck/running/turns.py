"""Lets an event loop go first, before another thread computes on.

Threads share Python's lock. One that computes keeps it for 5 ms after another has asked for it, and takes it back while
that one waits for the system, which a loop does several times a request: together they are as slow as one, and the
loop, whose requests decide how long all of it takes, is the slower one.
"""

import asyncio
import select
import selectors
import threading
import time
from collections.abc import Callable
from contextlib import suppress

GiveWay = Callable[[float], None]
"""Waits until an event loop has done what it has to do now, so many seconds at most: one that always has work must not
keep others from theirs."""


def new_watched_loop() -> tuple[asyncio.AbstractEventLoop, GiveWay]:
    """Return an event loop, and what any other thread calls before it computes."""
    if not (hasattr(select, "poll") and hasattr(selectors.DefaultSelector, "fileno")):  # on Windows
        return asyncio.new_event_loop(), lambda _: time.sleep(0)
    selector = _WatchedSelector()
    return asyncio.SelectorEventLoop(selector), selector.give_way


class _WatchedSelector(selectors.DefaultSelector):
    """A selector that tells other threads when its loop has nothing to do."""

    def __init__(self) -> None:
        super().__init__()
        self._asleep = False
        self._waiting: list[threading.Lock] = []

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout <= 0:
            return super().select(timeout)
        self._asleep = True
        try:
            if self._waiting:
                if events := super().select(0):
                    return events
                self._let_go()
            return super().select(timeout)
        finally:
            self._asleep = False

    def give_way(self, longest_s: float) -> None:
        if self._is_idle():
            return
        gate = threading.Lock()
        gate.acquire()
        self._waiting.append(gate)
        # Looked at again, since the loop may have fallen asleep before it could see who waits.
        if not self._is_idle():
            gate.acquire(timeout=longest_s)
        with suppress(ValueError):
            self._waiting.remove(gate)

    def _let_go(self) -> None:
        while self._waiting:
            self._waiting.pop().release()

    def _is_idle(self) -> bool:
        if not self._asleep:
            return False
        # A loop that was woken still counts as asleep until it has Python's lock again.
        news = select.poll()  # a new one, since two threads cannot share one
        news.register(self.fileno(), select.POLLIN)
        return not news.poll(0)
