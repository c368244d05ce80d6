"""Live models that answer under another name than the one that was asked (B10)."""

import pytest

from tests.faults.catalogue import answer
from tests.plugin.conftest import TRUE

LINE = "answered as "
ADVICE = "name one dated model in its SPEC"


def named(*models):
    return [answer(TRUE, model) for model in models]


def test_b10_several_model_strings_are_told_once_and_warned_of(project, stub):
    project.suite(n=4, gates={"loose": {"max": 0}})
    model = stub.answering(*named("m-1", "m-1-2025-01-25", "other\x1b"))
    run = project.run("--distill-concurrency=1", "--distill-report=out", model=model)
    assert run.code == 0
    assert run.counts == {"passed": 5, "warnings": 1}
    assert run.text.count(LINE) == 2
    assert run.line_with(r"  answered as other\x1b (2), m-1 (1), m-1-2025-01-25 (1)")
    assert run.line_with("PytestWarning: qwen-max, asked for as m-1, answered as", ADVICE)
    returned = [record["model_returned"] for record in project.results()["records"]]
    assert returned == ["m-1", "m-1-2025-01-25", r"other\x1b", r"other\x1b"]


@pytest.mark.parametrize("returned", ["m-1", "M_1", "acme/m-1-2025-01-25", "/models/m-1-q4.gguf", ""])
def test_b10_nothing_is_told_when_all_is_as_asked(project, stub, returned):
    project.suite(n=2)
    run = project.run(model=stub.answering(*named(returned)))
    assert (run.code, run.counts) == (0, {"passed": 2})
    assert LINE not in run.text


def test_b10_one_string_that_is_plainly_not_the_one_asked_is_told(project, stub):
    project.suite(n=2)
    run = project.run(model=stub.answering(*named("m-1-mini")))
    assert (run.code, run.counts) == (0, {"passed": 2, "warnings": 1})
    assert run.line_with("  answered as m-1-mini (2)")


def test_b10_where_warnings_are_errors_the_run_fails(project, stub):
    project.suite(n=2)
    run = project.run("-Werror", model=stub.answering(*named("m-1", "m-2")))
    assert run.code == 1
    assert "INTERNALERROR" not in run.text
    assert run.line_with("  answered as m-1 (1), m-2 (1)")
