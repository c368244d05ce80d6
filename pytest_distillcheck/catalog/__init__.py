"""The catalogue: who makes which models, what they are called, where their makers are at home, and who serves them."""

from pytest_distillcheck.catalog.endpoints import LiveModel, live_model, live_models
from pytest_distillcheck.catalog.facts import identity_fact, known_names, maker, maker_named
from pytest_distillcheck.catalog.loading import makers, places

__all__ = [
    "LiveModel",
    "identity_fact",
    "known_names",
    "live_model",
    "live_models",
    "maker",
    "maker_named",
    "makers",
    "places",
]
