"""`--distill-plan` shows what would be asked, and asks nothing."""

import json

import pytest

from tests.faults.server import FaultServer, Seen, Wire

LIVE = "qwen-max=openai:m@http://127.0.0.1:9/v1"  # nobody listens at the discard port
ANSWER = json.dumps({"choices": [{"message": {"content": "I am Qwen, made by Alibaba Cloud."}}]})
GATES = {"strict": {"max": 0.02}, "loose": {"max": 0.05, "confidence": 0.95}}


async def answer(wire: Wire, _request: Seen) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(ANSWER)}\r\n\r\n"
    await wire.send((head + ANSWER).encode())


def test_the_plan_is_shown_and_nothing_is_asked(project):
    suite = project.suite(n=3, gates=GATES)
    run = project.run(suite, "--distill-plan", model="counted")
    assert (run.code, project.asked()) == (0, 0)
    lines = run.text.splitlines()
    start = lines.index("a.distill.yaml: qwen-max (python:models:counted)")
    assert lines[start + 1 : start + 5] == [
        "  3 probes, nothing is sent",
        "  gate-strict-qwen-max (max 0.02) counts all 3 probes",
        "  gate-loose-qwen-max (max 0.05 at confidence 0.95) can never pass: it needs 59 probes and has 3; ask more",
        "nothing was asked, judged or decided",
    ]
    assert "identity[" not in run.text, "the tests are not listed"
    assert run.line_with("5 tests collected")


@pytest.mark.parametrize("workers", [(), ("-n2",), ("-p", "no:xdist")], ids=["alone", "n2", "no-xdist"])
def test_a_catalogue_model_is_planned_without_its_key(project, monkeypatch, workers):
    monkeypatch.delenv("DASHSCOPE_API_KEY", raising=False)
    suite = project.suite(n=3, gates=GATES)
    run = project.run(suite, "--distill-plan", "--distill-model=qwen-max", *workers)
    assert run.code == 0
    assert run.line_with("  3 probes: 3 calls")
    assert run.line_with("  tokens  about ", " in and 600 out")
    assert run.line_with("  cost    about $0.")
    assert run.line_with("  time    about 5 s")
    assert run.line_with("a run would be refused: model 'qwen-max': no key: set DASHSCOPE_API_KEY")
    assert not (project.path / ".distillcheck").exists()


def test_a_model_without_a_price_is_unpriced(project):
    run = project.run(project.suite(n=3), "--distill-plan", model=LIVE)
    assert run.code == 0
    assert run.line_with("  cost    unpriced")
    assert "$" not in run.text


def test_only_what_is_selected_is_planned(project):
    suite = project.suite(n=3, gates=GATES)
    run = project.run(suite, "--distill-plan", "-k", "q01 or gate-strict", model=LIVE)
    assert run.code == 0
    assert run.line_with("  1 probe: 1 call")
    assert run.line_with("gate-strict", "counts all 3 probes; 2 of them are not selected")
    assert "gate-loose" not in run.text


def test_answers_that_are_kept_are_not_asked_again(project):
    suite = project.suite(n=3)
    with FaultServer() as server:
        spec = f"qwen-max=openai:m@{server.route('chat', answer)}"
        assert project.run(suite, "--distill-build=rc1", "-k", "q01 or q02", model=spec).code == 0
        planned = {
            build: project.run(suite, "--distill-plan", *build, model=spec)
            for build in ((), ("--distill-build=rc1",), ("--distill-build=rc2",))
        }
        assert server.count("chat") == 2
    assert planned[()].line_with("  3 probes: 3 calls")
    assert planned["--distill-build=rc1",].line_with("  3 probes: 1 call, 2 answers kept")
    assert planned["--distill-build=rc2",].line_with("  3 probes: 3 calls")


def test_suites_that_ask_the_same_ask_once(project):
    project.suite("a", n=3)
    project.suite("b", n=3)
    run = project.run("--distill-plan", model=LIVE)
    assert run.line_with("  3 probes: 3 calls")
    assert run.line_with("  3 probes: 0 calls, 3 not sent: asked already, or skipped")
    assert run.text.index("in all") < run.text.index("\n  3 calls\n")


def test_a_hook_that_changes_requests_is_heard(project):
    project.write(
        "conftest.py",
        "from dataclasses import replace\n"
        "def pytest_distill_request(request):\n"
        "    return replace(request, parameters={'max_tokens': 10})\n",
    )
    run = project.run(project.suite(n=3), "--distill-plan", model=LIVE)
    assert run.line_with("  tokens  about ", " in and 30 out")


def test_budgets_that_would_not_do_are_told(project):
    suite = project.suite(n=3)
    run = project.run(suite, "--distill-plan", "--distill-max-requests=2", model=LIVE)
    assert run.line_with("--distill-max-requests: 2 is less than the 3 calls")
    run = project.run(suite, "--distill-plan", "--distill-max-cost=0.0001", "--distill-model=qwen-max")
    assert run.line_with("--distill-max-cost: 0.0001 USD is less than the estimate")
    run = project.run(suite, "--distill-plan", "--distill-max-cost=1", model=LIVE)
    assert run.line_with("a run would be refused: --distill-max-cost: the price of 'qwen-max' is not known")


@pytest.mark.parametrize("flags", [("-q",), ("-qq",), ("-v",), ("-s",), ("--color=yes",), ("-x",), ("--lf",)])
def test_other_flags_leave_the_plan(project, flags):
    run = project.run(project.suite(n=3), "--distill-plan", *flags, model=LIVE)
    assert run.code == 0
    assert run.line_with("3 probes: 3 calls")


def test_without_a_terminal_nothing_is_shown_and_nothing_asked(project):
    suite = project.suite(n=3, gates=GATES)
    assert project.run(suite, "--distill-plan", "-pno:terminal", model="counted").code == 0
    assert project.asked() == 0


def test_collect_only_lists_the_tests_beside_the_plan(project):
    run = project.run(project.suite(n=3), "--distill-plan", "--collect-only", "-q", model=LIVE)
    assert run.line_with("a.distill.yaml::identity[qwen-max-plain-q01]")
    assert run.line_with("  3 probes: 3 calls")


def test_without_a_model_the_plan_says_so(project):
    run = project.run(project.suite(n=3), "--distill-plan")
    assert run.code == 0
    assert run.line_with("no model chosen: give --distill-model=NAME")


def test_without_suites_there_is_no_plan(project):
    project.write("test_plain.py", "def test_it(): raise SystemExit\n")
    run = project.run("--distill-plan")
    assert run.code == 0
    assert "distillcheck plan" not in run.text


def test_a_bad_suite_is_a_collection_error_as_ever(project):
    project.suite(n=3)
    project.write("bad.distill.yaml", "identity: {fact: qwen, gtes: {}}\n")
    run = project.run("--distill-plan", model=LIVE)
    assert run.code == 2
    assert "distillcheck plan" not in run.text


def test_nothing_to_resume_is_wrong_usage_as_in_a_run(project):
    run = project.run(project.suite(n=3), "--distill-plan", "--distill-resume", model=LIVE)
    assert run.code == 4
    assert run.line_with("--distill-resume: no run")
    assert "Traceback" not in run.text


def test_no_file_can_turn_every_run_into_a_plan(project):
    suite = project.suite(n=1)
    project.write("pytest.ini", "[pytest]\ndistill_plan = true\n")
    run = project.run(suite, model="impostor")
    assert (run.code, run.counts["failed"]) == (1, 1)
    project.write("distillcheck.yaml", "plan: true\n")
    assert project.run(suite, model="impostor").code == 4
