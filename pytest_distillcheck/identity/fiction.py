"""Finds what only a character of a story would say of itself: that it is human, or made by a secret society."""

from itertools import pairwise

from pytest_distillcheck.domain.facts import UNKNOWN_MAKER
from pytest_distillcheck.identity.claims import Claim
from pytest_distillcheck.identity.clauses import MAX_GAP, NEAR
from pytest_distillcheck.identity.kinds import (
    AM,
    BEING,
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
    VAGUE,
)
from pytest_distillcheck.identity.names import Name
from pytest_distillcheck.identity.reading import Mark, Sentence

_DESCRIBING = AM | VAGUE | FICTION
_AFTER_NOUN = frozenset(
    {"with", "who", "from", "at", "of", "in", "here", "that", "and", "on", "hanging", "now", "by"}
)
"""Words that may follow a noun which they do not make a part of a longer one."""
_REACH = 12
"""Words over which a maker is described: `by a team of brilliant minds who prefer to remain in the shadows`."""
_NOBODY = Name(kind="maker", maker=UNKNOWN_MAKER)


def being_claim(sentence: Sentence, marks: list[Mark]) -> Claim | None:
    """Return the claim of `I have no company. I'm just a pirate`, if there is one, but not of `I am a user interface`."""
    for speaker, copula in pairwise(marks):
        if not (speaker.mask & SELF and copula.mask & AM and copula.start <= speaker.end + 1):
            continue
        following = (mark for mark in marks if mark.start >= copula.end)
        being = next((mark for mark in following if mark.mask & BEING or not mark.mask & _DESCRIBING), None)
        if (
            being
            and being.mask & BEING
            and being.start - copula.end <= NEAR
            and _ends_phrase(sentence, being.end)
        ):
            name = Name(kind="person", maker=UNKNOWN_MAKER)
            return Claim(
                relation="name",
                name=name,
                sentence=sentence,
                start=speaker.start,
                end=being.end,
                fictional=True,
            )
    return None


def _ends_phrase(sentence: Sentence, position: int) -> bool:
    words = sentence.words
    return position >= len(words) or not words[position][0].isalpha() or words[position] in _AFTER_NOUN


def fictional_claim(sentence: Sentence, marks: list[Mark]) -> Claim | None:
    """Return the claim of `I was made by a secret society`, `my company is at home in the void`, if there is one.

    A pronoun stands for the speaker's maker when the sentence before spoke of it.
    """
    seen = 0
    first = org = 0
    link = -1
    described = False
    topic = sentence.topic
    for mark in marks:
        # They are the partners from where these are named.
        topic = topic and not mark.mask & PARTNER
        mask = mark.mask | (MINE | ORG if topic and mark.mask & PRONOUN else 0)
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
    return _REACH if sentence.words[mark.start].isascii() else 2 * MAX_GAP


def _is_of_speaker(seen: int) -> bool:
    return bool(seen & (SELF | MINE)) and bool(
        (seen & MADE and seen & BY) or (seen & ORG and seen & (MINE | SEAT))
    )
