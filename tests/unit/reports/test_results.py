import json

import jsonschema
import pytest

from pytest_distillcheck.domain.gates import Decision, Gate, Limit
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scores import SCORE_NAMES, Share
from pytest_distillcheck.domain.summaries import RunSummary, SectionResult
from pytest_distillcheck.identity.scores import identity_scores
from pytest_distillcheck.reports import results, results_schema_text, write_results

RUN = {"version": "1", "models": {"qwen": "python:m:f"}, "judge": "embedded", "seed": 0}
HOSTILE = "\ud800\x1b[2J\x00</script>\u202e"


@pytest.fixture
def summary(a_record):
    def make(*, suites=("a",), run=RUN):
        decision = Decision(
            gate=Gate(
                id="a::gate-strict-qwen", suite="a", model="qwen", score="strict", limit=Limit(max=0.1)
            ),
            outcome="INCOMPLETE",
            observed=Share(count=0, n=0, low=None, high=None, method="none"),
            missing=1,
            needs=None,
            reason="why",
        )
        records = (
            a_record(question="q1", label="contradiction", makers=("openai",), rival=True, quotes=(HOSTILE,)),
            a_record(question="q2", label=None, affirmed=None, unjudged="empty response", response=HOSTILE),
        )
        return RunSummary(
            run=run,
            results=tuple(
                SectionResult(
                    kind="identity",
                    suite=suite,
                    model="qwen",
                    planned=3,
                    scores=identity_scores(records),
                    records=records,
                )
                for suite in suites
            ),
            decisions=(decision,),
            undecided={"a::gate-hard-qwen": "deselected"},
        )

    return make


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(results_schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_results_fit_the_shipped_schema(summary, validator):
    assert [error.message for error in validator.iter_errors(results(summary()))] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "distillcheck-results/2"),
        (("run",), {}),
        (("gates", 0, "decision"), "MAYBE"),
        (("gates", 0, "observed", "low"), 1.5),
        (("records", 0, "label"), "liar"),
        (("records", 0, "source"), "memory"),
        (("models", "qwen", "suites", "a", "identity", "loose", "count"), -1),
        (("models", "qwen", "suites", "a", "identity", "by_category"), 3),
    ],
)
def test_the_schema_refuses_what_is_no_result(summary, validator, path, value):
    data = json.loads(json.dumps(results(summary())))
    *steps, last = path
    place = data
    for step in steps:
        place = place[step]
    place[last] = value
    assert not validator.is_valid(data)


def test_results_hold_the_scores_of_each_suite_apart(summary):
    suites = results(summary(suites=("a", "b")))["models"]["qwen"]["suites"]
    assert list(suites) == ["a", "b"]
    identity = suites["a"]["identity"]
    assert list(identity) == [*SCORE_NAMES, "by_category", "by_language", "by_maker", "by_context"]
    assert identity["loose"]["value"] == 1
    assert list(identity["by_maker"]) == ["openai"]
    assert identity["by_category"]["team"]["unjudged"]["n"] == 2


def test_results_hold_run_gates_and_records(summary):
    data = results(summary())
    assert data["schema"] == "distillcheck-results/1"
    assert data["run"] == RUN
    assert [gate["decision"] for gate in data["gates"]] == ["INCOMPLETE"]
    assert data["undecided"] == {"a::gate-hard-qwen": "deselected"}
    assert [record["question"] for record in data["records"]] == ["q1", "q2"]


def test_the_schema_of_records_knows_every_field(validator):
    known = set(validator.schema["$defs"]["record"]["properties"])
    assert set(Record.__dataclass_fields__) <= known


def test_results_are_written_as_ascii_json_and_can_be_read(summary, tmp_path):
    path = write_results(tmp_path / "deep" / "er", summary())
    assert path == tmp_path / "deep" / "er" / "results.json"
    assert json.loads(path.read_text("ascii")) == json.loads(json.dumps(results(summary())))
    assert [each.name for each in path.parent.iterdir()] == ["results.json"]


def test_no_unsafe_character_of_an_answer_gets_into_results(summary):
    answers = [record["response"] + "".join(record["quotes"]) for record in results(summary())["records"]]
    assert all(answer.isprintable() for answer in answers)


def test_an_older_file_stays_when_writing_fails(summary, tmp_path):
    path = write_results(tmp_path, summary())
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_results(tmp_path, summary(run={"cannot": object()}))
    assert path.read_bytes() == before
