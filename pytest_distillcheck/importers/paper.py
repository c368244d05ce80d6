"""The questions of Lee et al. (ACL 2025), by the digests of their texts, with the categories that they have."""

import hashlib
import pathlib
from collections.abc import Mapping
from functools import cache

from pytest_distillcheck.domain.probes import CATEGORIES, Category
from pytest_distillcheck.errors import CatalogError
from pytest_distillcheck.resources import load_yaml

_QUESTIONS = pathlib.Path(__file__).parent / "data" / "paper_questions.yaml"


@cache
def paper_questions() -> Mapping[str, tuple[str, Category, str]]:
    """Return the id, category and language of the paper's fifty questions, by the digests of their texts.

    The categories are those that the questions have by their content; see `identity.paper` for the published ones.

    Raises:
        CatalogError: the data file of the package has faults.
    """
    table = load_yaml(_QUESTIONS, CatalogError).data
    return {
        sha256: (question_id, category, question_id.split("-")[1])
        for category in CATEGORIES
        for question_id, sha256 in table[category].items()
    }


def paper_question(text: str) -> tuple[str, Category, str] | None:
    """Return the id, category and language of a question when it is one of the paper's; white space does not matter."""
    return paper_questions().get(hashlib.sha256(one_spaced(text).encode("utf-8", "replace")).hexdigest())


def one_spaced(text: str) -> str:
    """Return the text with every run of white space as one blank, and none at its ends."""
    return " ".join(text.split())
