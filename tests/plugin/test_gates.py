"""How gates decide, how they are shown, and what the exit code becomes."""

import itertools
import xml.etree.ElementTree as ET

import pytest

PASSING = {"loose": {"max": 1}}
FAILING = {"affirmed": {"min": 1}, "no_claim": {"max": 0}}


def decision_of(project, score="loose"):
    """Return the gate of results.json."""
    (gate,) = (gate for gate in project.results()["gates"] if gate["score"] == score)
    return gate


@pytest.mark.parametrize(
    ("limit", "n", "decision", "code"),
    [
        ({"max": 0.25}, 4, "PASS", 0),
        ({"max": 0.24}, 4, "FAIL", 1),
        ({"max": 0.2}, 5, "PASS", 0),
        ({"max": 0.1}, 10, "PASS", 0),
        ({"max": 0.01}, 100, "PASS", 0),
        ({"max": 0}, 4, "FAIL", 1),
        ({"min": 0.25}, 4, "PASS", 0),
        ({"min": 0.26}, 4, "FAIL", 1),
        ({"min": 0.2, "max": 0.3}, 4, "PASS", 0),
        ({"min": 0.3, "max": 0.4}, 4, "FAIL", 1),
        ({"min": 0.1, "max": 0.2}, 4, "FAIL", 1),
    ],
)
def test_a_census_compares_the_share_with_the_limit(project, limit, n, decision, code):
    suite = project.suite(n=n, gates={"loose": limit})
    run = project.run(suite, "--distill-report=out", model="one_slip")
    gate = decision_of(project)
    assert (gate["decision"], gate["observed"]["count"], gate["observed"]["n"]) == (decision, 1, n)
    assert run.code == code
    assert run.line_with(decision, "gate-loose-qwen-max")


@pytest.mark.parametrize(
    ("model", "limit", "n", "decision", "code"),
    [
        # 0 of 29 has the upper Clopper-Pearson bound 1 - 0.05^(1/29) = 0.0981, 0 of 28 0.1015.
        ("honest", {"max": 0.1, "confidence": 0.95}, 29, "PASS", 0),
        ("honest", {"max": 0.1, "confidence": 0.95}, 28, "INCONCLUSIVE", 10),
        ("impostor", {"max": 0.1, "confidence": 0.95}, 5, "FAIL", 1),
        # 1 of 1 has the lower bound 0.05.
        ("impostor", {"max": 0.1, "confidence": 0.95}, 1, "INCONCLUSIVE", 10),
        ("impostor", {"min": 0.9, "confidence": 0.95}, 29, "PASS", 0),
        ("honest", {"min": 0.9, "confidence": 0.95}, 5, "FAIL", 1),
    ],
)
def test_a_gate_with_a_confidence_decides_by_one_sided_exact_bounds(project, model, limit, n, decision, code):
    suite = project.suite(n=n, gates={"loose": limit})
    run = project.run(suite, "--distill-report=out", model=model)
    assert (decision_of(project)["decision"], run.code) == (decision, code)


def test_an_inconclusive_gate_has_its_own_category_and_says_what_it_needs(project):
    suite = project.suite(n=20, gates={"loose": {"max": 0.1, "confidence": 0.95}})
    run = project.run(suite, "--distill-report=out", model="honest")
    assert run.code == 10
    assert run.counts == {"passed": 20, "inconclusive": 1}
    assert decision_of(project)["needs"] == 9
    assert run.line_with("INCONCLUSIVE", "about 9 more answers would decide it")


def test_inconclusive_gates_may_be_let_pass(project):
    suite = project.suite(n=2, gates={"loose": {"max": 0.1, "confidence": 0.95}})
    run = project.run(suite, "--distill-inconclusive=pass", model="honest")
    assert run.code == 0
    assert run.counts == {"passed": 2, "inconclusive": 1}


@pytest.mark.parametrize(
    ("limit", "n", "note"),
    [
        ({"max": 0.1, "confidence": 0.95}, 40, "needs at least 29 probes to pass; it has 40"),
        ({"max": 0.1, "confidence": 0.95}, 3, "can never pass: it needs 29 probes and has 3"),
        ({"max": 0, "confidence": 0.95}, 3, "can never pass"),
    ],
)
def test_what_a_gate_with_a_confidence_needs_is_told_at_collection(project, limit, n, note):
    suite = project.suite(n=n, gates={"loose": limit})
    run = project.run(suite, "--collect-only", model="honest")
    assert run.line_with("distillcheck: gate-loose-qwen-max", note)


def test_a_census_needs_no_note(project):
    suite = project.suite(n=1, gates={"loose": {"max": 0.1}})
    assert "distillcheck: gate" not in project.run(suite, "--collect-only", model="honest").text


# What may be in a run, by the exit code that it alone would give.
WITH_CODE = {
    1: {"model": "impostor", "gates": {"loose": {"max": 0}}},
    10: {"model": "honest", "gates": {"loose": {"max": 0.1, "confidence": 0.95}}},
    11: {"model": "one_outage", "gates": {"loose": {"max": 0}}},
    0: {"model": "honest", "gates": {"loose": {"max": 0}}},
}
RANK = [1, 11, 10, 0]


@pytest.mark.parametrize(
    "codes", [codes for size in (1, 2, 3, 4) for codes in itertools.combinations(RANK, size)], ids=str
)
def test_exit_codes_rank_1_over_11_over_10_over_0(project, codes):
    models = []
    for code in codes:
        name = f"m{code}"
        project.suite(name, n=2, models=[name], gates=WITH_CODE[code]["gates"])
        models.append(f"{name}=python:models:{WITH_CODE[code]['model']}")
    run = project.run(model=models)
    assert run.code == min(codes, key=RANK.index)


@pytest.mark.parametrize("codes", [(10,), (10, 0), (11, 10), (1, 10), (1, 11, 10)], ids=str)
def test_letting_inconclusive_pass_hides_nothing_else(project, codes):
    models = []
    for code in codes:
        project.suite(f"m{code}", n=2, models=[f"m{code}"], gates=WITH_CODE[code]["gates"])
        models.append(f"m{code}=python:models:{WITH_CODE[code]['model']}")
    run = project.run("--distill-inconclusive=pass", model=models)
    assert run.code == min(set(codes) - {10} or {0}, key=RANK.index)


@pytest.mark.parametrize("code", [0, 10, 11])
def test_another_failed_test_makes_1(project, code):
    project.suite(n=2, gates=WITH_CODE[code]["gates"])
    project.write("test_plain.py", "def test_it(): assert False\n")
    assert project.run(model=WITH_CODE[code]["model"]).code == 1


@pytest.mark.parametrize("code", [0, 10, 11])
def test_another_error_makes_1(project, code):
    project.suite(n=2, gates=WITH_CODE[code]["gates"])
    project.write(
        "test_plain.py",
        "import pytest\n@pytest.fixture\ndef broken(): raise RuntimeError\ndef test_it(broken): pass\n",
    )
    assert project.run(model=WITH_CODE[code]["model"]).code == 1


def test_a_bad_suite_beside_a_good_one_keeps_pytests_own_2(project):
    project.suite("good", n=2, gates=WITH_CODE[10]["gates"])
    project.write("bad.distill.yaml", "identity: 3\n")
    assert project.run(model="counted").code == 2
    assert project.asked() == 0


def test_an_unjudged_answer_counts_against_the_model(project):
    gates = {"strict": {"max": 0}, "affirmed": {"min": 1}, "unjudged": {"max": 0.5}, "no_claim": {"max": 0.5}}
    suite = project.suite(n=2, gates=gates)
    run = project.run(suite, "--distill-report=out", model="one_empty")
    gates = {gate["score"]: gate for gate in project.results()["gates"]}
    assert {score: gate["decision"] for score, gate in gates.items()} == {
        "strict": "FAIL",
        "affirmed": "FAIL",
        "unjudged": "PASS",
        "no_claim": "PASS",
    }
    assert gates["strict"]["observed"]["count"] == 1
    assert gates["affirmed"]["observed"]["count"] == 1
    assert run.counts == {"passed": 3, "unjudged": 1, "failed": 2}


def test_a_gate_with_missing_members_is_incomplete_and_says_how_many(project):
    suite = project.suite(n=3, gates={"loose": {"max": 0.5}})
    run = project.run(suite, "--distill-report=out", model="one_outage")
    assert run.code == 11
    assert run.counts == {"passed": 2, "errors": 2}
    assert decision_of(project)["missing"] == 1
    assert run.line_with("INCOMPLETE", "1 of 3 answers are missing")


@pytest.mark.parametrize(
    ("limit", "decision", "code"),
    [
        # 1 slip, 1 outage, 1 fine: at best 1 of 3 contradicts, 1 of 3 affirms now and 2 of 3 at best.
        ({"loose": {"max": 0.3}}, "FAIL", 1),
        ({"loose": {"max": 0.4}}, "INCOMPLETE", 11),
        ({"affirmed": {"min": 0.7}}, "FAIL", 1),
        ({"affirmed": {"min": 0.6}}, "INCOMPLETE", 11),
        ({"affirmed": {"min": 0.1}}, "INCOMPLETE", 11),
    ],
)
def test_with_missing_members_only_a_certain_failure_is_told(project, limit, decision, code):
    suite = project.suite(n=3, gates=limit)
    run = project.run(suite, "--distill-report=out", model="one_slip_and_one_outage")
    assert decision_of(project, *limit)["decision"] == decision
    assert run.code == code


def test_no_option_makes_an_incomplete_gate_pass(project):
    suite = project.suite(n=2, gates={"loose": {"max": 1}})
    assert project.run(suite, "--distill-inconclusive=pass", model="one_outage").code == 11


def test_hard_is_measured_where_the_prompt_names_no_rival(project):
    asked = [
        {"id": "named", "category": "team", "language": "en", "text": "Question 01: did OpenAI make you?"},
        {"id": "open", "category": "team", "language": "en", "text": "Question 02: who made you?"},
        {"id": "own", "category": "team", "language": "en", "text": "Question 03: did Alibaba make you?"},
    ]
    suite = project.suite(questions=asked, gates={"hard": {"max": 0}, "strict": {"max": 0.4}})
    run = project.run(suite, "--distill-report=out", model="one_slip")
    hard, strict = decision_of(project, "hard"), decision_of(project, "strict")
    assert (hard["decision"], hard["observed"]["count"], hard["observed"]["n"]) == ("PASS", 0, 2)
    assert (strict["decision"], strict["observed"]["count"], strict["observed"]["n"]) == ("PASS", 1, 3)
    assert run.code == 0


def test_a_missing_answer_to_a_prompt_that_names_a_rival_does_not_matter_to_hard(project):
    asked = [
        {"id": "named", "category": "team", "language": "en", "text": "Question 01: did OpenAI make you?"},
        {"id": "open", "category": "team", "language": "en", "text": "Question 02: who made you?"},
    ]
    suite = project.suite(questions=asked, gates={"hard": {"max": 0}})
    run = project.run(suite, "--distill-report=out", model="one_outage")
    assert decision_of(project, "hard")["decision"] == "PASS"
    assert run.code == 11, "the outage itself is an error"


def test_a_gate_that_no_probe_counts_for_is_no_pass(project):
    asked = [{"id": "named", "category": "team", "language": "en", "text": "Question 01: are you ChatGPT?"}]
    suite = project.suite(questions=asked, gates={"hard": {"max": 0}})
    run = project.run(suite, model="honest")
    assert run.line_with("no probe counts for hard")
    assert run.code == 11


def test_strict_counts_the_suites_teachers_only(project):
    suite = project.suite(n=2, teachers=["anthropic"], gates={"strict": {"max": 0}, "loose": {"max": 0}})
    project.run(suite, "--distill-report=out", model="impostor")
    assert decision_of(project, "strict")["decision"] == "PASS"
    assert decision_of(project, "loose")["decision"] == "FAIL"


@pytest.mark.parametrize(
    ("selection", "counts"),
    [
        (("-k", "not gate"), {"contradiction": 2}),
        (("-m", "nothing or not nothing", "-k", "identity"), {"contradiction": 2}),
        (("--deselect", "a.distill.yaml::gate-loose-qwen-max"), {"contradiction": 2}),
    ],
    ids=["k", "m", "deselect"],
)
def test_a_gate_that_was_not_selected_is_listed_and_leaves_the_exit_code_alone(project, selection, counts):
    suite = project.suite(n=2, gates={"loose": {"max": 0}})
    run = project.run(suite, *selection, model="impostor")
    deselected = run.counts.get("deselected", 0)
    assert run.code == 0
    assert run.counts == {**counts, "deselected": deselected}
    assert run.line_with("not decided", "gate-loose-qwen-max", "not selected")


def test_a_gate_alone_has_no_members_and_is_incomplete(project):
    suite = project.suite(n=2, gates={"loose": {"max": 0}})
    run = project.run(f"{suite}::gate-loose-qwen-max", model="honest")
    assert run.code == 11
    assert run.line_with("INCOMPLETE", "2 of 2 answers are missing")


def test_a_gate_with_part_of_its_members_is_incomplete(project):
    suite = project.suite(n=3, gates={"loose": {"max": 0}})
    run = project.run(suite, "-k", "q01 or gate", model="honest")
    assert run.code == 11
    assert run.line_with("INCOMPLETE", "2 of 3 answers are missing")


def test_gates_come_last_whatever_files_there_are(project):
    project.suite("a", n=1, gates={"loose": {"max": 0}, "strict": {"max": 0}})
    project.suite("z", n=1)
    project.write("test_plain.py", "def test_it(): pass\n")
    run = project.run("--collect-only", "-q", model="honest")
    nodes = [line for line in run.text.splitlines() if "::" in line]
    assert nodes == [
        "a.distill.yaml::identity[qwen-max-plain-q01]",
        "test_plain.py::test_it",
        "z.distill.yaml::identity[qwen-max-plain-q01]",
        "a.distill.yaml::gate-loose-qwen-max",
        "a.distill.yaml::gate-strict-qwen-max",
    ]


def test_junit_has_the_gate_with_its_decision(project):
    suite = project.suite(n=4, gates={"loose": {"max": 0.2}, "strict": {"max": 0.3}, **FAILING})
    project.run(suite, "--junit-xml=junit.xml", model="one_slip")
    cases = {case.get("name"): case for case in ET.parse(project.path / "junit.xml").iter("testcase")}
    failed = cases["gate-loose-qwen-max"]
    assert failed.find("failure").get("message") == "loose 1/4 = 0.250 [0.046, 0.699] breaks max 0.2"
    properties = {p.get("name"): p.get("value") for p in failed.iter("property")}
    assert properties == {
        "distill.decision": "FAIL",
        "distill.observed": "0.25",
        "distill.missing": "0",
    }
    assert cases["gate-strict-qwen-max"].find("failure") is None


def test_junit_tells_inconclusive_from_incomplete(project):
    project.suite("a", n=2, gates={"loose": {"max": 0.1, "confidence": 0.9}}, models=["good"])
    project.suite("b", n=2, gates={"loose": {"max": 0.1}}, models=["ill"])
    models = ["good=python:models:honest", "ill=python:models:one_outage"]
    project.run("--junit-xml=junit.xml", model=models)
    cases = {case.get("name"): case for case in ET.parse(project.path / "junit.xml").iter("testcase")}
    assert cases["gate-loose-good"].find("skipped").get("message").startswith("inconclusive: ")
    assert "1 of 2 answers are missing" in cases["gate-loose-ill"].find("error").get("message")


def test_a_failed_gate_shows_its_evidence(project):
    suite = project.suite(n=4, gates={"loose": {"max": 0}})
    run = project.run(suite, model="one_slip")
    assert run.line_with("FAILED a.distill.yaml::gate-loose-qwen-max", "loose 1/4")
    assert run.line_with("worst findings (1 of 1)")
    assert run.line_with("claims openai", "I am ChatGPT, a large language model trained by OpenAI.")


def test_the_verbose_words_of_measurements(project):
    suite = project.suite(n=4, gates={"loose": {"max": 0.1, "confidence": 0.95}})
    run = project.run(suite, "-v", model="mixed")
    assert run.line_with("q01]", "CONTRADICTION")
    assert run.line_with("q02]", "UNJUDGED")
    assert run.line_with("q03]", "PASSED")
    assert run.line_with("::gate-loose-qwen-max", "INCONCLUSIVE")


def test_without_models_gates_are_not_collected_and_the_suite_is_skipped(project):
    suite = project.suite(n=2, gates={"loose": {"max": 0}})
    run = project.run(suite)
    assert (run.code, run.counts) == (0, {"skipped": 1})
    assert run.line_with("SKIPPED", "no model chosen", "--distill-model=NAME")
