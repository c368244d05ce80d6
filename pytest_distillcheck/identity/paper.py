"""The protocol of Lee et al. (ACL 2025): their scores, and questions of ours as many and of the kinds that they asked.

The scores stand beside our own definitions (`identity/scores.py`), which differ where theirs mislead, to reproduce
their numbers exactly.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from pytest_distillcheck.domain.probes import CATEGORIES, Question
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scores import SCORE_NAMES, IdentityScores, ScoreName, Share
from pytest_distillcheck.identity.bank import questions
from pytest_distillcheck.statistics import Outcome, share

TEACHERS = frozenset({"openai", "anthropic"})
"""The makers whose naming makes a contradiction a strict one."""

LANGUAGES = ("en", "zh")
PER_CATEGORY = 5
"""Questions in each category and language: 25 in English and 25 in Chinese, as in the paper."""

_UNCOUNTED = frozenset(
    {"paper-en-14", "paper-en-22", "paper-en-23", "paper-zh-14", "paper-zh-23", "paper-zh-24"}
)
"""Questions on cooperation that the published counts by category leave out, by what looks like a slip in labelling:
only without them do the counts of all seven models come out."""

_TEACHER = re.compile("openai|chatgpt|gpt|anthropic|claude", re.IGNORECASE)

_Hit = Callable[[Record], bool]


def protocol_questions() -> tuple[Question, ...]:
    """Return the bank's questions that stand for the paper's fifty, whose texts are not ours: the same ids for ever."""
    wanted = {
        f"{category}-{language}-{number:02}"
        for category in CATEGORIES
        for language in LANGUAGES
        for number in range(1, PER_CATEGORY + 1)
    }
    return tuple(question for question in questions() if question.id in wanted)


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
