"""Finds where the speaker or its maker is said to be at home."""

from collections.abc import Callable

from pytest_distillcheck.identity.binding import PLACES
from pytest_distillcheck.identity.claims import Claim
from pytest_distillcheck.identity.clauses import Clause
from pytest_distillcheck.identity.ellipsis import bind_seat_to_question
from pytest_distillcheck.identity.kinds import AM, BY, MADE, MINE, ORG, PARTNER, SEAT, SELF, STOP, TECH, THIRD
from pytest_distillcheck.identity.names import Name

_SEATS = 1
"""Countries that may be named as a seat: who names more tells where people come from."""


def bind_place(clause: Clause, position: int, name: Name, *, answering: Callable[[], bool]) -> Claim | None:
    """Find `our headquarters is in X`, `I was made by an X company`."""
    if len({mark.name.country for mark in clause.marks if mark.name and mark.name.kind == "place"}) > _SEATS:
        return None
    seen = 0
    after = clause.follows(position)
    for index, mark in clause.before(position):
        mask = mark.mask
        if mask & (THIRD | PARTNER):
            return None
        if mark.name is not None and mark.name.kind not in PLACES:
            seated = index in clause.bound and seen & SEAT
            return clause.claim("seat", index, position, name) if seated else None
        if mask & (SELF | MINE):
            found = _is_home(clause, index, position, seen, after, name)
            return clause.claim("seat", index, position, name) if found else None
        seen |= mask
    return bind_seat_to_question(clause, position, name, seen, after) if answering() else None


def _is_home(clause: Clause, index: int, position: int, seen: int, after: int, name: Name) -> bool:
    marks = clause.marks
    mask = marks[index].mask
    if name.kind == "nationality":
        return bool(seen & BY and (seen | after) & MADE and after & (ORG | MADE))
    earlier = marks[index - 1].mask if index else 0
    seated = (
        (seen | after | earlier) & SEAT
        or (mask & MINE and seen & ORG and seen & AM and seen & BY)
        or (seen & MADE and marks[position - 1].mask & (STOP | BY))
    )
    return bool(seated and (mask & MINE or not seen & TECH))
