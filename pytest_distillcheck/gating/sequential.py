"""Gates on a campaign: a betting test on draws that may stop as soon as it is certain.

The test looks at each draw in its order, and may stop at any time (`statistics.betting`). A gate passes at its own
level. It fails by its p-value, together with the model's other gates that may err by chance, by Holm's correction.

While draws go on, nobody knows what the other gates will come to. So drawing stops for FAIL only at the level over the
number of those gates' limits (Bonferroni): Holm's correction rejects at least that, whatever the others say, so that
the end never contradicts the stop. And it stops for "nothing can decide it any more" only when FAIL is out of reach at
the uncorrected level, which is the most that Holm may ever allow.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp
from typing import cast

from pytest_distillcheck.domain.gates import Decision, Gate, Outcome, Side
from pytest_distillcheck.domain.scores import ScoreName
from pytest_distillcheck.gating.evidence import Member, evidence_for
from pytest_distillcheck.gating.reasons import Reason
from pytest_distillcheck.gating.shares import shown_share
from pytest_distillcheck.statistics import BettingTest, betting_test, draws_to_decide, share
from pytest_distillcheck.statistics.search import least_true

DEFAULT_CONFIDENCE = 0.95
"""Of a gate on a campaign that sets none."""

_ENOUGH = 10**7
"""Draws that no campaign has."""

_CERTAIN = 1 - 1e-9
"""The last bit of a logarithm must not make Holm's correction see a p-value at the level, where it does not reject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialLimit:
    """One of a gate's limits, as a limit on the rate of what speaks against the model.

    Attributes:
        side: `min` when what counts for the score is good.
        accept: the highest rate that must not fail, in (0, 1].
        reject: the lowest rate that must not pass, in [accept, 1]. At 1 every rate keeps the limit.
    """

    gate: Gate
    side: Side
    accept: float
    reject: float

    @property
    def level(self) -> float:
        """The chance of a false PASS, and of a false FAIL, that the gate allows."""
        return 1 - (self.gate.limit.confidence or DEFAULT_CONFIDENCE)

    @property
    def score(self) -> ScoreName:
        """The score that is limited."""
        return cast("ScoreName", self.gate.score)  # a gate on a campaign has no other

    @property
    def is_kept_by_all(self) -> bool:
        """Whether no rate can break the limit, so that there is nothing to test."""
        return self.reject >= 1

    def test(self, *, family: int = 1) -> BettingTest:
        """Return the test.

        Args:
            family: over how many limits the level of FAIL is divided.
        """
        return betting_test(
            accept=self.accept,
            reject=self.reject,
            pass_alpha=self.level,
            fail_alpha=self.level / family * (_CERTAIN if family > 1 else 1),
        )

    def is_in_n(self, member: Member) -> bool:
        """Return whether a draw is among those that the score is a share of."""
        return not (self.score == "hard" and member.names_rival)

    def speaks_against(self, member: Member) -> bool:
        """Return whether a draw speaks against the model; one without an answer is taken to speak for it."""
        evidence = evidence_for([member], self.score, self.side)
        (outcome,) = evidence.at_best
        return outcome.hit is (self.side == "max")

    def __str__(self) -> str:
        limit = self.gate.limit
        if limit.accept is not None:
            return f"accept {limit.accept:g}, reject {limit.reject:g}"
        return f"{self.side} {limit.max if self.side == 'max' else limit.min:g}"


def sequential_limits(gate: Gate) -> list[SequentialLimit]:
    """Return a gate's limits: `max` and `min`, or the one of `accept` and `reject`."""
    limit = gate.limit
    if limit.accept is not None and limit.reject is not None:
        return [SequentialLimit(gate=gate, side="max", accept=limit.accept, reject=limit.reject)]
    rates = [(side, value if side == "max" else 1 - value) for side, value in limit.sides()]
    return [SequentialLimit(gate=gate, side=side, accept=rate, reject=rate) for side, rate in rates]


def family_size(gates: Iterable[Gate], model: str) -> int:
    """Return how many limits of a model may err by chance: as many p-values has its family in Holm's correction."""
    limits = 0
    for gate in gates:
        if gate.model != model:
            continue
        if gate.kind == "campaign":
            limits += len(sequential_limits(gate))
        elif gate.limit.confidence is not None:
            limits += len(gate.limit.sides())
    return limits


class StopRule:
    """Says when a campaign may stop drawing: when no gate's decision can change any more.

    A draw without an answer bars PASS, since it might have spoken against the model. Then drawing goes on to where it
    would have stopped had that draw spoken for the model: what is missing may come back in a resumed run, and more than
    that would be spent for nothing.

    Args:
        gates: of the campaign; without any it never stops.
        draws: all there may be, none of them answered.
        family: see `family_size`.
    """

    def __init__(self, gates: Iterable[Gate], draws: Sequence[Member], *, family: int) -> None:
        limits = [limit for gate in gates for limit in sequential_limits(gate)]
        self._watches = [_Watch(limit, draws, max(family, len(limits))) for limit in limits]

    @property
    def is_certain(self) -> bool:
        """Whether nothing more needs to be drawn."""
        return bool(self._watches) and all(watch.settled for watch in self._watches)

    def observe(self, draw: Member) -> None:
        """Look at the next draw, answered or missing."""
        for watch in self._watches:
            watch.observe(draw)

    def useful(self, most: int) -> int:
        """Return how many further draws are needed at least if none of them speaks against the model, up to `most`.

        More of them under way at a time would be asked in vain for a model without a finding.
        """
        open_watches = [watch for watch in self._watches if not watch.settled]
        return max(
            (watch.draws_to_pass(most) for watch in open_watches), default=0 if self._watches else most
        )


class _Watch:
    """One limit while draws come in."""

    def __init__(self, limit: SequentialLimit, draws: Sequence[Member], family: int) -> None:
        cap = sum(map(limit.is_in_n, draws))
        self.settled = limit.is_kept_by_all or not cap
        self._limit = limit
        self._n = self._against = 0
        if not self.settled:
            self._test = limit.test(family=family)
            self._reach = _Reach(limit.test(), cap)

    def observe(self, draw: Member) -> None:
        if self.settled or not self._limit.is_in_n(draw):
            return
        self._n += 1
        self._against += self._limit.speaks_against(draw)
        counts = self._n, self._against
        self.settled = self._test.decide(*counts) is not None or not self._reach.holds(*counts)

    def draws_to_pass(self, most: int) -> int:
        if not self._test.passes(self._n + most, self._against):
            return most
        return (
            least_true(lambda more: self._test.passes(self._n + more, self._against), start=1, cap=most)
            or most
        )


class _Reach:
    """Whether a test can still decide within its cap: by draws of which none, or every one, speaks against the model."""

    def __init__(self, test: BettingTest, cap: int) -> None:
        self._cap = cap
        not_passing = least_true(lambda count: not test.passes(cap, count), start=0, cap=cap)
        self._most_to_pass = cap if not_passing is None else not_passing - 1
        self._fewest_to_fail = least_true(lambda count: test.fails(cap, count), start=0, cap=cap)

    def holds(self, n: int, against: int) -> bool:
        fails = self._fewest_to_fail is not None and against + self._cap - n >= self._fewest_to_fail
        return n < self._cap and (against <= self._most_to_pass or fails)


@dataclass(frozen=True, slots=True)
class CampaignDraws:
    """The draws of one model in one campaign, in their order, with what is recorded of them: a `Population`."""

    members: Sequence[Member]

    def sides(self, gate: Gate) -> "list[SequentialSide]":
        """Return a gate's limits, each with its evidence."""
        return [SequentialSide(limit=limit, members=self.members) for limit in sequential_limits(gate)]


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
        members: every draw that there may be, in its order. Behind the last one with an answer they were not drawn,
            whether they were not needed or could not be had.
    """

    limit: SequentialLimit
    members: Sequence[Member]

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
        return sum(map(self.limit.is_in_n, self.members))

    @cached_property
    def _course(self) -> _Course:
        answered = [index for index, member in enumerate(self.members) if member.record]
        reached = self.members[: answered[-1] + 1] if answered else ()
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
        return _Reach(self.limit.test(), self._most).holds(len(self._course.drawn), self._course.against)

    def _needs(self) -> int | None:
        course = self._course
        more = draws_to_decide(self.limit.test(), len(course.drawn), course.against)
        # Draws outside n have to be made too.
        return more if more is None else max(1, round(more * len(self.members) / self._most))

    def _reason(self, outcome: Outcome, observed: str, missing: int, needs: int | None) -> str:
        score, drawn = self.gate.score, len(self._course.drawn)
        limit = f"{self.limit} at confidence {1 - self.limit.level:g}"
        if not self._most:
            return f"no draw counts for {score}: every prompt names a rival; change the templates or remove the gate"
        found = f"{score} {observed} after {drawn} draws"
        text = Reason(
            found=found,
            limit=limit,
            unit="draws",
            missing=missing,
            total=f"at most {self._most}",
            needs=needs,
        ).text(outcome)
        return f"{text}; raise queries" if outcome == "INCONCLUSIVE" and needs else text


def campaign_note(gate: Gate, draws: Sequence[Member]) -> str:
    """Return how many draws a gate on a campaign needs to pass, for a model without a finding."""
    limits = sequential_limits(gate)
    cap = min((sum(map(limit.is_in_n, draws)) for limit in limits), default=0)
    tests = [limit.test() for limit in limits if not limit.is_kept_by_all]
    needs = [draws_to_decide(test, cap=_ENOUGH) for test in tests]
    least = max((need for need in needs if need is not None), default=0)
    which = "draws whose prompt names no rival" if gate.score == "hard" else "draws"
    if None in needs:
        return f"{gate.name} ({gate.limit}) can never pass: no number of draws proves it; loosen the limit"
    if cap < least:
        return f"{gate.name} ({gate.limit}) can never pass: it needs {least} {which} and has {cap}; raise queries"
    return f"{gate.name} ({gate.limit}) needs at least {least} {which} to pass; it has at most {cap}"
