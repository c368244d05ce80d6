"""With pytest-xdist, in every mode, a run comes to what it comes to without."""

import json

import pytest

MODES = {
    "no-xdist": ("-p", "no:xdist"),
    "n0": ("-n0",),
    "n1 loadfile": ("-n1", "--dist=loadfile"),
    "n2 loadgroup": ("-n2", "--dist=loadgroup"),
    "n2 worksteal": ("-n2", "--dist=worksteal"),
    "n4": ("-n4",),
}
GATES = {
    "strict": {"max": 0.7},
    "loose": {"max": 0.1},
    "unjudged": {"max": 0.5, "confidence": 0.95},
    "affirmed": {"min": 0.2},
}
BAD_SUITE = "identity: {fact: qwen, gtes: {}}\n"
HOSTILE = "\ud83d I am ChatGPT, made by OpenAI. \x1b[2J\x00</script></response>"


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_outcomes_exit_code_and_results_are_the_same_in_every_mode(project, mode):
    project.suite("a", n=6, gates=GATES, models=["qwen-max"])
    project.suite("b", n=4, models=["qwen-max"])
    project.suite("c", n=2, gates={"loose": {"max": 0}})
    project.suite("d", n=2, models=["qwen-hostile"])
    project.write("test_plain.py", "def test_plain(): pass\n")
    hostile = project.recording("I am Qwen, made by Alibaba Cloud.", HOSTILE)
    models = ["qwen-max=python:models:mixed", f"qwen-hostile={hostile}"]
    serial = project.run("--distill-report=serial", model=models)
    assert serial.code == 1
    # Of `mixed`: a has 2 contradictions, 2 empty answers, 1 of no claim, 1 that affirms; b has one of each; c has one
    # contradiction and one empty answer. Of the recording: c and d have one contradiction and one that affirms.
    assert serial.counts == {
        "failed": 6,
        "passed": 8,
        "inconclusive": 1,
        "contradiction": 4,
        "unjudged": 3,
        "errors": 1,
    }
    assert {gate["id"]: gate["decision"] for gate in project.results("serial")["gates"]} == {
        "a.distill.yaml::gate-affirmed-qwen-max": "FAIL",
        "a.distill.yaml::gate-loose-qwen-max": "FAIL",
        "a.distill.yaml::gate-strict-qwen-max": "PASS",
        "a.distill.yaml::gate-unjudged-qwen-max": "INCONCLUSIVE",
        "c.distill.yaml::gate-loose-qwen-hostile": "FAIL",
        "c.distill.yaml::gate-loose-qwen-max": "FAIL",
    }

    run = project.run("--distill-report=out", "--junit-xml=junit.xml", *mode, model=models)

    assert "INTERNALERROR" not in run.text
    assert (run.code, run.counts) == (serial.code, serial.counts)
    assert project.results("out") == project.results("serial")
    assert 'errors="1" failures="6"' in (project.path / "junit.xml").read_text("utf-8")


def test_two_workers_that_run_everything_count_an_answer_once(project):
    suite = project.suite(n=3, gates={"loose": {"max": 0.4}})
    serial = project.run(suite, "--distill-report=serial", model="one_slip")

    run = project.run(
        suite,
        "--dist=each",
        "--tx=2*popen",
        "--max-worker-restart=2",
        "--distill-report=out",
        model="one_slip",
    )

    assert (serial.code, run.code) == (0, 0)
    assert project.results("out") == project.results("serial")


def test_the_exit_code_of_an_inconclusive_gate_crosses_from_workers(project):
    suite = project.suite(n=3, gates={"loose": {"max": 0.1, "confidence": 0.95}})
    assert project.run(suite, "-n1", model="honest").code == 10


@pytest.mark.parametrize(("model", "restart"), [("killed_always", 4), ("every_worker_killed", 1)])
def test_a_killed_worker_never_leaves_a_gate_passed(project, model, restart):
    suite = project.suite(n=4, gates={"loose": {"max": 0.5}})
    run = project.run(suite, "-n1", f"--max-worker-restart={restart}", model=model)
    assert run.code == 1, "the crash is a failed test of pytest-xdist's own"
    assert "PASS " not in run.text
    if model != "every_worker_killed":
        assert run.line_with("INCOMPLETE", "gate-loose-qwen-max")


def test_a_killed_worker_does_not_hide_a_gate_that_fails_anyway(project):
    project.write(
        "killer.py",
        "import os, models\n"
        "def model(messages, **parameters):\n"
        "    if models.number(messages) == 6:\n"
        "        os._exit(3)\n"
        "    return models.FALSE\n",
    )
    suite = project.suite(n=6, gates={"loose": {"max": 0.5}, "unjudged": {"max": 0.5}})
    run = project.run(suite, "-n1", "--max-worker-restart=0", model="qwen-max=python:killer:model")
    assert run.code == 1
    assert "PASS " not in run.text
    assert run.line_with("FAIL ", "gate-loose-qwen-max", "whatever")
    assert run.line_with("INCOMPLETE", "gate-unjudged-qwen-max")


@pytest.mark.parametrize(
    ("identity", "models", "message"),
    [
        ({"models": ["glm*"]}, ["counted"], "no suite fits the model 'qwen-max'"),
        ({"fact": None}, ["counted", "oddity=python:models:counted"], "nothing says what is true"),
        ({}, ["counted", "other=python:models:no_such_function"], "no_such_function"),
        ({}, ["counted", "other=recorded:nowhere.jsonl"], "nowhere.jsonl"),
    ],
    ids=["no suite fits", "unknown fact", "no such callable", "no such recording"],
)
@pytest.mark.parametrize("workers", [(), ("-n1",)], ids=["alone", "n1"])
def test_a_usage_error_ends_with_4_and_asks_nothing(project, identity, models, message, workers):
    suite = project.suite(n=2, gates={"loose": {"max": 0}}, **identity)
    run = project.run(suite, *workers, "--distill-report=out", model=models)
    assert "INTERNALERROR" not in run.text
    assert run.code == 4
    assert run.line_with("ERROR", message)
    assert "Traceback" not in run.text
    assert project.asked() == 0


def test_a_bad_suite_sends_nothing_and_decides_nothing(project):
    project.suite("good", n=3, gates={"loose": {"max": 0}})
    project.write("bad.distill.yaml", BAD_SUITE)
    run = project.run("-n1", model="counted")
    assert "INTERNALERROR" not in run.text
    assert run.code == 1
    assert run.line_with("bad.distill.yaml:1:24: identity.gtes", "did you mean 'gates'?")
    assert "PASS " not in run.text
    assert project.asked() == 0


def test_stopping_at_the_first_failure_leaves_the_gate_undecided(project):
    project.suite("a", n=8)
    project.suite("b", n=2, gates={"loose": {"max": 1}})
    run = project.run("-n1", "-x", model="impostor")
    assert run.code in {1, 2}
    assert "PASS " not in run.text


def test_last_failed_brings_the_members_of_a_gate_back(project):
    suite = project.suite(n=3, gates={"loose": {"max": 0.2}})
    assert project.run(suite, model="one_slip").code == 1
    again = project.run(suite, "-n1", "--lf", model="one_slip")
    assert (again.code, again.counts) == (1, {"failed": 1, "passed": 2, "contradiction": 1})


def test_a_hostile_answer_alone_in_a_run_without_gates_fails(project):
    # The report that pytest-xdist would lose is the only and the last one: pytest-dev/pytest-xdist#843.
    suite = project.suite(n=1)
    run = project.run(suite, "-n1", model=f"qwen-max={project.recording(HOSTILE)}")
    assert (run.code, run.counts) == (1, {"failed": 1})


HOOKS = {
    "logreport": "def pytest_runtest_logreport(report):\n    if 'q02' in report.nodeid: raise RuntimeError('boom')\n",
    "protocol": "def pytest_runtest_protocol(item):\n    if 'q02' in item.name: raise RuntimeError('boom')\n",
    "collection": "def pytest_collection_finish(session): raise RuntimeError('boom')\n",
    "gate report": "def pytest_runtest_makereport(item):\n    if 'gate' in item.name: raise RuntimeError('boom')\n",
    "gate log": "def pytest_runtest_logreport(report):\n    if 'gate' in report.nodeid: raise RuntimeError('boom')\n",
}


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
@pytest.mark.parametrize("workers", [(), ("-n1",)], ids=["alone", "n1"])
def test_an_internal_error_never_ends_with_0_when_a_gate_was_selected(project, hook, workers):
    project.write("conftest.py", hook)
    suite = project.suite(n=2, gates={"loose": {"max": 0}})
    run = project.run(suite, *workers, model="honest")
    assert "boom" in run.text
    assert run.code != 0


def test_an_unsendable_report_of_another_test_never_ends_with_0(project):
    project.suite(n=2, gates={"loose": {"max": 0}})
    project.write("test_plain.py", "import pytest\ndef test_it(): pytest.fail('\\ud83d')\n")
    run = project.run("-n1", model="honest")
    assert run.code != 0


def test_a_run_without_suites_is_left_alone(project):
    project.write("test_plain.py", "def test_it(): pass\n")
    run = project.run("-n1")
    assert (run.code, run.counts) == (0, {"passed": 1})


def test_collecting_only_asks_nothing_and_lists_the_gate(project):
    suite = project.suite(n=2, gates={"loose": {"max": 0}})
    run = project.run(suite, "-n1", "--collect-only", "-q", model="counted")
    assert run.code == 0
    assert "a.distill.yaml::gate-loose-qwen-max" in run.text
    assert project.asked() == 0


def test_a_gate_alone_is_incomplete(project):
    suite = project.suite(n=2, gates={"loose": {"max": 0}})
    run = project.run(f"{suite}::gate-loose-qwen-max", "-n1", model="honest")
    assert run.line_with("INCOMPLETE", "2 of 2 answers are missing")
    assert run.code == 11


def test_a_deselected_gate_leaves_the_exit_code_alone(project):
    suite = project.suite(n=2, gates={"loose": {"max": 0}})
    run = project.run(suite, "-n1", "-k", "not gate", model="impostor")
    assert run.code == 0
    assert run.line_with("not decided", "gate-loose-qwen-max", "not selected")


def test_what_belongs_to_the_run_happens_once_and_in_the_worker(project):
    # The configuration file lies below the rootdir: workers and controller must find the same.
    suite = project.suite("release/a", n=2, gates={"loose": {"max": 0}})
    config = {"model": ["release-7"], "models": {"release-7": {"spec": "python:models:honest"}}}
    project.write("release/distillcheck.yaml", json.dumps(config))
    project.write(
        "conftest.py",
        "import os, pytest\n"
        "@pytest.fixture(scope='session', autouse=True)\n"
        "def started():\n"
        "    open('started-in-' + os.environ.get('PYTEST_XDIST_WORKER', 'controller'), 'w').close()\n",
    )
    run = project.run(suite, "-n1")
    assert run.code == 0
    assert run.line_with("PASS ", "gate-loose-release-7")
    assert [path.name for path in project.path.glob("started-in-*")] == ["started-in-gw0"]
    assert run.text.count("distillcheck: release-7") == 1
    assert run.text.count("release-7, 2 of 2 probes answered") == 1
