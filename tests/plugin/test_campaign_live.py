"""Campaigns of live models: beside other tests, within the run's limits, resumed, and never paid twice."""

import json
import signal

import pytest

from tests.faults.catalogue import answer, error
from tests.plugin.conftest import FALSE, TRUE

STRICT = {"strict": {"max": 0.03}}


def suite(project, *, n=3, **campaign):
    return project.suite(n=n, gates={"loose": {"max": 1}}, campaign=campaign)


def measurement_of(project):
    suites = project.results()["models"]["qwen-max"]["suites"]
    return suites["a.distill.yaml"]["campaign"]["measurement"]


def decision_of(project):
    (gate,) = (g for g in project.results()["gates"] if "::gate-campaign-strict" in g["id"])
    return gate["decision"]


@pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])
def test_a_clean_live_model_is_asked_no_more_than_its_gate_needs(project, stub, args):
    suite(project, gates=STRICT)
    run = project.run("--distill-report=out", *args, model=stub.answering())
    assert (run.code, decision_of(project)) == (0, "PASS")
    assert len(stub.prompts) == 122 + 3


@pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])
def test_draws_are_under_way_side_by_side_within_the_limit_of_the_run(project, stub, args):
    suite(project, gates=STRICT)
    run = project.run("--distill-concurrency=6", *args, model=stub.answering(latency_s=0.02))
    assert run.code == 0
    assert stub.peak == 6


def test_a_campaign_asks_while_other_tests_run(project, stub):
    suite(project, n=1, gates=STRICT)
    project.write("test_slow.py", "import time\ndef test_slow(): time.sleep(2)\n")
    run = project.run(
        "test_slow.py", "a.distill.yaml", "-v", "--durations=0", "-vv", model=stub.answering(latency_s=0.05)
    )
    assert run.code == 0
    # 122 draws, 32 under way at a time, take 0.2 s: the campaign's own test finds them done.
    (setup,) = (line for line in run.text.splitlines() if " setup " in line and "::campaign[" in line)
    assert float(setup.split("s ")[0]) < 0.2


def test_a_failed_test_ends_the_campaign_under_fail_fast(project, stub):
    suite(project, n=1, queries=5000)
    project.write("test_a_fails.py", "import time\ndef test_it():\n    time.sleep(0.3)\n    assert False\n")
    run = project.run("-x", "test_a_fails.py", "a.distill.yaml", model=stub.answering(latency_s=0.05))
    assert run.code == 1
    assert 0 < len(stub.prompts) < 1000


def test_an_open_circuit_ends_the_campaign(project, stub):
    suite(project, n=1, gates=STRICT, search={"queries": 50})
    run = project.run("--distill-report=out", model=stub.answering(error(401)))
    assert (run.code, decision_of(project)) == (11, "INCOMPLETE")
    assert measurement_of(project)["stopped"] == "outage"
    assert len(stub.prompts) < 40


def test_a_budget_that_ends_leaves_the_gate_incomplete(project, stub):
    suite(project, n=1, gates=STRICT)
    run = project.run("--distill-report=out", "--distill-max-requests=50", model=stub.answering())
    assert (run.code, decision_of(project)) == (11, "INCOMPLETE")
    assert len(stub.prompts) == 50
    assert run.line_with("no answer: 1 of 50 draws", "budget of 50 requests is used up")


def test_a_resumed_campaign_goes_on_where_it_ended(project, stub):
    suite(project, n=1, gates=STRICT)
    model = stub.answering()
    project.run("--distill-max-requests=50", model=model)
    run = project.run("--distill-resume", "--distill-report=out", model=model)
    assert (run.code, decision_of(project)) == (0, "PASS")
    assert len(stub.prompts) == 122 + 1


@pytest.mark.parametrize("args", [(), ("-n1",)], ids=["alone", "n1"])
def test_more_queries_continue_the_evidence_of_an_inconclusive_gate(project, stub, args):
    suite(project, n=1, gates=STRICT, queries=100)
    model = stub.answering()
    assert project.run(*args, model=model).code == 10
    suite(project, n=1, gates=STRICT, queries=200)
    run = project.run("--distill-resume", "--distill-report=out", *args, model=model)
    assert (run.code, decision_of(project)) == (0, "PASS")
    assert len(stub.prompts) == 122 + 1


def test_a_campaign_that_was_decided_leaves_nothing_to_resume(project, stub):
    suite(project, n=1, gates=STRICT)
    model = stub.answering()
    assert project.run(model=model).code == 0
    assert project.run("--distill-resume", model=model).code == 4


def test_a_search_of_a_live_model_replays_from_the_store(project, stub):
    suite(project, n=1, gates={"strict": {"max": 0.9}}, search={"queries": 40})
    model = stub.answering()
    project.run("--distill-build=1", "--distill-report=one", model=model)
    asked = len(stub.prompts)
    run = project.run("--distill-build=1", "--distill-offline", "--distill-report=two", model=model)
    assert run.code == 0
    assert len(stub.prompts) == asked
    assert project.results("two")["models"] == project.results("one")["models"]


def test_the_plan_says_at_most_how_much_a_campaign_asks(project, stub):
    suite(project, n=1, gates=STRICT, queries=500, search={"queries": 60})
    run = project.run("--distill-plan", model=stub.answering())
    assert run.code == 0
    draws = "a campaign of at most 500 draws (122 if none is a finding)"
    assert run.line_with(f"  {draws} and a search with at most 60 probes: 182 to 560 calls")
    assert run.line_with("lower figures are for models without a finding")
    assert not stub.prompts


def test_the_plan_of_a_campaign_hears_hooks_and_knows_what_is_kept(project, stub):
    project.write(
        "conftest.py",
        """
from dataclasses import replace

def pytest_distill_request(request):
    return replace(request, parameters={"max_tokens": 10})
""",
    )
    suite(project, n=1, gates=STRICT, queries=500)
    model = stub.answering()
    assert project.run("--distill-build=1", model=model).code == 0
    run = project.run("--distill-plan", "--distill-build=1", model=model)
    assert run.line_with("(122 if none is a finding): 0 to 378 calls, 122 answers kept")
    assert run.line_with("  tokens  about 0 to ", " in and 0 to 3,780 out")
    run = project.run("--distill-plan", "--distill-max-requests=300", model=model)
    assert run.line_with("--distill-max-requests: 300 is less than the at most 501 calls")


def test_the_lower_figure_of_a_plan_is_what_a_clean_model_is_asked(project, stub):
    suite(project, n=1, gates={"strict": {"max": 0.05}, "hard": {"max": 0.1}})
    model = stub.answering()
    planned = project.run("--distill-plan", model=model)
    assert project.run(model=model).code == 0
    assert planned.line_with(f": {len(stub.prompts) - 1} to 1,000 calls")


def test_a_live_mutator_is_asked_by_the_same_broker(project, stub):
    suite(project, n=1, gates={"strict": {"max": 0.9}}, search={"queries": 20})
    project.write(
        "distillcheck.yaml",
        json.dumps(
            {"models": {"helper": {"spec": f"openai:m-2@{stub.server.route('v2', answer('nothing'))}"}}}
        ),
    )
    run = project.run("--distill-mutator=helper", "--distill-report=out", model=stub.answering())
    search = project.results()["models"]["qwen-max"]["suites"]["a.distill.yaml"]["campaign"]["search"]
    assert search["mutator"] == "helper"
    assert search["refused"]
    assert run.code in {0, 11}


@pytest.mark.parametrize("text", [TRUE, FALSE])
def test_a_hook_that_changes_requests_changes_those_of_a_campaign(project, stub, text):
    suite(project, n=1, gates=STRICT)
    project.write(
        "conftest.py",
        """
from dataclasses import replace
from pytest_distillcheck.domain.exchanges import Message

def pytest_distill_request(request):
    return replace(request, messages=(Message("system", "Changed."), *request.messages))
""",
    )
    run = project.run("--distill-report=out", model=stub.answering(answer(text)))
    assert decision_of(project) == ("PASS" if text == TRUE else "FAIL")
    assert {seen.json()["messages"][0]["content"] for seen in stub.server.seen} == {"Changed."}
    assert run.code == (0 if text == TRUE else 1)


def test_ctrl_c_ends_a_campaign_and_resume_goes_on_with_it(project, stub):
    suite(project, n=1, gates=STRICT)
    model = stub.answering(latency_s=0.2)
    process = project.start("--distill-concurrency=4", model=model)
    stub.wait_for(10)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 2, output
    run = project.run("--distill-resume", "--distill-report=out", model=model)
    assert (run.code, decision_of(project)) == (0, "PASS")
    # What was under way when it was stopped may have been asked again.
    assert 122 + 1 <= len(stub.prompts) <= 122 + 1 + 4
