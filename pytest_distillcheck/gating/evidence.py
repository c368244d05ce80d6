"""What a gate knows: its members, their answers, and which of them are missing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pytest_distillcheck.domain.gates import Side
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scores import ScoreName
from pytest_distillcheck.identity.scores import counts
from pytest_distillcheck.statistics import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One probe of a gate's population.

    Attributes:
        record: None when no answer came.
        names_rival: whether its prompt names a rival maker, so that it is not among the n of `hard`.
    """

    context: str
    question: str
    names_rival: bool
    record: Record | None

    def answered(self, record: Record) -> "Member":
        """Return the member with its record."""
        return replace(self, names_rival=record.names_rival, record=record)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateEvidence:
    """What speaks for and against one side of a gate.

    Attributes:
        observed: one outcome for each answer; an unjudged answer stands against the model.
        missing: outcomes of the members without an answer, each as if it spoke for the model.
    """

    observed: Sequence[Outcome]
    missing: Sequence[Outcome]

    @property
    def at_best(self) -> list[Outcome]:
        """Every member, the missing ones as if they had answered in the model's favour."""
        return [*self.observed, *self.missing]

    @property
    def at_worst(self) -> list[Outcome]:
        """Every member, the missing ones as if they had answered against the model."""
        return [*self.observed, *(replace(outcome, hit=not outcome.hit) for outcome in self.missing)]


def evidence_for(members: Sequence[Member], score: ScoreName, side: Side) -> GateEvidence:
    """Return the evidence on one side of a gate on a score."""
    observed, missing = [], []
    for member in members:
        if score == "hard" and member.names_rival:
            continue
        if member.record is None:
            missing.append(_outcome(member, hit=side == "min"))
            continue
        hit = counts(member.record, score)
        # None: unjudged. It counts against the model: as a hit where hits are bad, as none where they are good.
        observed.append(_outcome(member, hit=side == "max" if hit is None else hit))
    return GateEvidence(observed=observed, missing=missing)


def _outcome(member: Member, *, hit: bool) -> Outcome:
    return Outcome(hit=hit, context=member.context, question=member.question)
