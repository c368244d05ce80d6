"""Live models on a machine whose wall clock jumps: it dates and decides nothing (P05)."""

import itertools
import os
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.faults.catalogue import answer, error
from tests.plugin.conftest import FALSE, TRUE, question

HOUR = 3600.0
DAY = 24 * HOUR

# Python runs it before pytest and in every worker. Every clock of Python's that tells the time of day goes wrong by as
# many seconds as the file says; the monotonic ones go on, as on a machine whose clock somebody sets.
JUMPING = """
import datetime, os, time

class Kind(type):
    def __instancecheck__(cls, value):
        return isinstance(value, cls.__base__)

def told():
    with open(os.environ["CLOCK"]) as file:
        return float(file.read()) + ("PYTEST_XDIST_WORKER" in os.environ) * float(os.environ["WORKERS_AHEAD"])

def jumping(read, unit):
    return lambda: read() + type(read())(told() * unit)

time.time, time.time_ns = jumping(time.time, 1), jumping(time.time_ns, 10**9)
gmtime, localtime, strftime = time.gmtime, time.localtime, time.strftime
time.gmtime = lambda seconds=None: gmtime(time.time() if seconds is None else seconds)
time.localtime = lambda seconds=None: localtime(time.time() if seconds is None else seconds)
time.strftime = lambda form, moment=None: strftime(form, moment or time.localtime())

class Date(datetime.date, metaclass=Kind):
    @classmethod
    def today(cls):
        return cls.fromtimestamp(time.time())

class DateTime(datetime.datetime, metaclass=Kind):
    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)

datetime.date, datetime.datetime = Date, DateTime
"""


class WallClock:
    """The wall clock of the processes that a test starts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.set(0)

    def set(self, seconds: float) -> None:
        """Let the clock be wrong by so much from now on, in processes that run already too."""
        part = self.path.with_suffix(".part")
        part.write_text(str(seconds))
        part.replace(self.path)


@pytest.fixture
def clock(project, monkeypatch):
    project.write("early/sitecustomize.py", JUMPING)
    paths = [str(project.path / "early"), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("CLOCK", str(project.path / "clock"))
    # Workers may be on another host.
    monkeypatch.setenv("WORKERS_AHEAD", str(3 * DAY))
    return WallClock(project.path / "clock")


def tomorrow():
    """Return the last day of a waiver that is in force, should midnight come now too."""
    return str(date.today() + timedelta(days=1))  # noqa: DTZ011 - as the plugin


def to_1970():
    """Return how far the clock is from the year in which it begins."""
    return 5 - time.time()


def numbered(do):
    """Return what a server does that counts its requests from 1."""
    numbers = itertools.count(1)

    async def fault(wire, seen):
        await do(next(numbers), seen)(wire, seen)

    return fault


def wait_until_now():
    """Return a rate limit that ends at once, told as a date by the server's own clock, which is right."""
    now = format_datetime(datetime.now(UTC), usegmt=True)
    return error(429, "rate_limit_exceeded", date=now, retry_after=now)


def finished(run):
    text, _ = run.communicate(timeout=120)
    return run.returncode, text


def test_p05_a_clock_that_jumps_during_a_run_changes_nothing_that_it_comes_to(project, stub, clock):
    waiver = {"probe": "*q12]", "reason": "reviewed", "owner": "Ann", "until": tomorrow()}
    gates = {"loose": {"max": 0.05}, "strict": {"max": 0.1}}
    project.suite(n=12, gates=gates, top={"waivers": [waiver]})

    def lying_twice(_number, seen):
        question = seen.json()["messages"][-1]["content"][:11]
        return answer(FALSE if question in {"Question 01", "Question 12"} else TRUE)

    still = project.run("--distill-report=still", model=stub.answering(numbered(lying_twice)))
    jumps = {2: HOUR, 4: -HOUR, 6: to_1970(), 8: 10 * 365 * DAY}

    def jumping(number, seen):
        if number in jumps:
            clock.set(jumps[number])
        return wait_until_now() if number == 5 else lying_twice(number, seen)

    model = stub.answering(numbered(jumping))
    run = project.start("--distill-report=out", "--distill-concurrency=1", "-ra", "-n1", model=model)
    code, text = finished(run)
    assert (code, still.code) == (1, 1), text
    assert "waived until" in text
    assert "requests: 13 sent, 0 answers from the store, 0 retried, 1 told to wait" in text
    assert project.results("out") == project.results("still")


def test_p05_a_run_resumes_the_last_one_that_broke_off_whatever_the_clock_says(project, stub, clock):
    project.suite(n=8, gates={"loose": {"max": 0}})

    def answering_for(most):
        def do(number, _seen):
            return answer(TRUE) if number <= most else error(401, "invalid_api_key")

        return stub.answering(numbered(do))

    args = ("--distill-concurrency=1",)
    assert project.run(*args, model=answering_for(2)).code == 11
    clock.set(-HOUR)
    assert finished(project.start(*args, model=answering_for(5)))[0] == 11
    clock.set(to_1970())
    before = len(stub.prompts)

    def jumping(number, _seen):
        if number == 2:
            clock.set(HOUR)
        return answer(TRUE)

    code, text = finished(project.start("--distill-resume", *args, model=stub.answering(numbered(jumping))))
    assert code == 0, text
    assert "requests: 3 sent, 5 answers from the store" in text
    assert stub.prompts[before:] == [question(number)["text"] for number in (6, 7, 8)]


@pytest.mark.usefixtures("clock")
def test_p05_runs_of_one_build_share_their_calls_though_their_clocks_differ(project, stub, monkeypatch):
    project.suite(n=4)
    model = stub.answering(latency_s=0.2)
    assert project.run("--distill-build=b", model=model).code == 0
    project.suite(n=10)
    runs = []
    for name, shift in {"late": HOUR, "1970": to_1970()}.items():
        WallClock(project.path / f"{name}.clock").set(shift)
        monkeypatch.setenv("CLOCK", str(project.path / f"{name}.clock"))
        runs.append(project.start("--distill-build=b", f"--distill-report={name}", model=model))
    assert [finished(run)[0] for run in runs] == [0, 0]
    assert Counter(stub.prompts) == {question(n)["text"]: 1 for n in range(1, 11)}
    records = [record for name in ("late", "1970") for record in project.results(name)["records"]]
    assert Counter(record["source"] for record in records) == {"live": 6, "store": 14}
