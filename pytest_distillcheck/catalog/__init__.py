"""The catalogue: who makes which models, what they are called, and where they are at home."""

from pytest_distillcheck.catalog.facts import identity_fact, known_names, maker, maker_named
from pytest_distillcheck.catalog.loading import makers, places

__all__ = ["identity_fact", "known_names", "maker", "maker_named", "makers", "places"]
