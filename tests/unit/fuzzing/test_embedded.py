import asyncio
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.domain.probes import PLACEHOLDER
from pytest_distillcheck.domain.templates import MUTATOR_KINDS, Mutation, MutatorKind, SeedTemplate
from pytest_distillcheck.fuzzing import EmbeddedMutator, seed_templates
from pytest_distillcheck.fuzzing.embedded import cross_over, expand, generate_similar, rephrase, shorten
from pytest_distillcheck.fuzzing.mutants import mutant_fault
from pytest_distillcheck.fuzzing.rules import rules

TEMPLATES = seed_templates()


def wanted(kind: MutatorKind, template: SeedTemplate, draw: int = 0) -> Mutation:
    others = [other for other in TEMPLATES if other.language == template.language and other.id != template.id]
    partner = Random(draw).choice(others) if kind == "crossover" else None
    return Mutation(kind=kind, template=template, partner=partner, draw=draw)


def mutate(mutation: Mutation, seed: int = 0) -> str:
    return asyncio.run(EmbeddedMutator(seed=seed).mutate(mutation))


@pytest.mark.parametrize("kind", MUTATOR_KINDS)
def test_nearly_every_mutant_of_our_templates_is_fit_and_new(kind: MutatorKind) -> None:
    mutations = [wanted(kind, template) for template in TEMPLATES]
    unfit = [
        mutation.template.id
        for mutation in mutations
        if (text := mutate(mutation)) == mutation.template.text or mutant_fault(text, mutation)
    ]
    assert len(unfit) <= 0.1 * len(TEMPLATES), unfit


@pytest.mark.parametrize(
    ("kind", "least"),
    [("generate-similar", 8), ("crossover", 6), ("expand", 10), ("shorten", 4), ("rephrase", 5)],
)
def test_one_template_has_many_mutants(kind: MutatorKind, least: int) -> None:
    different = [len({mutate(wanted(kind, template, draw)) for draw in range(10)}) for template in TEMPLATES]
    assert sum(different) / len(different) >= least


@pytest.mark.parametrize("kind", MUTATOR_KINDS)
def test_equal_mutations_give_equal_mutants_and_another_seed_another_one(kind: MutatorKind) -> None:
    mutations = [wanted(kind, template) for template in TEMPLATES]
    first = [mutate(mutation, seed=1) for mutation in mutations]
    assert first == [mutate(mutation, seed=1) for mutation in reversed(mutations)][::-1]
    assert first != [mutate(mutation, seed=2) for mutation in mutations]


@given(
    before=st.text(max_size=200),
    after=st.text(max_size=200),
    partner=st.text(max_size=200),
    kind=st.sampled_from(MUTATOR_KINDS),
    language=st.sampled_from(["en", "zh", "fr"]),
)
def test_no_rule_loses_or_repeats_the_placeholder(
    before: str, after: str, partner: str, kind: MutatorKind, language: str
) -> None:
    template = SeedTemplate(id="a", language=language, text=before + PLACEHOLDER + after)
    other = SeedTemplate(id="b", language=language, text=partner + PLACEHOLDER)
    mutation = Mutation(kind=kind, template=template, partner=other if kind == "crossover" else None)
    expected = template.text.count(PLACEHOLDER)
    if expected == other.text.count(PLACEHOLDER) == 1:
        assert mutate(mutation).count(PLACEHOLDER) == 1


def test_mutants_of_mutants_stay_fit_for_many_generations() -> None:
    rng = Random(3)
    for language in ("en", "zh", "ja"):
        template = next(template for template in TEMPLATES if template.language == language)
        for generation in range(30):
            mutation = wanted(rng.choice(MUTATOR_KINDS), template, generation)
            text = mutate(mutation)
            if mutant_fault(text, mutation) is None:
                template = SeedTemplate(id="m", language=language, text=text)
        assert template.id == "m"


def test_expansion_keeps_its_parent_below_three_new_sentences() -> None:
    parent = "Hello there. {question}"
    mutant = expand(parent, rules("en"), Random(1))
    scene, _, rest = mutant.partition("\n\n")
    assert rest == parent
    assert scene.count(". ") == 2
    assert scene.endswith(".")


def test_shortening_drops_sentences_but_never_the_question() -> None:
    parent = "One is here. Two is here. Three is here. Please say: {question}"
    for draw in range(20):
        mutant = shorten(parent, rules("en"), Random(draw))
        assert len(mutant) < len(parent)
        assert "say: {question}" in mutant
        assert "is here" in mutant


def test_rephrasing_exchanges_expressions_and_keeps_capitals() -> None:
    mutants = {rephrase("Please begin now: {question}", rules("en"), Random(draw)) for draw in range(30)}
    assert "Kindly start now: {question}" in mutants


def test_the_word_question_in_the_placeholder_is_no_word() -> None:
    mutants = {rephrase("This question: {question}", rules("en"), Random(draw)) for draw in range(30)}
    assert "This query: {question}" in mutants


def test_a_similar_template_tells_of_something_else_throughout() -> None:
    text = "My daughter asks. Tell my daughter: {question}"
    mutants = {generate_similar(text, rules("en"), Random(draw)) for draw in range(20)}
    assert all("daughter" not in mutant for mutant in mutants)
    assert "My son asks. Tell my son: {question}" in mutants


def test_chinese_templates_are_rephrased_in_chinese() -> None:
    mutants = {rephrase("请如实告诉大家：{question}", rules("zh"), Random(draw)) for draw in range(30)}
    assert "请照实告诉各位：{question}" in mutants


def test_a_crossover_takes_from_both_parents() -> None:
    mutants = {
        cross_over("A top.\nAsk: {question}\nA end.", "B top.\nSay: {question}\nB end.", Random(draw))
        for draw in range(30)
    }
    assert "A top.\nSay: {question}\nB end." in mutants
    assert "B top.\nAsk: {question}\nA end." in mutants
    of_first, of_second = ("A ", "Ask"), ("B ", "Say")
    assert all(
        any(part in mutant for part in parent) for mutant in mutants for parent in (of_first, of_second)
    )


def test_parents_that_cannot_be_crossed_give_the_parent_again() -> None:
    assert cross_over("Ask: {question}", "Ask: {question}", Random(0)) == "Ask: {question}"


def test_a_language_without_rules_is_mutated_with_the_english_ones() -> None:
    assert rules("fr") == rules("en")
    assert rules("zh") != rules("en")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_tables_are_sound(language: str) -> None:
    tables = rules(language)
    expressions = [
        word.lower() for groups in (tables.synonyms, tables.kinds) for group in groups for word in group
    ]
    assert len(expressions) == len(set(expressions)), "an expression has one group"
    assert all(len(group) > 1 for groups in (tables.synonyms, tables.kinds) for group in groups)
    assert all(len(words) >= 3 for words in tables.words.values()), "a scene has three sentences"
    assert len(tables.scenes) >= 10
    assert all("<" not in sentence for sentence in tables.scene(Random(0), 3))
