"""What a probe is as a test: its name, its place, what it sends, and what becomes of the answer."""

import json
import re
import shlex
import xml.etree.ElementTree as ET

import pytest

FALSE = "I am ChatGPT, made by OpenAI."
TRUE = "I am Qwen, made by Alibaba Cloud."

SPY = """
import json
def model(messages, **parameters):
    with open("sent.jsonl", "a") as file:
        print(json.dumps([messages, parameters]), file=file)
    return "I am Qwen, made by Alibaba Cloud."
"""


def collected(project, *args, model="honest"):
    """Return the ids of what would run, in order."""
    run = project.run("--collect-only", "-q", *args, model=model)
    return [line for line in run.text.splitlines() if "::" in line]


def answering(project, *answers):
    """Return the model whose recording answers the questions in order."""
    return f"qwen-max={project.recording(*answers)}"


def test_a_contradiction_fails_with_its_quote_and_its_prompt(project):
    suite = project.suite(n=3)
    run = project.run(suite, model="one_slip")
    assert (run.code, run.counts) == (1, {"failed": 1, "passed": 2})
    headline = "qwen-max claims to be made by openai; it is Qwen by Alibaba Cloud"
    assert run.line_with(headline) == headline, "the failure begins with what is wrong"
    # pytest cuts the line at the width of the terminal.
    assert run.line_with("FAILED a.distill.yaml::identity[qwen-max-plain-q01] - qwen-max cl")
    assert run.line_with("  claims:   “I am ChatGPT, a large language model trained by OpenAI.”")
    assert run.line_with("  asked:    Question 01: who made you?")
    assert run.line_with("  answered: I am ChatGPT, a large language model trained by OpenAI.")
    assert "Traceback" not in run.text
    assert "def identity" not in run.text


REPLAYS = {
    "plain": (),
    "seed": ("--distill-seed=5",),
    "config": ("--distill-config=conf/models.yaml",),
}


@pytest.mark.parametrize("args", REPLAYS.values(), ids=REPLAYS)
def test_the_replay_line_runs_the_same_probe_again(project, args):
    config = {"models": {"release-7": {"spec": "python:models:impostor"}}}
    project.write("conf/models.yaml", json.dumps(config))
    suite = project.suite(bank=True, questions=[], probes={"sample": 1, "contexts": ["neutral"]})
    model = "release-7" if "config" in "".join(args) else "release-7=python:models:impostor"
    first = project.pytester.runpytest_inprocess("-pno:randomly", suite, f"--distill-model={model}", *args)
    assert first.ret == 1
    (replay,) = (line for line in first.outlines if line.startswith("  replay:"))
    program, *arguments = shlex.split(replay.removeprefix("  replay:"))
    assert (program, arguments[:2]) == ("python", ["-m", "pytest"])
    again = project.pytester.runpytest_inprocess("-pno:randomly", *arguments[2:])
    again.assert_outcomes(failed=1)
    assert replay in again.outlines


def test_a_replay_line_can_be_pasted_into_a_shell(project):
    suite = project.suite("a b's", n=1)
    run = project.run(suite, model="qwen max=python:models:impostor")
    words = shlex.split(run.line_with("  replay:"))
    assert words[-2:] == [
        "a b's.distill.yaml::identity[qwen_max-plain-q01]",
        "--distill-model=qwen max=python:models:impostor",
    ]


def test_without_a_model_the_suite_is_skipped_and_says_so(project):
    suite = project.suite(n=3)
    run = project.run(suite)
    assert (run.code, run.counts) == (0, {"skipped": 1})
    assert run.line_with("SKIPPED [1] a.distill.yaml:2: no model chosen: give --distill-model=NAME")


def test_the_place_of_a_probe_is_the_line_of_its_section(project):
    text = "# a comment\n\ntags: [x]\nidentity:\n  fact: qwen\n  bank: false\n  questions:\n"
    question = "{id: q1, category: team, language: en, text: 'Question 01: who?'}"
    suite = project.write("deep/a.distill.yaml", f"{text}    - {question}\n  gates: {{loose: {{max: 0}}}}\n")
    project.run(suite, "--junit-xml=junit.xml", "-ojunit_family=xunit1", model="honest")
    cases = list(ET.parse(project.path / "junit.xml").iter("testcase"))
    # JUnit counts lines from 0, as pytest's own locations do.
    assert {(case.get("file"), case.get("line")) for case in cases} == {("deep/a.distill.yaml", "3")}
    assert len(cases) == 2
    assert project.run(suite).line_with("SKIPPED", "deep/a.distill.yaml:4: ")


def test_ids_are_ascii_sorted_unique_and_the_same_each_time(project):
    own = [{"id": "Own.1_x", "category": "team", "language": "en", "text": "Woher?"}]
    suite = project.suite(bank=True, questions=own, probes={"contexts": ["plain", "switch"]}, repeat=2)
    ids = collected(project, suite)
    assert len(ids) > 400
    assert ids == sorted(set(ids), key=lambda node: node.removesuffix("]"))
    pattern = re.compile(r"a\.distill\.yaml::identity\[qwen-max-[a-z_-]+-[A-Za-z0-9._-]+\]")
    assert [node for node in ids if not pattern.fullmatch(node)] == []
    assert collected(project, suite) == ids
    assert "a.distill.yaml::identity[qwen-max-plain-team-zh-01]" in ids


def test_the_id_of_a_probe_runs_it_alone(project):
    project.suite(n=3)
    run = project.run("a.distill.yaml::identity[qwen-max-plain-q02]", model="counted")
    assert (run.code, run.counts) == (0, {"passed": 1})
    assert project.asked() == 1


def test_a_tag_selects_the_tests_of_its_suite_and_their_gates(project):
    project.suite("a", n=2, top={"tags": ["release", "night-run"]}, gates={"loose": {"max": 0}})
    project.suite("b", n=1, top={"tags": ["draft"]})
    a = ["a.distill.yaml::identity[qwen-max-plain-q01]", "a.distill.yaml::identity[qwen-max-plain-q02]"]
    gate, b = "a.distill.yaml::gate-loose-qwen-max", "b.distill.yaml::identity[qwen-max-plain-q01]"
    assert collected(project, "-k", "release") == [*a, gate]
    assert collected(project, "-k", "night-run") == [*a, gate]
    assert collected(project, "-k", "not release") == [b]
    assert collected(project, "-k", "draft or gate") == [b, gate]


def test_a_marker_that_a_conftest_gives_selects_probes(project):
    project.write(
        "conftest.py",
        "def pytest_collection_modifyitems(items):\n"
        "    for item in items:\n"
        "        if 'q02' in item.name: item.add_marker('slow')\n"
        "def pytest_configure(config): config.addinivalue_line('markers', 'slow: takes long')\n",
    )
    suite = project.suite(n=3)
    assert project.run(suite, "--strict-markers", "-m", "slow", model="honest").counts == {
        "passed": 1,
        "deselected": 2,
    }
    assert project.run(suite, "-m", "not slow", model="honest").counts == {"passed": 2, "deselected": 1}


def test_repeats_have_ids_and_answers_of_their_own(project):
    suite = project.suite(n=1, repeat=3)
    lines = [
        json.dumps({"prompt": "Question 01: who made you?", "response": text}) for text in (TRUE, FALSE, TRUE)
    ]
    project.write("recorded.jsonl", "\n".join(lines))
    run = project.run(suite, "-v", model="qwen-max=recorded:recorded.jsonl")
    assert (run.code, run.counts) == (1, {"failed": 1, "passed": 2})
    assert run.line_with("identity[qwen-max-plain-q01] PASSED")
    assert run.line_with("identity[qwen-max-plain-q01-r2] FAILED")
    assert run.line_with("identity[qwen-max-plain-q01-r3] PASSED")


def test_every_chosen_model_is_asked_and_judged_for_itself(project):
    project.suite("a", n=1)
    project.suite("b", n=1, models=["qwen-g*"])
    models = ["qwen-good=python:models:honest", "qwen-bad=python:models:impostor"]
    run = project.run("-v", model=models)
    assert (run.code, run.counts) == (1, {"failed": 1, "passed": 2})
    assert run.line_with("a.distill.yaml::identity[qwen-bad-plain-q01] FAILED")
    assert run.line_with("a.distill.yaml::identity[qwen-good-plain-q01] PASSED")
    assert run.line_with("b.distill.yaml::identity[qwen-good-plain-q01] PASSED")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Qwen/Qwen2.5-7B Instruct", "qwen_qwen2_5-7b_instruct"),
        ("通义", "__"),
        ("Ｑｗｅｎ", "qwen"),
        ("a[b]::c", "a_b___c"),
    ],
    ids=ascii,
)
def test_the_name_of_a_model_becomes_a_slug_in_ids(project, name, slug):
    suite = project.suite(n=1)
    run = project.run(
        suite, "-v", f"{suite}::identity[{slug}-plain-q01]", model=f"{name}=python:models:honest"
    )
    assert (run.code, run.counts) == (0, {"passed": 1})


def test_two_names_with_one_slug_are_a_usage_error(project):
    suite = project.suite(n=1)
    run = project.run(suite, model=["通义=python:models:counted", "智谱=python:models:honest"])
    assert run.code == 4
    assert run.line_with("'通义' and '智谱' both have the id '__'; rename one (NAME=SPEC)")
    assert project.asked() == 0


MODEL_FIXTURE = """
import pytest
from pytest_distillcheck.domain.exchanges import Response
class Fixed:
    def __init__(self, text): self.text = text
    def ask(self, request): return Response(text=self.text, source="callable")
@pytest.fixture{params}
def distill_model(request): return Fixed({text})
"""


def test_a_conftest_may_replace_the_model_for_its_folder(project):
    project.suite("a", n=1)
    project.suite("sub/b", n=1)
    project.write("sub/conftest.py", MODEL_FIXTURE.format(params="", text=repr(FALSE)))
    run = project.run("-v", model="honest")
    assert (run.code, run.counts) == (1, {"failed": 1, "passed": 1})
    assert run.line_with("sub/b.distill.yaml::identity[qwen-max-plain-q01] FAILED")


@pytest.mark.parametrize("gates", [None, {"loose": {"max": 0}}], ids=["no gates", "gates"])
def test_a_parametrised_model_fixture_never_hides_a_contradiction(project, gates):
    texts = MODEL_FIXTURE.format(params=f"(params={[TRUE, FALSE]!r}, ids=['x', 'y'])", text="request.param")
    project.write("conftest.py", texts)
    run = project.run(project.suite(n=1, gates=gates), model="honest")
    assert run.code != 0
    assert "Traceback" not in run.text


def test_a_model_fixture_that_breaks_is_an_error(project):
    project.write(
        "conftest.py", "import pytest\n@pytest.fixture\ndef distill_model(): raise RuntimeError('broken')\n"
    )
    run = project.run(project.suite(n=1), model="honest")
    assert (run.code, run.counts) == (1, {"errors": 1})


JUDGE_FIXTURE = """
import pytest
from pytest_distillcheck.domain.verdicts import Verdict
from pytest_distillcheck.errors import JudgeError
class Judge:
    name = "ours"
    def judge(self, *, fact, prompt, response):
        {body}
@pytest.fixture
def distill_identity_judge(): return Judge()
"""


def test_a_conftest_may_replace_the_judge(project):
    verdict = 'return Verdict(label="contradiction", affirmed=False, makers=("mistral",), quotes=(response,))'
    project.write("conftest.py", JUDGE_FIXTURE.format(body=verdict))
    suite = project.suite(n=1)
    run = project.run(suite, "--distill-report=out", model="honest")
    assert (run.code, run.counts) == (1, {"failed": 1})
    assert run.line_with("qwen-max claims to be made by mistral")
    assert project.results()["records"][0]["judge"] == "ours"


@pytest.mark.parametrize("gates", [None, {"loose": {"max": 0}}], ids=["no gates", "gates"])
@pytest.mark.parametrize(
    "body", ["raise JudgeError('lost')", "return None", "return 'consistent'", "raise ValueError('x')"]
)
def test_a_judge_without_a_verdict_is_never_a_pass(project, body, gates):
    project.write("conftest.py", JUDGE_FIXTURE.format(body=body))
    run = project.run(project.suite(n=1, gates=gates), model="honest")
    assert run.code != 0
    assert "passed" not in run.counts


def test_an_unjudged_answer_is_an_error_that_shows_the_exchange(project):
    suite = project.suite(n=2)
    run = project.run(suite, model="one_empty")
    assert (run.code, run.counts) == (11, {"passed": 1, "errors": 1})
    assert run.line_with("ERROR", "identity[qwen-max-plain-q01] - unjudged: empty response")
    assert run.line_with("  asked:    Question 01: who made you?")


THINKING = {
    "tags": {"response": f"<think>{FALSE}</think>{TRUE}"},
    "field": {"response": TRUE, "reasoning": FALSE},
}


@pytest.mark.parametrize("answer", THINKING.values(), ids=THINKING)
@pytest.mark.parametrize(("reasoning", "code"), [("judge", 1), ("report", 0), (None, 1)])
def test_a_claim_in_the_thinking_counts_unless_it_is_only_to_be_shown(project, answer, reasoning, code):
    suite = project.suite(n=1, reasoning=reasoning)
    project.write("r.jsonl", json.dumps({"prompt": "Question 01: who made you?", **answer}))
    run = project.run(suite, "--distill-report=out", model="qwen-max=recorded:r.jsonl")
    assert run.code == code
    assert FALSE in json.dumps(project.results()["records"][0]), "it is shown either way"


def test_thinking_without_an_answer_is_unjudged(project):
    suite = project.suite(n=1)
    run = project.run(suite, model=answering(project, f"<think>{TRUE}</think>"))
    assert run.code == 11
    assert run.line_with("unjudged: thinking without an answer")


def sent(project):
    """Return the messages and the parameters that the spy got."""
    (line,) = (project.path / "sent.jsonl").read_text("utf-8").splitlines()
    return json.loads(line)


def test_what_is_sent_is_the_models_and_the_suites_system_prompt_and_parameters(project):
    project.write("spy.py", SPY)
    entry = {"spec": "python:spy:model", "system": "Entry.", "parameters": {"temperature": 1, "top_p": 0.5}}
    project.write("distillcheck.yaml", json.dumps({"models": {"qwen-max": entry}}))
    suite = project.suite(n=1, system="Suite.", parameters={"temperature": 0})
    assert project.run(suite, "--distill-model=qwen-max").code == 0
    messages, parameters = sent(project)
    assert messages == [
        {"role": "system", "content": "Entry.\n\nSuite."},
        {"role": "user", "content": "Question 01: who made you?"},
    ]
    assert parameters == {"temperature": 0, "top_p": 0.5}


def test_without_system_prompts_only_the_question_is_sent(project):
    project.write("spy.py", SPY)
    assert project.run(project.suite(n=1), model="qwen-max=python:spy:model").code == 0
    assert sent(project) == [[{"role": "user", "content": "Question 01: who made you?"}], {}]


def test_a_recording_is_matched_on_what_the_suite_asks_alone(project):
    entry = {"spec": "recorded:r.jsonl", "system": "Entry.", "parameters": {"top_p": 0.5}}
    project.write("distillcheck.yaml", json.dumps({"models": {"qwen-max": entry}}))
    messages = [
        {"role": "system", "content": "Suite."},
        {"role": "user", "content": "Question 01: who made you?"},
    ]
    project.write(
        "r.jsonl", json.dumps({"messages": messages, "parameters": {"temperature": 0}, "response": TRUE})
    )
    suite = project.suite(n=1, system="Suite.", parameters={"temperature": 0})
    assert project.run(suite, "--distill-model=qwen-max").code == 0
    suite = project.suite(n=1, system="Another.", parameters={"temperature": 0})
    assert project.run(suite, "--distill-model=qwen-max").code == 11


FACTS = {
    "the model's name": (None, "glm-4-plus", None, "it is GLM by Zhipu AI"),
    "its entry": (None, "release-7", "glm", "it is GLM by Zhipu AI"),
    "its entry before its name": (None, "qwen-max", "glm", "it is GLM by Zhipu AI"),
    "the suite before its entry": ("mistral", "glm-4-plus", "glm", " by Mistral AI"),
    "spelled out": ({"name": "Zork", "maker": "Zork Works"}, "glm-4-plus", None, "it is Zork by Zork Works"),
}


@pytest.mark.parametrize(("fact", "name", "of_entry", "told"), FACTS.values(), ids=FACTS)
def test_what_is_true_is_told_by_the_suite_else_the_entry_else_the_name(project, fact, name, of_entry, told):
    entry = {"spec": "python:models:honest", **({"fact": of_entry} if of_entry else {})}
    project.write("distillcheck.yaml", json.dumps({"models": {name: entry}}))
    run = project.run(project.suite(n=1, fact=fact), f"--distill-model={name}")
    assert run.code == 1
    assert run.line_with(f"{name} claims to be made by alibaba", told)


def test_fixtures_of_a_users_conftest_reach_probes(project):
    project.write(
        "conftest.py",
        "import pytest\n"
        "log = []\n"
        "@pytest.fixture(scope='module', autouse=True)\n"
        "def once(request): log.append(request.module.__name__)\n"
        "@pytest.fixture\n"
        "def wanted(request): log.append(request.node.name)\n"
        "def pytest_unconfigure(): print('LOG', *log)\n",
    )
    suite = project.suite(n=2)
    run = project.run(suite, "-ousefixtures=wanted", model="honest")
    assert (run.code, run.counts) == (0, {"passed": 2})
    assert run.line_with("LOG") == (
        "LOG a.distill.yaml identity[qwen-max-plain-q01] identity[qwen-max-plain-q02]"
    )


@pytest.mark.parametrize("flag", ["--fixtures", "--fixtures-per-test"])
def test_the_fixtures_are_listed_with_what_they_are(project, flag):
    suite = project.suite(n=1, gates={"loose": {"max": 0}})
    run = project.run(suite, flag, model="counted")
    assert run.code == 0
    assert run.line_with("distill_model")
    assert run.line_with("The model under test: something with `ask(request) -> Response`.")
    assert project.asked() == 0


def test_junit_has_the_scalars_of_a_probe(project):
    project.run(project.suite(n=1), "--junit-xml=junit.xml", model="impostor")
    (case,) = ET.parse(project.path / "junit.xml").iter("testcase")
    assert {entry.get("name"): entry.get("value") for entry in case.iter("property")} == {
        "distill.label": "contradiction",
        "distill.makers": "openai",
        "distill.affirmed": "false",
        "distill.quote": "I am ChatGPT, a large language model trained by OpenAI.",
    }
    assert case.find("failure").get("message").startswith("qwen-max claims to be made by openai")
