"""Finds names that no catalogue knows where a maker's or a model's name is due: `developed by Acme Labs`."""

import re

from pytest_distillcheck.domain.facts import UNKNOWN_MAKER
from pytest_distillcheck.identity.lexicon import MASK
from pytest_distillcheck.identity.names import Name
from pytest_distillcheck.identity.reading import Mark, Sentence
from pytest_distillcheck.identity.tokens import CLAUSE_ENDS

_SELF, _MINE, _AM, _NAME, _MADE, _BY, _ORG, _VAGUE, _AFFIRM = (
    MASK[kind] for kind in ("self", "mine", "am", "name", "made", "by", "org", "vague", "affirm")
)
_INVENTED_MAKER = Name(kind="maker", maker=UNKNOWN_MAKER)
_INVENTED_MODEL = Name(kind="model", maker=UNKNOWN_MAKER)
_CAPITAL = re.compile(r"[A-Z\u0410-\u042f\u00c0-\u00de]")
_LEAD = frozenset({"the", "a", "an", "company", "called", "named", '"', "“", "「", "『", "der", "la", "le", "el", "die"})
_SUFFIXES = frozenset(
    "ltd inc corp corporation llc gmbh labs laboratories technologies studios institute foundation industries enterprises consortium "
    "alliance council federation confederation systems group society collective syndicate ag sa solutions innovations".split()
)
_LONGEST = 6
_OPENERS = frozenset('"“「『')
_CLOSERS = frozenset('"”」』')


def insert_unknown_names(sentence: Sentence, marks: list[Mark]) -> list[Mark]:
    """Return the marks of a sentence with those of unknown names among them."""
    seen = 0
    due: Name | None = None
    result: list[Mark] = []
    for position, mark in enumerate(marks):
        mask = mark.mask
        if mark.name is None and result and result[-1].end > mark.start:
            continue
        result.append(mark)
        if mask != _AFFIRM:
            due = _due(mask, marks[position - 1].mask if position else 0, seen)
        seen |= mask
        if due is None or mark.name is not None:
            continue
        found = _unknown(sentence, marks, position, due)
        if found:
            result.append(found)
    return _with_companies(sentence, result)


def _with_companies(sentence: Sentence, marks: list[Mark]) -> list[Mark]:
    """Add the names that their last word shows to be an organisation's, wherever they stand."""
    words = sentence.words
    if _SUFFIXES.isdisjoint(words):
        return marks
    taken = {at for mark in marks if mark.name for at in range(mark.start, mark.end)}
    added = []
    for position, word in enumerate(words):
        if word not in _SUFFIXES or position in taken or not _capital(sentence, position):
            continue
        start = position
        while start and position - start < _LONGEST and start - 1 not in taken and _capital(sentence, start - 1):
            start -= 1
        if start < position and start > 0:
            added.append(Mark(0, start, position + 1, _INVENTED_MAKER))
            taken.update(range(start, position + 1))
    if not added:
        return marks
    kept = [mark for mark in marks if mark.name or not any(new.start <= mark.start < new.end for new in added)]
    return sorted([*kept, *added], key=lambda mark: mark.start)


def _capital(sentence: Sentence, position: int) -> bool:
    return sentence.words[position][0].isalnum() and bool(_CAPITAL.match(sentence.original(position, position + 1)))


def _due(mask: int, before: int, seen: int) -> Name | None:
    """Return what kind of name is due after a mark."""
    if mask & _NAME or (mask & _AM and (mask | before) & _SELF and not seen & _MADE):
        return _INVENTED_MODEL
    own_maker = seen & _ORG and (seen & _MINE or (seen & _SELF and seen & _MADE))
    if mask & _ORG and before & _MINE:
        return _INVENTED_MAKER
    if (mask & _BY and seen & _MADE) or (mask & (_AM | _BY) and own_maker):
        return _INVENTED_MAKER
    return None


def _unknown(sentence: Sentence, marks: list[Mark], position: int, due: Name) -> Mark | None:
    words = sentence.words
    vague = {at for mark in marks[position + 1 : position + 9] if mark.mask & _VAGUE for at in range(mark.start, mark.end)}
    limit = next(
        (mark.start for mark in marks[position + 1 :] if mark.name or mark.start not in vague), len(words)
    )
    start = marks[position].end
    quoted = False
    begin = start
    if marks[position].mask & _ORG and start < limit and words[start] == ",":
        start += 1
    while start < limit and words[start] in _LEAD and start < begin + 3:
        quoted = quoted or words[start] in _OPENERS
        start += 1
    if start >= limit or words[start] in CLAUSE_ENDS:
        return None
    end = start
    while end < min(limit, start + 6) and _CAPITAL.match(sentence.original(end, end + 1)):
        end += 1
    if end == start and quoted:
        end = next((at for at in range(start, min(len(words), start + 16)) if words[at] in _CLOSERS), start)
    if end == start or all(at in vague or len(words[at]) == 1 for at in range(start, end)) or _shouts(sentence, end):
        return None
    return Mark(0, start, end, due)


def _shouts(sentence: Sentence, end: int) -> bool:
    """Tell whether capitals mean nothing here, since the words around are in capitals too."""
    around = sentence.original(0, min(len(sentence.words), end + 4))
    letters = [letter for letter in around if letter.isalpha()]
    return len(letters) > 12 and sum(letter.isupper() for letter in letters) > 0.7 * len(letters)  # noqa: PLR2004
