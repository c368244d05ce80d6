"""Decides gates on a campaign: from its draws, and what is recorded of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp

from pytest_distillcheck.domain.gates import Decision, Gate, Outcome
from pytest_distillcheck.gating.evidence import Member, evidence_for
from pytest_distillcheck.gating.reasons import Reason
from pytest_distillcheck.gating.sequential import DrawCounts, Reach, SequentialLimit, sequential_limits
from pytest_distillcheck.gating.shares import shown_share
from pytest_distillcheck.statistics import draws_to_decide, share

_ENOUGH = 10**7
"""Draws that no campaign has."""

_NO_MORE = DrawCounts(total=0, neutral=0)


@dataclass(frozen=True, slots=True)
class CampaignDraws:
    """The draws of one model in one campaign, in their order, with what is recorded of them: a `Population`.

    Attributes:
        members: the first ones, at least to the last one with an answer.
        left: how many more there may be.
    """

    members: Sequence[Member]
    left: DrawCounts = _NO_MORE

    def sides(self, gate: Gate) -> "list[SequentialSide]":
        """Return a gate's limits, each with its evidence."""
        return [SequentialSide(limit=limit, draws=self) for limit in sequential_limits(gate)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """How a limit fared until it passed, or until the last draw that was answered.

    Attributes:
        drawn: the draws among its n.
        against: how many of them speak against the model, the missing ones not counted.
        missing: how many of them have no answer.
        passed: whether the test passed; it looks no further then.
        p_value: the least there was: a bettor may stop when the stake is highest.
    """

    drawn: tuple[Member, ...]
    against: int
    missing: int
    passed: bool
    p_value: float


@dataclass(frozen=True, kw_only=True)
class SequentialSide:
    """One of a gate's limits on a campaign, with its evidence: a `GateSide`.

    Attributes:
        draws: behind the last one with an answer nothing was drawn, whether it was not needed or could not be had.
    """

    limit: SequentialLimit
    draws: CampaignDraws

    @property
    def gate(self) -> Gate:
        """The gate."""
        return self.limit.gate

    def p_value(self) -> float:
        """Return the p-value against the limit, valid whenever one stops; missing draws are taken to keep it."""
        return self._course.p_value

    def level(self) -> float:
        """Return the level of a false FAIL."""
        return self.limit.level

    def decision(self, *, fails: bool) -> Decision:
        """Return the decision."""
        course = self._course
        outcome: Outcome = "INCOMPLETE"
        if fails:
            outcome = "FAIL"
        elif course.passed:
            outcome = "PASS"
        elif course.drawn and not course.missing and not self._may_decide:
            outcome = "INCONCLUSIVE"
        needs = self._needs() if outcome == "INCONCLUSIVE" else None
        left = self._most - len(course.drawn) if outcome == "INCOMPLETE" else 0
        observed = share(evidence_for(course.drawn, self.limit.score, self.limit.side).observed)
        return Decision(
            gate=self.gate,
            outcome=outcome,
            observed=observed,
            missing=course.missing + left,
            needs=needs,
            reason=self._reason(outcome, shown_share(observed), course.missing + left, needs),
        )

    @cached_property
    def _most(self) -> int:
        return sum(map(self.limit.is_in_n, self.draws.members)) + self.draws.left.among_n(self.limit)

    @cached_property
    def _course(self) -> _Course:
        members = self.draws.members
        answered = [index for index, member in enumerate(members) if member.record]
        reached = members[: answered[-1] + 1] if answered else ()
        drawn: list[Member] = []
        against = missing = 0
        highest = 0.0
        passed = self.limit.is_kept_by_all
        test = None if passed else self.limit.test()
        for member in filter(self.limit.is_in_n, reached):
            if passed or test is None:
                break
            drawn.append(member)
            against += self.limit.speaks_against(member)
            missing += member.record is None
            highest = max(highest, test.higher.log_value(len(drawn), against))
            passed = not missing and test.passes(len(drawn), against)
        return _Course(
            drawn=tuple(drawn), against=against, missing=missing, passed=passed, p_value=exp(-highest)
        )

    @property
    def _may_decide(self) -> bool:
        """Whether the draws that are left could decide."""
        return Reach(self.limit.test(), self._most).holds(len(self._course.drawn), self._course.against)

    def _needs(self) -> int | None:
        course = self._course
        more = draws_to_decide(self.limit.test(), len(course.drawn), course.against)
        # Draws outside n have to be made too.
        there_are = len(self.draws.members) + self.draws.left.total
        return more if more is None else max(1, round(more * there_are / self._most))

    def _reason(self, outcome: Outcome, observed: str, missing: int, needs: int | None) -> str:
        score, drawn = self.gate.score, len(self._course.drawn)
        limit = f"{self.limit} at confidence {1 - self.limit.level:g}"
        if not self._most:
            return f"no draw counts for {score}: every prompt names a rival; change the templates or remove the gate"
        unjudged = sum(m.record is not None and m.record.unjudged is not None for m in self._course.drawn)
        counted = f" ({unjudged} unjudged, counted against the model)" if unjudged else ""
        text = Reason(
            found=f"{score} {observed} after {drawn} draws{counted}",
            limit=limit,
            unit="draws",
            missing=missing,
            total=f"at most {self._most}",
            needs=needs,
            why_missing=self._why_missing(missing - self._course.missing),
        ).text(outcome)
        return f"{text}; raise queries" if outcome == "INCONCLUSIVE" and needs else text

    def _why_missing(self, behind: int) -> str:
        """Tell what has no answer, which a resumed run asks again, from what may never have been drawn."""
        if not self._course.drawn:
            return "no answer came"
        parts = ((self._course.missing, "without an answer"), (behind, "behind the last answer"))
        return ", ".join(f"{count} {what}" for count, what in parts if count)


def campaign_note(gate: Gate, most: DrawCounts) -> str:
    """Return how many draws a gate on a campaign needs to pass, for a model without a finding."""
    limits = sequential_limits(gate)
    cap = min((most.among_n(limit) for limit in limits), default=0)
    tests = [limit.test() for limit in limits if not limit.is_kept_by_all]
    needs = [draws_to_decide(test, cap=_ENOUGH) for test in tests]
    least = max((need for need in needs if need is not None), default=0)
    which = "draws whose prompt names no rival" if gate.score == "hard" else "draws"
    if None in needs:
        return f"{gate.name} ({gate.limit}) can never pass: no number of draws proves it; loosen the limit"
    if cap < least:
        return f"{gate.name} ({gate.limit}) can never pass: it needs {least} {which} and has {cap}; raise queries"
    return f"{gate.name} ({gate.limit}) needs at least {least} {which} to pass; it has at most {cap}"
