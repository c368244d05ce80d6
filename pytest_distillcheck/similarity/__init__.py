"""Response similarity: the embedded judge, controls, and the nearest of several references."""

from pytest_distillcheck.similarity.attribution import Attribution, attribute
from pytest_distillcheck.similarity.controls import normalised, relative, shuffled_pairs
from pytest_distillcheck.similarity.judge import EmbeddedSimilarityJudge

__all__ = [
    "Attribution",
    "EmbeddedSimilarityJudge",
    "attribute",
    "normalised",
    "relative",
    "shuffled_pairs",
]
