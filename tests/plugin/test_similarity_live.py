"""Live references and judges: what is sent, when, with which key, and what is refused before."""

import json
import re
from collections import Counter

import pytest

from tests.faults.catalogue import answer, document, error, response
from tests.plugin.pairs import prompt, recording, spec, write_suite

ALONE_AND_WORKERS = pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])


def served(stub, route, text):
    """Return the SPEC of a live model that always gives the same answer."""
    return f"openai:m-1@{stub.server.route(route, answer(text))}"


def sent(stub):
    """Return how many requests each route got."""
    return Counter(seen.route for seen in stub.server.seen)


def configure(project, **models):
    project.write(
        "distillcheck.yaml", json.dumps({"models": {name: {"spec": s} for name, s in models.items()}})
    )


CONTROLS = 18
"""What the controls ask of a judge that passes them."""


def sober(first, second):
    """Rate equal answers 5, those with words in common 3, and others 1.5."""
    if first.startswith(second) or second.startswith(first):
        return 5
    words = [set(re.findall(r"[^\W\d_]{4,}", text.lower())) for text in (first, second)]
    return 3 if len(words[0] & words[1]) > 4 else 1.5


def judging(rate):
    """Return what behaves as a model that is shown two answers and replies with their rating, or with any text."""

    async def judge(wire, seen):
        task = seen.json()["messages"][-1]["content"]
        said = rate(*re.findall(r"<answer-[12]-\w+>\n(.*?)\n</answer-", task, re.DOTALL) or "ab")
        if not isinstance(said, str):
            said = json.dumps({"style": 1, "logic": 1, "content": 1, "overall": said})
        await wire.send(response(json.dumps(document(seen, said)).encode()))

    return judge


def live_judge(stub, rate=sober):
    return f"judge=openai:j@{stub.server.route('judge', judging(rate))}"


@ALONE_AND_WORKERS
def test_model_and_reference_are_each_asked_once_for_a_prompt(project, stub, args):
    write_suite(project, n=6, references=None, gates={"overall": {"max": 4}})
    model = f"mine={served(stub, 'mine', 'Ask around the village.')}"
    run = project.run(
        f"--distill-reference=gpt={served(stub, 'gpt', 'Certainly! Here is a guide.')}",
        *args,
        "--distill-report=out",
        model=model,
    )
    assert (run.code, run.counts) == (0, {"passed": 7})
    assert sent(stub) == {"mine": 6, "gpt": 6}
    assert "requests: 12 sent" in run.text


@ALONE_AND_WORKERS
def test_two_references_share_the_models_answers(project, stub, args):
    write_suite(project, n=4, references=["gpt", "other"])
    configure(project, gpt=served(stub, "gpt", "Certainly."), other=served(stub, "other", "Well, no."))
    run = project.run(*args, model=f"mine={served(stub, 'mine', 'Ask around.')}")
    assert (run.code, run.counts) == (0, {"passed": 8})
    assert sent(stub) == {"mine": 4, "gpt": 4, "other": 4}


def test_a_recorded_model_can_be_compared_with_a_live_reference_of_its_suite(project, stub):
    write_suite(project, prompts=[prompt(1)], references=["gpt"])
    configure(project, gpt=served(stub, "gpt", "Certainly."))
    assert project.run(model=recording(project, "mine", {1: "No."})).counts == {"passed": 1}
    assert sent(stub) == {"gpt": 1}


def test_workers_ask_for_a_live_reference_that_only_a_suite_names_to_be_named(project, stub):
    write_suite(project, prompts=[prompt(1)], references=["gpt"])
    configure(project, gpt=served(stub, "gpt", "Certainly."))
    model = recording(project, "mine", {1: "No."})
    refused = project.run("-n2", model=model)
    assert refused.code == 4
    assert "name it by --distill-reference, or run without -n" in refused.text
    assert not sent(stub)
    assert project.run("-n2", "--distill-reference=gpt", model=model).counts == {"passed": 1}


@ALONE_AND_WORKERS
def test_a_missing_key_of_a_reference_is_told_before_anything_is_sent(project, stub, args, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    write_suite(project, references=["gpt-4o"])
    run = project.run(*args, model=f"mine={served(stub, 'mine', 'Ask around.')}")
    assert run.code == 4
    assert "OPENAI_API_KEY" in run.text
    assert not sent(stub)


def test_an_identity_suite_needs_no_key_of_a_reference_that_nothing_compares_with(project, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    project.suite()
    assert project.run("--distill-reference=gpt-4o", model="honest").code == 0


def test_a_reference_that_refuses_some_prompts_is_an_error_of_their_tests(project, stub):
    write_suite(
        project, n=2, prompts=[prompt(1), prompt(2)], references=["gpt"], gates={"overall": {"max": 4}}
    )
    configure(project, gpt=f"openai:m-1@{stub.server.route('gpt', error(400), answer('Certainly.'))}")
    run = project.run("--distill-concurrency=1", model=spec("stranger"))
    assert (run.code, run.counts) == (11, {"passed": 1, "errors": 2})


def test_references_are_recorded_too(project, stub):
    write_suite(project, n=2, references=["gpt"])
    configure(project, gpt=served(stub, "gpt", "Certainly."))
    project.run("--distill-record=kept", model=spec("stranger"))
    assert sorted(path.name for path in (project.path / "kept").iterdir()) == ["gpt.jsonl", "stranger.jsonl"]
    again = project.run(
        "--distill-reference=gpt=recorded:kept/gpt.jsonl", model="stranger=recorded:kept/stranger.jsonl"
    )
    assert again.counts == {"passed": 2}
    assert sent(stub) == {"gpt": 2}


def test_a_replayed_reference_is_refused_where_answers_must_be_live(project):
    write_suite(project, prompts=[prompt(1)], references=[recording(project, "gpt", {1: "Certainly."})])
    run = project.run("--distill-require-live", model=spec("stranger"))
    assert run.code == 4
    assert "the model 'gpt' is replayed" in run.text


def test_two_live_models_of_one_name_are_a_usage_error(project, stub):
    write_suite(project, references=None)
    run = project.run(
        f"--distill-reference=gpt={served(stub, 'gpt', 'Certainly.')}",
        f"--distill-similarity-judge=gpt=openai:j@{stub.server.route('judge', judging(sober))}",
        "--distill-allow-self-judge",
        model=spec("stranger"),
    )
    assert run.code == 4
    assert "two live models are called 'gpt'" in run.text


@ALONE_AND_WORKERS
def test_a_judge_that_is_a_model_rates_in_both_orders_and_is_named(project, stub, args):
    write_suite(project, n=4, references=None, gates={"overall": {"max": 4}})
    run = project.run(
        f"--distill-reference=gpt={served(stub, 'gpt', 'Certainly.')}",
        f"--distill-similarity-judge={live_judge(stub)}",
        *args,
        "--distill-report=out",
        model=f"mine={served(stub, 'mine', 'Ask around.')}",
    )
    assert (run.code, run.counts) == (0, {"passed": 5})
    assert sent(stub) == {"mine": 4, "gpt": 4, "judge": 8 + CONTROLS}
    assert {(r["judge"], r["rating"]["overall"]) for r in project.results()["records"]} == {("judge", 1.5)}
    assert "judge judge: 8 of 8 control pairs rated as they must be" in run.text
    scores = project.results()["models"]["mine"]["suites"]["s.distill.yaml"]["similarity"]["gpt"]
    assert scores["measurement"]["judge"] == "judge"
    assert (
        scores["controls"]["unavailable"]["floor"]
        == "only the embedded judge rates pairs that nobody asked for"
    )


def hold_first_test(project):
    """Have the first test wait for a file `go`: all that is asked by then was sent ahead."""
    project.write(
        "conftest.py",
        "import pathlib, time, pytest\n"
        "@pytest.fixture(autouse=True)\n"
        "def slow(request):\n"
        "    if 'p01' in request.node.name:\n"
        "        end = time.monotonic() + 20\n"
        "        while not pathlib.Path('go').exists() and time.monotonic() < end:\n"
        "            time.sleep(0.02)\n",
    )


def test_the_judges_requests_go_out_while_later_tests_wait_for_their_turn(project, stub):
    answers = {i: f"Answer {i}." for i in range(1, 5)}
    write_suite(
        project,
        prompts=[prompt(i) for i in answers],
        references=[recording(project, "gpt", {i: f"Certainly {i}." for i in answers})],
    )
    hold_first_test(project)
    process = project.start(
        f"--distill-similarity-judge={live_judge(stub)}", model=recording(project, "mine", answers)
    )
    stub.wait_for(8 + CONTROLS)
    project.write("go", "")
    text, _ = process.communicate(timeout=60)
    assert process.returncode == 0, text
    assert sent(stub) == {"judge": 8 + CONTROLS}


def test_the_controls_go_out_ahead_though_the_first_answer_never_comes(project, stub):
    write_suite(project, n=2, references=["gpt"])
    configure(project, gpt=f"openai:m-1@{stub.server.route('gpt', error(400), answer('Certainly.'))}")
    hold_first_test(project)
    process = project.start(
        "--distill-concurrency=1",
        f"--distill-similarity-judge={live_judge(stub)}",
        model=recording(project, "mine", {1: "No.", 2: "Never."}),
    )
    stub.wait_for(2 + CONTROLS + 2)
    project.write("go", "")
    text, _ = process.communicate(timeout=60)
    assert process.returncode == 11, text
    assert sent(stub) == {"gpt": 2, "judge": CONTROLS + 2}


@pytest.mark.parametrize("whose", ["model", "reference"])
def test_a_judge_that_is_compared_is_refused_unless_allowed(project, stub, whose):
    write_suite(project, n=2, prompts=[prompt(1)], references=None)
    judged = live_judge(stub)
    names = {"model": ("renamed", "gpt"), "reference": ("mine", "renamed")}[whose]
    specs = [
        judged.replace("judge=", "renamed=") if name == "renamed" else f"{name}={served(stub, name, 'Well.')}"
        for name in names
    ]
    options = [f"--distill-reference={specs[1]}", f"--distill-similarity-judge={judged}"]
    run = project.run(*options, model=specs[0])
    assert run.code == 4
    assert "the similarity judge 'judge' is the compared model 'renamed'" in run.text
    allowed = project.run(*options, "--distill-allow-self-judge", model=specs[0])
    assert allowed.code == 11
    # It only ever answers with a rating, which a judge may not repeat.
    assert "the very rating that it gives stands in one of the answers" in allowed.text


def test_a_judge_that_cannot_be_read_leaves_the_pair_unjudged(project, stub):
    write_suite(project, n=2, prompts=[prompt(1)], gates={"overall": {"max": 4}})
    judge = live_judge(stub, lambda *pair: "Alike." if "ask around" in "".join(pair) else sober(*pair))
    run = project.run(f"--distill-similarity-judge={judge}", model=spec("stranger"))
    assert (run.code, run.counts) == (1, {"unjudged": 1, "failed": 1})
    assert "the judge gave no rating (judge: the reply is no rating" in run.text


def test_a_judge_that_is_down_leaves_the_pair_missing(project, stub):
    write_suite(project, n=2, prompts=[prompt(1)], gates={"overall": {"max": 4}})
    judge = f"judge=openai:j@{stub.server.route('judge', error(400))}"
    run = project.run(f"--distill-similarity-judge={judge}", model=spec("stranger"))
    assert (run.code, run.counts) == (11, {"errors": 2})
    assert "the judge judge could not be asked" in run.text


UNFIT = {
    "constant": (lambda *_: 3.5, "identical answers: overall is 3.5, and 4.5 is the least"),
    "generous": (lambda *_: 5, "unrelated answers: overall is 5, and 2 is the most"),
    "unreadable": (lambda *_: "Alike.", "identical answers: no rating: judge: the reply is no rating"),
    "by order": (
        lambda one, other: sober(one, other) if one == other else 1 + 4 * (one < other),
        "unrelated answers: no rating: judge: the order decides",
    ),
    "by name": (
        lambda one, other: 5 if one.count("OpenAI") == other.count("OpenAI") == 1 else sober(one, other),
        "answers that one model signed, or two models: overall changed by 2, and 1 is the most",
    ),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_a_judge_that_fails_a_control_decides_nothing(project, stub, kind):
    rate, told = UNFIT[kind]
    write_suite(project, n=4, gates={"overall": {"max": 5, "min": 1}, "style": {"max": 2}})
    run = project.run(
        f"--distill-similarity-judge={live_judge(stub, rate)}", "--distill-report=out", model=spec("stranger")
    )
    assert (run.code, run.counts) == (11, {"unjudged": 4, "errors": 2})
    assert told in run.line_with("judge judge: it fails a control, ")
    assert "name another --distill-similarity-judge" in run.line_with("judge judge: ")
    results = project.results()
    assert {record["rating"] for record in results["records"]} == {None}
    assert all(told in record["unjudged"] for record in results["records"])
    assert {gate["decision"] for gate in results["gates"]} == {"INCOMPLETE"}
    assert "4 of 4 pairs are missing (the judge judge fails a control)" in run.line_with("INCOMPLETE ")


def test_a_judge_that_fails_a_control_leaves_tests_without_gates_in_error(project, stub):
    write_suite(project, n=2, per_prompt={"overall": {"max": 5}})
    run = project.run(f"--distill-similarity-judge={live_judge(stub, lambda *_: 3)}", model=spec("stranger"))
    assert (run.code, run.counts) == (11, {"errors": 2})
    assert "unjudged: the judge gave no rating (it fails a control, identical answers" in run.text


@ALONE_AND_WORKERS
def test_a_judge_that_fails_a_control_is_asked_about_no_pair(project, stub, args):
    answers = {i: f"Answer {i}." for i in range(1, 7)}
    write_suite(
        project,
        prompts=[prompt(i) for i in answers],
        references=[recording(project, "gpt", {i: f"Certainly {i}." for i in answers})],
        gates={"overall": {"max": 5}},
    )
    run = project.run(
        f"--distill-similarity-judge={live_judge(stub, lambda *_: 2)}",
        *args,
        model=recording(project, "mine", answers),
    )
    assert (run.code, run.counts) == (11, {"unjudged": 6, "errors": 1})
    assert sent(stub) == {"judge": CONTROLS}
    assert (
        "judge judge: it fails a control, identical answers: overall is 2, and 4.5 is the least" in run.text
    )


@pytest.mark.parametrize("answers", [[error(400)], [judging(sober), error(400)]], ids=["first", "later"])
def test_an_outage_during_the_controls_says_nothing_about_the_judge(project, stub, answers):
    write_suite(project, n=2, gates={"overall": {"max": 5}})
    run = project.run(
        f"--distill-similarity-judge=judge=openai:j@{stub.server.route('judge', *answers)}",
        model=spec("stranger"),
    )
    assert (run.code, run.counts) == (11, {"errors": 3})
    assert "the judge judge could not be asked" in run.text
    assert "judge judge:" not in run.text


@ALONE_AND_WORKERS
def test_a_resumed_run_asks_no_control_twice(project, stub, args):
    write_suite(project, n=2, gates={"overall": {"max": 5}})
    route = stub.server.route("judge", judging(sober), judging(sober), error(400), judging(sober))
    options = [f"--distill-similarity-judge=judge=openai:j@{route}", "--distill-concurrency=1", *args]
    assert project.run(*options, model=spec("stranger")).code == 11
    assert sent(stub) == {"judge": 3}
    assert project.run(*options, "--distill-resume", model=spec("stranger")).counts == {"passed": 3}
    assert sent(stub) == {"judge": 4 + CONTROLS + 1}


def judged_by_callable(project, body):
    project.write("judging.py", f"def judge(messages, **parameters):\n    {body}\n")
    return "--distill-similarity-judge=judge=python:judging:judge"


def test_a_callable_is_controlled_too_and_asked_no_more_once_it_failed(project):
    write_suite(project, gates={"overall": {"max": 5}})
    judge = judged_by_callable(project, "with open('asked', 'a') as log: log.write('x')\n    return 'Alike.'")
    assert project.run(judge, model=spec("stranger")).code == 11
    assert (project.path / "asked").read_text() == "x"


def test_a_callable_that_is_out_during_the_controls_is_an_outage(project):
    write_suite(project, gates={"overall": {"max": 5}})
    run = project.run(judged_by_callable(project, "raise OSError('out')"), model=spec("stranger"))
    assert (run.code, run.counts) == (11, {"errors": 5})
    assert "the judge judge could not be asked" in run.text


@ALONE_AND_WORKERS
def test_what_a_judge_said_is_recorded_and_replays_to_the_same_results(project, stub, args):
    write_suite(project, n=4, gates={"overall": {"max": 4}})
    live = project.run(
        f"--distill-similarity-judge={live_judge(stub)}",
        "--distill-record=kept",
        "--distill-report=live",
        *args,
        model=spec("student"),
    )
    assert live.code == 0, live.text
    asked = sent(stub)
    replayed = project.run(
        "--distill-similarity-judge=judge=recorded:kept/judge.jsonl",
        "--distill-report=replayed",
        "--distill-offline",
        *args,
        model=spec("student"),
    )
    assert (replayed.code, replayed.counts) == (live.code, live.counts)
    assert project.results("replayed") == project.results("live")
    assert sent(stub) == asked == {"judge": 8 + CONTROLS}


def test_a_failed_control_replays_too(project, stub):
    write_suite(project, n=2, gates={"overall": {"max": 5}})
    judged = live_judge(stub, lambda *_: 2)
    assert (
        project.run(
            f"--distill-similarity-judge={judged}", "--distill-record=kept", model=spec("stranger")
        ).code
        == 11
    )
    run = project.run("--distill-similarity-judge=judge=recorded:kept/judge.jsonl", model=spec("stranger"))
    assert run.code == 11
    assert "judge judge: it fails a control, identical answers: overall is 2" in run.text


def test_a_recording_without_the_controls_is_an_outage(project):
    write_suite(project, n=2, gates={"overall": {"max": 5}})
    judge = recording(project, "judge", {1: "3"})
    run = project.run(f"--distill-similarity-judge={judge}", model=spec("stranger"))
    assert (run.code, run.counts) == (11, {"errors": 3})
    assert "no answer recorded" in run.text


def test_controls_of_a_known_build_are_asked_once_for_all_runs(project, stub):
    write_suite(project, n=2)
    options = [f"--distill-similarity-judge={live_judge(stub)}", "--distill-build=b1"]
    assert project.run(*options, model=spec("stranger")).code == 0
    asked = sent(stub)
    assert asked == {"judge": 4 + CONTROLS}
    again = project.run(*options, "--distill-offline", model=spec("stranger"))
    assert again.code == 0
    assert "judge judge: 8 of 8 control pairs rated as they must be" in again.text
    assert sent(stub) == asked


def test_the_plan_counts_model_reference_and_judge(project, stub):
    write_suite(project, n=4, references=["gpt"], gates={"overall": {"max": 4, "confidence": 0.95}})
    configure(project, gpt=served(stub, "gpt", "Certainly."))
    run = project.run(
        "--distill-plan",
        f"--distill-similarity-judge={live_judge(stub)}",
        model=f"mine={served(stub, 'mine', 'Ask around.')}",
    )
    assert run.code == 0
    assert "4 prompts compared with gpt (openai:m-1@" in run.text
    assert "rated by judge (openai:j@" in run.text
    assert f": {16 + CONTROLS} calls" in run.text
    assert "can never be decided: bounds need 30 prompts and it has 4" in run.text
    assert not sent(stub)


def test_a_resumed_run_asks_no_answer_of_a_reference_twice(project, stub):
    write_suite(project, n=3, prompts=[prompt(i) for i in (1, 2, 3)], references=["gpt"])
    configure(project, gpt=f"openai:m-1@{stub.server.route('gpt', answer('A.'), error(400), answer('A.'))}")
    model = f"mine={served(stub, 'mine', 'Ask around.')}"
    assert project.run("--distill-concurrency=1", model=model).code == 11
    assert project.run("--distill-resume", model=model).counts == {"passed": 3}
    assert sent(stub) == {"mine": 3, "gpt": 4}
