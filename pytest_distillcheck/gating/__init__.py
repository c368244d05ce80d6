"""From scores to decisions on gates."""

from pytest_distillcheck.gating.deciding import decide
from pytest_distillcheck.gating.draws import CampaignDraws, campaign_note
from pytest_distillcheck.gating.evidence import GateEvidence, Member, evidence_for
from pytest_distillcheck.gating.means import Pair, PairMembers, mean_note
from pytest_distillcheck.gating.planning import sample_size_note
from pytest_distillcheck.gating.sequential import DrawCounts, StopRule, family_size
from pytest_distillcheck.gating.shares import ProbeMembers
from pytest_distillcheck.gating.sides import GateSide, Population
from pytest_distillcheck.gating.waivers import needless_waivers, waiver_for

__all__ = [
    "CampaignDraws",
    "DrawCounts",
    "GateEvidence",
    "GateSide",
    "Member",
    "Pair",
    "PairMembers",
    "Population",
    "ProbeMembers",
    "StopRule",
    "campaign_note",
    "decide",
    "evidence_for",
    "family_size",
    "mean_note",
    "needless_waivers",
    "sample_size_note",
    "waiver_for",
]
