"""The examples of docs/reference/suite.md."""

import pathlib
import re

import pytest

from pytest_distillcheck.domain.templates import PromptNode, SeedTemplate
from pytest_distillcheck.fuzzing import freeze

REFERENCE = pathlib.Path(__file__).parents[3] / "docs" / "reference" / "suite.md"
TEXT = REFERENCE.read_text("utf-8")
SUITES = [block for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL) if not block.startswith(" ")]


def test_the_reference_shows_every_section():
    assert len(SUITES) == 3


@pytest.mark.parametrize("text", SUITES)
def test_an_example_of_the_reference_is_a_suite_without_faults(load, write, text):
    template = SeedTemplate(id="m-1", language="en", text="Well, {question}")
    write("found.jsonl", freeze([PromptNode(template=template)]))
    write("seeds/GPTFuzzer.csv", 'text\n"So: [INSERT PROMPT HERE]"\n')
    write("data/arena.jsonl", '{"uid": "u1", "category": "code", "prompt": "Sort a list."}\n')
    write("prompts/general.jsonl", re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)[0])
    assert load(text)
