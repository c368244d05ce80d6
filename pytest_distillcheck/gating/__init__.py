"""From scores to decisions on gates."""

from pytest_distillcheck.gating.deciding import decide
from pytest_distillcheck.gating.evidence import GateEvidence, Member, evidence_for
from pytest_distillcheck.gating.planning import sample_size_note
from pytest_distillcheck.gating.waivers import needless_waivers, waiver_for

__all__ = [
    "GateEvidence",
    "Member",
    "decide",
    "evidence_for",
    "needless_waivers",
    "sample_size_note",
    "waiver_for",
]
