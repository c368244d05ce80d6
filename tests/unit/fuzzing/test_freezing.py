import json

import pytest

from pytest_distillcheck.domain.templates import PromptNode, SeedTemplate
from pytest_distillcheck.errors import SourceError
from pytest_distillcheck.fuzzing import freeze, read_frozen

ROOT = PromptNode(template=SeedTemplate(id="en-b", language="en", text="Say it:\u2028{question}"))
MUTANT = PromptNode(
    template=SeedTemplate(id="m-0123456789ab", language="zh", text="请说：{question}"),
    parent="en-b",
    partner="en-c",
    mutator="crossover",
    depth=1,
)


def refusal(text: str) -> str:
    with pytest.raises(SourceError) as caught:
        read_frozen(text, path="found.jsonl")
    return str(caught.value)


def test_what_is_frozen_is_read_back() -> None:
    frozen = read_frozen(freeze([MUTANT, ROOT]), path="found.jsonl")
    assert frozen.nodes == (ROOT, MUTANT)
    assert frozen.templates == (ROOT.template, MUTANT.template)
    assert len(frozen.digest) == 64


def test_the_order_of_the_search_does_not_matter() -> None:
    assert freeze([ROOT, MUTANT]) == freeze([MUTANT, ROOT])


def test_another_text_has_another_digest() -> None:
    other = PromptNode(template=SeedTemplate(id="en-b", language="en", text="Tell it: {question}"))
    digests = {read_frozen(freeze([node]), path="x").digest for node in (ROOT, other)}
    assert len(digests) == 2


@pytest.mark.parametrize(
    "edit",
    [
        lambda text: text.replace("Say it", "Say that"),
        lambda text: "".join(text.splitlines(keepends=True)[:-1]),
        lambda text: text.replace('"depth": 1', '"depth": 2'),
        lambda text: text.replace('"en-c"', "null"),
        lambda text: "".join([lines := text.splitlines(keepends=True), lines[0] + lines[2] + lines[1]][1:]),
    ],
    ids=["text", "line removed", "depth", "partner", "order"],
)
def test_an_edited_file_is_refused(edit) -> None:
    text = freeze([ROOT, MUTANT])
    assert edit(text) != text
    assert "not those that the search froze" in refusal(edit(text))


def test_an_edited_file_with_faults_says_where() -> None:
    text = freeze([ROOT, MUTANT]).replace("{question}", "nothing")
    assert "found.jsonl:2: the template has no {question}" in refusal(text)
    assert "found.jsonl:3: the template has no {question}" in refusal(text)


@pytest.mark.parametrize("value", [1, "x", [], {}, {"id": 1}, None])
def test_a_line_that_is_no_template_is_refused(value: object) -> None:
    assert "found.jsonl:3: not a template" in refusal(freeze([ROOT]) + json.dumps(value) + "\n")


def test_a_template_that_stands_twice_is_refused() -> None:
    text = freeze([ROOT])
    assert "stands here twice" in refusal(text + text.splitlines(keepends=True)[1])


@pytest.mark.parametrize("text", ["", "{}\n", "[]\n", '{"schema": "distillcheck-frozen/2"}\n'])
def test_another_file_is_refused(text: str) -> None:
    assert "found.jsonl:1: not " in refusal(text)


def test_a_file_that_is_no_json_is_refused() -> None:
    assert "found.jsonl:2: not JSON" in refusal(freeze([]) + "nonsense\n")


def test_a_search_that_found_nothing_leaves_nothing_to_measure() -> None:
    assert "the search found none" in refusal(freeze([]))
