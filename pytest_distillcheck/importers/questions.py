"""Finds out which question an answer is to, and what it was put in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pytest_distillcheck.domain.exchanges import Message, digest
from pytest_distillcheck.domain.probes import PLAIN, Category, Question
from pytest_distillcheck.identity.bank import questions
from pytest_distillcheck.identity.folding import fold
from pytest_distillcheck.identity.frames import frames
from pytest_distillcheck.identity.lexicon import LATIN_LANGUAGES
from pytest_distillcheck.identity.vocabulary import languages_of
from pytest_distillcheck.importers.paper import one_spaced, paper_question

_ID_DIGITS = 12
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_KANA = re.compile("[\u3041-\u30ff]")
_SCRIPTS: Mapping[str, re.Pattern[str]] = {
    "zh": re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"),
    "ko": re.compile("[\u1100-\u11ff\uac00-\ud7a3]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "ar": re.compile("[\u0620-\u06ff]"),
}
_LATIN_PER_LETTER = 4
"""Latin letters to one of another script up to which a text is in that script: names of makers and models are Latin
everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which probe an answer belongs to.

    Attributes:
        question: its id: the bank's, the paper's (`paper-en-07`), or one made of its text.
        category: None when nobody has put the question in one.
        language: an ISO 639-1 code, guessed when the question is unknown.
        context: `plain`, a frame's id, or an id made of the template's text.
    """

    question: str
    category: Category | None
    language: str
    context: str

    def to_builtins(self) -> dict[str, object]:
        """Return the `probe` of a recording's line."""
        return {
            "question": self.question,
            "category": self.category,
            "language": self.language,
            "context": self.context,
        }


def place_of_query(query: str, template: str) -> Place:
    """Return the place of a question that was put into a template."""
    return _place(query, f"template-{digest(template)[:_ID_DIGITS]}")


def place_of_messages(messages: Sequence[Message]) -> Place:
    """Return the place of a conversation that nobody has described.

    The question is the last turn, or the longest one of the bank that stands in it; the rest is the context. A
    system prompt is the same for every question and no part of it.
    """
    turns = tuple(message for message in messages if message.role != "system")
    text = turns[-1].content if turns else ""
    found = None if _known(text) else _longest_in(text)
    if found is None:
        return _place(text, PLAIN if len(turns) <= 1 else _context(turns[:-1]))
    frame = next((frame.id for frame in frames() if frame.put(found) == turns), None)
    around = (*turns[:-1], Message("user", text.replace(found.text, "")))
    return _place(found.text, frame or _context(around))


def language_of(text: str) -> str:
    """Guess the language of a question by its letters.

    Kana are Japanese; Chinese, Korean, Cyrillic (ru) and Arabic letters tell as soon as they are a fifth of all; of the
    languages in Latin letters the one that the words show, and English when they show none or several.
    """
    if _KANA.search(text):
        return "ja"
    letters = {language: len(script.findall(text)) for language, script in _SCRIPTS.items()}
    language = max(letters, key=letters.__getitem__)
    if letters[language] * _LATIN_PER_LETTER > len(_LATIN.findall(text)):
        return language
    shown = languages_of(fold(text).text).intersection(LATIN_LANGUAGES)
    return next(iter(shown)) if len(shown) == 1 else "en"


def _place(text: str, context: str) -> Place:
    if known := _known(text):
        question_id, category, language = known
        return Place(question=question_id, category=category, language=language, context=context)
    question_id = f"question-{digest(one_spaced(text))[:_ID_DIGITS]}"
    return Place(question=question_id, category=None, language=language_of(text), context=context)


def _known(text: str) -> tuple[str, Category, str] | None:
    if asked := paper_question(text):
        return asked
    ours = _bank().get(one_spaced(text))
    return (ours.id, ours.category, ours.language) if ours else None


@cache
def _bank() -> Mapping[str, Question]:
    return {one_spaced(question.text): question for question in questions()}


def _longest_in(text: str) -> Question | None:
    within = (question for question in questions() if question.text in text)
    return max(within, key=lambda question: len(question.text), default=None)


def _context(turns: Sequence[Message]) -> str:
    return f"template-{digest([turn.to_builtins() for turn in turns])[:_ID_DIGITS]}"
