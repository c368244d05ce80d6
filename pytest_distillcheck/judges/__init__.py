"""Judges that are models: what they are asked, how their replies are read, and whether they can be trusted."""

from pytest_distillcheck.judges.controlled import ControlledSimilarityJudge, is_of_unfit_judge
from pytest_distillcheck.judges.controls import SIMILARITY_CONTROLS, control_pairs, similarity_faults
from pytest_distillcheck.judges.similarity import ModelSimilarityJudge

__all__ = [
    "SIMILARITY_CONTROLS",
    "ControlledSimilarityJudge",
    "ModelSimilarityJudge",
    "control_pairs",
    "is_of_unfit_judge",
    "similarity_faults",
]
