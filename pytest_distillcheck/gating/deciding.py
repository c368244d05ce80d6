"""Decides the gates of one run together, since those of one model that may err by chance are one family."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pytest_distillcheck.domain.gates import Decision, Gate
from pytest_distillcheck.domain.gates import Outcome as GateOutcome
from pytest_distillcheck.gating.sides import GateSide, Population
from pytest_distillcheck.statistics import holm

_SEVERITY: tuple[GateOutcome, ...] = ("FAIL", "INCOMPLETE", "INCONCLUSIVE", "PASS")


def decide(gates: Iterable[tuple[Gate, Population]]) -> list[Decision]:
    """Decide the gates of one run, in the order given.

    All sides with a p-value of one model are one family, and Holm's correction applies to FAIL; PASS needs no
    correction, since all gates must pass.
    """
    sides = [side for gate, population in gates for side in population.sides(gate)]
    by_gate: dict[str, list[Decision]] = {}
    for side, fails in zip(sides, _failing(sides), strict=True):
        by_gate.setdefault(side.gate.id, []).append(side.decision(fails=fails))
    return [_worst(decisions) for decisions in by_gate.values()]


def _failing(sides: Sequence[GateSide]) -> list[bool]:
    """Return for each side whether Holm's correction lets its p-value decide for FAIL."""
    failing = [False] * len(sides)
    families: dict[str, list[tuple[int, float]]] = {}
    for index, side in enumerate(sides):
        if (p_value := side.p_value()) is not None:
            families.setdefault(side.gate.model, []).append((index, p_value))
    for family in families.values():
        adjusted = holm([p_value for _, p_value in family])
        for (index, _), p_value in zip(family, adjusted, strict=True):
            failing[index] = p_value < sides[index].level()
    return failing


def _worst(decisions: Sequence[Decision]) -> Decision:
    """Return the decision of a gate with two limits: the worse one, with both reasons when both matter."""
    ranked = sorted(decisions, key=lambda decision: _SEVERITY.index(decision.outcome))
    worst = ranked[0]
    reasons = dict.fromkeys(decision.reason for decision in ranked if decision.outcome == worst.outcome)
    return replace(worst, reason="; ".join(reasons))
