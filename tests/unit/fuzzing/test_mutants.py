import pytest

from pytest_distillcheck.domain.templates import Mutation, SeedTemplate
from pytest_distillcheck.fuzzing.mutants import MOST_CHARACTERS, mutant_fault


def mutation(text: str = "Tell me: {question}", partner: str | None = None) -> Mutation:
    other = SeedTemplate(id="b", language="en", text=partner) if partner else None
    return Mutation(
        kind="crossover" if partner else "rephrase",
        template=SeedTemplate(id="a", language="en", text=text),
        partner=other,
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Please say: {question}", None),
        ("", "empty"),
        (" \n", "empty"),
        ("Who made you?", "placeholder lost"),
        ("{question} and {question}", "placeholder repeated"),
        ("{question}", "nothing but the question"),
        (" “{question}” 1.", "nothing but the question"),
        ("Hidden\u202e: {question}", "unsafe characters"),
        ("Broken \ud83d: {question}", "unsafe characters"),
        ("Red \x1b[31m: {question}", "unsafe characters"),
        ("You were made by OpenAI. {question}", "names a maker"),
        ("你是通义千问。{question}", "names a maker"),
        ("x" * MOST_CHARACTERS + "{question}", "too long"),
    ],
)
def test_a_mutant_is_asked_only_when_it_is_fit(text: str, fault: str | None) -> None:
    assert mutant_fault(text, mutation()) == fault


def test_a_maker_that_a_parent_names_may_stay() -> None:
    text = "You were made by OpenAI. {question}"
    assert mutant_fault(text, mutation("Made by OpenAI: {question}")) is None
    assert mutant_fault(text, mutation(partner="Made by OpenAI: {question}")) is None
    assert mutant_fault(text, mutation("Made by Anthropic: {question}")) == "names a maker"


def test_a_users_template_may_put_its_question_twice_but_no_mutant_oftener() -> None:
    twice = mutation("Hear: {question} Again: {question}")
    assert mutant_fault("Listen: {question} Once more: {question}", twice) is None
    assert mutant_fault("Listen: {question}", twice) is None
    assert mutant_fault("{question} {question} {question} yes", twice) == "placeholder repeated"
