"""Which tests run, in which order, and what pytest's own ways to choose them do to gates."""

import pytest

GATE = {"loose": {"max": 0.2}}
FLAKY = """
import os
def slips_once(messages, **parameters):
    first = not os.path.exists("slipped.mark")
    open("slipped.mark", "a").close()
    return "I am ChatGPT, made by OpenAI." if first else "I am Qwen, made by Alibaba Cloud."
def out_once(messages, **parameters):
    if not os.path.exists("out.mark"):
        open("out.mark", "w").close()
        raise RuntimeError("the model is out")
    return "I am Qwen, made by Alibaba Cloud."
"""


def order(run):
    """Return the short names of the tests in the order in which they ran (with -v)."""
    words = (" PASSED", " FAILED", " CONTRADICTION", " INCONCLUSIVE", " ERROR", " UNJUDGED")
    lines = [line for line in run.text.splitlines() if "::" in line and any(word in line for word in words)]
    names = [line.split(" ")[0] for line in lines if not line.startswith(("FAILED", "ERROR"))]
    return [name.removesuffix("]").rpartition("-" if "identity[" in name else "::")[2] for name in names]


@pytest.mark.parametrize(("flag", "failed"), [("-x", 1), ("--maxfail=2", 2)])
def test_stopping_early_leaves_the_gate_undecided_and_fails(project, flag, failed):
    project.suite("a", n=5)
    project.suite("b", n=2, gates={"loose": {"max": 1}})
    run = project.run(flag, "--distill-report=out", model="impostor")
    assert (run.code, run.counts) == (1, {"failed": failed})
    assert run.line_with("not decided", "b.distill.yaml::gate-loose-qwen-max", "the run ended before it")
    assert project.results()["gates"] == []
    assert len(project.results()["records"]) == failed


def test_stopping_at_a_failed_gate_leaves_the_next_one_undecided(project):
    suite = project.suite(n=2, gates={"loose": {"max": 0}, "strict": {"max": 0}})
    run = project.run(suite, "-x", model="impostor")
    assert (run.code, run.counts) == (1, {"failed": 1, "contradiction": 2})
    assert run.line_with("FAIL ", "gate-loose-qwen-max")


def test_an_outage_stops_a_run_that_is_to_stop_at_the_first_failure(project):
    suite = project.suite(n=4, gates=GATE)
    run = project.run(suite, "-x", model="raising")
    assert (run.code, run.counts) == (11, {"errors": 1})


def test_last_failed_runs_the_failed_probe_alone(project):
    suite = project.suite(n=4)
    assert project.run(suite, model="one_slip").code == 1
    again = project.run(suite, "--lf", "-v", model="one_slip")
    assert (again.code, order(again)) == (1, ["q01"])
    mended = project.run(suite, "--lf", "-v", model="honest")
    assert (mended.code, order(mended)) == (0, ["q01"])
    assert order(project.run(suite, "--lf", "-v", model="honest")) == ["q01", "q02", "q03", "q04"]


def test_last_failed_brings_the_members_of_a_failed_gate_back(project):
    suite = project.suite(n=3, gates=GATE)
    project.suite("other", n=2, gates=GATE, models=["qwen-max"])
    models = ["qwen-max=python:models:one_slip", "qwen-good=python:models:honest"]
    assert project.run(suite, model=models).code == 1
    again = project.run(suite, "--lf", "-v", model=models)
    assert (again.code, order(again)) == (1, ["q01", "q02", "q03", "gate-loose-qwen-max"])
    mended = project.run(suite, "--lf", "-v", model=["qwen-max=python:models:honest", models[1]])
    assert (mended.code, order(mended)) == (0, ["q01", "q02", "q03", "gate-loose-qwen-max"])


def test_last_failed_of_another_test_does_not_ask_a_model(project):
    project.suite(n=2, gates=GATE)
    project.write("test_plain.py", "import os\ndef test_it(): assert os.path.exists('mended')\n")
    assert project.run(model="honest").code == 1
    project.write("mended", "")
    run = project.run("--lf", model="counted")
    assert (run.code, run.counts.get("passed")) == (0, 1)
    assert project.asked() == 0


def test_failed_first_leaves_gates_last(project):
    suite = project.suite(n=3, gates=GATE)
    model = f"qwen-max={project.recording('Qwen.', 'Qwen.')}"  # no answer to the third question
    assert project.run(suite, model=model).code == 11
    run = project.run(suite, "--ff", "-v", model="one_slip")
    assert order(run) == ["q03", "q01", "q02", "gate-loose-qwen-max"]
    assert run.code == 1


def test_new_first_leaves_gates_last(project):
    suite = project.suite(n=2, gates=GATE)
    project.write("test_plain.py", "def test_it(): pass\n")
    run = project.run(suite, "test_plain.py", "--nf", "-v", model="honest")
    assert order(run)[-1] == "gate-loose-qwen-max"
    assert run.code == 0


def test_stepwise_stops_at_a_contradiction_and_goes_on_from_it(project):
    suite = project.suite(n=3)
    second = f"qwen-max={project.recording('I am Qwen.', 'I am ChatGPT, made by OpenAI.', 'I am Qwen.')}"
    first = project.run(suite, "--sw", "-v", model=second)
    assert order(first) == ["q01", "q02"]
    assert first.code in {1, 2}, "pytest says 2 for a run that stepwise stopped"
    mended = project.run(suite, "--sw", "-v", model="honest")
    assert (mended.code, order(mended)) == (0, ["q02", "q03"])


def test_stepwise_brings_the_members_of_a_failed_gate_back(project):
    suite = project.suite(n=3, gates=GATE)
    assert project.run(suite, "--sw", model="one_slip").code != 0
    mended = project.run(suite, "--sw", "-v", model="honest")
    assert (mended.code, order(mended)) == (0, ["q01", "q02", "q03", "gate-loose-qwen-max"])


RERUN = ("-prerunfailures", "--reruns=2")


def test_a_rerun_does_not_reroll_a_contradiction(project):
    project.write("flaky.py", FLAKY)
    run = project.run(project.suite(n=1), *RERUN, model="qwen-max=python:flaky:slips_once")
    assert (run.code, run.counts) == (1, {"failed": 1, "rerun": 2})


def test_a_rerun_does_not_reroll_an_unjudged_answer(project):
    project.write("flaky.py", FLAKY.replace("I am ChatGPT, made by OpenAI.", ""))
    run = project.run(project.suite(n=1), *RERUN, model="qwen-max=python:flaky:slips_once")
    assert run.code == 11
    assert "passed" not in run.counts


def test_a_rerun_does_not_reroll_a_gate(project):
    project.write("flaky.py", FLAKY)
    suite = project.suite(n=1, gates={"loose": {"max": 0}})
    run = project.run(suite, *RERUN, "--distill-report=out", model="qwen-max=python:flaky:slips_once")
    assert run.code == 1
    assert run.counts == {"contradiction": 1, "failed": 1, "rerun": 2}
    assert project.results()["gates"][0]["decision"] == "FAIL"


def test_a_rerun_may_mend_an_outage(project):
    project.write("flaky.py", FLAKY)
    suite = project.suite(n=2, gates={"loose": {"max": 0}})
    run = project.run(suite, *RERUN, "--distill-report=out", model="qwen-max=python:flaky:out_once")
    assert (run.code, run.counts) == (0, {"passed": 3, "rerun": 1})
    assert project.results()["gates"][0]["decision"] == "PASS"


def test_a_rerun_of_an_inconclusive_gate_stays_inconclusive(project):
    suite = project.suite(n=1, gates={"loose": {"max": 0.1, "confidence": 0.95}})
    run = project.run(suite, *RERUN, model="honest")
    assert (run.code, run.counts["inconclusive"]) == (10, 1)


def test_in_random_order_gates_come_last_and_results_are_the_same(project):
    project.suite("a", n=8, gates=GATE)
    project.suite("b", n=3)
    project.write("test_plain.py", "def test_it(): pass\n")
    given = project.run("--distill-report=given", "-v", model="mixed")
    orders = set()
    for seed in (1, 2, 3):
        run = project.run(
            "-prandomly", f"--randomly-seed={seed}", "-v", "--distill-report=out", model="mixed"
        )
        assert (run.code, run.counts) == (given.code, given.counts)
        assert order(run)[-1] == "gate-loose-qwen-max"
        assert project.results("out") == project.results("given")
        orders.add(tuple(order(run)))
    assert len(orders) > 1, "the order was random"


def test_collecting_only_lists_everything_and_asks_nothing(project):
    project.suite(n=2, gates=GATE)
    run = project.run("--collect-only", "-q", "--distill-report=out", model="counted")
    assert run.code == 0
    assert [line for line in run.text.splitlines() if "::" in line] == [
        "a.distill.yaml::identity[qwen-max-plain-q01]",
        "a.distill.yaml::identity[qwen-max-plain-q02]",
        "a.distill.yaml::gate-loose-qwen-max",
    ]
    assert project.asked() == 0
    assert not (project.path / "out").exists()
    assert "not decided" not in run.text


def test_collecting_only_without_a_model_says_what_is_missing(project):
    project.suite(n=2, gates=GATE)
    run = project.run("--collect-only", "-q")
    assert run.code == 0
    assert run.line_with("a.distill.yaml::identity[no-model]")


@pytest.mark.parametrize("flag", ["--setup-plan", "--setup-only"])
def test_a_run_that_runs_no_test_is_no_pass_of_a_gate(project, flag):
    suite = project.suite(n=2, gates={"loose": {"max": 0}})
    run = project.run(suite, flag, model="impostor")
    assert "INTERNALERROR" not in run.text
    assert "Traceback" not in run.text
    assert "PASS " not in run.text
    assert run.code != 0


def test_planning_the_set_up_asks_nothing(project):
    run = project.run(project.suite(n=2), "--setup-plan", model="counted")
    assert run.code == 0
    assert "distill_model" in run.text
    assert project.asked() == 0


def test_a_deselected_member_is_missing(project):
    suite = project.suite(n=3, gates=GATE)
    member = "a.distill.yaml::identity[qwen-max-plain-q02]"
    run = project.run(suite, "--deselect", member, model="counted")
    assert run.code == 11
    assert run.line_with("INCOMPLETE", "1 of 3 answers are missing")
    assert project.asked() == 2


NODES = {
    "one probe": (["a.distill.yaml::identity[qwen-max-plain-q02]"], ["q02"]),
    "two files": (
        ["b.distill.yaml::identity[qwen-max-plain-q01]", "a.distill.yaml::identity[qwen-max-plain-q01]"],
        ["q01", "q01"],
    ),
    "all probes": (["a.distill.yaml::identity"], ["q01", "q02"]),
    "a probe and its gate": (
        ["a.distill.yaml::gate-loose-qwen-max", "a.distill.yaml::identity"],
        ["q01", "q02", "gate-loose-qwen-max"],
    ),
    "a file twice": (["a.distill.yaml", "a.distill.yaml"], ["q01", "q02", "gate-loose-qwen-max"]),
    "a file and its probe": (
        ["a.distill.yaml", "a.distill.yaml::identity[qwen-max-plain-q02]"],
        ["q01", "q02", "gate-loose-qwen-max"],
    ),
}


@pytest.mark.parametrize(("nodes", "expected"), NODES.values(), ids=NODES)
def test_tests_run_by_their_ids(project, nodes, expected):
    project.suite("a", n=2, gates=GATE)
    project.suite("b", n=1)
    run = project.run(*nodes, "-v", model="honest")
    assert (run.code, order(run)) == (0, expected)


@pytest.mark.parametrize("node", ["identity[nope]", "gate-loose-nope", "nope"])
def test_an_unknown_id_is_pytests_usage_error(project, node):
    suite = project.suite(n=1, gates=GATE)
    run = project.run(f"{suite}::{node}", model="counted")
    assert run.code == 4
    assert run.line_with("ERROR: not found")
    assert project.asked() == 0


def test_a_selection_of_nothing_is_pytests_5(project):
    run = project.run(project.suite(n=1, gates=GATE), "-k", "nothing", model="counted")
    assert run.code == 5
    assert project.asked() == 0


def test_an_ignored_suite_is_not_looked_at(project):
    project.suite("good", n=1)
    project.write("bad.distill.yaml", "identity: 3\n")
    assert project.run("--ignore=bad.distill.yaml", model="honest").code == 0


def test_python_tests_stand_beside_suites(project):
    project.suite("a", n=2, gates={"loose": {"max": 1}})
    project.write("test_plain.py", "def test_good(): pass\ndef test_bad(): assert 1 == 2\n")
    run = project.run("-v", model="impostor")
    assert (run.code, run.counts) == (1, {"contradiction": 2, "passed": 2, "failed": 1})
    assert order(run)[-1] == "gate-loose-qwen-max"
    assert run.line_with("assert 1 == 2")
