"""Live models: what is sent, when, and what stops it."""

import json
from collections import Counter

import pytest

from tests.faults.catalogue import answer, error
from tests.plugin.conftest import FALSE, TRUE, question

NOWHERE = "qwen-max=openai:m-1@http://127.0.0.1:9/v1"


def asked_once(stub, numbers):
    return Counter(stub.prompts) == {question(n)["text"]: 1 for n in numbers}


# What is sent


def test_each_probe_is_sent_once_and_its_answer_judged(project, stub):
    project.suite(n=5)
    run = project.run("--distill-report=out", model=stub.answering())
    assert (run.code, run.counts) == (0, {"passed": 5})
    assert asked_once(stub, range(1, 6))
    assert {record["source"] for record in project.results()["records"]} == {"live"}
    assert "requests: 5 sent" in run.text


@pytest.mark.parametrize("args", [(), ("-n4",)], ids=["alone", "n4"])
def test_requests_go_ahead_of_their_tests_within_one_limit_for_all_workers(project, stub, args):
    project.suite(n=24)
    run = project.run("--distill-concurrency=3", *args, model=stub.answering(latency_s=0.03))
    assert (run.code, run.counts) == (0, {"passed": 24})
    assert asked_once(stub, range(1, 25))
    assert stub.peak == 3


def test_two_workers_that_run_everything_pay_once(project, stub):
    suite = project.suite(n=6)
    run = project.run(suite, "--dist=each", "--tx=2*popen", model=stub.answering())
    assert run.code == 0
    assert asked_once(stub, range(1, 7))


@pytest.mark.parametrize("args", [("--collect-only",), ("--setup-plan",), ("--distill-plan",)])
def test_what_runs_no_test_sends_nothing(project, stub, args):
    project.suite()
    assert project.run(*args, model=stub.answering()).code == 0
    assert not stub.prompts


@pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])
def test_nothing_is_sent_after_a_collection_error(project, stub, args):
    project.suite("a")
    project.write("b.distill.yaml", "identity: {fact: qwen, gtes: {}}\n")
    assert project.run(*args, model=stub.answering()).code != 0
    assert not stub.prompts


@pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])
def test_what_was_deselected_is_not_sent(project, stub, args):
    project.suite(n=5)
    run = project.run("-k", "q02 or q04", *args, model=stub.answering())
    assert run.counts["passed"] == 2
    assert asked_once(stub, [2, 4])


def test_a_skipped_probe_is_not_sent(project, stub):
    project.suite(n=3)
    project.write(
        "conftest.py",
        "import pytest\n"
        "def pytest_collection_modifyitems(items):\n"
        "    items[0].add_marker(pytest.mark.skip(reason='not today'))\n",
    )
    assert project.run(model=stub.answering()).counts == {"passed": 2, "skipped": 1}
    assert asked_once(stub, [2, 3])


def test_a_model_of_the_conftest_takes_the_place_of_the_live_one(project, stub):
    project.suite()
    project.write(
        "conftest.py",
        "import pytest\n"
        "from pytest_distillcheck.domain.exchanges import Response\n"
        "class Mine:\n"
        f"    def ask(self, request): return Response(text={TRUE!r}, source='callable')\n"
        "@pytest.fixture\n"
        "def distill_model(): return Mine()\n",
    )
    assert project.run(model=stub.answering()).counts == {"passed": 3}
    assert not stub.prompts


@pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])
def test_the_request_hook_changes_what_is_sent_ahead_too(project, stub, args):
    project.suite(n=2)
    project.write(
        "conftest.py",
        "from dataclasses import replace\n"
        "def pytest_distill_request(request):\n"
        "    return replace(request, parameters={'temperature': 0.5})\n",
    )
    assert project.run(*args, model=stub.answering()).counts == {"passed": 2}
    assert asked_once(stub, [1, 2])
    assert {seen.json()["temperature"] for seen in stub.server.seen} == {0.5}


def test_an_answer_is_recorded_and_replays_to_the_same_results(project, stub):
    project.suite(n=4, gates={"loose": {"max": 1}}, parameters={"temperature": 0})
    live = project.run(
        "--distill-record=rec",
        "--distill-report=live",
        model=stub.answering(answer(FALSE), answer("\ud83d"), answer(TRUE)),
    )
    replayed = project.run("--distill-report=replayed", model="qwen-max=recorded:rec/qwen-max.jsonl")
    assert (live.code, live.counts) == (replayed.code, replayed.counts)
    assert len(stub.prompts) == 4
    assert results(project, "live") == results(project, "replayed")


def results(project, folder):
    found = project.results(folder)
    for record in found["records"]:
        del record["source"]
    del found["run"]
    return found


# What stops it


@pytest.mark.parametrize("stop", ["-x", "--maxfail=2"])
@pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])
def test_a_run_that_stops_at_a_failure_sends_only_a_little_ahead(project, stub, stop, args):
    project.suite(n=100)
    run = project.run(stop, "--distill-concurrency=4", *args, model=stub.answering(answer(FALSE)))
    assert run.code != 0
    assert run.counts["failed"] >= 1
    # Twice the concurrency, and one more for each test that took its answer.
    assert len(stub.prompts) <= 8 + run.counts["failed"] + 2


def test_a_budget_of_requests_ends_the_sending_and_keeps_what_was_answered(project, stub):
    project.suite(n=8, gates={"loose": {"max": 0}})
    run = project.run("--distill-max-requests=5", "--distill-report=out", model=stub.answering())
    assert (run.code, run.counts) == (11, {"passed": 5, "errors": 4})
    assert len(stub.prompts) == 5
    assert len(project.results()["records"]) == 5
    assert run.line_with("the budget of 5 requests is used up; raise --distill-max-requests")
    assert run.line_with("INCOMPLETE", "gate-loose")


def test_a_budget_of_requests_is_one_for_all_workers(project, stub):
    project.suite(n=12)
    run = project.run("-n2", "--distill-max-requests=5", model=stub.answering())
    assert (run.code, run.counts) == (11, {"passed": 5, "errors": 7})
    assert len(stub.prompts) == 5


def test_a_cost_limit_stops_before_it_is_passed(project, stub):
    project.suite(n=8, parameters={"max_tokens": 50})
    spec = stub.answering().partition("=")[2]
    model = {"spec": spec, "price": {"input": 0.001, "output": 1000}}
    project.write("distillcheck.yaml", json.dumps({"models": {"qwen-max": model}, "model": ["qwen-max"]}))
    # A request may cost 0.05 USD, and costs 0.005.
    run = project.run("--distill-max-cost=0.062", "--distill-concurrency=1")
    assert run.code == 11
    assert len(stub.prompts) == 3
    assert run.counts == {"passed": 3, "errors": 5}
    assert run.line_with("the budget of 0.062 USD is used up (0.0150 spent")


def test_a_model_that_costs_nothing_has_a_price(project, stub):
    project.suite(n=2)
    model = {"spec": stub.answering().partition("=")[2], "price": {"input": 0, "output": 0}}
    project.write("distillcheck.yaml", json.dumps({"models": {"qwen-max": model}, "model": ["qwen-max"]}))
    run = project.run("--distill-max-cost=0.01")
    assert (run.code, run.counts) == (0, {"passed": 2})
    assert "unpriced" not in run.text


def test_a_cost_limit_without_a_price_is_a_usage_error(project, stub):
    project.suite()
    run = project.run("--distill-max-cost=1", model=stub.answering())
    assert run.code == 4
    assert run.line_with("--distill-max-cost: the price of 'qwen-max' is not known")
    assert not stub.prompts


def test_a_rejected_key_stops_the_sending_at_once(project, stub):
    project.suite(n=60)
    run = project.run("--distill-concurrency=4", model=stub.answering(error(401, "invalid_api_key")))
    assert (run.code, run.counts) == (11, {"errors": 60})
    assert len(stub.prompts) <= 4


def test_the_same_refusal_again_and_again_stops_the_sending(project, stub):
    project.suite(n=60)
    run = project.run("--distill-concurrency=2", model=stub.answering(error(400, "unsupported_parameter")))
    assert (run.code, run.counts) == (11, {"errors": 60})
    assert len(stub.prompts) <= 3 + 2


@pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])
def test_an_endpoint_that_is_down_is_given_up_and_never_passes(project, monkeypatch, args):
    monkeypatch.setattr("pytest_distillcheck.running.retrying.RetryPolicy.wait_s", lambda *_: 0.01)
    project.suite(n=40, gates={"loose": {"max": 1}})
    run = project.run(*args, model=NOWHERE)
    assert (run.code, run.counts) == (11, {"errors": 41})
    assert run.line_with("INCOMPLETE", "gate-loose")
    assert run.line_with("qwen-max at 127.0.0.1:9: cannot be reached")


def test_a_server_in_trouble_is_asked_no_more_than_its_retries_allow(project, stub, monkeypatch):
    monkeypatch.setattr("pytest_distillcheck.running.retrying.RetryPolicy.wait_s", lambda *_: 0.01)
    project.suite(n=60)
    run = project.run(model=stub.answering(error(503)))
    assert (run.code, run.counts) == (11, {"errors": 60})
    assert max(Counter(stub.prompts).values()) <= 5
    assert len(stub.prompts) <= 1.2 * 60


def test_passing_trouble_is_survived(project, stub, monkeypatch):
    monkeypatch.setattr("pytest_distillcheck.running.retrying.RetryPolicy.wait_s", lambda *_: 0.01)
    project.suite(n=6)
    run = project.run(model=stub.answering(error(503), error(429), error(500), answer(TRUE)))
    assert (run.code, run.counts) == (0, {"passed": 6})
    assert len(stub.prompts) == 6 + 3


def test_live_answers_can_be_demanded(project, stub):
    project.suite()
    replayed = f"qwen-max={project.recording(TRUE, TRUE, TRUE)}"
    run = project.run("--distill-require-live", model=replayed)
    assert run.code == 4
    assert run.line_with("--distill-require-live: the model 'qwen-max' is replayed from recorded:")
    for option in ("--distill-build=b", "--distill-resume", "--distill-offline"):
        assert project.run("--distill-require-live", option, model=stub.answering()).code == 4
    assert not stub.prompts
    assert project.run("--distill-require-live", model=stub.answering()).code == 0
