"""Finds a maker or a seat of the speaker that is not named but described as only a story would."""

from pytest_distillcheck.domain.facts import UNKNOWN_MAKER
from pytest_distillcheck.identity.claims import Claim
from pytest_distillcheck.identity.clauses import MAX_GAP, NEAR
from pytest_distillcheck.identity.kinds import (
    AM,
    BY,
    FICTION,
    IF,
    MADE,
    MINE,
    NOT,
    ORG,
    PARTNER,
    PRONOUN,
    SEAT,
    SELF,
)
from pytest_distillcheck.identity.names import Name
from pytest_distillcheck.identity.reading import Mark, Sentence

_NOBODY = Name(kind="maker", maker=UNKNOWN_MAKER)


def fictional_claim(sentence: Sentence, marks: list[Mark]) -> Claim | None:
    """Return the claim of `I was made by a secret society`, `my company is at home in the void`, if there is one.

    A pronoun stands for the speaker's maker when the sentence before spoke of it.
    """
    seen = 0
    first = org = 0
    link = -1
    described = False
    for mark in marks:
        mask = mark.mask | (MINE | ORG if sentence.topic and mark.mask & PRONOUN else 0)
        if mask & (NOT | PARTNER | IF) and not described:
            seen, link = 0, -1
            continue
        first = first if seen else mark.start
        org = mark.end if mask & ORG else org
        if mask & BY or (mask & (AM | SEAT) and seen & ORG and mark.start - org <= NEAR):
            link = mark.end
        described = described or bool(
            mask & FICTION and 0 <= link <= mark.start <= link + _reach(sentence, mark)
        )
        seen |= mask
        if described and _is_of_speaker(seen):
            return Claim(
                relation="maker", name=_NOBODY, sentence=sentence, start=first, end=mark.end, fictional=True
            )
    return None


def _reach(sentence: Sentence, mark: Mark) -> int:
    return MAX_GAP if sentence.words[mark.start].isascii() else 2 * MAX_GAP


def _is_of_speaker(seen: int) -> bool:
    return bool(seen & (SELF | MINE)) and bool(
        (seen & MADE and seen & BY) or (seen & ORG and seen & (MINE | SEAT))
    )
