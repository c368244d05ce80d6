"""Shows how far the requests have come while tests run.

Only pytest's main thread writes: between tests, and while a test or pytest-xdist's controller waits. What another
thread writes would land in the captured output of the test that runs.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, nullcontext
from queue import Queue
from typing import TYPE_CHECKING, Protocol

import pytest

from pytest_distillcheck.reports import progress_text
from pytest_distillcheck.running.pace import PaceMeter

if TYPE_CHECKING:
    from pytest_distillcheck.domain.progress import Progress
    from pytest_distillcheck.plugin.sending import Sending

LINE_EVERY_S = 30.0
"""How often a line is added to a log."""

LIVE_EVERY_S = 0.5
"""How often a terminal's live line changes."""

_NAME = "distillcheck-progress"
_SILENT = -2  # -qq


def show_progress(config: pytest.Config, sending: "Sending") -> None:
    """Show the progress of a broker from now on, unless pytest has no terminal or was told to be silent."""
    terminal = config.pluginmanager.getplugin("terminalreporter")
    if terminal is None or config.get_verbosity() <= _SILENT:
        return
    view = LiveLine(terminal, config) if _has_own_terminal(config, terminal) else LogLines(terminal, config)
    capture = config.pluginmanager.getplugin("capturemanager")
    reporter = ProgressReporter(
        view,
        lambda: sending.progress,
        uncaptured=capture.global_and_fixture_disabled if capture else nullcontext,
        clock=time.monotonic,
    )
    config.pluginmanager.register(reporter, _NAME)
    sending.watch(reporter.look)
    if controller := config.pluginmanager.getplugin("dsession"):
        # It calls nobody while it waits for its workers, which have not been started yet.
        controller.queue = WatchedQueue(reporter.look)


def hide_progress(config: pytest.Config) -> None:
    """Show no progress any more."""
    if reporter := config.pluginmanager.getplugin(_NAME):
        config.pluginmanager.unregister(reporter)
        reporter.close()


def _has_own_terminal(config: pytest.Config, terminal: pytest.TerminalReporter) -> bool:
    """Return whether a line may be drawn and drawn again: a person watches, and nobody else writes in between."""
    # Each of them is a plugin's option, and any plugin may be blocked.
    option = vars(config.option)
    others_write = (
        option.get("capture") == "no"
        or option.get("usepdb")
        or option.get("setupshow")
        or option.get("log_cli_level")
        or (config.pluginmanager.has_plugin("logging-plugin") and config.getini("log_cli"))
    )
    in_ci = os.environ.get("CI") or os.environ.get("BUILD_NUMBER")  # as pytest itself tells
    drawable = terminal.hasmarkup and getattr(terminal, "isatty", False) and sys.platform != "win32"
    return bool(drawable and not in_ci and not others_write)


class View(Protocol):
    """Where progress is shown; all of it is called by the main thread, with capturing off.

    Attributes:
        every_s: how often it wants to be told.
        width: the most characters that it can show; None for any number.
    """

    every_s: float

    @property
    def width(self) -> int | None: ...

    def show(self, text: str) -> None:
        """Show a text."""

    def make_way(self) -> None:
        """Let pytest write."""

    def come_back(self) -> None:
        """Show again what made way."""

    def hide(self) -> None:
        """Show nothing until there is another text."""


class LogLines:
    """Adds lines to pytest's output."""

    every_s = LINE_EVERY_S
    width = None

    def __init__(self, terminal: pytest.TerminalReporter, config: pytest.Config) -> None:
        self._terminal = terminal
        self._writer = config.get_terminal_writer()

    def show(self, text: str) -> None:
        """Write a line."""
        self._terminal.ensure_newline()
        # Which does nothing under -q and pytest-xdist.
        if self._writer.width_of_current_line:
            self._writer.line()
        self._terminal.write_line(text)
        self._terminal.flush()

    def make_way(self) -> None:
        """Do nothing: a line stays."""

    def come_back(self) -> None:
        """Do nothing: a line stays."""

    def hide(self) -> None:
        """Do nothing: a line stays."""


class LiveLine:
    """Draws a line below the one that pytest writes, and leaves the cursor where it was."""

    every_s = LIVE_EVERY_S

    _ERASE = "\x1b[J"  # all that follows the cursor
    # Erase, since somebody may have written unasked and gone on to our line; IND and up make sure of a line below, with
    # the cursor in its column; then save, down, draw, restore.
    _DRAW = _ERASE + "\x1bD\x1b[A\x1b7\x1b[B\r{}\x1b8"

    def __init__(self, terminal: pytest.TerminalReporter, config: pytest.Config) -> None:
        self._writer = config.get_terminal_writer()
        self._text = ""

    @property
    def width(self) -> int:
        """The line must not wrap."""
        return self._writer.fullwidth - 1

    def show(self, text: str) -> None:
        """Draw a text in the place of the last one."""
        self._text = text
        self.come_back()

    def make_way(self) -> None:
        """Erase the line."""
        if self._text:
            self._write(self._ERASE)

    def come_back(self) -> None:
        """Draw the line."""
        if self._text:
            self._write(self._DRAW.format(self._text))

    def hide(self) -> None:
        """Erase the line, and draw it no more."""
        self.make_way()
        self._text = ""

    def _write(self, codes: str) -> None:
        # Past the writer, which would count the codes as text of its line.
        file = self._writer._file  # noqa: SLF001
        file.write(codes)
        file.flush()


class ProgressReporter:
    """Looks at the counts whenever the main thread comes by, and shows them when it is time.

    Args:
        view: where they are shown.
        read: returns the counts.
        uncaptured: lets the view write while a test is captured.
        clock: monotonic, in seconds.
    """

    def __init__(
        self,
        view: View,
        read: "Callable[[], Progress]",
        *,
        uncaptured: Callable[[], AbstractContextManager[object]],
        clock: Callable[[], float],
    ) -> None:
        self._view = view
        self._read = read
        self._uncaptured = uncaptured
        self._clock = clock
        self._thread = threading.get_ident()
        self._meter = PaceMeter(clock())
        self._shown_at = clock()

    def look(self) -> None:
        """Show the counts if it is time, from wherever the main thread waits; another thread does nothing."""
        if threading.get_ident() == self._thread and self._is_time():
            with self._uncaptured():
                self._show()

    def close(self) -> None:
        """Leave pytest's output as if there had been no live line."""
        self._view.hide()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logstart(self) -> Generator[None, None, None]:
        """Make way while pytest writes."""
        yield from self._aside()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self) -> Generator[None, None, None]:
        """Make way while pytest writes."""
        yield from self._aside()

    def _aside(self) -> Generator[None, None, None]:
        self._view.make_way()
        yield
        if self._is_time():
            self._show()
        else:
            self._view.come_back()

    def _is_time(self) -> bool:
        return self._clock() >= self._shown_at + self._view.every_s

    def _show(self) -> None:
        self._shown_at = now = self._clock()
        progress = self._read()
        pace = self._meter.measure(progress, now)
        if progress.done < progress.calls:
            self._view.show(progress_text(progress, pace, width=self._view.width))
        else:
            self._view.hide()


class WatchedQueue(Queue[object]):
    """A queue that calls a function whenever somebody is about to wait at it."""

    def __init__(self, look: Callable[[], object]) -> None:
        super().__init__()
        self._look = look

    def get(self, block: bool = True, timeout: float | None = None) -> object:
        """Return the next entry, as `Queue` does."""
        self._look()
        return super().get(block, timeout)
