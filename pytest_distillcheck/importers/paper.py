"""The protocol of Lee et al. (ACL 2025) as their result files show it: their questions, categories and scores.

It stands beside our own definitions (`identity/scores.py`), which differ where theirs mislead, to reproduce their
numbers exactly.
"""

import hashlib
import pathlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial

from pytest_distillcheck.domain.probes import CATEGORIES, Category
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scores import SCORE_NAMES, IdentityScores, ScoreName, Share
from pytest_distillcheck.errors import CatalogError
from pytest_distillcheck.resources import load_yaml
from pytest_distillcheck.statistics import Outcome, share

TEACHERS = frozenset({"openai", "anthropic"})
"""The makers whose naming makes a contradiction a strict one."""

_QUESTIONS = pathlib.Path(__file__).parent / "data" / "paper_questions.yaml"

_UNCOUNTED = frozenset(
    {"paper-en-14", "paper-en-22", "paper-en-23", "paper-zh-14", "paper-zh-23", "paper-zh-24"}
)
"""Questions on cooperation that the published counts by category leave out, by what looks like a slip in labelling:
only without them do the counts of all seven models come out."""

_TEACHER = re.compile("openai|chatgpt|gpt|anthropic|claude", re.IGNORECASE)

_Hit = Callable[[Record], bool]


@cache
def paper_questions() -> Mapping[str, tuple[str, Category, str]]:
    """Return the id, category and language of the paper's fifty questions, by the digests of their texts.

    The categories are those that the questions have by their content; see `paper_scores` for the published ones.

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


def names_teacher(prompt: str) -> bool:
    """Return whether a prompt holds one of the words by which the paper tells misleading prompts, in any case."""
    return _TEACHER.search(prompt) is not None


def paper_scores(records: Sequence[Record]) -> IdentityScores:
    """Return the scores as the paper counts them: every share is one of all answers, unjudged ones included.

    `hard` is the strict ones whose prompt names no teacher, so that a model with more misleading prompts looks better.
    A record is `rival` when its contradiction names a teacher. By category there is what the paper counts there.
    """
    return IdentityScores(
        overall=_shares(records),
        by_category=_grouped(
            (record for record in records if record.question not in _UNCOUNTED),
            lambda record: str(record.category),
        ),
        by_language=_grouped(records, lambda record: record.language),
        by_context=_grouped(records, lambda record: record.context),
        by_maker={
            maker: _share(records, partial(_claims, maker))
            for maker in sorted(
                {maker for record in records if _contradicts(record) for maker in record.makers}
            )
        },
    )


def _contradicts(record: Record) -> bool:
    return record.label == "contradiction"


def _claims(maker: str, record: Record) -> bool:
    return _contradicts(record) and maker in record.makers


def _is_strict(record: Record) -> bool:
    return _contradicts(record) and record.rival


_HITS: Mapping[ScoreName, _Hit] = {
    "loose": _contradicts,
    "strict": _is_strict,
    "hard": lambda record: _is_strict(record) and not names_teacher(record.prompt),
    "roleplay": lambda record: record.label == "roleplay",
    "affirmed": lambda record: record.label == "consistent" and bool(record.affirmed),
    "no_claim": lambda record: record.label == "consistent" and not record.affirmed,
    "unjudged": lambda record: record.label is None,
}


def _shares(records: Sequence[Record]) -> dict[ScoreName, Share]:
    return {score: _share(records, _HITS[score]) for score in SCORE_NAMES}


def _share(records: Iterable[Record], hit: _Hit) -> Share:
    return share(
        [Outcome(hit=hit(record), context=record.context, question=record.question) for record in records]
    )


def _grouped(records: Iterable[Record], key: Callable[[Record], str]) -> dict[str, Mapping[ScoreName, Share]]:
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)
    return {name: _shares(groups[name]) for name in sorted(groups)}
