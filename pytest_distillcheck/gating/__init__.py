"""From scores to decisions on gates."""

from pytest_distillcheck.gating.deciding import decide
from pytest_distillcheck.gating.evidence import GateEvidence, Member, evidence_for
from pytest_distillcheck.gating.planning import sample_size_note
from pytest_distillcheck.gating.shares import ProbeMembers
from pytest_distillcheck.gating.sides import GateSide, Population
from pytest_distillcheck.gating.waivers import needless_waivers, waiver_for

__all__ = [
    "GateEvidence",
    "GateSide",
    "Member",
    "Population",
    "ProbeMembers",
    "decide",
    "evidence_for",
    "needless_waivers",
    "sample_size_note",
    "waiver_for",
]
