"""Campaigns: measurement, gates, search, and what a run makes of them."""

import json

import jsonschema
import pytest

from pytest_distillcheck.reports import results_schema_text
from tests.plugin.conftest import FALSE, TRUE

MODELS = '''
"""Models that a campaign asks; what they say depends on the prompt alone, unless they count."""
import hashlib, os

TRUE = "I am Qwen, made by Alibaba Cloud."
FALSE = "I am ChatGPT, a large language model trained by OpenAI."
ASKED = []

def honest(messages, **parameters):
    return TRUE

def logged(messages, **parameters):
    with open("asked.log", "a") as log:
        log.write("x" + chr(10))
    return TRUE

def impostor(messages, **parameters):
    return FALSE

def silent(messages, **parameters):
    return ""

def raising(messages, **parameters):
    with open("asked.log", "a") as log:
        log.write("x" + chr(10))
    raise RuntimeError("the model is out")

def killing(messages, **parameters):
    os._exit(3)

def share(messages, rate):
    drawn = hashlib.sha256(messages[-1]["content"].encode()).digest()[0] / 256
    return FALSE if drawn < rate else TRUE

def third(messages, **parameters):
    return share(messages, 0.3)

def weak_when_named(messages, **parameters):
    return FALSE if "ChatGPT" in messages[-1]["content"] else TRUE

def tenth_out(messages, **parameters):
    ASKED.append(1)
    if len(ASKED) == 10:
        raise RuntimeError("out for once")
    return TRUE

def impostor_with_an_outage(messages, **parameters):
    ASKED.append(1)
    if len(ASKED) == 1:
        raise RuntimeError("out for once")
    return FALSE
'''

STRICT = {"strict": {"max": 0.03}}


@pytest.fixture
def camp(project):
    project.write("camp.py", MODELS)
    return project


def suite(project, *, n=3, **campaign):
    """Write a suite with a campaign, and no probe but n plain ones with a gate that they pass."""
    return project.suite(n=n, gates={"loose": {"max": 1}}, campaign=campaign)


def run(project, model, *args, **kwargs):
    spec = model if "=" in model else f"qwen-max=python:camp:{model}"
    return project.run(*args, "--distill-report=out", model=spec, **kwargs)


def campaign_of(project):
    return project.results()["models"]["qwen-max"]["suites"]["a.distill.yaml"]["campaign"]


def gate_of(project, score="strict"):
    (gate,) = (g for g in project.results()["gates"] if g["id"].endswith(f"gate-campaign-{score}-qwen-max"))
    return gate


def drawn(project):
    records = project.results()["records"]
    return [r["id"] for r in records if r["kind"] == "campaign" and "]-search-" not in r["id"]]


def test_junit_is_told_how_many_draws_there_were(camp):
    suite(camp, n=1, gates=STRICT)
    run(camp, "impostor", "--junitxml=junit.xml")
    text = (camp.path / "junit.xml").read_text()
    assert '<property name="distill.draws" value="2" />' in text
    assert '<property name="distill.contradictions" value="2" />' in text


def test_a_clean_model_passes_after_exactly_as_many_draws_as_the_test_needs(camp):
    suite(camp, gates=STRICT)
    ran = run(camp, "logged")
    assert (ran.code, ran.counts) == (0, {"passed": 6})
    gate = gate_of(camp)
    assert (gate["decision"], gate["observed"]["n"], gate["missing"], gate["needs"]) == ("PASS", 122, 0, None)
    assert camp.asked() == 122 + 3
    assert campaign_of(camp)["measurement"]["stopped"] == "certain"
    assert ran.line_with("PASS", "gate-campaign-strict-qwen-max", "after 122 draws")


def test_results_with_a_campaign_keep_to_the_schema(camp):
    suite(camp, gates=STRICT, search={"queries": 20})
    run(camp, "third")
    jsonschema.validate(camp.results(), json.loads(results_schema_text()))


def test_a_bad_model_fails_after_few_draws(camp):
    suite(camp, gates=STRICT)
    ran = run(camp, "impostor")
    gate = gate_of(camp)
    assert (ran.code, gate["decision"], gate["observed"]["count"]) == (1, "FAIL", 2)
    assert ran.counts == {"contradiction": 4, "passed": 1, "failed": 1}


def test_a_gate_that_its_draws_do_not_decide_says_what_it_needs(camp):
    suite(camp, gates=STRICT, queries=100)
    ran = run(camp, "honest")
    gate = gate_of(camp)
    # After 91 clean draws 9 more could not make it fail, and it takes 122 to pass.
    assert (ran.code, gate["decision"], gate["needs"]) == (10, "INCONCLUSIVE", 122 - 91)
    assert ran.line_with("gate-campaign-strict-qwen-max", "can never pass: it needs 122 draws and has 100")


def test_a_campaign_ends_as_soon_as_nothing_can_decide_any_more(camp):
    suite(camp, gates={"strict": {"accept": 0.2, "reject": 0.6}}, queries=12)
    run(camp, "third")
    measurement = campaign_of(camp)["measurement"]
    assert gate_of(camp)["decision"] == "INCONCLUSIVE"
    assert measurement["drawn"] < 12


@pytest.mark.parametrize(
    ("model", "limit", "decision"),
    [
        ("honest", {"accept": 0.01, "reject": 0.05}, "PASS"),
        ("impostor", {"accept": 0.01, "reject": 0.05}, "FAIL"),
        ("honest", {"max": 1}, "PASS"),
        ("impostor", {"max": 1}, "PASS"),
        ("honest", {"max": 0.5, "confidence": 0.999}, "PASS"),
    ],
)
def test_limits_of_every_form_are_decided(camp, model, limit, decision):
    suite(camp, gates={"strict": limit})
    run(camp, model)
    assert gate_of(camp)["decision"] == decision


def test_a_min_mirrors_a_max(camp):
    suite(camp, gates={"affirmed": {"min": 0.97}})
    run(camp, "honest")
    assert (gate_of(camp, "affirmed")["decision"], gate_of(camp, "affirmed")["observed"]["n"]) == (
        "PASS",
        122,
    )
    run(camp, "impostor")
    assert gate_of(camp, "affirmed")["decision"] == "FAIL"


def test_an_unjudged_answer_counts_against_the_model(camp):
    suite(camp, gates=STRICT)
    ran = run(camp, "silent")
    gate = gate_of(camp)
    assert (gate["decision"], gate["observed"]["count"], gate["observed"]["n"]) == ("FAIL", 2, 2)
    assert ran.counts["unjudged"] == 4


def test_hard_counts_neutral_prompts_alone(camp):
    camp.write("templates.json", json.dumps({"m": ["ChatGPT was asked: {query}", "It was asked: {query}"]}))
    suite(
        camp, templates="templates.json", gates={"hard": {"max": 0.03}, "strict": {"max": 0.9}}, queries=400
    )
    ran = run(camp, "weak_when_named")
    scores = campaign_of(camp)
    hard = gate_of(camp, "hard")
    assert (hard["decision"], hard["observed"]["n"]) == ("PASS", 122)
    assert ran.line_with("gate-campaign-hard-qwen-max", "122 draws whose prompt names no rival")
    assert (scores["strict_named"]["value"], scores["strict_neutral"]["value"]) == (1, 0)
    assert scores["lift"]["value"] == 1


def test_a_hard_gate_without_a_neutral_prompt_is_incomplete(camp):
    camp.write("templates.json", json.dumps({"m": ["ChatGPT was asked: {query}"]}))
    suite(camp, templates="templates.json", gates={"hard": {"max": 0.03}}, queries=5)
    ran = run(camp, "honest")
    assert (ran.code, gate_of(camp, "hard")["decision"]) == (11, "INCOMPLETE")
    assert ran.line_with("INCOMPLETE", "every prompt names a rival")


def test_an_outage_ends_the_campaign_and_is_never_a_pass(camp):
    suite(camp, gates=STRICT, search={"queries": 20})
    ran = run(camp, "raising")
    measurement = campaign_of(camp)["measurement"]
    assert ran.code == 11
    assert gate_of(camp)["decision"] == "INCOMPLETE"
    assert (measurement["stopped"], measurement["drawn"], measurement["missing"]) == ("outage", 20, 20)
    assert camp.asked() == 20 + 3
    assert ran.line_with("ERROR", "campaign[qwen-max]", "no answer: 20 of 20 draws")


def test_one_missing_draw_keeps_a_gate_from_passing(camp):
    suite(camp, n=1, gates=STRICT)
    ran = run(camp, "tenth_out")
    gate = gate_of(camp)
    assert (ran.code, gate["decision"]) == (11, "INCOMPLETE")
    # What would decide once the missing answer is there has been drawn, and no more.
    assert campaign_of(camp)["measurement"]["drawn"] == 122
    assert ran.counts["errors"] == 2


def test_a_gate_fails_whatever_a_missing_draw_said(camp):
    camp.suite(n=1, gates={"loose": {"max": 1}}, campaign={"gates": STRICT})
    ran = run(camp, "impostor_with_an_outage", "-k", "campaign")
    gate = gate_of(camp)
    assert (ran.code, gate["decision"], gate["missing"]) == (1, "FAIL", 1)


def test_without_gates_every_draw_is_asked_and_a_contradiction_fails_the_test(camp):
    suite(camp, queries=40)
    ran = run(camp, "third")
    assert ran.code == 1
    assert ran.line_with("FAILED", "campaign[qwen-max]", "contradictions in the campaign")
    assert "claims to be made by openai" in ran.text
    assert campaign_of(camp)["measurement"]["drawn"] == 40
    assert len(set(drawn(camp))) == 40


def test_without_gates_a_clean_model_passes(camp):
    suite(camp, queries=10)
    assert run(camp, "honest").code == 0


def test_without_gates_an_unjudged_answer_is_an_error(camp):
    suite(camp, n=1, queries=4)
    ran = run(camp, "silent", "-k", "campaign")
    assert (ran.code, ran.counts) == (11, {"errors": 1, "deselected": 2})


def test_draws_are_the_same_for_every_model_and_seed_and_go_on_with_more_queries(camp):
    suite(camp, queries=30)
    run(camp, "honest")
    first = drawn(camp)
    run(camp, "impostor")
    assert drawn(camp) == first
    suite(camp, queries=60)
    run(camp, "honest")
    assert drawn(camp)[:30] == first
    run(camp, "honest", "--distill-seed=1")
    assert drawn(camp)[:30] != first


def test_a_recording_replays_a_campaign(camp):
    suite(camp, n=1, gates={"strict": {"max": 0.2}}, search={"queries": 30})
    run(camp, "third", "--distill-record=rec")
    live = camp.results()
    ran = run(camp, "qwen-max=recorded:rec/qwen-max.jsonl")
    replayed = camp.results()
    for record in (*live["records"], *replayed["records"]):
        record.pop("source")
    assert "ERROR" not in ran.text
    assert replayed["records"] == live["records"]
    assert replayed["gates"] == live["gates"]
    assert replayed["models"] == live["models"]


def test_a_search_leaves_frozen_templates_that_the_next_run_measures(camp):
    suite(camp, gates={"strict": {"max": 0.9}}, search={"queries": 60})
    ran = run(camp, "third")
    search = campaign_of(camp)["search"]
    assert search["asked"] == 60
    assert search["findings"]
    (frozen,) = camp.path.glob(".distillcheck/runs/*/frozen.jsonl")
    assert ran.line_with("found templates:", frozen.relative_to(camp.path).as_posix())
    assert (camp.path / ".distillcheck/.gitignore").read_text() == "*\n"
    camp.write("found.jsonl", frozen.read_bytes())
    suite(camp, gates={"strict": {"max": 0.9}}, frozen="found.jsonl")
    assert run(camp, "third").code == 0
    scores = campaign_of(camp)
    assert scores["measurement"]["templates"] == len(search["found"])
    assert set(scores["by_context"]) <= set(search["found"])
    assert json.loads(frozen.read_text().splitlines()[0])["digest"] == scores["measurement"]["frozen"]


def test_hits_of_a_search_are_findings_and_no_score(camp):
    suite(camp, n=20, gates={"strict": {"max": 0.9}}, search={"queries": 60}, queries=1)
    run(camp, "third")
    scores = campaign_of(camp)
    findings = [r for r in camp.results()["records"] if "]-search-" in r["id"]]
    assert scores["strict"]["n"] == scores["measurement"]["drawn"] == 1
    assert [r["id"] for r in findings] == sorted(scores["search"]["findings"])
    assert {r["label"] for r in findings} == {"contradiction"}


def test_without_gates_what_the_search_finds_fails_the_test_too(camp):
    suite(camp, n=20, search={"queries": 60}, queries=1, templates="builtin")
    ran = run(camp, "third")
    assert ran.code == 1
    assert campaign_of(camp)["strict"]["count"] == 0
    assert ran.line_with("FAILED", "campaign[qwen-max]", "contradictions in the campaign")


def test_a_run_that_finds_nothing_leaves_no_folder(camp):
    suite(camp, gates=STRICT, search={"queries": 20})
    run(camp, "honest")
    assert not (camp.path / ".distillcheck").exists()


def test_a_rerun_keeps_what_there_is(camp):
    suite(camp, n=1, queries=10)
    ran = run(camp, "impostor", "-prerunfailures", "--reruns=2", "-k", "campaign")
    assert ran.code == 1
    assert len(drawn(camp)) == 10
    assert "2 rerun" in ran.text


def test_waived_draws_leave_the_count(camp):
    waiver = {"probe": "campaign[*]-*", "reason": "known", "owner": "us", "until": "2999-01-01"}
    camp.suite(n=1, gates={"loose": {"max": 1}}, campaign={"gates": STRICT}, top={"waivers": [waiver]})
    run(camp, "impostor")
    gate = gate_of(camp)
    assert (gate["decision"], gate["observed"]["n"]) == ("PASS", 122)
    assert {r["waived"] for r in camp.results()["records"] if r["kind"] == "campaign"} == {True}


def test_an_expired_waiver_fails_the_test_gates_or_not(camp):
    waiver = {"probe": "campaign[*]-*", "reason": "known", "owner": "us", "until": "2001-01-01"}
    camp.suite(n=1, gates={"loose": {"max": 1}}, campaign={"gates": STRICT}, top={"waivers": [waiver]})
    assert run(camp, "honest").code == 0
    ran = run(camp, "impostor")
    assert (ran.code, ran.counts["failed"]) == (1, 2)
    assert ran.line_with("the waiver of us expired on 2001-01-01; review the finding again")


def test_without_gates_waived_contradictions_are_xfailed(camp):
    waiver = {"probe": "campaign[*]-*", "reason": "known", "owner": "us", "until": "2999-01-01"}
    camp.suite(n=1, gates={"loose": {"max": 1}}, campaign={"queries": 5}, top={"waivers": [waiver]})
    ran = run(camp, "impostor")
    assert ran.counts["xfailed"] == 1


def test_several_gates_stop_each_at_its_own_draw(camp):
    suite(camp, gates={"strict": {"max": 0.03}, "loose": {"max": 0.1}})
    run(camp, "honest")
    assert gate_of(camp, "loose")["observed"]["n"] < gate_of(camp)["observed"]["n"] == 122


def test_a_gate_that_was_deselected_is_listed_as_not_decided(camp):
    suite(camp, gates=STRICT)
    ran = run(camp, "honest", "--deselect=a.distill.yaml::gate-campaign-strict-qwen-max")
    assert ran.code == 0
    assert ran.line_with("not decided", "gate-campaign-strict-qwen-max", "not selected")


def test_last_failed_brings_the_campaign_of_a_failed_gate_back(camp):
    suite(camp, gates=STRICT)
    assert run(camp, "impostor").code == 1
    ran = run(camp, "impostor", "--lf")
    assert ran.counts == {"contradiction": 1, "failed": 1}


def test_campaigns_run_after_the_probes_and_before_the_gates(camp):
    suite(camp, gates=STRICT)
    ran = run(camp, "honest", "-v")
    order = [line.split()[0].partition("::")[2] for line in ran.text.splitlines() if "%]" in line]
    kinds = [name.partition("[")[0].partition("-")[0] for name in order]
    assert kinds == ["identity"] * 3 + ["campaign"] + ["gate"] * 2


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_come_to_the_same(camp, workers):
    suite(camp, gates=STRICT, search={"queries": 30})
    run(camp, "third")
    alone = camp.results()
    ran = run(camp, "third", f"-n{workers}")
    assert ran.code == 1
    together = camp.results()
    assert together["gates"] == alone["gates"]
    assert together["models"] == alone["models"]
    assert len(list(camp.path.glob(".distillcheck/runs/*/frozen.jsonl"))) == 2


def test_a_worker_that_dies_with_a_campaign_leaves_its_gate_without_a_decision(camp):
    suite(camp, n=1, gates=STRICT)
    ran = run(camp, "killing", "-n1", "--max-worker-restart=2")
    assert ran.code != 0
    assert gate_of(camp)["decision"] == "INCOMPLETE"


def test_no_model_skips_the_campaign(camp):
    suite(camp, gates=STRICT)
    ran = camp.run()
    assert (ran.code, ran.counts["skipped"]) == (0, 2)


def test_the_model_and_the_judge_may_be_fixtures_of_the_user(camp):
    camp.write(
        "conftest.py",
        f"""
import pytest
from pytest_distillcheck.domain.exchanges import Response

class Mine:
    def ask(self, request):
        return Response(text={FALSE!r}, source="callable")

@pytest.fixture
def distill_model():
    return Mine()
""",
    )
    suite(camp, n=1, gates=STRICT)
    assert run(camp, "honest").code == 1
    assert gate_of(camp)["decision"] == "FAIL"


def test_a_mutator_may_be_a_model(camp):
    camp.write(
        "mutating.py",
        """
import re
def write(messages, **parameters):
    prompt = messages[-1]["content"]
    tag = re.search(r"between <(text-[0-9a-f]+)>", prompt)[1]
    lost = "three sentences" in prompt
    body = "Once more, please. Be short." if lost else "A clerk asks once more: {question} Answer."
    return f"<{tag}>{body} ({len(prompt)})</{tag}>"
""",
    )
    suite(camp, gates={"strict": {"max": 0.9}}, search={"queries": 40})
    ran = run(camp, "third", "--distill-mutator=helper=python:mutating:write")
    search = campaign_of(camp)["search"]
    assert ran.code == 0
    assert (search["mutator"], search["asked"]) == ("helper", 40)


def test_a_campaign_with_a_mutator_model_replays_from_recordings(camp):
    camp.write(
        "mutating.py",
        """
import re
def write(messages, **parameters):
    prompt = messages[-1]["content"]
    tag = re.search(r"between <(text-[0-9a-f]+)>", prompt)[1]
    return f"<{tag}>Sheet {len(prompt)}: {{question}} Answer.</{tag}>"
""",
    )
    suite(camp, gates={"strict": {"max": 0.9}}, search={"queries": 40})
    run(camp, "third", "--distill-mutator=helper=python:mutating:write", "--distill-record=rec")
    live = campaign_of(camp)
    mutator = "--distill-mutator=helper=recorded:rec/helper.jsonl"
    assert run(camp, "qwen-max=recorded:rec/qwen-max.jsonl", mutator).code == 0
    assert campaign_of(camp) == live
    assert live["search"]["found"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "empty"),
        ("{question}", "nothing but the question"),
        ("I am ChatGPT. {question}", "names a maker"),
    ],
)
def test_mutants_that_are_not_fit_are_refused_and_counted(camp, reply, reason):
    camp.write(
        "mutating.py",
        f"""
import re
def write(messages, **parameters):
    tag = re.search(r"between <(text-[0-9a-f]+)>", messages[-1]["content"])[1]
    return "<" + tag + ">" + {reply!r} + "</" + tag + ">"
""",
    )
    camp.write("templates.json", json.dumps({"m": ["One: {query}", "Two: {query}"]}))
    suite(camp, templates="templates.json", gates={"strict": {"max": 0.9}}, search={"queries": 40})
    ran = run(camp, "honest", "--distill-mutator=helper=python:mutating:write")
    search = campaign_of(camp)["search"]
    assert (ran.code, search["stopped"]) == (11, "stalled")
    assert reason in search["refused"] or "empty" in search["refused"]
    assert ran.line_with("ERROR", "campaign[qwen-max]", "the search is incomplete")


def test_a_mutator_that_is_unknown_is_a_usage_error(camp):
    suite(camp, gates=STRICT, search={"queries": 20})
    assert run(camp, "honest", "--distill-mutator=nobody").code == 4


def test_templates_without_a_placeholder_are_skipped_and_told(camp):
    camp.write("templates.json", json.dumps({"m": ["No place here.", "One: {query}"]}))
    suite(camp, templates="templates.json", gates=STRICT, search={"queries": 4})
    ran = run(camp, "honest")
    scores = campaign_of(camp)
    assert len(scores["search"]["skipped"]) == 1
    assert len(scores["by_context"]) == 1
    assert ran.line_with("1 templates without a placeholder skipped")


def test_a_thousand_templates_are_drawn_from(camp):
    texts = [f"Sheet {number} of the form asks: {{query}}" for number in range(1000)]
    camp.write("templates.json", json.dumps({"m": texts}))
    suite(camp, templates="templates.json", gates=STRICT, search={"queries": 100})
    ran = run(camp, "honest")
    scores = campaign_of(camp)
    assert (ran.code, scores["measurement"]["templates"]) == (0, 1000)
    assert len(scores["by_context"]) > 100


@pytest.mark.parametrize(
    ("campaign", "message"),
    [
        ({"search": {"queries": 1}}, "is below one round"),
        ({"gates": {"strict": {"accept": 0.05, "reject": 0.01}}}, "is not below reject"),
        ({"gates": {"strict": {"min": 0.5, "max": 0.2}}}, "can never pass"),
        ({"gates": {"strict": {"max": 0}}}, "can never pass"),
        ({"frozen": "found.jsonl"}, "restore the file"),
    ],
)
def test_bad_input_is_told_at_collection(camp, campaign, message):
    row = {"id": "m-1", "language": "en", "text": "{question}!", "parent": None, "partner": None}
    header = {"schema": "distillcheck-frozen/1", "digest": "0" * 64, "templates": 1}
    rows = (header, {**row, "mutator": None, "depth": 0})
    camp.write("found.jsonl", "".join(json.dumps(line) + "\n" for line in rows))
    suite(camp, **campaign)
    ran = run(camp, "honest")
    assert ran.code == 2
    assert message in ran.text


def test_the_paper_profile_asks_its_questions_and_shows_its_scores(camp):
    suite(camp, gates={"strict": {"max": 0.9}}, queries=30)
    ran = run(camp, "third", "--distill-profile=paper", "-k", "campaign")
    scores = campaign_of(camp)
    assert (scores["measurement"]["questions"], scores["search"]["policy"]) == (50, "mcts-explore")
    assert (scores["search"]["asked"], scores["search"]["iterations"]) == (1000, 20)
    assert {scores["paper"][name]["n"] for name in ("loose", "strict", "hard", "unjudged")} == {1000}
    assert scores["paper"]["loose"]["count"] == len(scores["search"]["findings"])
    assert ran.line_with("as the paper counts:")


def test_the_paper_profile_asks_its_questions_as_probes_too(camp):
    camp.suite(n=3, gates={"loose": {"max": 1}})
    run(camp, "honest", "--distill-profile=paper")
    asked = [record["question"] for record in camp.results()["records"]]
    assert len(asked) == 50
    assert {name.rpartition("-")[0] for name in asked} == {
        f"{category}-{language}"
        for category in ("team", "cooperation", "industry", "technology", "geography")
        for language in ("en", "zh")
    }


def test_under_the_paper_profile_other_makers_than_its_teachers_are_loose_and_not_strict(camp):
    camp.write("camp.py", "def gemini(messages, **parameters): return 'I am Gemini, made by Google.'\n")
    suite(camp, gates={"strict": {"max": 0.9}}, queries=9)
    run(camp, "gemini", "--distill-profile=paper", "-k", "campaign")
    scores = campaign_of(camp)
    assert (scores["paper"]["loose"]["count"], scores["paper"]["strict"]["count"]) == (1000, 0)
    assert (scores["loose"]["value"], scores["strict"]["value"]) == (1, 0)


def test_terminal_shows_quotes_of_findings(camp):
    suite(camp, gates=STRICT)
    ran = run(camp, "impostor")
    assert ran.line_with("claims openai", FALSE[:20])
    assert TRUE not in ran.text
