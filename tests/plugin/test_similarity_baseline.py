"""`max_increase`: an earlier run's results.json as the baseline, and when it is refused."""

import json

import pytest

from tests.plugin.pairs import TOPICS, prompt, recording, spec, write_suite

GATE = {"overall": {"max_increase": 0.2}}


def baseline_of(project, model="stranger", folder="before", **section):
    """Run once without gates, and return the option that compares with it."""
    write_suite(project, **{"gates": GATE, **section})
    run = project.run("-k", "not gate", f"--distill-report={folder}", model=spec(model, "mine"))
    assert run.code == 0, run.text
    return f"--distill-baseline={folder}/results.json"


def edited(project, edit, folder="before"):
    """Change the results.json of a run."""
    path = project.path / folder / "results.json"
    data = json.loads(path.read_text("ascii"))
    edit(data)
    path.write_text(json.dumps(data), "ascii")


def test_a_build_that_became_more_similar_fails_and_one_that_did_not_passes(project):
    baseline = baseline_of(project)
    regression = project.run(baseline, "--distill-report=out", model=spec("student", "mine"))
    assert (regression.code, regression.counts) == (1, {"passed": 4, "failed": 1})
    assert "overall changed by +" in regression.line_with("FAIL ", "breaks max_increase 0.2")
    same = project.run(baseline, model=spec("stranger", "mine"))
    assert (same.code, same.counts) == (0, {"passed": 5})
    assert "changed by +0.000" in same.line_with("PASS ")
    scores = project.results()["models"]["mine"]["suites"]["s.distill.yaml"]["similarity"]["teacher"]
    assert scores["increase"]["model"] == "mine"
    assert scores["increase"]["n"] == 4
    assert scores["increase"]["value"] > 1
    assert scores["increase"]["p_value"] == 1 / 16  # the least that four sign flips can show
    assert "over the baseline (mine): overall +" in regression.text


def test_real_words_regress_when_a_model_takes_over_the_references_phrases(project):
    plain = {
        i: f"{TOPICS[i].capitalize()}: look, wait, look again. Ask somebody who knows." for i in range(1, 9)
    }
    reference = {
        i: f"Certainly! Here is a short guide to {TOPICS[i]}:\n\n- Look closely.\n- Take notes."
        for i in plain
    }
    taken_over = {i: text if i % 2 else plain[i] for i, text in reference.items()}
    asked = [prompt(i) for i in plain]
    gates = {"overall": {"max": 4.5, "max_increase": 0.1}}
    write_suite(project, prompts=asked, references=[recording(project, "gpt-4o", reference)], gates=gates)
    old = recording(project, "old", plain)
    assert project.run("-k", "not gate", "--distill-report=before", model=old).code == 0
    baseline = "--distill-baseline=before/results.json"
    reworded = {**plain, 3: plain[3].replace("wait, look again", "wait and look again")}
    assert project.run(baseline, model=recording(project, "new", reworded)).code == 0
    regression = project.run(baseline, model=recording(project, "newer", taken_over))
    assert regression.code == 1
    assert "breaks max_increase 0.1" in regression.text
    assert "over the baseline (old): overall +" in regression.text


def test_with_a_confidence_bounds_decide(project):
    section = {"n": 40, "gates": {"overall": {"max_increase": 0.2, "confidence": 0.95}}}
    baseline = baseline_of(project, **section)
    assert project.run(baseline, model=spec("stranger", "mine")).code == 0
    regression = project.run(baseline, model=spec("student", "mine"))
    assert regression.code == 1
    assert "breaks max_increase 0.2 at confidence 0.95" in regression.text


def test_max_and_max_increase_of_one_gate_must_both_be_kept(project):
    gates = {"overall": {"max": 4, "max_increase": 4}}
    baseline = baseline_of(project, gates=gates)
    run = project.run(baseline, model=spec("student", "mine"))
    assert (run.code, run.counts["failed"]) == (1, 1)
    assert "breaks max 4" in run.line_with("FAIL ")


def test_an_unjudged_answer_counts_as_the_largest_increase(project):
    baseline = baseline_of(project, prompts=[prompt(1), prompt(2)])
    run = project.run(baseline, "--distill-report=out", model=spec("one_silent", "mine"))
    assert run.code == 1
    assert project.results()["gates"][0]["observed"]["value"] > 1


def test_a_missing_answer_leaves_the_gate_incomplete(project):
    baseline = baseline_of(project)
    run = project.run(baseline, model=spec("one_outage", "mine"))
    assert (run.code, run.counts["errors"]) == (11, 2)


def test_the_only_model_of_a_baseline_may_have_had_another_name(project):
    baseline = baseline_of(project)
    run = project.run(baseline, model=spec("student", "mine-2"))
    assert "over the baseline (mine): overall +" in run.text


@pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])
def test_a_selected_gate_without_a_baseline_is_a_usage_error(project, args):
    write_suite(project, gates={"overall": {"max": 5, "max_increase": 0.2}})
    run = project.run(*args, model=spec("stranger"))
    assert run.code == 4
    assert (
        "max_increase of gate-overall-stranger-teacher has nothing to compare with: give --distill-baseline"
        in run.text
    )


def test_the_first_baseline_is_made_without_its_gates(project):
    write_suite(project, gates=GATE)
    assert project.run("-k", "not gate", model=spec("stranger")).code == 0
    assert project.run("--collect-only", model=spec("stranger")).code == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read (No such file or directory)"),
        ("{", "is no JSON"),
        ("[]", "is no results.json of this version: its schema is None"),
        ('{"schema": "distillcheck-results/9"}', "its schema is 'distillcheck-results/9'"),
        ('{"schema": "distillcheck-results/1", "models": 3, "records": []}', "is damaged"),
        ('{"schema": "distillcheck-results/1", "models": {}, "records": [{}]}', "is damaged"),
    ],
    ids=["missing", "no JSON", "no object", "other schema", "no models", "no record"],
)
def test_a_baseline_that_cannot_be_read_is_a_usage_error(project, content, told):
    write_suite(project, gates=GATE)
    if content is not None:
        project.write("before.json", content)
    run = project.run("--distill-baseline=before.json", model=spec("stranger"))
    assert run.code == 4
    assert told in run.line_with("--distill-baseline")


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"references": [spec("other")]}, "compares 'mine' with 'teacher' in it, not with 'other'"),
        (
            {"prompts": [prompt(1), prompt(2)]},
            "was measured otherwise: other prompts were asked in the set 'work'",
        ),
        ({"parameters": {"temperature": 1}}, 'parameters was {} and is {"temperature": 1}'),
        ({"system": "Be brief."}, 'system was null and is "Be brief."'),
        ({"turns": "every"}, 'turns was "last" and is "every"'),
        ({"select": {"sample": 1}}, "sample was null and is 1"),
    ],
    ids=["reference", "prompts", "parameters", "system", "turns", "sample"],
)
def test_a_baseline_that_was_measured_otherwise_is_refused_with_the_reason(project, section, told):
    baseline = baseline_of(project)
    write_suite(project, **{"gates": GATE, **section})
    run = project.run(baseline, model=spec("stranger", "mine"))
    assert run.code == 4
    assert told in run.line_with("cannot be compared with")


def test_a_sample_of_another_seed_is_refused(project):
    baseline = baseline_of(project, n=12, select={"sample": 2})
    run = project.run(baseline, "--distill-seed=5", model=spec("stranger", "mine"))
    assert run.code == 4
    assert "seed was 0 and is 5" in run.text


@pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])
def test_a_baseline_from_another_suite_is_refused_before_anything_is_asked(project, args):
    baseline = baseline_of(project)
    (project.path / "s.distill.yaml").unlink()
    write_suite(project, "t", gates=GATE)
    run = project.run(baseline, *args, model=spec("stranger", "mine"))
    assert run.code == 4
    assert "it has no similarity of t.distill.yaml; its suites are 's.distill.yaml'" in run.text


def test_of_several_models_in_a_baseline_one_must_have_the_name(project):
    write_suite(project, gates=GATE)
    both = [spec("stranger", "a"), spec("other", "b")]
    assert project.run("-k", "not gate", "--distill-report=before", model=both).code == 0
    run = project.run("--distill-baseline=before/results.json", model=spec("stranger", "c"))
    assert run.code == 4
    assert "has 'a', 'b' in it, and none is called 'c'" in run.text


@pytest.mark.parametrize("value", [float("nan"), 7, "4.1"], ids=["nan", "off the scale", "text"])
def test_a_baseline_with_a_rating_off_the_scale_is_damaged(project, value):
    baseline = baseline_of(project)
    edited(project, lambda data: data["records"][0]["rating"].update(overall=value))
    run = project.run(baseline, model=spec("stranger", "mine"))
    assert run.code == 4
    assert "is damaged" in run.text


def test_another_judge_is_another_measurement(project):
    baseline = baseline_of(project)
    edited(
        project,
        lambda data: data["models"]["mine"]["suites"]["s.distill.yaml"]["similarity"]["teacher"][
            "measurement"
        ].update(judge="somebody"),
    )
    run = project.run(baseline, model=spec("stranger", "mine"))
    assert run.code == 4
    assert 'judge was "somebody" and is "embedded"' in run.text


def test_ratings_of_a_fixtures_judge_are_not_compared_with_those_of_another(project):
    baseline = baseline_of(project)
    project.write(
        "conftest.py",
        "import pytest\n"
        "from pytest_distillcheck.domain.ratings import Rating\n"
        "class Mild:\n"
        "    name = 'mild'\n"
        "    def rate(self, **shown):\n"
        "        return Rating(style=0, logic=0, content=0, overall=1)\n"
        "@pytest.fixture\n"
        "def distill_similarity_judge():\n"
        "    return Mild()\n",
    )
    run = project.run(baseline, "--distill-report=out", model=spec("student", "mine"))
    assert run.code == 11
    assert "the baseline shares none" in run.text
    scores = project.results()["models"]["mine"]["suites"]["s.distill.yaml"]["similarity"]["teacher"]
    assert (scores["measurement"]["judge"], scores["increase"]) == ("mild", None)


def test_a_baseline_that_is_not_there_is_told_whatever_the_suites_are(project):
    project.suite()
    run = project.run("--distill-baseline=before.json", model="honest")
    assert run.code == 4
    assert "cannot be read" in run.text


def test_suites_without_max_increase_need_not_stand_in_the_baseline(project):
    baseline = baseline_of(project)
    write_suite(project, "t", gates={"overall": {"max": 5}})
    assert project.run(baseline, model=spec("stranger", "mine")).code == 0
