"""Progress while live models are asked: a line below pytest's own on a terminal, a line now and then elsewhere."""

import asyncio
import codecs
import json
import os
import re
import select
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from queue import Empty

import pytest

from pytest_distillcheck.domain.progress import Progress
from pytest_distillcheck.plugin.progress import LogLines, ProgressReporter, WatchedQueue
from tests.faults.server import FaultServer, Seen, Wire

LATENCY_S = 0.3
ANSWER = json.dumps({"choices": [{"message": {"content": "I am Qwen, made by Alibaba Cloud."}}]})


async def answer(wire: Wire, _request: Seen) -> None:
    await asyncio.sleep(LATENCY_S)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(ANSWER)}\r\n\r\n"
    await wire.send((head + ANSWER).encode())


@pytest.fixture
def live() -> Iterator[str]:
    """A model that takes its time to answer, as NAME=SPEC."""
    with FaultServer() as server:
        yield f"qwen-max=openai:m@{server.route('chat', answer)}"


@pytest.fixture
def often(monkeypatch):
    """A line several times a second, instead of one in 30 s."""
    monkeypatch.setattr(LogLines, "every_s", 0.1)


def lines_of(run):
    return [line for line in run.text.splitlines() if re.match(r"distillcheck: \d+/", line)]


SLOW = ("--distill-concurrency=1",)


@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("-v",),
        ("-q",),
        ("-s",),
        ("--capture=sys",),
        ("--color=no",),
        ("--color=yes",),
        ("-pno:capture", "-pno:logging", "-pno:debugging", "-pno:setuponly"),
        ("-n2",),
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("often")
def test_a_log_gets_whole_lines_now_and_then(project, live, flags):
    run = project.run(project.suite(n=4), *SLOW, *flags, model=live)
    assert (run.code, run.counts) == (0, {"passed": 4})
    told = lines_of(run)
    assert told
    assert all(
        re.fullmatch(
            r"distillcheck: [0-3]/4 done, \d+\.\d requests/s, (unpriced, )?ETA [^,]+, 0 retried, [01] in flight",
            line,
        )
        for line in told
    )
    assert run.text.count("distillcheck: ") == len(told) + ("-q" not in flags), "no line holds anything else"
    assert "\x1b[J" not in run.text


@pytest.mark.usefixtures("often")
def test_a_single_test_that_waits_long_shows_progress(project, live, monkeypatch):
    monkeypatch.setattr("tests.plugin.test_progress.LATENCY_S", 1.5)
    assert len(lines_of(project.run(project.suite(n=1), model=live))) >= 2


def test_a_controller_that_waits_for_its_workers_shows_progress():
    looks = []
    queue = WatchedQueue(lambda: looks.append(1))
    queue.put("event")
    assert queue.get(timeout=1) == "event"
    with pytest.raises(Empty):
        queue.get(timeout=0.01)
    assert len(looks) == 2


@pytest.mark.parametrize("flags", [("-qq",), ("-pno:terminal",)], ids=" ".join)
@pytest.mark.usefixtures("often")
def test_a_silent_run_stays_silent(project, live, flags):
    run = project.run(project.suite(n=2), *SLOW, *flags, model=live)
    assert run.code == 0
    assert lines_of(run) == []


def test_a_short_run_has_no_lines(project, live):
    assert lines_of(project.run(project.suite(n=2), model=live)) == []


@pytest.mark.usefixtures("often")
def test_the_captured_output_of_tests_has_no_progress_in_it(project, live):
    project.write(
        "conftest.py",
        "import pytest\n"
        "@pytest.fixture(autouse=True)\n"
        "def failing(distill_record):\n"
        "    print('of the test')\n"
        "    raise RuntimeError\n",
    )
    run = project.run(project.suite(n=2), *SLOW, model=live)
    sections = run.text.split("Captured stdout setup")[1:]
    assert len(sections) == 2
    assert all(section.splitlines()[1] == "of the test" for section in sections)
    assert lines_of(run)


@pytest.mark.usefixtures("often")
def test_a_run_that_asks_no_live_model_has_no_progress(project):
    run = project.run(project.suite(n=2), model="honest")
    assert lines_of(run) == []


class Screen:
    """As much of a terminal as a live line needs: it knows where each character stands."""

    def __init__(self, rows: int, columns: int) -> None:
        self._lines = [[" "] * columns for _ in range(rows)]
        self._row = self._column = 0
        self._saved: tuple[int, int] | None = None
        self._rest = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is half drawn: a read may end anywhere, and most do when the machine is busy."""
        return self._saved is None and not self._rest

    @property
    def lines(self) -> list[str]:
        return ["".join(line).rstrip() for line in self._lines]

    def feed(self, text: str) -> None:
        text = self._rest + text
        cut = re.search(r"\x1b(\[[0-9;?]*|\][^\x07\x1b]*(\x1b)?)?\Z", text)
        whole, self._rest = (text[: cut.start()], cut[0]) if cut else (text, "")
        for token in re.findall(
            r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.|[^\x1b]", whole, re.DOTALL
        ):
            self._take(token)

    def _take(self, token: str) -> None:  # noqa: C901 - a table of codes
        match token:
            case "\r":
                self._column = 0
            case "\n" | "\x1bD":
                self._down()
            case "\x1b[A":
                self._row = max(self._row - 1, 0)
            case "\x1b[B":
                self._row = min(self._row + 1, len(self._lines) - 1)
            case "\x1b7":
                self._saved = (self._row, self._column)
            case "\x1b8":
                assert self._saved
                (self._row, self._column), self._saved = self._saved, None
            case "\x1b[2K":
                self._erase(self._row, 0)
            case "\x1b[J":
                self._erase(self._row, self._column)
                for row in range(self._row + 1, len(self._lines)):
                    self._erase(row, 0)
            case _ if token[0] != "\x1b":
                if self._column == len(self._lines[0]):
                    self._column = 0
                    self._down()
                self._lines[self._row][self._column] = token
                self._column += 1

    def _down(self) -> None:
        if self._row == len(self._lines) - 1:
            self._lines = [*self._lines[1:], [" "] * len(self._lines[0])]
        else:
            self._row += 1

    def _erase(self, row: int, column: int) -> None:
        self._lines[row][column:] = [" "] * (len(self._lines[row]) - column)


def on_a_terminal(project, *args, rows=30, **environment):
    """Run pytest on a terminal, and return what it wrote and the screen after each read that ends with a drawing."""
    pty = pytest.importorskip("pty")
    import fcntl
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 100, 0, 0))
    settings = {
        key: value
        for key, value in os.environ.items()
        if key not in {"CI", "BUILD_NUMBER", "NO_COLOR", "PY_COLORS", "COLUMNS", "LINES"}
    }
    settings |= {"TERM": "xterm", "PYTHONPATH": str(project.path), **environment}
    command = [
        sys.executable,
        "-m",
        "pytest",
        *args,
        "-pno:randomly",
        "-pno:hypothesispytest",
        "-pno:anyio",
        "-pno:syrupy",
    ]
    process = subprocess.Popen(
        command, cwd=project.path, env=settings, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    written, screen, seen = b"", Screen(rows, 100), []
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while select.select([ours], [], [], 60)[0]:
            part = os.read(ours, 65536)
            written += part
            screen.feed(decoder.decode(part))
            if screen.is_whole:
                seen.append(screen.lines)
    except OSError:
        pass  # the other end is closed
    finally:
        os.close(ours)
    assert process.wait(10) == 0, written.decode()
    return written.decode(), seen


@pytest.mark.parametrize(
    ("flags", "rows"), [((), 30), (("-v",), 8), (("-n2",), 30)], ids=["dots", "verbose and scrolling", "n2"]
)
def test_a_terminal_has_one_live_line_and_none_in_the_end(project, live, flags, rows):
    suite = project.suite(n=8)
    _, seen = on_a_terminal(
        project, suite, f"--distill-model={live}", "--distill-concurrency=2", *flags, rows=rows
    )
    told = [[line for line in screen if "/8 done" in line] for screen in seen]
    assert max(map(len, told)) == 1, "never two"
    done = {line for lines in told for line in lines}
    assert done
    assert not {line for line in done if not re.fullmatch(r"distillcheck: [0-7]/8 done, .* in flight", line)}
    assert told[-1] == []
    last = [line for line in seen[-1] if line]
    assert "8 passed" in last[-1]
    if not flags:
        assert any(re.fullmatch(r"a\.distill\.yaml \.{8} +\[100%\]", line) for line in last), last


@pytest.mark.parametrize(
    ("flags", "environment"),
    [(("--color=no",), {}), (("-s",), {}), ((), {"CI": "true"})],
    ids=["no colour", "no capture", "CI"],
)
def test_nothing_is_drawn_where_it_would_do_harm(project, live, flags, environment):
    written, _ = on_a_terminal(project, project.suite(n=2), f"--distill-model={live}", *flags, **environment)
    assert "\x1b[J" not in written
    assert "\x1bD" not in written


class Noted:
    """A view that keeps what it was told."""

    every_s = 10.0
    width = None

    def __init__(self) -> None:
        self.told: list[str] = []

    def show(self, text: str) -> None:
        self.told.append(text)

    def make_way(self) -> None:
        self.told.append("way")

    def come_back(self) -> None:
        self.told.append("back")

    def hide(self) -> None:
        self.told.append("hidden")


@pytest.fixture
def reporter():
    """A reporter with a view that notes, a clock and counts to be set."""
    view, now, progress = Noted(), [0.0], Progress(calls=4)
    made = ProgressReporter(view, lambda: progress, uncaptured=nullcontext, clock=lambda: now[0])
    return made, view.told, now, progress


def test_a_look_shows_the_counts_only_when_it_is_time(reporter):
    made, told, now, _ = reporter
    for now[0] in (0, 5, 9.9, 10, 11, 19.9, 20):
        made.look()
    assert len(told) == 2


def test_another_thread_shows_nothing(reporter):
    made, told, now, _ = reporter
    now[0] = 10
    other = threading.Thread(target=made.look)
    other.start()
    other.join()
    assert told == []


def test_while_pytest_writes_the_line_makes_way(reporter):
    made, told, now, _ = reporter
    for now[0] in (1, 10):
        assert list(made.pytest_runtest_logreport()) == [None]
    assert told[:3] == ["way", "back", "way"]
    assert told[3].startswith("distillcheck: 0/4 done")


def test_when_all_is_answered_the_line_is_hidden(reporter):
    made, told, now, progress = reporter
    progress.answered, now[0] = 4, 10
    made.look()
    assert told == ["hidden"]
