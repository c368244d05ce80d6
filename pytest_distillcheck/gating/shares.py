"""Gates on shares of identity probes: a census by the share itself, a gate with a confidence by one-sided exact bounds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from pytest_distillcheck.domain.gates import Decision, Gate, Side
from pytest_distillcheck.domain.gates import Outcome as GateOutcome
from pytest_distillcheck.domain.scores import ScoreName, Share
from pytest_distillcheck.gating.evidence import GateEvidence, Member, evidence_for
from pytest_distillcheck.gating.reasons import Reason
from pytest_distillcheck.statistics import (
    ClusteredShare,
    Outcome,
    clustered_p_value,
    clustered_share,
    korn_graubard,
    queries_needed,
    share,
)


@dataclass(frozen=True, slots=True)
class ProbeMembers:
    """The probes of one model on one suite, with what is recorded of them."""

    members: Sequence[Member]

    def sides(self, gate: Gate) -> "list[ShareSide]":
        """Return a gate's limits, each with its evidence."""
        score = cast("ScoreName", gate.score)  # a gate on probes has no other
        return [
            ShareSide(gate=gate, side=side, limit=limit, evidence=evidence_for(self.members, score, side))
            for side, limit in gate.limit.sides()
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareSide:
    """One of a gate's limits on a share, with its evidence.

    A census (`max` or `min` alone) compares the share of its whole population with the limit. With `confidence` c,
    one-sided Clopper-Pearson bounds at c decide, on Korn and Graubard's effective counts when answers share contexts
    or questions: PASS when the bound on the far side is within the limit, FAIL when the near one is beyond it, else
    INCONCLUSIVE.

    An unjudged answer counts against the model. With members missing a gate is FAIL if it fails however they would
    have answered, else INCOMPLETE: a census fails if it fails with all of them for the model; bounds, which shared
    contexts and questions can widen, must fail with all of them for it and with all of them against it.
    """

    gate: Gate
    side: Side
    limit: float
    evidence: GateEvidence

    def beyond(self, outcomes: Sequence[Outcome]) -> bool:
        """Return whether the share itself breaks the limit; no outcome breaks none."""
        if not outcomes:
            return False
        # As a quotient: 29/100 and 0.29 are the same float, 29 and 0.29 * 100 are not.
        value = sum(outcome.hit for outcome in outcomes) / len(outcomes)
        return value > self.limit if self.side == "max" else value < self.limit

    def against(self, outcomes: Sequence[Outcome]) -> tuple[ClusteredShare, float]:
        """Return the share of what speaks against the model, and the most that it may be."""
        clustered = clustered_share(outcomes)
        return (clustered, self.limit) if self.side == "max" else (clustered.mirrored(), 1 - self.limit)

    def p_value(self) -> float | None:
        """Return the p-value against the limit: the larger one of those at the evidence's best and at its worst.

        The best alone is not enough: among answers that share contexts or questions, one more against the model can
        widen the bounds by more than it moves the share. Holm's correction rejects no more when p-values grow, so
        what it rejects with these it rejects at the best and at the worst.
        """
        if self.gate.limit.confidence is None:
            return None
        evidence = (self.evidence.at_best, self.evidence.at_worst)
        return max(clustered_p_value(*self.against(outcomes)) for outcomes in evidence)

    def level(self) -> float:
        """Return the level of a false FAIL."""
        return 1 - (self.gate.limit.confidence or 0)

    def decision(self, *, fails: bool) -> Decision:
        """Return the decision."""
        if self.gate.limit.confidence is None:
            fails = self.beyond(self.evidence.at_best)
        observed = share(self.evidence.observed)
        outcome, needs = _outcome(self, fails=fails)
        return Decision(
            gate=self.gate,
            outcome=outcome,
            observed=observed,
            missing=len(self.evidence.missing),
            needs=needs,
            reason=_reason(self, outcome, observed, needs),
        )


def _outcome(side: ShareSide, *, fails: bool) -> tuple[GateOutcome, int | None]:
    if fails:
        return "FAIL", None
    if side.evidence.missing or not side.evidence.observed:
        return "INCOMPLETE", None
    confidence = side.gate.limit.confidence
    if confidence is None:
        return "PASS", None
    against, limit = side.against(side.evidence.observed)
    if korn_graubard(against, confidence).high <= limit:
        return "PASS", None
    effective = against.effective_n(confidence)
    more = queries_needed(
        against.count * effective / against.n, effective, limit=limit, confidence=confidence
    )
    # Effective answers cost more than one each. None: the share sits at the limit, and no number would decide it.
    return "INCONCLUSIVE", more if more is None else max(1, round(more * against.n / effective))


def _reason(side: ShareSide, outcome: GateOutcome, observed: Share, needs: int | None) -> str:
    gate, missing = side.gate, len(side.evidence.missing)
    limit = f"{side.side} {side.limit:g}"
    if gate.limit.confidence:
        limit += f" at confidence {gate.limit.confidence:g}"
    if not side.evidence.observed and not missing:
        return f"no probe counts for {gate.score}; change the suite's probes or remove the gate"
    found = f"{gate.score} {shown_share(observed)}"
    return Reason(
        found=found,
        limit=limit,
        unit="answers",
        missing=missing,
        total=str(missing + len(side.evidence.observed)),
        needs=needs,
    ).text(outcome)


def shown_share(observed: Share) -> str:
    """Return a share with its counts and its interval, as reasons show it."""
    if observed.value is None:
        return "has no answer"
    return f"{observed.count}/{observed.n} = {observed.value:.3f} [{observed.low:.3f}, {observed.high:.3f}]"
