"""Binds a name to the speaker of its clause."""

from pytest_distillcheck.identity.claims import Claim, Relation
from pytest_distillcheck.identity.clauses import MAX_GAP, MAX_STEPS, NEAR, NEXT, Clause
from pytest_distillcheck.identity.kinds import (
    AM,
    AS,
    BASED,
    BELONG,
    BUT,
    BY,
    MADE,
    MINE,
    NAME,
    OBJECT,
    ORG,
    PARTNER,
    POLICY,
    PRETEND,
    REFUSE,
    REPORT,
    SEAT,
    SELF,
    STOP,
    TECH,
    THIRD,
    YOU,
)
from pytest_distillcheck.identity.names import Name
from pytest_distillcheck.identity.reading import Mark
from pytest_distillcheck.identity.ties import Stretch
from pytest_distillcheck.identity.tokens import CLAUSE_ENDS

PLACES = frozenset({"place", "nationality"})
_POLICY_GAP = 4
_CONJUNCTIONS = frozenset({"and", "but", "so", "that"})


def bind_to_speaker_before(clause: Clause, position: int, name: Name, *, reasoning: bool) -> Claim | None:
    """Find `I was developed by X`, `my developer is X`, `as X, I`: the speaker stands before the name."""
    seen = 0
    after = clause.follows(position)
    nearest = position
    for index, mark in clause.before(position):
        mask = mark.mask
        bound = index in clause.bound
        if mark.name is not None and ((bound and not mask) or not _lets_pass(mark, seen)):
            return _joined(clause, index, position, seen, name) if bound else None
        if mask & (THIRD | PARTNER):
            return None
        if mask & (SELF | MINE):
            if relation := Stretch(clause, index, position, mask, seen, after).relation():
                return clause.claim(relation, index, position, name)
            if mask & MINE and not (seen | mask) & (ORG | TECH | NAME):
                return None
        elif (
            mask & AS
            and (not reasoning or (seen | after) & (MADE | BELONG))
            and (relation := _as_role(clause, index, position, seen, after))
        ):
            return clause.claim(relation, index, position, name)
        seen |= mask
        nearest = index
    opens = clause.marks[nearest].start <= 1 and seen & MADE and seen & BY
    return (
        clause.claim("maker", position, position, name)
        if opens and clause.speaker_follows(position)
        else None
    )


def _lets_pass(mark: Mark, seen: int) -> bool:
    """Tell whether a name before another is no subject of its own: `not X but Y`, `X and Y`."""
    subject = seen & (MADE | BASED | AM | BELONG) and not seen & BUT
    return not subject or (mark.name is not None and mark.name.kind in PLACES)


def _joined(clause: Clause, earlier: int, position: int, seen: int, name: Name) -> Claim | None:
    """Let a name share the claim of the one before it: `made by X and Y`, `I am X, developed by Y`."""
    if clause.marks[position].start - clause.marks[earlier].end > MAX_GAP or seen & (THIRD | PARTNER):
        return None
    relation: Relation = clause.bound[earlier].relation
    if seen & MADE and seen & BY:
        relation = "maker"
    elif seen & SEAT:
        relation = "seat"
    return clause.claim(relation, earlier, position, name)


def _as_role(clause: Clause, index: int, position: int, seen: int, after: int) -> Relation | None:
    mark, here = clause.marks[index], clause.marks[position]
    made = (seen | after) & MADE
    if (
        not clause.opens(mark)
        or here.start - mark.end > MAX_GAP
        or (seen and not (seen | after) & (MADE | ORG | TECH))
    ):
        return None
    if made:
        return "maker"
    return "name" if clause.speaker_follows(position) else None


def bind_to_speaker_after(clause: Clause, position: int, name: Name) -> Claim | None:
    """Find `X, my developer`, `X developed me`, `X is the company behind me`: the speaker stands after the name."""
    seen = 0
    for index, mark in clause.after(position):
        mask = mark.mask
        if mask & (THIRD | PARTNER | BUT | PRETEND | REPORT) or (mark.name is not None and seen & MADE):
            return None
        if mask & MINE and not seen & (STOP & ~BY):
            near = clause.gap(clause.marks[position].end, mark.start) <= NEAR
            found = near and _is_own_maker(clause, index, seen)
            return clause.claim("maker", position, index + 1, name) if found else None
        if mask & SELF:
            if clause.verb_final and seen & AS:
                return clause.claim("maker" if seen & MADE else "name", position, index - 1, name)
            return clause.claim("maker", position, index, name) if _is_made(clause, index, seen) else None
        seen |= mask
    return None


def _is_own_maker(clause: Clause, index: int, seen: int) -> bool:
    following = clause.marks[index + 1] if index + 1 < len(clause.marks) else None
    if following is None or following.start - clause.marks[index].end > NEXT:
        return False
    return bool(following.mask & ORG or (following.mask & TECH and seen & MADE))


def _is_made(clause: Clause, index: int, seen: int) -> bool:
    """Tell whether the speaker is what was made, and begins no clause of its own: `X made it, and I like it`."""
    mark = clause.marks[index]
    before = clause.sentence.words[mark.start - 1]
    if before in CLAUSE_ENDS or before in _CONJUNCTIONS or mark.mask & AM:
        return False
    following = clause.marks[index + 1 : index + 3]
    made_after = mark.mask & MADE or any(
        later.mask & MADE and later.start - mark.end <= NEAR for later in following
    )
    return bool(mark.mask & ORG or seen & MADE or (mark.mask & OBJECT and made_after))


def bind_by_policy(clause: Clause, position: int, name: Name, *, reasoning: bool) -> Claim | None:
    """Find a speaker that is bound by a maker's rules: `I cannot violate the policies of X`."""
    if name.kind not in {"maker", "model"}:
        return None
    marks = clause.marks
    rule = next(
        (
            index
            for index in _around(marks, position)
            if marks[index].mask & POLICY and _is_near(marks[index], marks[position])
        ),
        None,
    )
    if rule is None:
        return None
    everything = 0
    for mark in marks:
        everything |= mark.mask
    elsewhere = any(mark.mask & (PRETEND | THIRD | REPORT | YOU | PARTNER) for mark in marks[: position + 2])
    if elsewhere or not everything & REFUSE or (reasoning and not everything & (SELF | MINE)):
        return None
    return clause.claim("policy", min(rule, position), max(rule, position), name)


def _around(marks: list[Mark], position: int) -> range:
    return range(max(0, position - MAX_STEPS), min(len(marks), position + MAX_STEPS))


def _is_near(one: Mark, other: Mark) -> bool:
    return max(one.start - other.end, other.start - one.end) <= _POLICY_GAP
