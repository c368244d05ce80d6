"""Live models with pytest-xdist's workers that hang or run out of memory (P03)."""

import signal
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing

import pytest

from tests.faults.catalogue import answer
from tests.plugin.conftest import TRUE, question

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals and limits")

# After its first test one worker is stopped, as a machine that swaps looks, and the other is in a test that never ends.
HANGING = """
import os, pathlib, signal, time
from xdist import workermanage

workermanage.NodeManager.EXIT_TIMEOUT = 1  # how long pytest-xdist waits for a worker before it kills it; else 10 s

def pytest_runtest_teardown(item):
    worker = os.environ["PYTEST_XDIST_WORKER"]
    pathlib.Path("hanging-" + worker).touch()
    if worker == "gw0":
        os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(600)
"""


def kept(project):
    with closing(sqlite3.connect(project.path / ".distillcheck/responses.sqlite")) as connection:
        return connection.execute("SELECT count(*) FROM responses").fetchone()[0]


def wait_for_files(project, pattern, number):
    deadline = time.monotonic() + 60
    while len(list(project.path.glob(pattern))) < number:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_p03_workers_that_hang_are_ended_by_ctrl_c_and_nothing_that_was_paid_for_is_lost(project, stub):
    project.suite(n=8, gates={"loose": {"max": 0.9}})
    project.write("conftest.py", HANGING)
    model = stub.answering()
    run = project.start("-n2", model=model)
    stub.wait_for(8)
    wait_for_files(project, "hanging-*", 2)
    run.send_signal(signal.SIGINT)
    text, _ = run.communicate(timeout=60)
    assert run.returncode == 2, text
    assert "PASS " not in text
    assert kept(project) == 8
    project.write("conftest.py", "")
    again = project.run("--distill-resume", model=model)
    assert (again.code, again.counts) == (0, {"passed": 9})
    assert Counter(stub.prompts) == {question(n)["text"]: 1 for n in range(1, 9)}


# While it fetches its first answer, a worker may take no more memory than it has.
OUT_OF_MEMORY = """
import pytest, resource

@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    if "q01" not in item.name:
        return (yield)
    with open("/proc/self/statm") as sizes:
        now = int(sizes.read().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (now + 2**20, before[1]))
    try:
        return (yield)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_p03_a_worker_without_memory_leaves_its_gate_undecided_and_its_answers_kept(project, stub):
    project.suite(n=4, gates={"loose": {"max": 0.2}})
    project.write("conftest.py", OUT_OF_MEMORY)

    async def huge_first(wire, seen):
        is_first = question(1)["text"] in seen.body.decode()
        await answer(TRUE + is_first * 7 * 2**20 * "x")(wire, seen)

    run = project.run("-n1", model=stub.answering(huge_first))
    assert run.line_with("MemoryError")
    assert (run.code, run.counts) == (1, {"passed": 3, "errors": 2})
    assert run.line_with("INCOMPLETE", "gate-loose-qwen-max", "1 of 4 answers are missing")
    assert kept(project) == 4
