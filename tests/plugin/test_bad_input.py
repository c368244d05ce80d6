"""What users get wrong: one clear message with its place, the right exit code, no traceback, and nothing is asked."""

import json

import pytest

HEAD = "identity:\n  fact: qwen\n"


def good(extra=""):
    """Return a suite of one question with more lines under `identity`."""
    question = "{id: q1, category: team, language: en, text: 'Question 01: who?'}"
    return f"{HEAD}  bank: false\n  questions:\n    - {question}\n{extra}"


SUITES = {
    "unknown key": (HEAD + "  gtes: {}\n", "3:3: identity.gtes: unknown key 'gtes'; did you mean 'gates'?"),
    "unknown key at the top": (HEAD + "identitty: {}\n", "3:1: identitty: unknown key"),
    "wrong type": (HEAD + "  repeat: [2]\n", "3:11: identity.repeat: expected a whole number, found a list"),
    "wrong kind of number": (
        HEAD + "  repeat: 1.5\n",
        "3:11: identity.repeat: expected a whole number, found 1.5",
    ),
    "number where text is meant": (
        HEAD + "  system: 42\n",
        "3:11: identity.system: expected text, found 42; put it in quotes",
    ),
    "truth value where text is meant": (
        HEAD + "  system: true\n",
        "3:11: identity.system: expected text, found true; put it in quotes",
    ),
    "nothing where text is meant": (HEAD + "  system:\n", "identity.system: expected text, found nothing"),
    "duplicate key": (HEAD + "  fact: glm\n", "3:3: duplicate key 'fact', first on line 2"),
    "tag": (HEAD + "  system: !!python/name:os.system x\n", "3:11: tag "),
    "merge key": ("a: &a {fact: qwen}\nidentity:\n  <<: *a\n", "3:3: merge keys"),
    "recursive alias": (HEAD + "  parameters: &p {x: [*p]}\n", "3:23: alias *p contains itself"),
    "alias without an anchor": (HEAD + "  system: *s\n", "3:11: alias *s has no anchor before it"),
    "alias bomb": (
        "x0: &x0 [1,1,1,1,1,1,1,1,1,1]\n"
        + "".join(f"x{i}: &x{i} [{','.join([f'*x{i - 1}'] * 10)}]\n" for i in range(1, 9))
        + HEAD,
        "aliases add more than 50,000 nodes",
    ),
    "two documents": (HEAD + "---\nidentity: {}\n", "3:1: a second document"),
    "no YAML": (HEAD + "  system: 'x\n", "not YAML: "),
    "a tab": ("identity:\n\tfact: qwen\n", "2:1: not YAML: "),
    "empty file": ("", "empty file"),
    "comments alone": ("# nothing\n", "empty file"),
    "a list": ("- identity\n", "expected a mapping, found a list"),
    "a text": ("identity\n", "expected a mapping, found the text 'identity'"),
    "no identity": ("tags: [x]\n", "asks nothing; add `identity` or `similarity`"),
    "identity is nothing": ("identity:\n", "identity: expected a mapping, found nothing"),
    "fact without a maker": (
        "identity:\n  fact: {name: Qwen}\n",
        "2:9: identity.fact: the key 'maker' is missing",
    ),
    "fact without a name": (
        "identity:\n  fact: {maker: Qwen}\n",
        "2:9: identity.fact: the key 'name' is missing",
    ),
    "unknown fact": ("identity:\n  fact: qwenn\n", "2:9: identity.fact: "),
    "unknown teacher": (
        HEAD + "  teachers: [opanai]\n",
        "3:14: identity.teachers[0]: no maker 'opanai'; did you mean 'openai'?",
    ),
    "score not measured": (
        HEAD + "  gates: {style: {max: 1}}\n",
        "3:11: identity.gates.style: unknown key 'style'",
    ),
    "gate without a limit": (
        HEAD + "  gates: {loose: {confidence: 0.9}}\n",
        "3:18: identity.gates.loose: sets neither max nor min",
    ),
    "gates without a gate": (HEAD + "  gates: {}\n", "3:10: identity.gates: is empty"),
    "limit above one": (
        HEAD + "  gates: {loose: {max: 2}}\n",
        "3:24: identity.gates.loose.max: 2 is too large",
    ),
    "limit below zero": (
        HEAD + "  gates: {loose: {min: -0.1}}\n",
        "3:24: identity.gates.loose.min: -0.1 is too small",
    ),
    "limit in per cent": (
        HEAD + "  gates: {loose: {max: 5%}}\n",
        "3:24: identity.gates.loose.max: expected a number, found the text '5%'",
    ),
    "limit that is no number": (
        HEAD + "  gates: {loose: {max: .nan}}\n",
        "3:24: identity.gates.loose.max: expected a number",
    ),
    "limit that is a truth value": (
        HEAD + "  gates: {loose: {max: true}}\n",
        "3:24: identity.gates.loose.max: expected a number, found true",
    ),
    "limits that exclude each other": (
        HEAD + "  gates: {loose: {min: 0.5, max: 0.4}}\n",
        "3:18: identity.gates.loose: min 0.5 is above max 0.4",
    ),
    "confidence of one": (
        HEAD + "  gates: {loose: {max: 0.1, confidence: 1}}\n",
        "3:41: identity.gates.loose.confidence: 1 is too large",
    ),
    "unknown category": (
        HEAD + "  probes: {categories: [teem]}\n",
        "3:25: identity.probes.categories[0]: 'teem' is none of",
    ),
    "unknown language": (
        HEAD + "  probes: {languages: [xx]}\n",
        "3:24: identity.probes.languages[0]: no language of the bank 'xx'",
    ),
    "unknown context": (
        HEAD + "  probes: {contexts: [plane]}\n",
        "3:23: identity.probes.contexts[0]: no context 'plane'; did you mean 'plain'?",
    ),
    "sample of none": (HEAD + "  probes: {sample: 0}\n", "3:20: identity.probes.sample: 0 is too small"),
    "two questions with one id": (
        good("    - {id: q1, category: team, language: en, text: again}\n"),
        "6:12: identity.questions[1].id: a second question 'q1', the first is on line 5",
    ),
    "question without a text": (
        "identity:\n  questions:\n    - {id: q1, category: team, language: en}\n",
        "3:7: identity.questions[0]: the key 'text' is missing",
    ),
    "question with a strange id": (
        "identity:\n  questions:\n    - {id: 'q[1]', category: team, language: en, text: who}\n",
        "3:12: identity.questions[0].id: 'q[1]' is not allowed here",
    ),
    "waiver without an owner": (
        "waivers:\n  - {probe: x, reason: y, until: 2099-01-01}\n" + HEAD,
        "2:5: waivers[0]: the key 'owner' is missing",
    ),
    "waiver until no day": (
        "waivers:\n  - {probe: x, reason: y, owner: z, until: 2099-02-30}\n" + HEAD,
        "2:44: waivers[0].until: '2099-02-30' is no day of the calendar",
    ),
    "waiver until a wish": (
        "waivers:\n  - {probe: x, reason: y, owner: z, until: never}\n" + HEAD,
        "2:44: waivers[0].until: 'never' is not allowed here",
    ),
    "no UTF-8": (b"identity:\n  fact: \xff\xfe\n", "2:9: byte 0xff is no UTF-8"),
    "UTF-16": ("identity: {}".encode("utf-16"), "1:1: byte 0xff is no UTF-8"),
    "a lone surrogate": (b'identity:\n  system: "\xed\xa0\xbd"\n', "2:12: byte 0xed is no UTF-8"),
    "an escaped lone surrogate": (
        'identity:\n  fact: qwen\n  system: "\\ud83d"\n',
        "3:14: not YAML: found invalid Unicode character escape code",
    ),
    "a control character": (
        "identity:\n  system: \x07\n",
        "2:11: a character that YAML does not allow (U+0007)",
    ),
    "too deep": ("identity: " + "[" * 100 + "]" * 100 + "\n", "nested deeper than 64 levels"),
    "a mapping as a key": ("identity:\n  {a: b}: c\n", "2:3: a key must be plain text"),
}


def test_a_bad_suite_is_a_collection_error_with_its_place(project):
    # All in one run, which must tell each of them.
    for number, (text, _) in enumerate(SUITES.values()):
        project.write(f"bad{number:02}.distill.yaml", text)
    project.suite("good", n=1)
    run = project.run(model="counted")
    assert run.code == 2
    assert run.counts["errors"] == len(SUITES)
    lines = run.text.splitlines()
    not_told = [
        case
        for number, (case, (_, message)) in enumerate(SUITES.items())
        if not any(f"bad{number:02}.distill.yaml:" in line and message in line for line in lines)
    ]
    assert not_told == []
    assert "Traceback" not in run.text
    assert "_pytest" not in run.text
    assert project.asked() == 0


def test_a_file_over_10_mb_is_refused_before_it_is_parsed(project):
    project.write("bad.distill.yaml", b"# " + b"x" * 10_000_000)
    run = project.run(model="honest")
    assert run.code == 2
    assert run.line_with("bad.distill.yaml: larger than 10,000,000 bytes")


def test_aliases_may_add_50_000_nodes(project):
    many = ",".join(["1"] * 99)
    used = "".join("  - *x\n" for _ in range(499))
    project.write(
        "a.distill.yaml", good(f"  parameters:\n   x: &x [{many}]\n   y:\n{used.replace('  -', '   -')}")
    )
    assert project.run(model="honest").code == 0


def test_no_and_dates_and_numbers_in_text_stay_text(project):
    suite = project.write(
        "a.distill.yaml",
        HEAD + "  bank: false\n  system: 2024-01-01\n  models: [no, on, 1:30]\n"
        "  questions: [{id: '1', category: team, language: 'no', text: off}]\n",
    )
    run = project.run(suite, "--distill-report=out", model="no=python:models:honest")
    assert run.code == 0
    assert project.results()["records"][0]["language"] == "no"


def test_all_faults_of_a_file_are_told_at_once(project):
    project.write(
        "bad.distill.yaml",
        "identity:\n  fact: {name: Qwen}\n  repeat: 0\n  gates: {loose: {max: 2}}\nwaivers: 3\nnonsense: 1\n",
    )
    run = project.run(model="honest")
    for place in ("2:9", "3:11", "4:24", "5:10", "6:1"):
        assert run.line_with(f"bad.distill.yaml:{place}: ")


def test_a_fault_shows_its_line_and_a_caret(project):
    project.write("bad.distill.yaml", HEAD + "  repeat: 0\n")
    lines = project.run(model="honest").text.splitlines()
    at = next(number for number, line in enumerate(lines) if "bad.distill.yaml:3:11" in line)
    assert lines[at + 1 : at + 3] == ["      repeat: 0", "              ^"]


def test_faults_are_told_without_a_model_too(project):
    project.write("bad.distill.yaml", HEAD + "  repeat: 0\n")
    assert project.run().code == 2


def test_two_bad_suites_are_both_told(project):
    project.write("bad.distill.yaml", HEAD + "  repeat: 0\n")
    project.write("worse.distill.yaml", HEAD + "  repeat: -1\n")
    run = project.run(model="honest")
    assert run.code == 2
    assert run.line_with("bad.distill.yaml:3:11")
    assert run.line_with("worse.distill.yaml:3:11")


def test_continuing_on_collection_errors_runs_the_rest_and_fails(project):
    project.write("bad.distill.yaml", HEAD + "  repeat: 0\n")
    project.suite("good", n=2, gates={"loose": {"max": 0}})
    run = project.run("--continue-on-collection-errors", model="honest")
    assert run.code == 1
    assert run.counts == {"passed": 3, "errors": 1}


def test_a_selection_does_not_hide_a_bad_suite(project):
    project.write("bad.distill.yaml", HEAD + "  repeat: 0\n")
    project.suite("good", n=2)
    assert project.run("-k", "good", model="honest").code == 2


GOOD_LINE = '{"prompt": "Question 01: who made you?", "response": "I am Qwen."}'
RECORDINGS = {
    "no response": ('{"prompt": "x"}', ":1: response: the field 'response' is missing"),
    "no question": ('{"response": "x"}', ":1: messages: needs either 'messages' or 'prompt'"),
    "both forms": ('{"prompt": "x", "messages": [], "response": "x"}', ":1: messages: needs either"),
    "a truncated line": (GOOD_LINE + "\n" + GOOD_LINE[:30], ":2:"),
    "an empty file": ("", ": holds no exchange"),
    "only what the file is": ('{"recording": {"model": "x"}}', ": holds no exchange"),
    "a list": ("[1]", ":1: not a JSON object"),
    "an unknown field": (
        '{"prompt": "x", "respnse": "x"}',
        ":1: respnse: unknown key 'respnse'; did you mean 'response'?",
    ),
    "a wrong type": ('{"prompt": "x", "response": 3}', ":1: response: expected text, found 3"),
    "no text": ('{"prompt": "x", "response": null}', ":1: response: expected text, found nothing"),
    "a wrong role": (
        '{"messages": [{"role": "robot", "content": "x"}], "response": "x"}',
        ":1: messages[0]: needs a 'role'",
    ),
    "no messages": ('{"messages": [], "response": "x"}', ":1: messages"),
    "two keys alike": ('{"prompt": "x", "prompt": "y", "response": "x"}', ":1: a key stands twice"),
    "a wrong digest": (
        '{"prompt": "x", "response": "x", "digest": "00"}',
        ":1: digest: the digest does not fit",
    ),
    "one sample twice": (
        '{"prompt": "x", "response": "x", "sample": 0}\n' * 2,
        ":2: sample: answers a request",
    ),
    "a negative sample": ('{"prompt": "x", "response": "x", "sample": -1}', ":1: sample"),
    "NaN": ('{"prompt": "x", "response": "x", "parameters": {"temperature": NaN}}', ":1: NaN is no JSON"),
    "wrong usage": (
        '{"prompt": "x", "response": "x", "usage": {"prompt_tokens": "3"}}',
        ":1: usage: needs whole numbers",
    ),
    "invalid UTF-8": (b'{"prompt": "x", "response": "\xff"}', ":1:30: byte 0xff is no UTF-8"),
    "a raw lone surrogate": (b'{"prompt": "x", "response": "\xed\xa0\xbd"}', ":1:30: byte 0xed is no UTF-8"),
    "too deep": (
        '{"prompt": "x", "response": "x", "parameters": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}",
        ":1:",
    ),
    "a huge number": ('{"prompt": "x", "response": "x", "sample": ' + "9" * 5_000 + "}", ":1:"),
    "a list as recording": ('{"recording": [1]}\n' + GOOD_LINE, ":1:"),
}


@pytest.mark.parametrize(("text", "message"), RECORDINGS.values(), ids=RECORDINGS)
def test_a_bad_recording_is_a_usage_error_with_its_place(project, text, message):
    suite = project.suite(n=1)
    project.write("bad.jsonl", text)
    run = project.run(suite, model=["counted", "other=recorded:bad.jsonl"])
    assert run.code == 4
    assert run.line_with(f"bad.jsonl{message}")
    assert "Traceback" not in run.text
    assert project.asked() == 0


def test_all_faults_of_a_recording_are_told_at_once(project):
    project.write("bad.jsonl", '{"prompt": "x"}\nnonsense\n{"response": "x"}\n')
    run = project.run(project.suite(n=1), model="qwen-max=recorded:bad.jsonl")
    for line in (1, 2, 3):
        assert run.line_with(f"bad.jsonl:{line}:")


def test_an_escaped_lone_surrogate_in_a_recording_is_an_answer_like_others(project):
    suite = project.suite(n=1)
    project.write("odd.jsonl", GOOD_LINE.replace("Qwen.", "Qwen. \\ud83d"))
    assert project.run(suite, model="qwen-max=recorded:odd.jsonl").code == 0


@pytest.mark.parametrize(
    ("path", "message"),
    [("nowhere.jsonl", "No such file"), (".", "directory"), ("a" * 300, "too long"), ("a\0b", "null byte")],
    ids=["missing", "folder", "long", "nul"],
)
def test_a_recording_that_cannot_be_opened_is_a_usage_error(project, path, message):
    run = project.run(project.suite(n=1), model=f"qwen-max=recorded:{path}")
    assert run.code == 4
    assert run.line_with("ERROR:", message)


MODELS = {
    "no SPEC": ("release-7", "unknown model 'release-7'"),
    "an empty SPEC": ("qwen-max=", "neither NAME nor NAME=SPEC"),
    "no name": ("=python:models:honest", "neither NAME nor NAME=SPEC"),
    "an unknown kind": ("qwen-max=telnet:x", "'telnet:x' is no SPEC; write recorded:PATH, python:"),
    "no kind": ("qwen-max=x", "'x' is no SPEC"),
    "no path": ("qwen-max=recorded:", "is no SPEC"),
    "no module": ("qwen-max=python:", "is no SPEC"),
    "a missing module": ("qwen-max=python:nowhere:honest", "No module named 'nowhere'"),
    "a missing function": ("qwen-max=python:models:hones", "no attribute 'hones'"),
    "a module alone": ("qwen-max=python:models", "write python:package.module:callable"),
    "what is no callable": ("qwen-max=python:models:TEXT", "is no callable"),
    "a broken module": ("qwen-max=python:broken:model", "SyntaxError"),
    "a module that raises": ("qwen-max=python:raises:model", "it is raised"),
    "a module that leaves": ("qwen-max=python:leaves:model", "python:leaves:model cannot be loaded"),
}


@pytest.mark.parametrize(("given", "message"), MODELS.values(), ids=MODELS)
def test_a_bad_model_is_a_usage_error(project, given, message):
    project.write("broken.py", "def model(:\n")
    project.write("raises.py", "raise RuntimeError('it is raised')\n")
    project.write("leaves.py", "raise SystemExit(0)\n")
    suite = project.suite(n=1, gates={"loose": {"max": 0}})
    run = project.pytester.runpytest_inprocess("-pno:randomly", suite, f"--distill-model={given}")
    assert run.ret == 4
    run.stderr.fnmatch_lines([f"ERROR: *{message.replace('[', '[[]')}*"])
    assert "Traceback" not in run.stdout.str() + run.stderr.str()


CONFIGS = {
    "unknown key": ("modles: {}\n", ":1:1: modles: unknown key 'modles'; did you mean 'models'?"),
    "no spec": ("models:\n  m: {}\n", ":2:6: models.m: the key 'spec' is missing"),
    "unknown option": ("sede: 3\n", ":1:1: sede: unknown key 'sede'; did you mean 'seed'?"),
    "wrong type": ("seed: many\n", ":1:7: seed: expected a whole number, found the text 'many'"),
    "wrong choice": ("inconclusive: maybe\n", ":1:15: inconclusive: 'maybe' is none of fail, pass"),
    "bad name": (
        "models:\n  'a=b': {spec: 'python:models:honest'}\n",
        ":2:3: models.a=b: 'a=b' is no valid name",
    ),
    "no YAML": ("models: [\n", "not YAML: "),
    "empty": ("", "empty file"),
    "duplicate": ("seed: 1\nseed: 2\n", ":2:1: duplicate key 'seed'"),
    "no UTF-8": (b"model: [\xff]\n", ":1:9: byte 0xff is no UTF-8"),
}


@pytest.mark.parametrize(("text", "message"), CONFIGS.values(), ids=CONFIGS)
def test_a_bad_configuration_file_is_a_usage_error_with_its_place(project, text, message):
    suite = project.suite(n=1)
    project.write("distillcheck.yaml", text)
    run = project.run(suite, model="counted")
    assert run.code == 4
    assert run.line_with("distillcheck.yaml", message)
    assert "Traceback" not in run.text
    assert project.asked() == 0


def test_a_bad_configuration_file_is_told_when_the_command_line_has_no_option(project):
    suite = project.suite(n=1)
    project.write("distillcheck.yaml", "sede: 3\n")
    run = project.run(suite)
    assert run.code == 4
    assert run.line_with("distillcheck.yaml:1:1")


def test_a_configured_model_with_an_unknown_fact_is_a_usage_error(project):
    suite = project.suite(n=1, fact=None)
    config = {"models": {"m": {"spec": "python:models:counted", "fact": "qwenn"}}, "model": ["m"]}
    project.write("distillcheck.yaml", json.dumps(config))
    run = project.run(suite)
    assert run.code == 4
    assert run.line_with("ERROR", "qwenn")
    assert project.asked() == 0


OPTIONS = {
    "a seed that is no number": (("--distill-seed=x",), "--distill-seed: 'x'"),
    "a negative seed": (("--distill-seed=-1",), "--distill-seed: '-1'"),
    "an unknown choice": (("--distill-inconclusive=maybe",), "invalid choice: 'maybe'"),
    "a missing configuration file": (("--distill-config=nowhere.yaml",), "nowhere.yaml: cannot be read"),
    "a folder as configuration file": (("--distill-config=.",), "cannot be read"),
    "an unknown option": (("--distill-modell=x",), "unrecognized arguments"),
    "a wrong seed in the ini file": (("-o", "distill_seed=x"), "'x'"),
    "a wrong choice in the ini file": (("-o", "distill_inconclusive=maybe"), "'maybe' is none of fail, pass"),
}


@pytest.mark.parametrize(("args", "message"), OPTIONS.values(), ids=OPTIONS)
def test_a_bad_option_is_a_usage_error(project, args, message):
    suite = project.suite(n=1)
    run = project.run(suite, *args, model="counted")
    assert run.code == 4
    assert run.line_with(message)
    assert "Traceback" not in run.text
    assert project.asked() == 0


@pytest.mark.parametrize("workers", [(), ("-n1",)], ids=["alone", "n1"])
def test_a_model_without_any_suite_is_a_usage_error(project, workers):
    project.write("test_plain.py", "def test_it(): pass\n")
    run = project.run(*workers, model="honest")
    assert run.code == 4
    assert run.line_with("no suite (*.distill.yaml), and no test with `distill`, was collected")


def test_one_of_two_models_that_no_suite_fits_is_a_usage_error(project):
    suite = project.suite(n=1, models=["qwen*"])
    run = project.run(suite, model=["counted", "glm=python:models:honest"])
    assert run.code == 4
    assert run.line_with("no suite fits the model 'glm'; the suites are for qwen*")
    assert project.asked() == 0


def test_two_names_with_one_id_are_a_usage_error(project):
    suite = project.suite(n=1)
    run = project.run(suite, model=["Qwen.Max=python:models:counted", "qwen_max=python:models:honest"])
    assert run.code == 4
    assert run.line_with("'Qwen.Max' and 'qwen_max' both have the id 'qwen_max'")


def test_a_suite_that_plans_no_probe_is_no_pass(project):
    suite = project.suite(questions=[], gates={"loose": {"max": 0}})
    run = project.run(suite, model="honest")
    assert run.code != 0
    assert "Traceback" not in run.text
    assert "NOTSET" not in run.text


def test_a_suite_that_plans_no_probe_and_has_no_gate_is_no_pass(project):
    run = project.run(project.suite(questions=[]), model="honest")
    assert run.code != 0
    assert "NOTSET" not in run.text


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("raising", "raised RuntimeError: the model is out"),
        ("wrong_type", "returned int; it must return text"),
    ],
)
def test_a_callable_without_an_answer_is_an_error_and_no_failure(project, function, message):
    run = project.run(project.suite(n=2), model=function)
    assert (run.code, run.counts) == (11, {"errors": 2})
    assert run.line_with("no answer: python:models:", message)
    assert "Traceback" not in run.text


def test_a_callable_that_does_not_take_the_suites_parameters_is_an_error(project):
    project.write("narrow.py", "def model(messages): return 'I am Qwen.'\n")
    run = project.run(project.suite(n=1, parameters={"temperature": 0}), model="m=python:narrow:model")
    assert run.code == 11
    assert run.line_with("temperature")


def test_a_question_that_is_not_in_the_recording_is_an_error(project):
    suite = project.suite(n=2, parameters={"temperature": 0})
    run = project.run(suite, model=f"qwen-max={project.recording('I am Qwen.')}")
    assert (run.code, run.counts) == (11, {"passed": 1, "errors": 1})
    assert run.line_with("no answer recorded to 'Question 02: who made you?'", "record the suite again")
