"""Which relation ties a speaker to a name that stands further on.

Between `I` and a name some words say how the two belong together: `am`, `was developed by`, `belong to`. The ties
are tried from the plainest on; the first that holds is the relation.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pytest_distillcheck.identity.claims import Relation
from pytest_distillcheck.identity.clauses import NEAR, NEXT, Clause
from pytest_distillcheck.identity.kinds import (
    AM,
    BASED,
    BELONG,
    BUT,
    BY,
    MADE,
    MINE,
    NAME,
    NOT,
    NOT_AFTER,
    OBJECT,
    ORG,
    PRETEND,
    PRODUCT,
    REPORT,
    SELF,
    STOP,
    TECH,
    YOU,
)

_PASSIVE = AM | TECH | BY | ORG | MADE | NOT | NOT_AFTER | BUT


@dataclass(frozen=True, slots=True)
class Stretch:
    """What reaches from a speaker to a name.

    Attributes:
        clause: where it stands.
        first: position of the speaker's mark.
        last: position of the name's mark.
        own: kinds of the speaker's mark.
        seen: kinds of the marks between the two.
        after: kinds of the marks that follow the name closely.
    """

    clause: Clause
    first: int
    last: int
    own: int
    seen: int
    after: int

    def relation(self) -> Relation | None:
        """Return the relation, or None when nothing ties the two."""
        name = self.clause.marks[self.last].name
        if name and name.ambiguous and self.seen & (STOP | BUT):
            return None
        return next((relation for holds, relation in _TIES if holds(self)), None)


def _is_called(stretch: Stretch) -> bool:
    """`My name is X`, `I am called X`."""
    return _has_name(stretch) and not stretch.seen & ORG


def _has_maker_called(stretch: Stretch) -> bool:
    """`My company is called X`."""
    return _has_name(stretch) and bool(stretch.seen & ORG)


def _has_name(stretch: Stretch) -> bool:
    """Tell whether what is called so is the speaker: it says `my`, `am`, or `called` right after itself."""
    if not (stretch.seen | stretch.own) & NAME or stretch.seen & (STOP | YOU | MADE):
        return False
    speaker, following = stretch.clause.marks[stretch.first : stretch.first + 2]
    right_after = following.mask & NAME and following.start - speaker.end <= 1
    return bool(stretch.own & (MINE | NAME | AM) or stretch.seen & AM or right_after)


def _is_made_by(stretch: Stretch) -> bool:
    """`I was developed by X`, `Ich wurde von X entwickelt`, `Entwickelt wurde ich von X`."""
    if not stretch.seen & BY or not _is_led(stretch):
        return False
    speaker = stretch.clause.marks[stretch.first]
    opening = stretch.clause.marks[max(0, stretch.first - 2) : stretch.first]
    return bool((stretch.seen | stretch.after | stretch.own) & MADE) or any(
        mark.mask & MADE and speaker.start - mark.end <= NEXT for mark in opening
    )


def _is_led(stretch: Stretch) -> bool:
    """Tell whether a model is near enough to `by` to be what it leads to; makers may be described at length."""
    marks = stretch.clause.marks
    name = marks[stretch.last]
    if name.name is None or name.name.kind != "model":
        return True
    return any(
        mark.mask & BY and stretch.clause.gap(mark.end, name.start) <= NEAR
        for mark in marks[stretch.first + 1 : stretch.last]
    )


def _is_made_as_object(stretch: Stretch) -> bool:
    """`Меня создала X`."""
    return bool(stretch.own & OBJECT and stretch.seen & MADE) and not stretch.seen & STOP


def _is_in_relative_clause(stretch: Stretch) -> bool:
    """`The company that developed me is X`."""
    if not (stretch.own & SELF and stretch.seen & AM):
        return False
    earlier = stretch.clause.marks[max(0, stretch.first - 4) : stretch.first]
    made = stretch.seen & MADE or (earlier and earlier[-1].mask & MADE)
    return bool(made) and any(mark.mask & ORG for mark in earlier)


def _belongs(stretch: Stretch) -> bool:
    """`I belong to X`, `I am a product of X`."""
    return bool((stretch.seen | stretch.own) & BELONG)


def _is_from(stretch: Stretch) -> bool:
    """`I am an assistant from X`."""
    name = stretch.clause.marks[stretch.last].name
    own, seen = stretch.own, stretch.seen
    return (
        bool(own & SELF and (own | seen) & AM and seen & BY)
        and not seen & STOP
        and name is not None
        and name.kind == "maker"
    )


def _is_based_on(stretch: Stretch) -> bool:
    """`I am based on X`."""
    return bool((stretch.seen | stretch.own) & BASED)


def _has_maker(stretch: Stretch) -> bool:
    """`My developer is X`, `my creators at X`."""
    own, seen = stretch.own, stretch.seen
    return bool(own & MINE and (seen | own) & (ORG | TECH | PRODUCT)) and bool(
        not seen & STOP or seen & (AM | BY)
    )


def _is_of_org(stretch: Stretch) -> bool:
    """`I am of the team at X`."""
    return (
        bool(stretch.own & SELF and stretch.seen & ORG and stretch.seen & (AM | BY))
        and not stretch.seen & STOP
    )


def _is_made_afterwards(stretch: Stretch) -> bool:
    """`私はXが開発した`, `我是X开发的`."""
    return bool(stretch.own & SELF and stretch.after & MADE) and not stretch.seen & ~_PASSIVE


def _is_name(stretch: Stretch) -> bool:
    """`I am X`, `I, X`, `я X`; nothing between may turn the sentence elsewhere: `I am happy to tell you about X`."""
    clause = stretch.clause
    speaker, name = clause.marks[stretch.first], clause.marks[stretch.last]
    copula = stretch.first if stretch.own & AM else stretch.first + 1
    if copula < stretch.last and clause.marks[copula].mask & AM:
        return clause.marks[copula].start - speaker.end <= NEXT and _follows_copula(
            clause, copula, stretch.last
        )
    return clause.apposed(speaker.end, name.start)


def _follows_copula(clause: Clause, copula: int, name: int) -> bool:
    between = clause.marks[copula + 1 : name]
    stopped = any(mark.mask & (STOP | MADE | BY | REPORT | PRETEND) for mark in between)
    return not stopped and clause.gap(clause.marks[copula].end, clause.marks[name].start) <= NEAR


_TIES: tuple[tuple[Callable[[Stretch], bool], Relation], ...] = (
    (_is_called, "name"),
    (_has_maker_called, "maker"),
    (_is_made_by, "maker"),
    (_is_made_as_object, "maker"),
    (_is_in_relative_clause, "maker"),
    (_belongs, "maker"),
    (_is_from, "maker"),
    (_is_based_on, "base"),
    (_has_maker, "maker"),
    (_is_of_org, "maker"),
    (_is_made_afterwards, "maker"),
    (_is_name, "name"),
)
