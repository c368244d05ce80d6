"""Tests written in Python, with the fixture `distill`."""

import json

import pytest

from tests.plugin.conftest import question

QUESTIONS = [question(n) for n in range(1, 5)]

PROBES = f"""
SECTION = dict(fact="qwen", bank=False, questions={QUESTIONS!r})
"""


@pytest.fixture
def python_test(project):
    """Write a test file whose one test has this body."""

    def write(body, *, head=""):
        lines = "".join(f"\n    {line}" for line in body.splitlines())
        return project.write(
            "test_release.py", f"import pytest\n{PROBES}\n{head}\ndef test_it(distill):{lines}\n"
        )

    return write


GATED = "distill.gate(distill.identity(**SECTION).strict, max=0.1)"


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "n2"])
@pytest.mark.parametrize(
    ("model", "body", "ends"),
    [
        ("honest", GATED, (0, {"passed": 1})),
        ("impostor", GATED, (1, {"failed": 1})),
        ("one_outage", GATED, (11, {"failed": 1})),
        ("one_slip_and_one_outage", GATED, (1, {"failed": 1})),
        ("honest", GATED.replace("max=0.1", "max=0.1, confidence=0.95"), (10, {"inconclusive": 1})),
        ("honest", "assert distill.identity(**SECTION).affirmed.value == 1", (0, {"passed": 1})),
        ("one_outage", "assert distill.identity(**SECTION).loose.value == 0", (11, {"failed": 1})),
        ("raising", "distill.ask('Question 01')", (11, {"failed": 1})),
        ("honest", "assert distill.ask('Question 01').text.startswith('I am Qwen')", (0, {"passed": 1})),
    ],
)
def test_the_engine_ends_as_a_suite_file_does(project, python_test, model, body, ends, workers):
    python_test(body)
    run = project.run(*workers, model=model)
    assert (run.code, run.counts) == ends


def test_a_broken_gate_says_what_a_suites_gate_says(project, python_test):
    python_test(GATED)
    assert project.run(model="one_slip").line_with("strict 1/4 = 0.250", "breaks max 0.1")


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "n2"])
def test_records_and_decisions_are_in_results_json(project, python_test, workers):
    python_test(GATED)
    project.run("--distill-report=out", *workers, model="one_slip")
    results = project.results()
    suite = "test_release.py::test_it[qwen-max]"
    scores = results["models"]["qwen-max"]["suites"][suite]["identity"]
    assert (scores["strict"]["count"], scores["strict"]["n"]) == (1, 4)
    assert [(gate["id"], gate["decision"]) for gate in results["gates"]] == [
        (f"{suite}::gate-strict-qwen-max", "FAIL")
    ]
    assert len(results["records"]) == 4


def test_each_chosen_model_is_a_test_of_its_own_and_the_marker_chooses(project, python_test):
    python_test("assert distill.model.startswith('qwen')", head="@pytest.mark.distill(models=['qwen*'])")
    models = ["qwen-max=python:models:honest", "qwen-plus=python:models:honest"]
    assert project.run("--strict-markers", model=models).counts == {"passed": 2}
    run = project.run(model=[*models, "glm-4=python:models:honest"])
    assert run.code == 4
    assert run.line_with("no suite fits the model 'glm-4'")


def test_without_a_model_it_is_skipped_and_says_so(project, python_test):
    python_test(GATED)
    run = project.run()
    assert (run.code, run.counts) == (0, {"skipped": 1})
    assert run.line_with("no model chosen: give --distill-model=NAME")


def test_an_unknown_model_is_a_usage_error(project, python_test):
    python_test(GATED)
    project.write("distillcheck.yaml", json.dumps({"model": ["zorblax"]}))
    run = project.run()
    assert run.code == 4
    assert run.line_with("unknown model 'zorblax'")


def test_live_requests_of_one_call_are_sent_side_by_side_and_once(project, python_test, stub):
    python_test(f"{GATED}\n{GATED}")
    run = project.run(model=stub.answering(latency_s=0.2))
    assert (run.code, run.counts) == (0, {"passed": 1})
    assert len(stub.prompts) == 4
    assert stub.peak == 4


def test_live_requests_of_workers_go_through_the_one_broker(project, python_test, stub):
    python_test(GATED)
    assert project.run("-n2", model=stub.answering()).code == 0
    assert len(stub.prompts) == 4


def test_a_conftest_may_put_a_model_and_a_judge_of_its_own_in_their_place(project, python_test, stub):
    project.write(
        "conftest.py",
        """
import pytest
from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.domain.verdicts import Verdict

class Fake:
    name = "fake"
    def ask(self, request):
        return Response(text="hello", source="callable")
    def judge(self, *, fact, prompt, response):
        return Verdict(label="contradiction", makers=("openai",), quotes=("hello",))

@pytest.fixture
def distill_model():
    return Fake()

@pytest.fixture
def distill_identity_judge():
    return Fake()
""",
    )
    python_test("scores = distill.identity(**SECTION)\nassert scores.strict.value == 1")
    assert project.run(model=stub.answering()).counts == {"passed": 1}
    assert stub.prompts == []


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (
            "distill.identity(fact='qwen', probes={'langs': ['en']})",
            "identity.probes.langs: unknown key 'langs'",
        ),
        ("distill.identity(gates={})", "distill.identity: 'gates' is for suite files"),
        ("distill.gate(distill.identity(**SECTION).strict, maks=1)", "unknown key 'maks'"),
        ("distill.identity(fact=object())", "not plain data"),
    ],
)
def test_a_faulty_call_says_where_it_is_wrong(project, python_test, call, told):
    python_test(call)
    run = project.run(model="honest")
    assert run.code == 1
    assert told in run.text
