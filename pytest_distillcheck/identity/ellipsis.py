"""Finds the answer to `who made you?` that does not say whom: `OpenAI.`, `The team behind it is at OpenAI`."""

from pytest_distillcheck.identity.claims import Claim
from pytest_distillcheck.identity.clauses import MAX_GAP, NEXT, Clause
from pytest_distillcheck.identity.kinds import (
    AM,
    BY,
    IF,
    MADE,
    MINE,
    NAME,
    NOT,
    NOT_AFTER,
    ORG,
    PARTNER,
    POLICY,
    PRETEND,
    REPORT,
    SEAT,
    SELF,
    TECH,
    THIRD,
    TRUTH,
)
from pytest_distillcheck.identity.names import Name
from pytest_distillcheck.identity.reading import Mark

_ELSEWHERE = SELF | MINE | THIRD | PARTNER | IF | REPORT | PRETEND | NOT | NOT_AFTER
_LOOKED_AHEAD = 3
_OPENING = 2
"""Sentences of a voice that may answer at once."""
_PARTICLE = 0.34
"""Weight of a character beside a name: up to three make a particle or a copula, such as `です`."""


def bind_to_question(clause: Clause, position: int, name: Name) -> Claim | None:
    """Find a maker or a model that answers the question by itself."""
    after = clause.follows(position)
    if (
        name.ambiguous
        or name.kind == "person"
        or after & POLICY
        or not _keeps_to_the_question(clause, position)
    ):
        return None
    here = clause.marks[position]
    alone = _is_alone(clause, here)
    # Who answers `who are your developers?` with those of X says that it is X.
    if _is_of_opening_org(clause, position, after):
        return clause.claim("maker", 0, position, name, elliptical=True)
    if name.kind == "model" and not alone:
        return None
    before = 0
    for mark in clause.marks[:position]:
        before |= mark.mask
    # A label or an article may stand before the name that opens an answer.
    opens = (
        clause.sentence.number < _OPENING and here.start <= NEXT and not before and (after & MADE or alone)
    )
    seated = name.kind == "maker" and any(
        mark.mask & SEAT and mark.start - here.end <= NEXT
        for mark in clause.marks[position + 1 : position + 3]
    )
    related = before & (ORG | TECH | MADE | NAME) and (before & (AM | BY | MADE | SEAT) or after & MADE)
    return (
        clause.claim("maker", position, position, name, elliptical=True)
        if opens or seated or related
        else None
    )


def _is_of_opening_org(clause: Clause, position: int, after: int) -> bool:
    first, here = clause.marks[0], clause.marks[position]
    opens = clause.sentence.number == 0 and position > 0 and first.start <= 1 and bool(first.mask & ORG)
    return opens and here.start - first.end <= 1 and bool(after & AM)


def _keeps_to_the_question(clause: Clause, position: int) -> bool:
    """Tell whether neither a speaker, nor a third party, nor another model is what the sentence is about."""
    near = clause.marks[: position + _LOOKED_AHEAD]
    others = clause.marks[position + 1 : position + 1 + _LOOKED_AHEAD]
    return not (
        any(mark.mask & _ELSEWHERE for mark in near)
        or any(mark.name and mark.name.kind in {"maker", "model"} for mark in clause.marks[:position])
        or any(mark.name and mark.name.kind == "model" for mark in others)
    )


def _is_alone(clause: Clause, mark: Mark) -> bool:
    """Tell whether a name is all that a sentence says, but for a particle or a copula."""
    words = clause.sentence.words
    others = (word for at, word in enumerate(words) if word[0].isalnum() and not mark.start <= at < mark.end)
    return sum(1 if len(word) > 1 else _PARTICLE for word in others) <= 3.2 * _PARTICLE


def bind_to_belief(clause: Clause, position: int, name: Name) -> Claim | None:
    """Find what reasoning holds to be the answer: `the correct answer is OpenAI's team`."""
    if name.kind not in {"maker", "model"} or name.ambiguous:
        return None
    related = clause.follows(position)
    for index, mark in clause.before(position):
        if mark.mask & TRUTH:
            found = related & (ORG | MADE)
            return clause.claim("maker", index, position, name, elliptical=True) if found else None
        if mark.name or mark.mask & _ELSEWHERE:
            return None
        related |= mark.mask
    return None


def bind_seat_to_question(clause: Clause, position: int, name: Name, seen: int, after: int) -> Claim | None:
    """Find a place that answers `where is your company?` by itself."""
    if name.kind != "place":
        return None
    whole = clause.gap(0, len(clause.sentence.words)) <= MAX_GAP and clause.marks[position].start <= 1
    told = (seen | after) & SEAT and seen & ORG and not seen & (NOT | IF)
    return clause.claim("seat", position, position, name, elliptical=True) if whole or told else None
