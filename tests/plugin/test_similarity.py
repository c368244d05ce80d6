"""Similarity suites: items, gates, references, and answers that cannot be compared."""

import json

import pytest
from jsonschema import Draft202012Validator

from pytest_distillcheck.reports import results_schema_text
from tests.plugin.pairs import prompt, recording, spec, write_suite

# Items and gates


def test_each_prompt_and_reference_is_a_test_of_its_own_and_gates_follow(project):
    write_suite(
        project,
        n=2,
        references=[spec("teacher"), spec("other", "Other.1")],
        gates={"overall": {"max": 4}},
        sets={"work": {"style": {"max": 1.5}}},
    )
    run = project.run("--collect-only", "-q", model=spec("stranger"))
    ids = [line for line in run.text.splitlines() if "::" in line]
    assert ids == [
        "s.distill.yaml::similarity[stranger-teacher-p01]",
        "s.distill.yaml::similarity[stranger-teacher-p02]",
        "s.distill.yaml::similarity[stranger-other_1-p01]",
        "s.distill.yaml::similarity[stranger-other_1-p02]",
        "s.distill.yaml::gate-overall-stranger-teacher",
        "s.distill.yaml::gate-style-work-stranger-teacher",
        "s.distill.yaml::gate-overall-stranger-other_1",
        "s.distill.yaml::gate-style-work-stranger-other_1",
    ]


def test_a_model_that_answers_like_the_reference_fails_its_gate_and_one_that_does_not_passes(project):
    write_suite(project, gates={"overall": {"max": 4}})
    close = project.run(model=spec("student"))
    assert (close.code, close.counts) == (1, {"passed": 4, "failed": 1})
    assert "breaks max 4" in close.line_with("FAIL ", "gate-overall-student-teacher")
    far = project.run(model=spec("stranger"))
    assert (far.code, far.counts) == (0, {"passed": 5})
    assert "keeps max 4" in far.line_with("PASS ", "gate-overall-stranger-teacher")


def test_the_gate_of_one_set_counts_that_set_alone(project):
    write_suite(project, sets={"talk": {"overall": {"max": 3}}, "work": {"overall": {"max": 3}}})
    run = project.run(model=spec("one_copy"))
    assert run.counts == {"passed": 5, "failed": 1}
    assert "over 2 prompts breaks" in run.line_with("FAIL ", "gate-overall-talk-one_copy-teacher")
    assert "over 2 prompts keeps" in run.line_with("PASS ", "gate-overall-work-one_copy-teacher")


def test_the_score_is_the_unweighted_mean_of_the_sets_means(project):
    asked = [prompt(1, "small"), *(prompt(i, "large") for i in range(2, 6))]
    write_suite(project, prompts=asked)
    project.run("--distill-report=out", model=spec("one_copy"))
    scores = project.results()["models"]["one_copy"]["suites"]["s.distill.yaml"]["similarity"]["teacher"]
    small, large = (scores["by_set"][name]["overall"]["value"] for name in ("small", "large"))
    assert small == 5
    assert scores["overall"]["value"] == pytest.approx((small + large) / 2)


@pytest.mark.parametrize("gates", [None, {"overall": {"max": 5}}], ids=["without gates", "with gates"])
def test_per_prompt_fails_its_own_test_with_gates_or_without(project, gates):
    write_suite(project, gates=gates, per_prompt={"overall": {"max": 4.8}})
    run = project.run(model=spec("one_copy"))
    assert (run.code, run.counts["failed"]) == (1, 1)
    assert "one_copy compared with teacher: overall 5.00 breaks max 4.8" in run.text
    assert "asked:    Prompt 01: explain the tide table of a small harbour." in run.text
    assert "answered: Great question!" in run.text
    assert "teacher answered: Great question!" in run.text
    assert "rated:    overall 5.00, style 2.00, logic 2.00, content 2.00 by embedded" in run.text
    replayed = run.line_with("replay:").partition("pytest ")[2]
    assert "similarity[one_copy-teacher-p01]" in replayed
    assert "--distill-model=one_copy=python:pairs:one_copy" in replayed


def test_the_replay_names_a_reference_that_the_command_line_chose(project):
    write_suite(project, references=None, per_prompt={"overall": {"max": 4.8}})
    run = project.run(f"--distill-reference={spec('teacher', 't')}", model=spec("one_copy"))
    assert "--distill-reference=t=python:pairs:teacher" in run.line_with("replay:")


def test_a_waived_finding_is_expected_and_an_expired_waiver_is_not(project):
    waiver = {"probe": "similarity[*-p01]", "reason": "a greeting", "owner": "ana", "until": "2999-01-01"}
    write_suite(project, per_prompt={"overall": {"max": 4.8}}, top={"waivers": [waiver]})
    assert project.run(model=spec("one_copy")).counts == {"passed": 3, "xfailed": 1}
    write_suite(
        project, per_prompt={"overall": {"max": 4.8}}, top={"waivers": [{**waiver, "until": "2020-01-01"}]}
    )
    expired = project.run(model=spec("one_copy"))
    assert expired.counts == {"passed": 3, "failed": 1}
    assert "the waiver of ana expired on 2020-01-01" in expired.text


def test_a_waiver_that_one_reference_needs_is_not_needless_for_another(project):
    waiver = {"probe": "similarity[*-p01]", "reason": "a greeting", "owner": "ana", "until": "2999-01-01"}
    references = [spec("teacher"), spec("other")]
    write_suite(
        project, references=references, per_prompt={"overall": {"max": 4.8}}, top={"waivers": [waiver]}
    )
    assert "covers no finding" not in project.run(model=spec("one_copy")).text
    assert "covers no finding" in project.run(model=spec("stranger")).text


def test_without_a_model_one_skipped_test_says_so(project):
    write_suite(project)
    run = project.run()
    assert (run.code, run.counts) == (0, {"skipped": 1})


def test_a_model_that_fits_one_section_alone_has_no_test_of_the_other(project):
    top = {"identity": {"models": ["qwen*"], "fact": "qwen", "bank": False, "questions": []}}
    del top["identity"]["bank"], top["identity"]["questions"]
    top["identity"]["probes"] = {"categories": ["team"], "languages": ["en"], "contexts": ["plain"]}
    write_suite(project, models=["stranger"], top=top)
    run = project.run(model=spec("stranger"))
    assert (run.code, run.counts) == (0, {"passed": 4})


# What cannot be compared


def test_an_empty_answer_is_unjudged_and_counts_as_the_worst_rating(project):
    write_suite(project, n=2, prompts=[prompt(1), prompt(2)], gates={"overall": {"max": 2.9}})
    run = project.run("--distill-report=out", model=spec("one_silent"))
    assert (run.code, run.counts) == (1, {"passed": 1, "unjudged": 1, "failed": 1})
    (record,) = [r for r in project.results()["records"] if r["question"] == "p01"]
    assert (record["rating"], record["unjudged"]) == (None, "empty response")
    scores = project.results()["models"]["one_silent"]["suites"]["s.distill.yaml"]["similarity"]["teacher"]
    assert scores["overall"]["n"] == 1
    assert (scores["unjudged"]["count"], scores["unjudged"]["n"]) == (1, 2)
    (gate,) = project.results()["gates"]
    assert gate["observed"]["value"] == pytest.approx((5 + scores["overall"]["value"]) / 2)
    assert "unjudged 1 of 2: empty response" in run.text


def test_an_empty_answer_of_the_reference_is_unjudged_too(project):
    write_suite(project, references=[spec("one_silent")], gates={"overall": {"max": 4}})
    run = project.run("--distill-report=out", model=spec("student"))
    assert run.counts["unjudged"] == 1
    (record,) = [r for r in project.results()["records"] if r["question"] == "p01"]
    assert record["unjudged"] == "one_silent: empty response"


def test_for_a_least_similarity_an_empty_answer_counts_as_the_least_similar(project):
    write_suite(project, n=2, prompts=[prompt(1)], gates={"overall": {"min": 2}})
    run = project.run("--distill-report=out", model=spec("silent"))
    assert run.code == 1
    assert project.results()["gates"][0]["observed"]["value"] == 1


@pytest.mark.parametrize(
    "section",
    [
        {},
        {"per_prompt": {"overall": {"max": 4.8}}},
        {"per_prompt": {"overall": {"max": 4.8}}, "gates": {"overall": {"max": 5}}},
    ],
    ids=["no limit", "per_prompt", "per_prompt and gates"],
)
def test_where_no_gate_decides_or_each_pair_must_be_rated_an_unjudged_one_is_an_error(project, section):
    write_suite(project, **section)
    run = project.run(model=spec("one_silent"))
    assert (run.code, run.counts["errors"]) == (11, 1)
    assert "unjudged: empty response" in run.text


@pytest.mark.parametrize("whose", ["model", "reference"])
def test_a_missing_answer_is_an_error_and_a_missing_member(project, whose):
    write_suite(
        project,
        references=[spec("one_outage" if whose == "reference" else "teacher")],
        gates={"overall": {"max": 4}},
    )
    run = project.run(model=spec("one_outage" if whose == "model" else "student"))
    assert (run.code, run.counts) == (11, {"passed": 3, "errors": 2})
    assert "1 of 4 pairs are missing" in run.line_with("INCOMPLETE")
    assert ("the reference one_outage: no answer:" in run.text) == (whose == "reference")


def test_a_gate_that_fails_whatever_the_missing_answers_say_fails(project):
    write_suite(project, references=[spec("one_outage")], gates={"overall": {"max": 1.2}})
    run = project.run(model=spec("stranger"))
    assert run.code == 1
    assert "whatever 1 missing pairs say" in run.line_with("FAIL ", "gate-overall")


def test_a_prompt_that_the_references_recording_lacks_is_named(project):
    reference = recording(project, "gpt-4o", {1: "Kettles are fine.", 2: "Tides are fine."})
    write_suite(project, prompts=[prompt(i) for i in (1, 2, 3)], references=[reference])
    run = project.run(model=spec("stranger"))
    assert (run.code, run.counts) == (11, {"passed": 2, "errors": 1})
    assert "the reference gpt-4o: no answer: " in run.text


def test_thinking_is_not_compared(project):
    write_suite(project)
    project.run("--distill-report=a", model=spec("thinking"))
    project.run("--distill-report=b", model=spec("stranger"))
    ratings = [[r["rating"] for r in project.results(folder)["records"]] for folder in ("a", "b")]
    assert ratings[0] == ratings[1]


def test_answers_of_a_megabyte_are_rated(project):
    write_suite(project, n=2, references=[spec("endless")], gates={"overall": {"max": 4.9}})
    assert project.run(model=spec("stranger")).counts == {"passed": 3}


def test_one_answer_to_all_prompts_is_warned_of(project):
    write_suite(project)
    run = project.run(model=spec("parrot"))
    assert "parrot gave one answer to 4 of 4 prompts: its similarity says nothing" in run.text
    reference = project.run(f"--distill-reference={spec('parrot')}", model=spec("stranger"))
    assert "parrot gave one answer to 4 of 4 prompts" in reference.text


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"id": "p01", "prompt": " "}, "s.jsonl:2"),
        ({"id": "p02", "prompt": "Prompt 07: explain tea."}, "s.jsonl:2"),
    ],
    ids=["empty prompt", "two with one id"],
)
def test_a_faulty_prompt_file_is_a_collection_error_that_names_its_line(project, line, told):
    write_suite(project, prompts=[prompt(2), line])
    run = project.run(model=spec("stranger"))
    assert run.code == 2
    assert told in run.text


def test_what_cannot_be_asked_of_a_data_set_is_counted(project):
    conversation = {
        "id": "a",
        "conversations": [{"from": "human", "value": "Hello?"}, {"from": "gpt", "value": "Hi."}],
    }
    faulty = {"id": "b", "conversations": [{"from": "gpt", "value": "Hi."}]}
    write_suite(project, prompts=[conversation, faulty])
    run = project.run("--collect-only", model=spec("parrot"))
    assert "distillcheck: s.distill.yaml: prompts left out: 1, " in run.text
    assert "similarity[parrot-teacher-a]" in run.text


# References


def test_references_of_the_command_line_replace_those_of_the_suite(project):
    write_suite(project)
    run = project.run(f"--distill-reference={spec('other')}", model=spec("stranger"))
    assert "stranger compared with other" in run.text
    assert "compared with teacher" not in run.text


def test_paths_of_a_suites_references_start_at_its_folder(project):
    project.path.joinpath("deep").mkdir()
    write_suite(project, "deep/s", prompts=[prompt(1)], references=["gpt-4o=recorded:gpt.jsonl"])
    project.path.joinpath("deep/s.distill.yaml").write_text(
        project.path.joinpath("deep/s.distill.yaml").read_text().replace("deep/s.jsonl", "s.jsonl")
    )
    project.write("deep/gpt.jsonl", json.dumps({"prompt": prompt(1)["prompt"], "response": "Fine."}))
    assert project.run(model=spec("stranger")).counts == {"passed": 1}


@pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])
def test_a_suite_without_a_reference_is_a_usage_error(project, args):
    write_suite(project, references=None)
    run = project.run(*args, model=spec("stranger"))
    assert run.code == 4
    assert "similarity has no reference to compare with; give --distill-reference" in run.text


@pytest.mark.parametrize(
    "model",
    [spec("teacher"), spec("stranger", "teacher"), spec("teacher", "renamed")],
    ids=["both", "name", "spec"],
)
def test_a_reference_that_is_the_model_under_test_is_a_usage_error(project, model):
    write_suite(project)
    run = project.run(model=model)
    assert run.code == 4
    assert "is the model under test" in run.text


def test_one_recording_under_two_names_is_one_model_wherever_its_path_starts(project):
    reference = recording(project, "gpt-4o", {1: "Kettles are fine."})
    write_suite(project, prompts=[prompt(1)], references=[reference])
    project.path.joinpath("deep").mkdir()
    run = project.run(model="mine=recorded:deep/../gpt-4o.recorded.jsonl")
    assert run.code == 4


def test_names_that_come_to_one_test_are_a_usage_error(project):
    write_suite(project, references=[spec("other", "b-c"), spec("teacher", "c")])
    run = project.run(model=[spec("stranger", "a"), spec("student", "a-b")])
    assert run.code == 4
    assert "two tests would be called 'similarity[a-b-c-p01]'" in run.text


# Selection


def test_members_come_back_with_a_gate_that_failed_last(project):
    write_suite(project, gates={"overall": {"max": 4}}, references=[spec("teacher"), spec("other")])
    assert project.run("-p", "cacheprovider", model=spec("student")).counts == {"passed": 9, "failed": 1}
    again = project.run("--lf", model=spec("student"))
    assert again.counts == {"passed": 4, "failed": 1}


def test_deselected_members_are_missing(project):
    write_suite(project, gates={"overall": {"max": 4}})
    run = project.run("-k", "p01 or gate", model=spec("stranger"))
    assert (run.code, run.counts["errors"]) == (11, 1)


def test_a_deselected_gate_is_listed_as_not_decided(project):
    write_suite(project, gates={"overall": {"max": 4}})
    run = project.run("-k", "not gate", model=spec("student"))
    assert (run.code, run.counts["passed"]) == (0, 4)
    assert "not decided: s.distill.yaml::gate-overall-student-teacher (not selected)" in run.text


@pytest.mark.parametrize("args", [("-n2",), ("-n1", "--dist=loadfile")], ids=["n2", "loadfile"])
def test_workers_come_to_the_same_results(project, args):
    references = [spec("teacher"), spec("other")]
    write_suite(
        project,
        n=12,
        references=references,
        gates={"overall": {"max": 4}, "style": {"max": 1, "confidence": 0.9}},
    )
    alone = project.run("--distill-report=alone", model=spec("student"))
    several = project.run("--distill-report=several", *args, model=spec("student"))
    assert (several.code, several.counts) == (alone.code, alone.counts)
    assert project.results("several") == project.results("alone")


# Reports


def test_results_keep_to_the_schema_and_say_how_they_were_measured(project):
    write_suite(
        project,
        n=12,
        references=[spec("teacher"), spec("other")],
        parameters={"temperature": 0},
        select={"sample": 6},
        gates={"overall": {"max": 4}},
    )
    project.run("--distill-report=out", "--distill-seed=3", model=spec("one_silent"))
    results = project.results()
    Draft202012Validator(json.loads(results_schema_text())).validate(results)
    scores = results["models"]["one_silent"]["suites"]["s.distill.yaml"]["similarity"]["teacher"]
    assert {key: value for key, value in scores["measurement"].items() if key != "prompts"} == {
        "judge": "embedded",
        "turns": "last",
        "system": None,
        "parameters": {"temperature": 0},
        "sample": 6,
        "seed": 3,
    }
    assert list(scores["measurement"]["prompts"]) == ["talk", "work"]
    assert results["run"]["references"] == {
        "teacher": "python:pairs:teacher",
        "other": "python:pairs:other",
    }


def test_controls_stand_beside_the_score(project):
    reference = recording(
        project,
        "gpt-4o",
        {
            i: [
                f"On topic {i}: first weigh it, then turn it.",
                f"On topic {i}: weigh it first, then turn it.",
            ]
            for i in range(1, 7)
        },
    )
    write_suite(project, prompts=[prompt(i) for i in range(1, 7)], references=[reference, spec("other")])
    run = project.run("--distill-report=out", model=spec("stranger"))
    scores = project.results()["models"]["stranger"]["suites"]["s.distill.yaml"]["similarity"]
    controls = scores["gpt-4o"]["controls"]
    assert 1 <= controls["floor"] <= controls["ceiling"] <= 5
    assert controls["relative"] == pytest.approx(
        scores["gpt-4o"]["overall"]["value"] - scores["other"]["overall"]["value"]
    )
    assert controls["normalised"] is not None
    assert controls["unavailable"] == {}
    assert scores["other"]["controls"]["unavailable"]["ceiling"] == (
        "only a recording of the reference can hold second answers"
    )
    assert "no ceiling: only a recording of the reference can hold second answers" in run.text


def test_with_several_references_the_most_similar_one_is_named_or_none(project):
    write_suite(project, n=12, references=[spec("teacher"), spec("other")])
    run = project.run("--distill-report=out", model=spec("student"))
    suite = project.results()["models"]["student"]["suites"]["s.distill.yaml"]
    assert [entry["reference"] for entry in suite["attribution"]["ranking"]] == ["teacher", "other"]
    assert suite["attribution"]["prompts"] == 12
    assert "distilled" not in run.text
    assert "student is most similar to " in run.text


def test_junit_has_the_ratings(project):
    write_suite(project)
    project.run("--junit-xml=junit.xml", model=spec("one_copy"))
    assert '<property name="distill.overall" value="5.000"' in (project.path / "junit.xml").read_text("utf-8")


# Fixtures and hooks


def test_a_fixture_of_the_users_replaces_the_judge(project):
    write_suite(project, gates={"overall": {"max": 2}})
    project.write(
        "conftest.py",
        "import pytest\n"
        "from pytest_distillcheck.domain.ratings import Rating\n"
        "class Harsh:\n"
        "    name = 'harsh'\n"
        "    def rate(self, *, prompt, reference, response):\n"
        "        return Rating(style=0, logic=0, content=0, overall=1)\n"
        "@pytest.fixture\n"
        "def distill_similarity_judge():\n"
        "    return Harsh()\n",
    )
    run = project.run("--distill-report=out", model=spec("student"))
    assert run.code == 0
    assert {record["judge"] for record in project.results()["records"]} == {"harsh"}


@pytest.mark.parametrize("value", ["float('nan')", "7", "0"])
def test_a_rating_off_the_scale_is_unjudged(project, value):
    write_suite(project, n=2, prompts=[prompt(1)], gates={"overall": {"max": 4}})
    project.write(
        "conftest.py",
        "import pytest\n"
        "from pytest_distillcheck.domain.ratings import Rating\n"
        "class Odd:\n"
        "    name = 'odd'\n"
        "    def rate(self, **shown):\n"
        f"        return Rating(style=0, logic=0, content=0, overall={value})\n"
        "@pytest.fixture\n"
        "def distill_similarity_judge():\n"
        "    return Odd()\n",
    )
    run = project.run(model=spec("stranger"))
    assert (run.code, run.counts) == (1, {"unjudged": 1, "failed": 1})


def test_a_fixture_of_the_users_replaces_the_reference(project):
    write_suite(project, gates={"overall": {"max": 4}})
    project.write(
        "conftest.py",
        "import pytest\n"
        "from pytest_distillcheck.domain.exchanges import Response\n"
        "class Mine:\n"
        "    def ask(self, request):\n"
        "        return Response(text='hm. never cared; ask around the village.', source='callable')\n"
        "@pytest.fixture\n"
        "def distill_reference():\n"
        "    return Mine()\n",
    )
    assert project.run(model=spec("student")).code == 0
