"""Statistics for gates, in the standard library: pure functions, randomness as an argument."""

from pytest_distillcheck.statistics.agreement import cohen_kappa, quadratic_weighted_kappa, spearman
from pytest_distillcheck.statistics.betting import BettingTest, Evidence, Stake, betting_test, draws_to_decide
from pytest_distillcheck.statistics.bootstrap import MeanBootstrap, bootstrap_macro_mean, bootstrap_mean
from pytest_distillcheck.statistics.clusters import (
    ClusteredShare,
    Outcome,
    clustered_interval,
    clustered_p_value,
    clustered_share,
    korn_graubard,
)
from pytest_distillcheck.statistics.differences import detectable_increase, difference_interval
from pytest_distillcheck.statistics.intervals import (
    Interval,
    clopper_pearson,
    excess_p_value,
    lower_bound,
    queries_needed,
    smallest_n,
    upper_bound,
    wilson,
)
from pytest_distillcheck.statistics.multiplicity import holm
from pytest_distillcheck.statistics.permutation import sign_flip_test
from pytest_distillcheck.statistics.sequences import confidence_sequence
from pytest_distillcheck.statistics.sequential import (
    Boundary,
    OperatingCharacteristics,
    boundary,
    operating_characteristics,
)
from pytest_distillcheck.statistics.shares import share
from pytest_distillcheck.statistics.special import (
    beta_quantile,
    binomial_at_least,
    binomial_at_most,
    regularised_beta,
    student_t_quantile,
)

__all__ = [
    "BettingTest",
    "Boundary",
    "ClusteredShare",
    "Evidence",
    "Interval",
    "MeanBootstrap",
    "OperatingCharacteristics",
    "Outcome",
    "Stake",
    "beta_quantile",
    "betting_test",
    "binomial_at_least",
    "binomial_at_most",
    "bootstrap_macro_mean",
    "bootstrap_mean",
    "boundary",
    "clopper_pearson",
    "clustered_interval",
    "clustered_p_value",
    "clustered_share",
    "cohen_kappa",
    "confidence_sequence",
    "detectable_increase",
    "difference_interval",
    "draws_to_decide",
    "excess_p_value",
    "holm",
    "korn_graubard",
    "lower_bound",
    "operating_characteristics",
    "quadratic_weighted_kappa",
    "queries_needed",
    "regularised_beta",
    "share",
    "sign_flip_test",
    "smallest_n",
    "spearman",
    "student_t_quantile",
    "upper_bound",
    "wilson",
]
