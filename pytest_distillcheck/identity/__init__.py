"""Identity: the embedded judge, the question bank, the frames, and the scores of identity consistency."""

from pytest_distillcheck.identity.judge import EmbeddedIdentityJudge
from pytest_distillcheck.identity.naming import makers_named

__all__ = ["EmbeddedIdentityJudge", "makers_named"]
