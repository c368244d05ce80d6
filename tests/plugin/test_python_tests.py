"""Tests written in Python, with the fixture `distill`."""

import json

import pytest

from tests.plugin.conftest import FALSE, TRUE, question

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


CAMPAIGN = 'campaign = distill.campaign(dict(queries={queries}), fact="qwen")'
DRAWN = "distill.gate(campaign.strict, max=0.03)"


def campaign_test(*lines, queries=1000):
    return "\n".join([CAMPAIGN.format(queries=queries), *(lines or [DRAWN])])


@pytest.fixture
def drawing(project):
    """A project with models that answer whatever a campaign asks."""
    project.write(
        "models.py",
        f"""
ASKED = []

def honest(messages, **parameters):
    return {TRUE!r}

def impostor(messages, **parameters):
    return {FALSE!r}

def tenth_out(messages, **parameters):
    ASKED.append(1)
    if len(ASKED) == 10:
        raise RuntimeError("out for once")
    return {TRUE!r}

def logged(messages, **parameters):
    with open("asked.log", "a") as log:
        log.write("x" + chr(10))
    return {TRUE!r}
""",
    )
    return project


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "n2"])
@pytest.mark.parametrize(
    ("model", "body", "ends"),
    [
        ("honest", campaign_test(), (0, {"passed": 1})),
        ("impostor", campaign_test(), (1, {"failed": 1})),
        ("honest", campaign_test(queries=50), (10, {"inconclusive": 1})),
        ("tenth_out", campaign_test(), (11, {"failed": 1})),
        ("honest", campaign_test("assert campaign.loose.value == 0", queries=9), (0, {"passed": 1})),
        ("tenth_out", campaign_test("assert campaign.loose.value == 0", queries=20), (11, {"failed": 1})),
    ],
)
def test_a_campaign_ends_as_a_suites_does(drawing, python_test, model, body, ends, workers):
    python_test(body)
    run = drawing.run(*workers, model=model)
    assert (run.code, run.counts) == ends


def test_a_campaign_decides_and_draws_as_a_suites_does(drawing, python_test):
    section = {"fact": "qwen", "probes": {"sample": 1}, "campaign": {"gates": {"strict": {"max": 0.03}}}}
    drawing.write("a.distill.yaml", json.dumps({"identity": section}))
    python_test(campaign_test())
    assert drawing.run("--distill-report=out", model="logged").code == 0
    results = drawing.results()
    of_suite, of_test = (
        results["models"]["qwen-max"]["suites"][name]["campaign"]
        for name in ("a.distill.yaml", "test_release.py::test_it[qwen-max]")
    )
    assert of_suite == of_test
    gates = {gate["id"].rpartition("]::")[2]: gate for gate in results["gates"] if "campaign" in gate["id"]}
    ours, suites = gates.pop("gate-campaign-strict-qwen-max"), gates.popitem()[1]
    assert {**ours, "id": 0, "suite": 0} == {**suites, "id": 0, "suite": 0}
    drawn = [
        record["id"].rpartition("::")[2] for record in results["records"] if record["kind"] == "campaign"
    ]
    assert len(drawn) == 2 * 122
    assert len(set(drawn)) == 122


def test_gates_of_a_campaign_share_its_draws(drawing, python_test):
    python_test(
        campaign_test(
            "distill.gate(campaign.loose, accept=0.02, reject=0.1)",
            DRAWN,
            "distill.gate(campaign.affirmed, min=0.5)",
            "assert campaign.strict.share.n == len(campaign.records) == 122",
        )
    )
    assert drawing.run(model="logged").code == 0
    assert drawing.asked() == 122


def test_hard_has_draws_of_its_own_in_a_campaign_too(drawing, python_test):
    drawing.write(
        "templates.json", json.dumps({"m": ["ChatGPT was asked: {query}", "It was asked: {query}"]})
    )
    python_test(
        "campaign = distill.campaign(dict(templates='templates.json', queries=60), fact='qwen')\n"
        "distill.gate(campaign.hard, max=0.03)"
    )
    run = drawing.run(model="honest")
    assert run.code == 10
    # No more than 60 draws, about half of which count, could fail it after so many clean ones.
    assert run.line_with("INCONCLUSIVE", "gate-campaign-hard-qwen-max", "hard 0/")
    assert run.line_with("of at most 60 draws (more would change no gate)")


def test_an_answer_that_comes_late_is_missing_no_more(drawing, python_test):
    python_test(
        campaign_test(
            "with pytest.raises(pytest.fail.Exception, match='1 without an answer'):",
            f"    {DRAWN}",
            DRAWN,
            "assert campaign.loose.value == 0",
        )
    )
    assert drawing.run(model="tenth_out").counts == {"passed": 1}


def test_a_rerun_keeps_the_draws_of_a_campaign(drawing, python_test):
    python_test(campaign_test("ASKED.append(1)", DRAWN, "assert len(ASKED) > 1"), head="ASKED = []")
    run = drawing.run("-prerunfailures", "--reruns=1", "--distill-report=out", model="logged")
    assert "1 rerun" in run.text
    assert drawing.asked() == 122
    assert len(drawing.results()["records"]) == 122


def test_a_judge_of_the_users_is_asked_by_one_thread_at_a_time(project, python_test, stub):
    project.write(
        "conftest.py",
        """
import threading
import time
import pytest
from pytest_distillcheck.domain.verdicts import Verdict

class Fake:
    name = "fake"
    lock = threading.Lock()
    def judge(self, *, fact, prompt, response):
        assert self.lock.acquire(blocking=False)
        time.sleep(0.001)
        self.lock.release()
        return Verdict(label="consistent", affirmed=True)

@pytest.fixture
def distill_identity_judge():
    return Fake()
""",
    )
    python_test(campaign_test("distill.gate(campaign.strict, max=0.1)"))
    assert project.run(model=stub.answering()).counts == {"passed": 1}


def test_a_campaign_that_lacks_answers_says_why(drawing, python_test):
    python_test(campaign_test())
    run = drawing.run(model="tenth_out")
    assert run.line_with("draws are missing (1 without an answer, 878 behind the last answer)")
    assert run.line_with("1 of 122 draws have no answer; the last:", "out for once; mend the callable")


def test_live_draws_are_asked_side_by_side_and_a_resumed_run_goes_on_with_them(project, python_test, stub):
    python_test(campaign_test())
    model = stub.answering(latency_s=0.01)
    assert project.run("--distill-concurrency=5", "--distill-max-requests=50", model=model).code == 11
    assert stub.peak == 5
    assert project.run("--distill-resume", model=model).code == 0
    assert len(stub.prompts) == 122


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("distill.campaign({'querys': 9})", "identity.campaign.querys: unknown key 'querys'; did you mean"),
        ("distill.campaign({'gates': {}})", "distill.campaign: 'gates' is for suite files; gate the scores"),
        ("distill.campaign({'search': {}})", "distill.campaign: 'search' is for suite files"),
        ("distill.campaign(snapshot=True)", "distill.campaign: 'snapshot' is for suite files"),
        (
            "distill.identity(campaign={})",
            "distill.identity: 'campaign' is for suite files; call distill.campaign",
        ),
        ("distill.gate(distill.campaign(fact='qwen').strict, max=0)", "max 0 can never pass"),
        ("distill.campaign(fact='qwen'), distill.campaign(fact='qwen')", "a test has one campaign at most"),
    ],
)
def test_a_faulty_campaign_says_where_it_is_wrong_in_the_tests_own_line(drawing, python_test, call, told):
    python_test(call)
    run = drawing.run(model="honest")
    assert run.code == 1
    assert told in run.text
    assert "engine.py" not in run.text
    assert "loading.py" not in run.text
