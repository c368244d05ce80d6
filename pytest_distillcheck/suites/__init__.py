"""Suite and configuration files: their JSON Schemas, their types, their validation."""

from pytest_distillcheck.suites.config import Config, ModelEntry, load_config
from pytest_distillcheck.suites.loading import load_suite, suite_of
from pytest_distillcheck.suites.model import CampaignSuite, IdentitySuite, SimilaritySuite, Suite
from pytest_distillcheck.suites.schema import schema_text

__all__ = [
    "CampaignSuite",
    "Config",
    "IdentitySuite",
    "ModelEntry",
    "SimilaritySuite",
    "Suite",
    "load_config",
    "load_suite",
    "schema_text",
    "suite_of",
]
