import re
from collections import Counter
from pathlib import Path

import pytest

from pytest_distillcheck.catalog import makers
from pytest_distillcheck.domain.probes import LANGUAGES, PLACEHOLDER
from pytest_distillcheck.domain.templates import SeedTemplate
from pytest_distillcheck.errors import CatalogError
from pytest_distillcheck.fuzzing import seed_templates
from pytest_distillcheck.fuzzing.seeds import read_seed_templates
from pytest_distillcheck.identity import makers_named
from pytest_distillcheck.identity.bank import questions
from pytest_distillcheck.identity.frames import frames


def every_name() -> set[str]:
    names: set[str] = set()
    for maker in makers():
        names.update((maker.name, *maker.aliases, *maker.people))
        for family in maker.families:
            names.update((family.name, *family.aliases))
    return names


def test_there_are_at_least_sixty_mostly_english_and_chinese() -> None:
    languages = Counter(template.language for template in seed_templates())
    assert languages.total() >= 60
    assert languages["en"] >= 30
    assert languages["zh"] >= 25
    assert languages.keys() <= set(LANGUAGES)


def test_ids_are_ascii_and_unlike_each_other_and_every_frame() -> None:
    ids = [template.id for template in seed_templates()]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch("[a-z]{2}(-[a-z]+)+", name) for name in ids)
    assert not set(ids) & {frame.id for frame in frames()}


@pytest.mark.parametrize("template", seed_templates(), ids=lambda template: template.id)
def test_a_template_holds_one_placeholder_and_more_than_that(template: SeedTemplate) -> None:
    assert template.text.count(PLACEHOLDER) == 1
    assert len(template.text) >= 40


def test_no_two_templates_are_alike() -> None:
    texts = [template.text for template in seed_templates()]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("template", seed_templates(), ids=lambda template: template.id)
def test_a_template_names_no_maker_and_no_model(template: SeedTemplate) -> None:
    assert makers_named(template.text) == frozenset()
    text = template.text
    named = [
        name
        for name in every_name()
        if (re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) if name.isascii() else name in text)
    ]
    assert named == []


def test_the_check_of_names_can_fail() -> None:
    assert makers_named("As OpenAI says: {question}")
    assert {"OpenAI", "Qwen", "通义千问"} <= every_name()


@pytest.mark.parametrize("template", seed_templates(), ids=lambda template: template.id)
def test_a_template_orders_no_persona(template: SeedTemplate) -> None:
    folded = template.text.casefold()
    orders = (
        "act as", "pretend", "you are now", "roleplay", "role-play", "ignore all", "ignore previous", "jailbreak",
        "no restrictions", "unfiltered", "扮演", "假装", "你现在是", "忽略", "越狱", "没有限制",
    )  # fmt: skip
    assert [order for order in orders if order in folded] == []


def test_a_template_puts_questions_of_the_bank_as_they_stand() -> None:
    question = questions()[0]
    template = seed_templates()[0]
    assert question.text in template.put(question)
    assert PLACEHOLDER not in template.put(question)


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("en.yaml", "one: no placeholder at all\n", "one"),
        ("en.yaml", "two: '{question} {question}'\n", "two"),
        ("en.yaml", "Three: '{question} please'\n", "Three"),
        ("en.yaml", "four: [a, b]\n", "four"),
        ("en.yaml", "- a list\n", ""),
        ("xx.yaml", "five: '{question} please'\n", ""),
    ],
)
def test_a_faulty_file_is_refused_with_the_place(tmp_path: Path, name: str, text: str, where: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        read_seed_templates(file)
    assert [fault.where for fault in caught.value.faults] == [where]
