"""The GPTFuzz campaign over ports: seed templates, mutators, selection policies, and the search itself."""

from collections.abc import Callable

from pytest_distillcheck.fuzzing.campaign import CampaignResult, Outcome, Target, search
from pytest_distillcheck.fuzzing.drawing import draw_pairs, draw_probes
from pytest_distillcheck.fuzzing.embedded import EmbeddedMutator
from pytest_distillcheck.fuzzing.foraging import ForagingSelection
from pytest_distillcheck.fuzzing.freezing import FrozenTemplates, freeze, read_frozen
from pytest_distillcheck.fuzzing.model_mutator import ModelMutator, mutation_request
from pytest_distillcheck.fuzzing.planning import PAPER_SETTINGS, SearchPlan, SearchSettings
from pytest_distillcheck.fuzzing.reading import read_user_templates
from pytest_distillcheck.fuzzing.seeds import seed_templates
from pytest_distillcheck.fuzzing.selection import (
    Exp3Selection,
    MctsExploreSelection,
    RandomSelection,
    RoundRobinSelection,
    SelectionPolicy,
    UcbSelection,
)

__all__ = [
    "PAPER_SETTINGS",
    "SELECTION_POLICIES",
    "CampaignResult",
    "EmbeddedMutator",
    "Exp3Selection",
    "ForagingSelection",
    "FrozenTemplates",
    "MctsExploreSelection",
    "ModelMutator",
    "Outcome",
    "RandomSelection",
    "RoundRobinSelection",
    "SearchPlan",
    "SearchSettings",
    "SelectionPolicy",
    "Target",
    "UcbSelection",
    "draw_pairs",
    "draw_probes",
    "freeze",
    "mutation_request",
    "read_frozen",
    "read_user_templates",
    "search",
    "seed_templates",
]

SELECTION_POLICIES: dict[str, Callable[[], SelectionPolicy]] = {
    policy.name: policy
    for policy in (
        ForagingSelection,
        MctsExploreSelection,
        UcbSelection,
        Exp3Selection,
        RoundRobinSelection,
        RandomSelection,
    )
}
"""By name, what makes a fresh policy; the default comes first."""
