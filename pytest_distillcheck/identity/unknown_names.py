"""Finds names that no catalogue knows where a maker's or a model's name is due: `developed by Acme Labs`."""

import re

from pytest_distillcheck.domain.facts import UNKNOWN_MAKER
from pytest_distillcheck.identity.kinds import (
    AFFIRM,
    AM,
    BEING,
    BY,
    FICTION,
    MADE,
    MINE,
    NAME,
    ORG,
    SELF,
    VAGUE,
)
from pytest_distillcheck.identity.names import Name
from pytest_distillcheck.identity.reading import Mark, Sentence
from pytest_distillcheck.identity.tokens import CLAUSE_ENDS

_INVENTED_MAKER = Name(kind="maker", maker=UNKNOWN_MAKER)
_INVENTED_MODEL = Name(kind="model", maker=UNKNOWN_MAKER)
_CAPITAL = re.compile(r"[A-Z\u0410-\u042f\u00c0-\u00de]")
_LEAD = frozenset(
    {"the", "a", "an", "company", "called", "named", '"', "“", "「", "『", "der", "la", "le", "el", "die"}
)
_SUFFIXES = frozenset({
    "ltd", "inc", "corp", "corporation", "llc", "gmbh", "labs", "laboratories", "technologies", "studios", "institute",
    "foundation", "industries", "enterprises", "consortium", "alliance", "council", "federation", "confederation",
    "systems", "group", "society", "collective", "syndicate", "ag", "sa", "solutions", "innovations",
})  # fmt: skip
_LONGEST = 6
_LONGEST_QUOTED = 16
_LONGEST_LEAD = 3
_NEAR = 2
_OPENERS = frozenset('"“「『«')
_BLANKS = frozenset("[<{")
_CLOSERS = frozenset('"”」』»')


def insert_unknown_names(sentence: Sentence, marks: list[Mark]) -> list[Mark]:
    """Return the marks of a sentence with those of unknown names among them."""
    if not sentence.may_name():
        return marks
    seen = 0
    due: Name | None = None
    result: list[Mark] = []
    for position, mark in enumerate(marks):
        mask = mark.mask
        if mark.name is None and result and result[-1].end > mark.start:
            continue
        result.append(mark)
        if mask != AFFIRM:
            due = _due(mask, marks[position - 1].mask if position else 0, seen)
        seen |= mask
        if due is None or mark.name is not None:
            continue
        found = _unknown(sentence, marks, position, due)
        if found:
            result.append(found)
    return _with_companies(sentence, _with_quoted(sentence, result))


def _with_quoted(sentence: Sentence, marks: list[Mark]) -> list[Mark]:
    """Add what stands in quotation marks where a maker's name is due: after `company`, before `developed`."""
    words = sentence.words
    if _OPENERS.isdisjoint(words):
        return marks
    added: list[Mark] = []
    opened = -1
    for position, word in enumerate(words):
        if opened >= 0 and word in _CLOSERS:
            if 1 <= position - opened - 1 <= _LONGEST_QUOTED and _is_due(sentence, marks, opened, position):
                added.append(Mark(0, opened + 1, position, _INVENTED_MAKER))
            opened = -1
        elif word in _OPENERS:
            opened = position
    return _merge(marks, added)


def _is_due(sentence: Sentence, marks: list[Mark], opened: int, closed: int) -> bool:
    if sentence.words[opened + 1].isascii() and not _is_capital(sentence, opened + 1):
        return False
    before = next((mark for mark in reversed(marks) if mark.end <= opened), None)
    after = next((mark for mark in marks if mark.start > closed), None)
    inside = any(mark.name for mark in marks if opened < mark.start < closed)
    led = before is not None and opened - before.end <= _NEAR and before.mask & (BY | ORG | MADE | AM)
    followed = after is not None and after.start - closed - 1 <= _NEAR and after.mask & (BY | MADE)
    return not inside and bool(led or followed)


def _merge(marks: list[Mark], added: list[Mark]) -> list[Mark]:
    if not added:
        return marks
    kept = [
        mark for mark in marks if mark.name or not any(new.start <= mark.start < new.end for new in added)
    ]
    return sorted([*kept, *added], key=lambda mark: mark.start)


def _with_companies(sentence: Sentence, marks: list[Mark]) -> list[Mark]:
    """Add the names that their last word shows to be an organisation's, wherever they stand."""
    words = sentence.words
    if _SUFFIXES.isdisjoint(words):
        return marks
    taken = {at for mark in marks if mark.name for at in range(mark.start, mark.end)}
    added = []
    for position, word in enumerate(words):
        if word not in _SUFFIXES or position in taken or not _is_capital(sentence, position):
            continue
        start = position
        while (
            start
            and position - start < _LONGEST
            and start - 1 not in taken
            and _is_capital(sentence, start - 1)
        ):
            start -= 1
        if start < position and start > 0:
            added.append(Mark(0, start, position + 1, _INVENTED_MAKER))
            taken.update(range(start, position + 1))
    return _merge(marks, added)


def _is_capital(sentence: Sentence, position: int) -> bool:
    return sentence.words[position][0].isalnum() and bool(
        _CAPITAL.match(sentence.original(position, position + 1))
    )


def _due(mask: int, before: int, seen: int) -> Name | None:
    """Return what kind of name is due after a mark."""
    if mask & NAME or (mask & AM and (mask | before) & SELF and not seen & MADE):
        return _INVENTED_MODEL
    own_maker = seen & ORG and (seen & MINE or (seen & SELF and seen & MADE))
    if mask & ORG and before & MINE:
        return _INVENTED_MAKER
    if (mask & BY and seen & MADE) or (mask & (AM | BY) and own_maker):
        return _INVENTED_MAKER
    return None


def _unknown(sentence: Sentence, marks: list[Mark], position: int, due: Name) -> Mark | None:
    """Return what stands where a name is due, if it is written as one."""
    mark = marks[position]
    words = sentence.words
    following = marks[position + 1] if position + 1 < len(marks) else None
    if following and following.start == mark.end and not following.mask & (VAGUE | AM | FICTION | BEING):
        return None
    start, quoted = _skip_lead(words, mark)
    if start >= len(words) or words[start] in CLAUSE_ENDS or _is_blank(sentence, start):
        return None
    if (
        mark.mask & NAME
        and mark.mask & SELF
        and not words[start].isascii()
        and not _is_capital(sentence, start)
    ):
        return _spelled_out(words, marks[position + 1 :], start, due)
    vague = {
        at
        for later in marks[position + 1 : position + 9]
        if later.mask & (VAGUE | BEING)
        for at in range(later.start, later.end)
    }
    limit = next(
        (later.start for later in marks[position + 1 :] if later.name or later.start not in vague), len(words)
    )
    end = start
    while end < min(limit, start + _LONGEST) and _is_capital(sentence, end):
        end += 1
    if end == start and quoted:
        end = next(
            (at for at in range(start, min(len(words), start + _LONGEST_QUOTED)) if words[at] in _CLOSERS),
            start,
        )
    telling = any(at not in vague and len(words[at]) > 1 for at in range(start, end))
    return Mark(0, start, end, due) if start < limit and telling and not _shouts(sentence, end) else None


def _is_blank(sentence: Sentence, position: int) -> bool:
    """Tell whether a token stands in a blank to be filled in, such as `[Your Name]`."""
    start = sentence.starts[position]
    return sentence.folded.text[start - 1 : start] in _BLANKS


def _skip_lead(words: list[str], mark: Mark) -> tuple[int, bool]:
    """Pass articles and the like; tell whether the name stands in quotation marks."""
    start = mark.end
    if mark.mask & ORG and start < len(words) and words[start] == ",":
        start += 1
    lead = next(
        (at for at in range(start, min(len(words), start + _LONGEST_LEAD)) if words[at] not in _LEAD),
        start + _LONGEST_LEAD,
    )
    lead = min(lead, len(words))
    return lead, not _OPENERS.isdisjoint(words[start:lead])


def _spelled_out(words: list[str], later: list[Mark], start: int, due: Name) -> Mark | None:
    """Take what follows `my name is` for a name, in scripts that know no capitals."""
    limit = next((mark.start for mark in later if mark.mask & AM or mark.name), len(words))
    end = next((at for at in range(start, limit) if not words[at][0].isalnum()), limit)
    return Mark(0, start, end, due) if 0 < end - start <= _LONGEST_QUOTED // 2 else None


def _shouts(sentence: Sentence, end: int) -> bool:
    """Tell whether capitals mean nothing here, since the words around are in capitals too."""
    around = sentence.original(0, min(len(sentence.words), end + 4))
    letters = [letter for letter in around if letter.isalpha()]
    return len(letters) > 12 and sum(letter.isupper() for letter in letters) > 0.7 * len(letters)  # noqa: PLR2004
