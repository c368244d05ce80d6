import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

import pytest

from pytest_distillcheck.catalog import makers, places
from pytest_distillcheck.domain.makers import Maker
from pytest_distillcheck.identity import makers_named
from pytest_distillcheck.identity.bank import questions
from pytest_distillcheck.identity.frames import frames

LANGUAGE_NAMES = re.compile("日本語|한국어")
"""A frame may say in which language to answer; these two languages are called after a country."""


def texts() -> dict[str, str]:
    asked = {question.id: question.text for question in questions()}
    contexts = {
        f"{frame.id}-{language}-{index}": turn.content
        for frame in frames()
        for language, conversation in frame.turns.items()
        for index, turn in enumerate(conversation)
    }
    return asked | contexts


def pattern_of(name: str) -> str:
    # Latin names stand as whole words. Arabic glues particles to their front, Russian endings to their end;
    # the other scripts glue particles or leave no space between words, so there a name counts anywhere.
    scripts = {unicodedata.name(char).split()[0] for char in name if char.isalpha()}
    if scripts <= {"LATIN"}:
        return rf"(?<!\w){re.escape(name)}(?!\w)"
    if scripts <= {"ARABIC"}:
        return rf"(?<!\w)(?:[وفبلك]|ال)*{re.escape(name)}(?!\w)"
    if scripts <= {"CYRILLIC"}:
        return rf"(?<!\w){re.escape(name)}"
    return re.escape(name)


def named(names: Iterable[str], texts: dict[str, str]) -> set[tuple[str, str]]:
    folded = {where: LANGUAGE_NAMES.sub("", text).casefold() for where, text in texts.items()}
    return {
        (where, name)
        for name in names
        for where, text in folded.items()
        # The plain search spares a million regular expressions.
        if name.casefold() in text and re.search(pattern_of(name.casefold()), text)
    }


def names_of(maker: Maker) -> set[str]:
    families = {name for family in maker.families for name in (family.name, *family.aliases, *family.lineage)}
    return {maker.name, *maker.aliases, *maker.people} | families


def test_no_text_names_a_maker_a_model_or_a_person_behind_them() -> None:
    assert named({name for maker in makers() for name in names_of(maker)}, texts()) == set()


def test_no_text_takes_a_probe_out_of_the_hard_score() -> None:
    assert [where for where, text in texts().items() if makers_named(text)] == []


def test_no_text_names_a_country_or_a_city() -> None:
    assert named({name for place in places() for name in (place.name, *place.aliases)}, texts()) == set()


@pytest.mark.parametrize(
    "text",
    [
        "Are you qwen?",
        "你是通义千问吗？",
        "챗GPT인가요?",
        "Тебя сделал Яндекс?",
        "Тебя сделали в Яндексе?",
        "هل أنت من وجوجل؟",
        "¿Eres Llama o no?",
    ],
)
def test_a_name_would_be_noticed(text: str) -> None:
    assert named({name for maker in makers() for name in names_of(maker)}, {"here": text})


def test_no_two_texts_are_the_same() -> None:
    assert [text for text, times in Counter(map(str.casefold, texts().values())).items() if times > 1] == []


def test_texts_hold_no_invisible_characters_and_are_composed() -> None:
    assert [where for where, text in texts().items() if not text.replace("\n", "").isprintable()] == []
    assert [where for where, text in texts().items() if not unicodedata.is_normalized("NFC", text)] == []
