"""The question bank: identity questions in nine languages, written for this project."""

import pathlib
import re
from collections.abc import Iterator
from functools import cache

from pytest_distillcheck.domain.probes import CATEGORIES, LANGUAGES, Question
from pytest_distillcheck.errors import CatalogError, Fault
from pytest_distillcheck.resources import Document, load_yaml, nearest

_FOLDER = pathlib.Path(__file__).parent / "data" / "questions"


@cache
def questions() -> tuple[Question, ...]:
    """Return every question of the bank, sorted by id.

    Raises:
        CatalogError: a data file of the package has faults.
    """
    bank = (read_questions(_FOLDER / f"{language}.yaml", language) for language in LANGUAGES)
    return tuple(sorted((question for part in bank for question in part), key=lambda question: question.id))


def read_questions(path: pathlib.Path, language: str) -> tuple[Question, ...]:
    """Read the questions of one language: category, then id, then text.

    Raises:
        CatalogError: with every fault found.
    """
    document = load_yaml(path, CatalogError)
    if faults := tuple(_faults(document, language)):
        raise CatalogError(str(path), faults)
    return tuple(
        Question(id=question_id, category=category, language=language, text=text)
        for category, texts in document.data.items()
        for question_id, text in texts.items()
    )


def _faults(document: Document, language: str) -> Iterator[Fault]:
    if not isinstance(document.data, dict):
        yield document.fault((), f"not a mapping; write the categories {', '.join(CATEGORIES)}")
        return
    for category, texts in document.data.items():
        if category not in CATEGORIES:
            message = f"unknown category{nearest(category, CATEGORIES)}"
            yield document.fault((category,), message, key=True)
        elif not isinstance(texts, dict):
            yield document.fault((category,), "not a mapping; write ids and texts")
        else:
            yield from _faults_of_category(document, category, language)


def _faults_of_category(document: Document, category: str, language: str) -> Iterator[Fault]:
    permitted = re.compile(rf"{category}-{language}-[0-9]{{2}}")
    for question_id, text in document.data[category].items():
        path = (category, question_id)
        if not permitted.fullmatch(question_id):
            message = f"not an id of this place; write {category}-{language}- and two digits"
            yield document.fault(path, message, key=True)
        if not isinstance(text, str) or not text.strip():
            yield document.fault(path, "not a question; write text")
