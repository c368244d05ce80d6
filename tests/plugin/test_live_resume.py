"""Live models: what was paid for is not paid for again."""

import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing

import pytest

from tests.faults.catalogue import answer, error, silence
from tests.plugin.conftest import TRUE, question

STORE = ".distillcheck/responses.sqlite"


def kept(project):
    with closing(sqlite3.connect(project.path / STORE)) as connection:
        return {key for (key,) in connection.execute("SELECT key FROM responses")}


def sources(project, folder="out"):
    return Counter(record["source"] for record in project.results(folder)["records"])


def test_without_a_build_a_second_run_asks_again(project, stub):
    project.suite(n=4)
    for _ in range(2):
        assert project.run(model=stub.answering()).code == 0
    assert set(Counter(stub.prompts).values()) == {2}


def test_a_build_is_paid_for_once(project, stub):
    project.suite(n=4)
    model = stub.answering()
    assert project.run("--distill-build=2026-11", model=model).code == 0
    again = project.run("--distill-build=2026-11", "--distill-report=out", model=model)
    assert (again.code, again.counts) == (0, {"passed": 4})
    assert again.line_with("requests: 0 sent, 4 answers from the store")
    assert sources(project) == {"store": 4}
    assert len(stub.prompts) == 4


def test_what_a_suite_adds_is_all_that_a_build_is_asked(project, stub):
    project.suite(n=4)
    model = stub.answering()
    project.run("--distill-build=b", model=model)
    project.suite(n=6)
    assert project.run("--distill-build=b", "-n2", model=model).code == 0
    assert Counter(stub.prompts) == {question(n)["text"]: 1 for n in range(1, 7)}


def test_another_build_is_asked_anew(project, stub):
    project.suite(n=4)
    model = stub.answering()
    for build in ("b1", "b2"):
        project.run(f"--distill-build={build}", model=model)
    assert set(Counter(stub.prompts).values()) == {2}


def test_an_error_is_never_kept(project, stub):
    project.suite(n=3)
    failing = stub.answering(error(400, "unsupported_parameter"))
    assert project.run("--distill-build=b", model=failing).code == 11
    assert not kept(project)
    assert project.run("--distill-build=b", model=stub.answering(answer(TRUE))).code == 0
    assert len(kept(project)) == 3


def test_offline_what_is_kept_answers_without_a_key_and_the_rest_is_missing(project, stub):
    project.suite(n=2)
    model = stub.answering()
    project.run("--distill-build=b", model=model)
    project.suite(n=3, gates={"loose": {"max": 0}})
    run = project.run("--distill-offline", "--distill-build=b", model=model)
    assert (run.code, run.counts) == (11, {"passed": 2, "errors": 2})
    assert run.line_with("--distill-offline, and no answer of this build is kept")
    assert len(stub.prompts) == 2


def test_eight_runs_of_one_build_at_once_make_one_call_a_question(project, stub):
    project.suite(n=10)
    model = stub.answering(latency_s=0.3)
    runs = [project.start("--distill-build=b", f"--distill-report=out{n}", model=model) for n in range(8)]
    for run in runs:
        text, _ = run.communicate(timeout=120)
        assert run.returncode == 0, text
    assert Counter(stub.prompts) == {question(n)["text"]: 1 for n in range(1, 11)}
    found = sum((sources(project, f"out{n}") for n in range(8)), Counter())
    assert found == {"live": 10, "store": 70}


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_ctrl_c_stops_the_sending_and_the_run_resumes_with_the_rest(project, stub):
    project.suite(n=40, gates={"loose": {"max": 0}})
    model = stub.answering(latency_s=0.2)
    run = project.start("--distill-concurrency=4", model=model)
    stub.wait_for(8)
    run.send_signal(signal.SIGINT)
    text, _ = run.communicate(timeout=60)
    assert run.returncode == 2, text
    sent = len(stub.prompts)
    # Those in flight come back and are kept; none is sent after them.
    assert sent <= 16
    assert len(kept(project)) == sent
    again = project.run("--distill-resume", "--distill-report=out", model=model)
    assert (again.code, again.counts) == (0, {"passed": 41})
    assert Counter(stub.prompts) == {question(n)["text"]: 1 for n in range(1, 41)}
    assert sources(project) == {"store": sent, "live": 40 - sent}


def test_ctrl_c_before_the_first_test_keeps_what_was_sent_ahead(project, stub):
    project.suite(n=8)
    project.write("conftest.py", INTERRUPTED)
    run = project.start("--distill-concurrency=4", model=stub.answering(latency_s=0.5))
    text, _ = run.communicate(timeout=60)
    assert run.returncode == 2, text
    assert 0 < len(kept(project)) == len(stub.prompts) < 8


INTERRUPTED = """
from pytest_distillcheck.plugin.sending import Sending
plan = Sending.plan

def interrupted(sending, items):
    plan(sending, items)
    raise KeyboardInterrupt

Sending.plan = interrupted
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_a_second_ctrl_c_does_not_wait_for_what_is_in_flight(project, stub):
    project.suite(n=4)
    run = project.start("--distill-concurrency=2", model=stub.answering(silence(60)))
    stub.wait_for(1)
    run.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        run.wait(2)
    run.send_signal(signal.SIGINT)
    # Less than is left of the 10 s of grace.
    text, _ = run.communicate(timeout=7)
    assert run.returncode not in {0, 1}, text


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize(
    ("kill", "args"),
    [(signal.SIGKILL, ()), (signal.SIGKILL, ("-n2",)), (signal.SIGTERM, ())],
    ids=["kill -9", "kill -9 under n2", "kill"],
)
def test_after_a_kill_exactly_what_is_not_kept_is_sent_again(project, stub, kill, args):
    project.suite(n=40)
    model = stub.answering(latency_s=0.1)
    run = project.start("--distill-concurrency=4", *args, model=model)
    stub.wait_for(14)
    run.send_signal(kill)
    run.communicate(timeout=60)
    paid, before = len(kept(project)), len(stub.prompts)
    assert 0 < paid < 40
    again = project.run("--distill-resume", model=model)
    assert (again.code, again.counts) == (0, {"passed": 40})
    assert again.line_with(f"requests: {40 - paid} sent, {paid} answers from the store")
    assert len(stub.prompts) - before == 40 - paid


def test_a_run_that_is_still_going_on_is_not_resumed(project, stub):
    project.suite(n=2)
    model = stub.answering(latency_s=3)
    run = project.start(model=model)
    stub.wait_for(1)
    again = project.run("--distill-resume", model=model)
    assert again.code == 4
    assert again.line_with("--distill-resume: the run", "is still going on; wait for its end")
    run.communicate(timeout=60)
    assert run.returncode == 0
    assert len(stub.prompts) == 2


def test_a_run_that_an_outage_ended_resumes_too(project, stub):
    project.suite(n=6)
    failing = stub.answering(answer(TRUE), error(401, "invalid_api_key"))
    assert project.run("--distill-concurrency=1", model=failing).code == 11
    assert project.run("--distill-resume", model=stub.answering(answer(TRUE))).code == 0
    assert len(stub.prompts) == 1 + 1 + 5


def test_there_is_nothing_to_resume_after_a_run_that_came_to_its_end(project, stub):
    project.suite()
    model = stub.answering()
    project.run(model=model)
    run = project.run("--distill-resume", model=model)
    assert run.code == 4
    assert run.line_with("--distill-resume: no run with these suites, models and seed broke off here")
    assert len(stub.prompts) == 3


def test_a_run_with_other_suites_is_not_resumed(project, stub):
    project.suite("a")
    project.suite("b")
    failing = stub.answering(error(401, "invalid_api_key"))
    project.run("a.distill.yaml", model=failing)
    assert project.run("b.distill.yaml", "--distill-resume", model=failing).code == 4


@pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])
def test_a_damaged_store_is_kept_aside_and_nothing_is_sent(project, stub, args):
    project.suite()
    model = stub.answering()
    project.run(model=model)
    (project.path / STORE).write_bytes(b"this is no database")
    run = project.run(*args, model=model)
    assert run.code == 4
    assert run.line_with("is damaged", "responses.sqlite.corrupt-1, and nothing deleted")
    assert (project.path / f"{STORE}.corrupt-1").read_bytes() == b"this is no database"
    assert len(stub.prompts) == 3
    assert project.run(*args, model=model).code == 0


def test_a_rerun_of_a_failed_probe_asks_nobody_again(project, stub):
    project.suite(n=3)
    lying = stub.answering(answer("I am ChatGPT, made by OpenAI."))
    run = project.run("--reruns=2", "-prerunfailures", model=lying)
    assert (run.code, run.counts) == (1, {"failed": 3, "rerun": 6})
    assert len(stub.prompts) == 3
