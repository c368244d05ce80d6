"""Confidence sequences."""

from random import Random

import pytest

from pytest_distillcheck.statistics import betting_test, clopper_pearson, confidence_sequence


@pytest.mark.parametrize(("n", "hits"), [(50, 0), (50, 50), (200, 6), (1000, 30), (1000, 500)])
def test_its_ends_are_where_the_betting_tests_stop_refuting(n, hits):
    sequence = confidence_sequence(n, hits)
    outside = [
        rate for rate in (sequence.low * 0.999, sequence.high + (1 - sequence.high) * 0.001) if 0 < rate < 1
    ]
    inside = [rate for rate in (sequence.low + 1e-6, sequence.high - 1e-6) if 0 < rate < 1]
    for rates, refuted in ((outside, True), (inside, False)):
        for rate in rates:
            test = betting_test(accept=rate, reject=rate, pass_alpha=0.025, fail_alpha=0.025)
            assert (test.passes(n, hits) or test.fails(n, hits)) is refuted


def test_it_is_wider_than_an_interval_for_one_look():
    sequence, interval = confidence_sequence(200, 6), clopper_pearson(6, 200)
    assert sequence.low < interval.low < interval.high < sequence.high


def test_nothing_is_refuted_without_a_draw():
    sequence = confidence_sequence(0, 0)
    assert (sequence.low, sequence.high) == (pytest.approx(0, abs=1e-9), pytest.approx(1, abs=1e-9))


@pytest.mark.parametrize("rate", [0.02, 0.3])
def test_it_holds_the_true_rate_at_every_look_at_once_as_often_as_promised(rate):
    rng, runs, missed = Random(5), 200, 0
    test = betting_test(accept=rate, reject=rate, pass_alpha=0.025, fail_alpha=0.025)
    for _ in range(runs):
        hits, refuted = 0, False
        for n in range(1, 121):
            hits += rng.random() < rate
            refuted |= test.passes(n, hits) or test.fails(n, hits)
        missed += refuted
    assert missed / runs <= 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5
