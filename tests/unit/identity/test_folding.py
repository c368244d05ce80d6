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
    ],
)
def test_spellings_of_a_name_fold_to_one(text: str, folded: str) -> None:
    assert fold(text).text == folded


def test_a_word_of_one_script_keeps_its_letters() -> None:
    assert fold("сора").text == "сора"


@given(st.text())
def test_every_stretch_of_folded_text_leads_back_to_the_original(text: str) -> None:
    folded = fold(text)
    assert folded.quote(0, len(folded.text)) in text
    for place in range(len(folded.text)):
        assert folded.quote(place, place + 1) in text
