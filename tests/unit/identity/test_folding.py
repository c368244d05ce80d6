import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.identity.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("OpenAI", "openai"),
        ("ＣｈａｔＧＰＴ", "chatgpt"),
        ("Open\u200bAI", "openai"),
        ("ОреnAI", "openai"),
        ("𝗖𝗹𝗮𝘂𝗱𝗲", "claude"),
        ("développé", "developpe"),
        ("e\u0301te\u0301", "ete"),
        ("würde wurde", "würde wurde"),
        ("أنا مُطوَّر", "انا مطور"),
        (unicodedata.normalize("NFD", "모델"), "모델"),
        (unicodedata.normalize("NFD", "グーグル"), "グーグル"),
        ("Привет", "привет"),
        ("ﬁne", "fine"),
        ("Open\x1b[1mAI", "openai"),
        ("O\x00pen\x07AI", "openai"),
        ("Bye.\x1b[2JI am", "bye. i am"),
        ("\x9b2JI\x9d0;title\x9c am", " i am"),
        ("\x1b]8;;http://localhost/\x1b\\I am\x1b]8;;\x07", "i am"),
        ("\x1b]0;never closed", "]0;never closed"),
    ],
)
def test_spellings_of_a_name_fold_to_one(text: str, folded: str) -> None:
    assert fold(text).text == folded


def test_a_quote_holds_the_escape_sequences_inside_it() -> None:
    folded = fold("\x1b[2JOpen\x1b[1mAI\x1b[0m!")
    assert folded.quote(1, 7) == "Open\x1b[1mAI\x1b[0m"


def test_a_word_of_one_script_keeps_its_letters() -> None:
    assert fold("сора").text == "сора"


@given(st.text())
def test_every_stretch_of_folded_text_leads_back_to_the_original(text: str) -> None:
    folded = fold(text)
    assert folded.quote(0, len(folded.text)) in text
    for place in range(len(folded.text)):
        assert folded.quote(place, place + 1) in text
