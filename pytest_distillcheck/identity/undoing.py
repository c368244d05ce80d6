"""Tells whether a claim is undone: denied, conditional, played, or somebody else's words."""

import re

from pytest_distillcheck.identity.claims import Claim
from pytest_distillcheck.identity.clauses import MAX_GAP, NEAR, NEXT, Clause
from pytest_distillcheck.identity.kinds import (
    BUT,
    IF,
    NOT,
    NOT_AFTER,
    PARTNER,
    PLAN,
    PRETEND,
    REPORT,
    SELF,
    THAT,
    THIRD,
)
from pytest_distillcheck.identity.reading import Mark
from pytest_distillcheck.identity.tokens import CLAUSE_ENDS

_UNDOING = NOT | NOT_AFTER | IF | PRETEND | REPORT | PLAN | PARTNER | THIRD
_AFTERWARDS = NOT_AFTER | PRETEND | REPORT | PARTNER | THIRD
"""What stands behind a claim and undoes it, in Japanese and Korean."""
_FAR = 14
"""Words over which `you say that` and `pretend to be` reach."""
_FAR_BEHIND = 2 * MAX_GAP + 1
"""Tokens behind a claim that may be within `MAX_GAP` words of it."""
_HAN = re.compile(r"[\u4e00-\u9fff]")


def is_undone(clause: Clause, claim: Claim, *, reasoning: bool) -> bool:
    """Tell whether something in the clause undoes a claim; being bound by a policy is denied by nothing."""
    if claim.relation == "policy":
        return False
    return _is_conditional(clause) or any(
        _undoes(clause, mark, claim, reasoning=reasoning)
        for mark in clause.of_kinds(_UNDOING)
        if claim.start - _FAR <= mark.end and mark.start <= claim.end + _FAR_BEHIND
    )


def _is_conditional(clause: Clause) -> bool:
    """Tell whether the sentence opens with a condition about the speaker: `if I were`."""
    first = clause.marks[0]
    return bool(first.mask & IF and first.start <= 1) and any(
        mark.mask & SELF and mark.start - first.end <= NEXT for mark in clause.marks[1:3]
    )


def _undoes(clause: Clause, mark: Mark, claim: Claim, *, reasoning: bool) -> bool:
    mask = mark.mask
    ahead = claim.start - mark.end
    inside = claim.start <= mark.start < claim.end
    if mask & PLAN and reasoning and -NEAR <= ahead <= NEAR:
        return True
    if (
        mask & (NOT | IF)
        and (inside or 0 <= ahead <= (NEAR if mask & NOT else NEXT))
        and not _is_reset(clause, mark, claim)
    ):
        return True
    if mask & (PRETEND | REPORT) and (
        inside or (0 <= ahead <= _FAR and not clause.ended(mark.end, claim.start))
    ):
        return True
    return bool(mask & _AFTERWARDS) and mark.start >= claim.end and _undoes_from_behind(clause, mark, claim)


def _is_reset(clause: Clause, mark: Mark, claim: Claim) -> bool:
    """Tell whether something between a denial and the name of a claim ends the denial's reach."""
    if mark.end < claim.start and clause.ended(mark.end, claim.start):
        return True
    name_at = max(mark.end, claim.end - 1)
    return any(mark.end <= turn.start <= name_at for turn in clause.of_kinds(BUT))


def _undoes_from_behind(clause: Clause, mark: Mark, claim: Claim) -> bool:
    undoing = _AFTERWARDS if clause.verb_final else NOT_AFTER
    if (
        mark.mask & PARTNER
        and _HAN.match(clause.sentence.words[mark.start])
        and not _is_of_another(clause, mark, claim)
    ):
        undoing |= PARTNER
    if not mark.mask & undoing or clause.gap(claim.end, mark.start) > MAX_GAP:
        return False
    if any(claim.end <= other.start < mark.start for other in clause.of_kinds(SELF)):
        return False
    return not clause.ended(claim.end, mark.start) or any(
        other.end <= claim.start for other in clause.of_kinds(THAT)
    )


def _is_of_another(clause: Clause, mark: Mark, claim: Claim) -> bool:
    """Tell whether one more name, and no list of names, stands between: what follows is of that name."""
    words = clause.sentence.words
    return any(
        other.name and claim.end <= other.start < mark.start and words[other.start - 1] not in CLAUSE_ENDS
        for other in clause.marks
    )
