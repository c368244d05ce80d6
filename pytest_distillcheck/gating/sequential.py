"""The limits of gates on a campaign, and when its draws may stop: as soon as a betting test is certain.

The test looks at each draw in its order, and may stop at any time (`statistics.betting`). A gate passes at its own
level. It fails by its p-value, together with the model's other gates that may err by chance, by Holm's correction.

While draws go on, nobody knows what the other gates will come to. So drawing stops for FAIL only at the level over the
number of those gates' limits (Bonferroni): Holm's correction rejects at least that, whatever the others say, so that
the end never contradicts the stop. And it stops for "nothing can decide it any more" only when FAIL is out of reach at
the uncorrected level, which is the most that Holm may ever allow.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from pytest_distillcheck.domain.gates import Gate, Side
from pytest_distillcheck.domain.scores import ScoreName
from pytest_distillcheck.gating.evidence import Member, evidence_for
from pytest_distillcheck.statistics import BettingTest, betting_test
from pytest_distillcheck.statistics.search import least_true

DEFAULT_CONFIDENCE = 0.95
"""Of a gate on a campaign that sets none."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawCounts:
    """How many draws there may be.

    Attributes:
        total: all of them.
        neutral: those whose prompt names no rival, which `hard` is a share of.
    """

    total: int
    neutral: int

    def among_n(self, limit: SequentialLimit) -> int:
        """Return how many of them are in the n of a limit's score."""
        return self.neutral if limit.score == "hard" else self.total


class StopRule:
    """Says when a campaign may stop drawing: when no gate's decision can change any more.

    A draw without an answer bars PASS, since it might have spoken against the model. Then drawing goes on to where it
    would have stopped had that draw spoken for the model: what is missing may come back in a resumed run, and more than
    that would be spent for nothing.

    Args:
        gates: of the campaign; without any it never stops.
        most: how many draws there may be.
        family: see `family_size`.
    """

    def __init__(self, gates: Iterable[Gate], most: DrawCounts, *, family: int) -> None:
        limits = [limit for gate in gates for limit in sequential_limits(gate)]
        self._watches = [_Watch(limit, most.among_n(limit), max(family, len(limits))) for limit in limits]

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

    def __init__(self, limit: SequentialLimit, cap: int, family: int) -> None:
        self.settled = limit.is_kept_by_all or not cap
        self._limit = limit
        self._n = self._against = 0
        if not self.settled:
            self._test = limit.test(family=family)
            self._reach = Reach(limit.test(), cap)

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


class Reach:
    """Whether a test can still decide within its cap: by draws of which none, or every one, speaks against the model.

    Args:
        test: what is tested.
        cap: the largest number of draws, at least 1.
    """

    def __init__(self, test: BettingTest, cap: int) -> None:
        self._cap = cap
        not_passing = least_true(lambda count: not test.passes(cap, count), start=0, cap=cap)
        self._most_to_pass = cap if not_passing is None else not_passing - 1
        self._fewest_to_fail = least_true(lambda count: test.fails(cap, count), start=0, cap=cap)

    def holds(self, n: int, against: int) -> bool:
        """Return whether it can after so many draws, of which so many speak against the model."""
        fails = self._fewest_to_fail is not None and against + self._cap - n >= self._fewest_to_fail
        return n < self._cap and (against <= self._most_to_pass or fails)
