"""The one place that turns names, options and suites into clients, judges, plans and the broker."""

from pytest_distillcheck.assembly.identity import IdentityPlan, plan_identity
from pytest_distillcheck.assembly.live import LiveAccess, open_broker, open_model, open_store
from pytest_distillcheck.assembly.models import ModelUnderTest, Sources, assemble_models, describe
from pytest_distillcheck.assembly.plans import Plan
from pytest_distillcheck.assembly.providers import known_models

__all__ = [
    "IdentityPlan",
    "LiveAccess",
    "ModelUnderTest",
    "Plan",
    "Sources",
    "assemble_models",
    "describe",
    "known_models",
    "open_broker",
    "open_model",
    "open_store",
    "plan_identity",
]
