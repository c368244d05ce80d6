"""The collector is left to itself again when a run is over, and is not touched by runs that are none of ours."""

import gc

import pytest

SPY = """
import gc, pytest

def told(when):
    with open("collector.log", "a") as log:
        print(when, gc.get_threshold()[0], gc.get_freeze_count() > 0, file=log)

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    told("test")
"""

SPY_AT_EXIT = (
    SPY
    + """
import atexit
atexit.register(told, "exit")  # before ours, and so called after it
"""
)


def log_of(project):
    return (project.path / "collector.log").read_text().splitlines()


@pytest.fixture
def own_threshold():
    before = gc.get_threshold()
    gc.set_threshold(600, 10, 10)
    yield 600
    gc.set_threshold(*before)


@pytest.mark.parametrize("model", ["honest", "raising"])
def test_while_our_tests_run_and_no_longer_the_collector_passes_over_what_is_kept(
    project, own_threshold, model
):
    project.write("conftest.py", SPY)
    project.run(project.suite(n=1), model=model)
    assert log_of(project)[0] == "test 10000 True"
    assert (gc.get_threshold()[0], gc.get_freeze_count()) == (own_threshold, 0)


def test_a_run_without_our_tests_leaves_the_collector_alone(project, own_threshold):
    project.write("conftest.py", SPY)
    project.write("test_plain.py", "def test_it(): pass\n")
    project.run("test_plain.py")
    assert log_of(project)[0] == f"test {own_threshold} False"


@pytest.mark.usefixtures("own_threshold")
@pytest.mark.parametrize("threshold", [0, 50_000], ids=["never", "seldom"])
def test_a_collector_that_looks_seldom_already_stays_as_it_is(project, threshold):
    gc.set_threshold(threshold, 10, 10)
    project.write("conftest.py", SPY)
    project.run(project.suite(n=1), model="honest")
    assert log_of(project)[0] == f"test {threshold} True"
    assert gc.get_threshold()[0] == threshold


def test_what_somebody_else_has_set_aside_stays_there(project):
    gc.freeze()
    try:
        project.run(project.suite(n=1), model="honest")
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_only_at_the_exit_after_our_tests_is_all_set_aside(project):
    project.write("conftest.py", SPY_AT_EXIT)
    project.write("test_plain.py", "def test_it(): pass\n")
    project.run("test_plain.py", apart=True)
    project.run(project.suite(n=1), model="honest", apart=True)
    assert [line.split()[2] for line in log_of(project) if line.startswith("exit")] == ["False", "True"]


def test_an_exit_still_flushes_what_modules_hold_open(project):
    project.write("conftest.py", "kept = open('kept.txt', 'w')\nkept.write('to the last byte')\n")
    project.run(project.suite(n=1), model="honest", apart=True)
    assert (project.path / "kept.txt").read_text() == "to the last byte"
