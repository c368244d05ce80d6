"""With pytest-xdist, in every mode, a run comes to what it comes to without."""

import json

import pytest

MODES = {
    "no-xdist": ("-p", "no:xdist"),
    "n0": ("-n0",),
    "n1": ("-n1",),
    "n4": ("-n4",),
    "worksteal": ("-n2", "--dist=worksteal"),
    "loadgroup": ("-n2", "--dist=loadgroup"),
    "loadfile": ("-n2", "--dist=loadfile"),
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
    project.suite("a", n=6, gates=GATES)
    project.suite("b", n=4)
    project.write("test_plain.py", "def test_plain(): pass\n")
    serial = project.run("--distill-report=serial", model="mixed")
    assert serial.code == 1
    # a: 2 affirm, 2 contradict, 1 empty, 1 no claim; b: one of each. Gates: loose fails, unjudged is inconclusive.
    expected = {"failed": 3, "passed": 6, "inconclusive": 1, "contradiction": 2, "unjudged": 2, "errors": 1}
    assert serial.counts == expected

    run = project.run("--distill-report=out", *mode, model="mixed", apart=True)

    assert (run.code, run.counts) == (serial.code, serial.counts)
    assert project.results("out") == project.results("serial")


def test_two_workers_that_run_everything_count_an_answer_once(project):
    suite = project.suite(n=3, gates={"loose": {"max": 0.4}})
    serial = project.run(suite, "--distill-report=serial", model="one_slip")

    run = project.run(
        suite, "--dist=each", "--tx=2*popen", "--distill-report=out", model="one_slip", apart=True
    )

    assert (serial.code, run.code) == (0, 0)
    assert project.results("out") == project.results("serial")


@pytest.mark.parametrize(
    ("model", "gates", "code"),
    [
        ("honest", {"loose": {"max": 0.1, "confidence": 0.95}}, 10),
        ("one_outage", {"loose": {"max": 0}}, 11),
        ("one_outage", None, 11),
        ("honest", None, 0),
    ],
    ids=["inconclusive", "incomplete", "outage", "honest"],
)
def test_exit_codes_cross_from_workers(project, model, gates, code):
    suite = project.suite(n=3, gates=gates)
    assert project.run(suite, "-n1", model=model, apart=True).code == code


@pytest.mark.parametrize(
    ("model", "restart"),
    [("killed_always", 4), ("killed_once", 4), ("killed_always", 0), ("every_worker_killed", 1)],
)
def test_a_killed_worker_never_leaves_a_gate_passed(project, model, restart):
    suite = project.suite(n=4, gates={"loose": {"max": 0.5}})
    run = project.run(suite, "-n2", f"--max-worker-restart={restart}", model=model, apart=True)
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
    suite = project.suite(n=6, gates={"loose": {"max": 0.5}})
    run = project.run(
        suite, "-n2", "--max-worker-restart=0", model="qwen-max=python:killer:model", apart=True
    )
    assert run.code == 1
    assert run.line_with("FAIL ", "gate-loose-qwen-max", "whatever")


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
    run = project.run(suite, *workers, "--distill-report=out", model=models, apart=bool(workers))
    assert "INTERNALERROR" not in run.text
    assert run.code == 4
    assert run.line_with("ERROR", message)
    assert "Traceback" not in run.text
    assert project.asked() == 0


def test_a_bad_suite_sends_nothing_and_decides_nothing(project):
    project.suite("good", n=3, gates={"loose": {"max": 0}})
    project.write("bad.distill.yaml", BAD_SUITE)
    run = project.run("-n2", model="counted", apart=True)
    assert "INTERNALERROR" not in run.text
    assert run.code == 1
    assert run.line_with("bad.distill.yaml:1:24: identity.gtes", "did you mean 'gates'?")
    assert "PASS " not in run.text
    assert project.asked() == 0


def test_stopping_at_the_first_failure_leaves_the_gate_undecided(project):
    project.suite("a", n=8)
    project.suite("b", n=2, gates={"loose": {"max": 1}})
    run = project.run("-n2", "-x", model="impostor", apart=True)
    assert run.code in {1, 2}
    assert "PASS " not in run.text


def test_last_failed_brings_the_members_of_a_gate_back(project):
    suite = project.suite(n=3, gates={"loose": {"max": 0.2}})
    assert project.run(suite, model="one_slip").code == 1
    again = project.run(suite, "-n2", "--lf", model="one_slip", apart=True)
    assert (again.code, again.counts) == (1, {"failed": 1, "passed": 2, "contradiction": 1})
    mended = project.run(suite, "-n2", "--lf", model="honest", apart=True)
    assert (mended.code, mended.counts) == (0, {"passed": 4})


@pytest.mark.parametrize("workers", ["-n0", "-n1", "-n2", "-n4"])
def test_a_hostile_answer_fails_with_any_number_of_workers(project, workers):
    project.suite("a", n=2)
    project.suite("b", n=2, gates={"loose": {"max": 0}})
    spec = project.recording("I am Qwen, made by Alibaba Cloud.", HOSTILE)
    run = project.run(workers, "--junit-xml=junit.xml", model=f"qwen-max={spec}", apart=True)
    assert "INTERNALERROR" not in run.text
    assert run.code == 1
    assert run.counts == {"failed": 2, "passed": 2, "contradiction": 1}
    assert 'errors="0" failures="2"' in (project.path / "junit.xml").read_text("utf-8")


def test_a_hostile_answer_alone_in_a_run_without_gates_fails(project):
    # The report that pytest-xdist would lose is the only and the last one: pytest-dev/pytest-xdist#843.
    suite = project.suite(n=1)
    run = project.run(suite, "-n1", model=f"qwen-max={project.recording(HOSTILE)}", apart=True)
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
    run = project.run(suite, *workers, model="honest", apart=bool(workers))
    assert "boom" in run.text
    assert run.code != 0


def test_an_unsendable_report_of_another_test_never_ends_with_0(project):
    project.suite(n=2, gates={"loose": {"max": 0}})
    project.write("test_plain.py", "import pytest\ndef test_it(): pytest.fail('\\ud83d')\n")
    run = project.run("-n1", model="honest", apart=True)
    assert run.code != 0


def test_a_run_without_suites_is_left_alone(project):
    project.write("test_plain.py", "def test_it(): pass\n")
    run = project.run("-n1", apart=True)
    assert (run.code, run.counts) == (0, {"passed": 1})


def test_collecting_only_asks_nothing_and_lists_the_gate(project):
    suite = project.suite(n=2, gates={"loose": {"max": 0}})
    run = project.run(suite, "-n1", "--collect-only", "-q", model="counted", apart=True)
    assert run.code == 0
    assert "a.distill.yaml::gate-loose-qwen-max" in run.text
    assert project.asked() == 0


def test_a_gate_alone_is_incomplete(project):
    suite = project.suite(n=2, gates={"loose": {"max": 0}})
    run = project.run(f"{suite}::gate-loose-qwen-max", "-n1", model="honest", apart=True)
    assert run.line_with("INCOMPLETE", "2 of 2 answers are missing")
    assert run.code == 11


def test_a_deselected_gate_leaves_the_exit_code_alone(project):
    suite = project.suite(n=2, gates={"loose": {"max": 0}})
    run = project.run(suite, "-n1", "-k", "not gate", model="impostor", apart=True)
    assert run.code == 0
    assert run.line_with("not decided", "gate-loose-qwen-max", "not selected")


def test_what_belongs_to_the_run_happens_once_and_in_the_worker(project):
    project.write(
        "conftest.py",
        "import os, pytest\n"
        "@pytest.fixture(scope='session', autouse=True)\n"
        "def started():\n"
        "    open('started-in-' + os.environ.get('PYTEST_XDIST_WORKER', 'controller'), 'w').close()\n",
    )
    suite = project.suite(n=2, gates={"loose": {"max": 0}})
    run = project.run(suite, "-n1", model="honest", apart=True)
    assert run.code == 0
    assert [path.name for path in project.path.glob("started-in-*")] == ["started-in-gw0"]
    assert run.text.count("distillcheck: qwen-max") == 1
    assert run.text.count("qwen-max, 2 of 2 probes answered") == 1


def test_several_models_and_suites_keep_their_gates_apart(project):
    project.suite("a", n=2, gates={"loose": {"max": 0}})
    project.suite("b", n=2, gates={"loose": {"max": 0}}, models=["qwen-bad"])
    models = ["qwen-good=python:models:honest", "qwen-bad=python:models:impostor"]
    run = project.run("-n2", "--distill-report=out", model=models, apart=True)
    assert run.code == 1
    assert {gate["id"]: gate["decision"] for gate in project.results()["gates"]} == {
        "a.distill.yaml::gate-loose-qwen-bad": "FAIL",
        "a.distill.yaml::gate-loose-qwen-good": "PASS",
        "b.distill.yaml::gate-loose-qwen-bad": "FAIL",
    }


def test_the_configuration_file_below_a_suite_folder_chooses_the_model(project):
    suite = project.suite("release/a", n=2, gates={"loose": {"max": 0}})
    config = {"model": ["release-7"], "models": {"release-7": {"spec": "python:models:impostor"}}}
    project.write("release/distillcheck.yaml", json.dumps(config))
    run = project.run(suite, "-n1", apart=True)
    assert run.code == 1
    assert run.line_with("FAIL ", "gate-loose-release-7")
