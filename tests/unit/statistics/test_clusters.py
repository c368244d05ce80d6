from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.sandwich_covariance import cov_cluster, cov_cluster_2groups

from pytest_distillcheck.statistics import (
    ClusteredShare,
    Interval,
    Outcome,
    beta_quantile,
    clustered_interval,
    clustered_p_value,
    clustered_share,
    korn_graubard,
    lower_bound,
    upper_bound,
    wilson,
)


def outcome(hit, context, question):
    return Outcome(hit=bool(hit), context=str(context), question=str(question))


def crossed(contexts, questions, rate):
    return [outcome(rate(c, q), c, q) for c in range(contexts) for q in range(questions)]


def drawn(seed, contexts, questions, *, context_effect=0.3, question_effect=0.3):
    rng = Random(seed)
    by_context = [rng.random() < context_effect for _ in range(contexts)]
    by_question = [rng.random() < question_effect for _ in range(questions)]
    return crossed(
        contexts, questions, lambda c, q: rng.random() < 0.05 + 0.4 * by_context[c] + 0.4 * by_question[q]
    )


def cluster_robust_variances(outcomes):
    hits = np.array([float(each.hit) for each in outcomes])
    contexts = np.array([int(each.context) for each in outcomes])
    questions = np.array([int(each.question) for each in outcomes])
    fit = OLS(hits, np.ones(len(hits))).fit()
    both, _, _ = cov_cluster_2groups(fit, np.column_stack([contexts, questions]))
    one_way = [float(cov_cluster(fit, group)[0, 0]) for group in (contexts, questions)]
    share, n = hits.mean(), len(hits)
    return float(both[0, 0]), one_way, share * (1 - share) / (n - 1)


outcome_lists = st.lists(
    st.builds(outcome, st.booleans(), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60
)


@pytest.mark.parametrize("seed", range(8))
def test_the_design_effect_is_the_two_way_variance_of_statsmodels_over_the_independent_one(seed):
    outcomes = drawn(seed, 12, 15)
    two_way, one_way, independent = cluster_robust_variances(outcomes)
    expected = max(two_way, *one_way, independent) / independent
    assert clustered_share(outcomes).design_effect == pytest.approx(expected, rel=1e-9)


def test_the_two_way_variance_binds_when_both_dimensions_matter():
    outcomes = drawn(1, 12, 15)
    two_way, one_way, _ = cluster_robust_variances(outcomes)
    assert two_way > max(one_way)


def test_a_two_way_variance_below_a_one_way_one_is_not_believed():
    # Each question is hit in as many contexts as any other, so the question term is 0 and V falls short.
    outcomes = crossed(6, 6, lambda c, q: c < 3 and (q + c) % 2 == 0)
    two_way, one_way, independent = cluster_robust_variances(outcomes)
    assert two_way < max(one_way)
    assert clustered_share(outcomes).design_effect == pytest.approx(max(*one_way, independent) / independent)


def test_copies_of_one_answer_count_once():
    # Ten templates of twenty identical answers are worth ten answers.
    share = clustered_share(crossed(10, 20, lambda c, _: c < 3))
    assert share.n / share.design_effect == pytest.approx(10, rel=0.15)
    assert share.df == 9


def test_independent_outcomes_keep_their_number():
    share = clustered_share(outcome(i % 7 == 0, i, i) for i in range(200))
    assert share.design_effect == pytest.approx(1)
    assert share.effective_n(0.95) == pytest.approx(200)


def test_the_effective_number_pays_for_few_clusters():
    share = ClusteredShare(count=30, n=1_000, design_effect=5.0, df=19)
    widening = student.ppf(0.95, 999) / student.ppf(0.95, 19)
    assert share.effective_n(0.95) == pytest.approx(widening**2 * 1_000 / 5, rel=1e-9)
    assert share.effective_n(0.975) < share.effective_n(0.95)


def test_one_context_leaves_the_questions_to_decide():
    outcomes = [outcome(i % 10 == 0, 0, i % 10) for i in range(100)]
    share = clustered_share(outcomes)
    assert share.df == 9
    swapped = clustered_share(outcome(each.hit, each.question, each.context) for each in outcomes)
    assert swapped == share
    assert share.design_effect == pytest.approx(11)


def test_one_context_and_one_question_are_plain_counts():
    share = clustered_share(outcome(i < 3, 0, 0) for i in range(50))
    assert (share.design_effect, share.df, share.effective_n(0.95)) == (1, 49, 50)
    assert korn_graubard(share, 0.95) == Interval(lower_bound(3, 50, 0.95), upper_bound(3, 50, 0.95))
    assert clustered_interval(share) == wilson(3, 50)


@pytest.mark.parametrize("hit", [False, True])
def test_without_a_hit_or_a_miss_only_the_correction_for_few_clusters_stays(hit):
    share = clustered_share(crossed(10, 20, lambda *_: hit))
    n = share.effective_n(0.95)
    assert share.design_effect == 1
    assert n == pytest.approx(200 * (student.ppf(0.95, 199) / student.ppf(0.95, 9)) ** 2)
    bounds = korn_graubard(share, 0.95)
    clean = 1 - 0.05 ** (1 / n)
    assert (bounds.low, bounds.high) == pytest.approx((1 - clean, 1) if hit else (0, clean))


def test_one_hit_among_equal_clusters_costs_as_much_as_none():
    share = clustered_share(crossed(10, 20, lambda c, q: (c, q) == (0, 0)))
    assert share.design_effect == pytest.approx(1)


def test_korn_graubard_bounds_are_the_beta_form_on_effective_counts():
    share = clustered_share(drawn(3, 20, 30))
    n = share.effective_n(0.95)
    count = share.count / share.n * n
    bounds = korn_graubard(share, 0.95)
    assert bounds.low == pytest.approx(beta_quantile(0.05, count, n - count + 1))
    assert bounds.high == pytest.approx(beta_quantile(0.95, count + 1, n - count))
    n = share.effective_n(0.975)
    assert clustered_interval(share) == wilson(share.count / share.n * n, n)


def test_nothing_observed_leaves_everything_possible():
    share = clustered_share([])
    assert korn_graubard(share, 0.95) == clustered_interval(share) == Interval(0, 1)
    assert clustered_p_value(share, 0.03) == 1


@given(outcomes=outcome_lists, seed=st.integers(0, 5))
def test_neither_order_nor_names_of_clusters_matter(outcomes, seed):
    shuffled = [
        outcome(each.hit, f"context {each.context}", f"question {each.question}") for each in outcomes
    ]
    Random(seed).shuffle(shuffled)
    assert clustered_share(shuffled) == clustered_share(outcomes)


@given(outcomes=outcome_lists, confidence=st.sampled_from([0.9, 0.95, 0.99]))
def test_clusters_never_make_evidence_stronger(outcomes, confidence):
    share = clustered_share(outcomes)
    assert 0 < share.effective_n(confidence) <= share.n
    bounds, reading = korn_graubard(share, confidence), clustered_interval(share, confidence)
    rate = share.count / share.n
    assert 0 <= bounds.low <= lower_bound(share.count, share.n, confidence) + 1e-9
    assert upper_bound(share.count, share.n, confidence) - 1e-9 <= bounds.high <= 1
    assert reading.low <= rate <= reading.high


@given(outcomes=outcome_lists)
def test_the_mirrored_share_is_that_of_the_misses(outcomes):
    misses = [outcome(not each.hit, each.context, each.question) for each in outcomes]
    assert clustered_share(outcomes).mirrored() == clustered_share(misses)


@given(outcomes=outcome_lists, limit=st.sampled_from([0.03, 0.2]), alpha=st.sampled_from([0.01, 0.05, 0.2]))
def test_the_p_value_decides_as_the_lower_bound_does(outcomes, limit, alpha):
    share = clustered_share(outcomes)
    p_value = clustered_p_value(share, limit)
    assert 0 < p_value <= 1
    assert (p_value < alpha) == (korn_graubard(share, 1 - alpha).low > limit)


def test_false_passes_under_correlation_are_far_fewer_than_with_plain_bounds():
    rng = Random(2)
    clustered = plain = 0
    for _ in range(120):
        # Intra-class correlation 0.1.
        rates = [rng.betavariate(0.03 * 9, 0.97 * 9) for _ in range(50)]
        share = clustered_share(outcome(rng.random() < rates[i // 20], i // 20, i) for i in range(1_000))
        clustered += korn_graubard(share, 0.95).high <= 0.03
        plain += upper_bound(share.count, share.n, 0.95) <= 0.03
    assert clustered <= 15
    assert plain >= clustered + 6
