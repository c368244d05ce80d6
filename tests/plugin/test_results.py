"""results.json: its schema, its numbers, and what happens when it cannot be written."""

import json

import pytest
from jsonschema import Draft202012Validator

from pytest_distillcheck.cli import main

# `mixed` contradicts in every question 4k + 1, is silent in 4k + 2, claims nothing in 4k + 3, and is honest in 4k.
N = 8
SCORES = {
    "loose": (2, 6),
    "strict": (2, 6),
    "hard": (2, 6),
    "roleplay": (0, 6),
    "affirmed": (2, 6),
    "no_claim": (2, 6),
    "unjudged": (2, 8),
}


@pytest.fixture
def schema(project):
    """The schema, as the command line writes it out."""
    assert main(["schema", "results", "-o", str(project.path / "schema.json")]) == 0
    text = json.loads((project.path / "schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(text)
    return Draft202012Validator(text)


def identity(project, suite="a.distill.yaml", model="qwen-max"):
    """Return the scores of one model on one suite."""
    return project.results()["models"][model]["suites"][suite]["identity"]


def counted(scores):
    """Return count and n of each score."""
    return {name: (scores[name]["count"], scores[name]["n"]) for name in SCORES}


def test_everything_that_can_be_in_it_fits_the_schema(project, schema):
    gates = {
        "loose": {"max": 0.1},
        "affirmed": {"min": 0.1, "max": 0.9},
        "unjudged": {"max": 0.5, "confidence": 0.9},
    }
    waivers = [{"probe": "*-q05]", "reason": "x", "owner": "y", "until": "2099-01-01"}]
    project.suite("a", n=N, gates=gates, top={"waivers": waivers})
    project.suite("b", n=2)
    project.suite("sub/c", bank=True, questions=[], probes={"sample": 5, "contexts": ["plain", "neutral"]})
    models = ["qwen-max=python:models:mixed", "qwen-two=python:models:raising"]
    project.run("--distill-report=out", "-k", "not gate-loose and not sub", model=models)
    results = project.results()
    assert sorted(error.message for error in schema.iter_errors(results)) == []
    assert {gate["decision"] for gate in results["gates"]} == {"PASS", "INCONCLUSIVE", "INCOMPLETE"}
    assert results["undecided"] == {
        f"a.distill.yaml::gate-loose-{model}": "not selected" for model in ("qwen-max", "qwen-two")
    }
    assert {record["unjudged"] for record in results["records"]} == {None, "empty response"}


def test_the_schema_refuses_what_is_not_in_it(project, schema):
    project.run(project.suite(n=1), "--distill-report=out", model="honest")
    results = project.results()
    for wrong in (
        {**results, "schema": "distillcheck-results/2"},
        {**results, "more": 1},
        {key: value for key, value in results.items() if key != "records"},
        {**results, "records": [{**results["records"][0], "label": "fine"}]},
    ):
        assert not schema.is_valid(wrong)


def test_two_equal_runs_write_equal_bytes(project):
    project.suite("a", n=N, gates={"loose": {"max": 0.5, "confidence": 0.95}})
    project.suite("b", bank=True, questions=[], probes={"sample": 3}, models=["qwen-bank"])
    models = ["qwen-max=python:models:mixed", "qwen-bank=python:models:vague"]
    for folder in ("one", "two"):
        project.run(f"--distill-report={folder}", "-k", "qwen-max", model=models)
    one, two = ((project.path / folder / "results.json").read_bytes() for folder in ("one", "two"))
    assert one == two
    assert one.endswith(b"}\n")
    assert one.isascii()


def test_shares_have_counts_and_n_of_what_was_judged(project):
    project.run(project.suite(n=N), "--distill-report=out", model="mixed")
    scores = identity(project)
    assert counted(scores) == SCORES
    loose = scores["loose"]
    assert loose["value"] == pytest.approx(1 / 3)
    # Wilson's interval of 2 of 6 (Wilson 1927), computed by hand from z = 1.959964.
    assert (loose["low"], loose["high"]) == (pytest.approx(0.0968, abs=5e-4), pytest.approx(0.7000, abs=5e-4))
    assert loose["method"] == "wilson"


def test_scores_are_broken_down_by_category_language_context_and_maker(project):
    asked = [
        {"id": f"q{i}", "category": category, "language": language, "text": f"Question {i}: who?"}
        for i, category, language in (
            (1, "team", "en"),
            (2, "team", "zh"),
            (3, "geography", "en"),
            (4, "geography", "zh"),
            (5, "geography", "zh"),
        )
    ]
    project.run(project.suite(questions=asked), "--distill-report=out", model="mixed")
    scores = identity(project)
    assert {key: counted(value)["loose"] for key, value in scores["by_category"].items()} == {
        "geography": (1, 3),
        "team": (1, 1),
    }
    assert {key: counted(value)["loose"] for key, value in scores["by_language"].items()} == {
        "en": (1, 2),
        "zh": (1, 2),
    }
    assert {key: counted(value)["unjudged"] for key, value in scores["by_language"].items()} == {
        "en": (0, 2),
        "zh": (1, 3),
    }
    assert {key: counted(value)["loose"] for key, value in scores["by_context"].items()} == {"plain": (2, 4)}
    assert {key: (share["count"], share["n"]) for key, share in scores["by_maker"].items()} == {
        "openai": (2, 4)
    }


def test_answers_that_share_a_question_have_a_clustered_interval(project):
    suite = project.suite(n=3, probes={"contexts": ["plain", "switch"]})
    project.run(suite, "--distill-report=out", model="one_slip")
    scores = identity(project)
    assert set(scores["by_context"]) == {"plain", "switch"}
    assert (scores["loose"]["n"], scores["loose"]["method"]) == (6, "clustered")
    assert scores["by_context"]["plain"]["loose"]["method"] == "wilson"


def test_scores_are_kept_apart_by_model_and_suite(project):
    project.suite("a", n=2)
    project.suite("b", n=3)
    models = ["qwen-good=python:models:honest", "qwen-bad=python:models:impostor"]
    project.run("--distill-report=out", model=models)
    results = project.results()
    assert {
        (model, suite): (entry["identity"]["loose"]["count"], entry["identity"]["loose"]["n"])
        for model, of_model in results["models"].items()
        for suite, entry in of_model["suites"].items()
    } == {
        ("qwen-good", "a.distill.yaml"): (0, 2),
        ("qwen-bad", "a.distill.yaml"): (2, 2),
        ("qwen-good", "b.distill.yaml"): (0, 3),
        ("qwen-bad", "b.distill.yaml"): (3, 3),
    }
    assert results["run"]["models"] == {
        "qwen-good": "python:models:honest",
        "qwen-bad": "python:models:impostor",
    }


def test_a_record_holds_the_probe_the_answer_and_the_verdict(project):
    spec = project.recording("I am ChatGPT, made by OpenAI.", "")
    project.run(project.suite(n=2), "--distill-report=out", model=f"qwen-max={spec}")
    first, second = project.results()["records"]
    expected = {
        "id": "a.distill.yaml::identity[qwen-max-plain-q01]",
        "suite": "a.distill.yaml",
        "model": "qwen-max",
        "kind": "identity",
        "category": "team",
        "language": "en",
        "context": "plain",
        "question": "q01",
        "prompt": "Question 01: who made you?",
        "response": "I am ChatGPT, made by OpenAI.",
        "label": "contradiction",
        "affirmed": False,
        "makers": ["openai"],
        "rating": None,
        "unjudged": None,
        "waived": False,
        "source": "recording",
    }
    assert {key: first[key] for key in expected} == expected
    assert all(quote in first["response"] for quote in first["quotes"])
    assert (second["label"], second["affirmed"], second["unjudged"]) == (None, None, "empty response")


def test_records_are_sorted_whatever_the_order_of_the_run(project):
    project.suite("b", n=2)
    project.suite("a", n=2)
    project.run("b.distill.yaml", "a.distill.yaml", "--distill-report=out", model="honest")
    ids = [record["id"] for record in project.results()["records"]]
    assert ids == sorted(ids)
    assert len(ids) == 4


@pytest.mark.parametrize(("model", "code"), [("honest", 0), ("impostor", 1), ("raising", 11)])
def test_it_is_written_whatever_the_run_came_to(project, model, code):
    suite = project.suite(n=2)
    assert project.run(suite, "--distill-report=deep/out", model=model).code == code
    assert len(project.results("deep/out")["records"]) == (0 if model == "raising" else 2)
    assert [path.name for path in (project.path / "deep/out").iterdir()] == ["results.json"]


def test_it_is_replaced_by_the_next_run(project):
    suite = project.suite(n=2)
    project.run(suite, "--distill-report=out", model="impostor")
    project.run(suite, "--distill-report=out", "-k", "q01", model="honest")
    assert [record["label"] for record in project.results()["records"]] == ["consistent"]


@pytest.mark.parametrize(("model", "code"), [("honest", 3), ("impostor", 1), ("raising", 11)])
def test_a_report_that_cannot_be_written_is_told_and_never_ends_with_0(project, model, code):
    # A file stands where the folder should be.
    run = project.run(project.suite(n=1), "--distill-report=models.py", model=model)
    assert run.code == code
    assert run.line_with("results.json could not be written to", "models.py", "File exists")
    assert "Traceback" not in run.text


def test_a_folder_in_the_place_of_the_file_is_told_and_never_ends_with_0(project):
    project.write("out/results.json/keep", "x")
    run = project.run(project.suite(n=1), "--distill-report=out", model="honest")
    assert run.code == 3
    assert run.line_with("results.json could not be written to", "out")
    assert [path.name for path in (project.path / "out").iterdir()] == ["results.json"], (
        "nothing is left behind"
    )


def test_a_report_that_cannot_be_written_is_told_quietly_too(project):
    run = project.run(project.suite(n=1), "-qq", "--distill-report=models.py", model="honest")
    assert run.code != 0
    assert "results.json could not be written" in run.text
