"""How gates decide: a census by the share itself, a gate with a confidence by one-sided exact bounds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pytest_distillcheck.domain.gates import Decision, Gate, Side
from pytest_distillcheck.domain.gates import Outcome as GateOutcome
from pytest_distillcheck.domain.scores import Share
from pytest_distillcheck.gating.evidence import GateEvidence, Member, evidence_for
from pytest_distillcheck.statistics import (
    ClusteredShare,
    Outcome,
    clustered_p_value,
    clustered_share,
    holm,
    korn_graubard,
    queries_needed,
    share,
)

_SEVERITY: tuple[GateOutcome, ...] = ("FAIL", "INCOMPLETE", "INCONCLUSIVE", "PASS")


def decide(gates: Iterable[tuple[Gate, Sequence[Member]]]) -> list[Decision]:
    """Decide the gates of one run together, in the order given.

    A census (`max` or `min` alone) compares the share of its whole population with the limit. With `confidence` c,
    one-sided Clopper-Pearson bounds at c decide, on Korn and Graubard's effective counts when answers share contexts
    or questions: PASS when the bound on the far side is within the limit, FAIL when the near one is beyond it, else
    INCONCLUSIVE. All such gates of one model are one family, and Holm's correction applies to FAIL; PASS needs no
    correction, since all gates must pass.

    An unjudged answer counts against the model. With members missing a gate is FAIL if it fails however they would
    have answered, else INCOMPLETE: a census fails if it fails with all of them for the model; bounds, which shared
    contexts and questions can widen, must fail with all of them for it and with all of them against it.
    """
    sides = [
        _SideOfGate(gate=gate, side=side, limit=limit, evidence=evidence_for(members, gate.score, side))
        for gate, members in gates
        for side, limit in gate.limit.sides()
    ]
    failing = _failing(sides)
    by_gate: dict[str, list[Decision]] = {}
    for side, fails in zip(sides, failing, strict=True):
        by_gate.setdefault(side.gate.id, []).append(_decide_side(side, fails=fails))
    return [_worst(decisions) for decisions in by_gate.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class _SideOfGate:
    """One of a gate's limits, with its evidence."""

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

    def p_value(self) -> float:
        """Return the p-value against the limit: the larger one of those at the evidence's best and at its worst.

        The best alone is not enough: among answers that share contexts or questions, one more against the model can
        widen the bounds by more than it moves the share. Holm's correction rejects no more when p-values grow, so
        what it rejects with these it rejects at the best and at the worst.
        """
        evidence = (self.evidence.at_best, self.evidence.at_worst)
        return max(clustered_p_value(*self.against(outcomes)) for outcomes in evidence)


def _failing(sides: Sequence[_SideOfGate]) -> list[bool]:
    """Return for each side whether it fails however its missing members would have answered."""
    failing = [side.gate.limit.confidence is None and side.beyond(side.evidence.at_best) for side in sides]
    families: dict[str, list[int]] = {}
    for index, side in enumerate(sides):
        if side.gate.limit.confidence is not None:
            families.setdefault(side.gate.model, []).append(index)
    for family in families.values():
        adjusted = holm([sides[index].p_value() for index in family])
        for index, p_value in zip(family, adjusted, strict=True):
            failing[index] = p_value < 1 - (sides[index].gate.limit.confidence or 0)
    return failing


def _decide_side(side: _SideOfGate, *, fails: bool) -> Decision:
    observed = share(side.evidence.observed)
    outcome, needs = _outcome(side, fails=fails)
    return Decision(
        gate=side.gate,
        outcome=outcome,
        observed=observed,
        missing=len(side.evidence.missing),
        needs=needs,
        reason=_reason(side, outcome, observed, needs),
    )


def _outcome(side: _SideOfGate, *, fails: bool) -> tuple[GateOutcome, int | None]:
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


def _reason(side: _SideOfGate, outcome: GateOutcome, observed: Share, needs: int | None) -> str:
    gate, missing = side.gate, len(side.evidence.missing)
    limit = f"{side.side} {side.limit:g}"
    if gate.limit.confidence:
        limit += f" at confidence {gate.limit.confidence:g}"
    if not side.evidence.observed and not missing:
        return f"no probe counts for {gate.score}; change the suite's probes or remove the gate"
    found = f"{gate.score} {_shown(observed)}"
    match outcome:
        case "PASS":
            return f"{found} keeps {limit}"
        case "FAIL":
            return f"{found} breaks {limit}" + (
                f", whatever {missing} missing answers say" if missing else ""
            )
        case "INCOMPLETE":
            total = missing + len(side.evidence.observed)
            return f"{missing} of {total} answers are missing; {found} so far, {limit}"
        case "INCONCLUSIVE":
            more = (
                f"about {needs} more answers would decide it"
                if needs
                else "no number of answers would decide it"
            )
            return f"{found} does not decide {limit}; {more}"


def _shown(observed: Share) -> str:
    if observed.value is None:
        return "has no answer"
    return f"{observed.count}/{observed.n} = {observed.value:.3f} [{observed.low:.3f}, {observed.high:.3f}]"


def _worst(decisions: Sequence[Decision]) -> Decision:
    """Return the decision of a gate with two limits: the worse one, with both reasons when both matter."""
    ranked = sorted(decisions, key=lambda decision: _SEVERITY.index(decision.outcome))
    worst = ranked[0]
    reasons = dict.fromkeys(decision.reason for decision in ranked if decision.outcome == worst.outcome)
    return replace(worst, reason="; ".join(reasons))
