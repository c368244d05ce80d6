from collections import Counter
from random import Random

import pytest

from pytest_distillcheck.statistics import betting_test, boundary, operating_characteristics

LIMIT = betting_test(accept=0.03, reject=0.03)
ZONE = betting_test(accept=0.01, reject=0.05)
CAPPED = boundary(LIMIT, 1_000)
LIMITS = [0.001, 0.03, 0.2, 0.5, 0.9]


@pytest.mark.parametrize(("rate", "draws"), [(0, 122), (0.01, 359), (0.05, 583), (0.1, 79)])
def test_expected_draws_at_three_percent_are_as_few_as_required(rate, draws):
    assert operating_characteristics(CAPPED, rate).expected_draws <= draws + 1


@pytest.mark.parametrize("rate", [0, 0.001, 0.005, 0.01, 0.02, 0.025, 0.029, 0.03])
def test_a_rate_within_the_limit_fails_in_at_most_five_percent_of_runs(rate):
    assert operating_characteristics(CAPPED, rate).fails <= 0.05


@pytest.mark.parametrize("rate", [0.03, 0.031, 0.035, 0.04, 0.05, 0.1, 0.3, 1])
def test_a_rate_at_or_beyond_the_limit_passes_in_at_most_five_percent_of_runs(rate):
    assert operating_characteristics(CAPPED, rate).passes <= 0.05


@pytest.mark.parametrize("limit", [0.005, 0.03, 0.1, 0.5, 0.8, 0.97])
def test_both_error_rates_hold_at_any_limit(limit):
    at_limit = operating_characteristics(boundary(betting_test(accept=limit, reject=limit), 1_500), limit)
    assert 0.01 < at_limit.passes <= 0.05 or limit == 0.005
    assert at_limit.fails <= 0.05


def test_error_rates_grow_towards_the_limit():
    rates = [0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.1]
    found = [operating_characteristics(CAPPED, rate) for rate in rates]
    assert [each.passes for each in found] == sorted((each.passes for each in found), reverse=True)
    assert [each.fails for each in found] == sorted(each.fails for each in found)


def test_an_indifference_zone_keeps_its_error_rates_and_saves_draws():
    capped = boundary(ZONE, 1_000)
    assert operating_characteristics(capped, 0.01).fails <= 0.05
    assert operating_characteristics(capped, 0.05).passes <= 0.05
    assert operating_characteristics(capped, 0.01).expected_draws <= 131
    assert operating_characteristics(capped, 0.03).expected_draws <= 185


@pytest.mark.parametrize("limit", LIMITS)
def test_the_tables_say_what_the_test_says(limit):
    test = betting_test(accept=limit, reject=limit)
    capped = boundary(test, 120)
    for n in range(121):
        decisions = [test.decide(n, hits) for hits in range(n + 1)]
        assert decisions == [
            "pass" if hits <= capped.pass_at[n] else "fail" if hits >= capped.fail_at[n] else None
            for hits in range(n + 1)
        ]


def test_the_tables_of_an_indifference_zone_say_what_the_test_says():
    capped = boundary(ZONE, 600)
    for n in range(0, 601, 7):
        for hits in range(min(n, 60) + 1):
            assert ZONE.decide(n, hits) == (
                "fail" if hits >= capped.fail_at[n] else "pass" if hits <= capped.pass_at[n] else None
            )


@pytest.mark.parametrize("limit", LIMITS)
def test_a_verdict_ahead_of_the_cap_is_the_only_one_left(limit):
    cap = 150
    capped = boundary(betting_test(accept=limit, reject=limit), cap)
    # Which decisions any continuation can still reach, worked backwards from the cap.
    reachable = {hits: {capped.decide(cap, hits)} for hits in range(cap + 1)}
    for n in range(cap - 1, -1, -1):
        later, reachable = reachable, {}
        for hits in range(n + 1):
            decision = capped.decide(n, hits)
            final = {"pass", "fail"} & {decision}
            reachable[hits] = final or later[hits] | later[hits + 1]
            assert (decision == "inconclusive") == (reachable[hits] == {"inconclusive"})


def test_chances_add_up_to_one():
    for rate in (0, 0.01, 0.03, 0.05, 0.5, 1):
        found = operating_characteristics(CAPPED, rate)
        assert found.passes + found.fails + found.inconclusive == pytest.approx(1, abs=1e-12)


def test_exact_figures_agree_with_every_path_of_a_short_test():
    capped, rate = boundary(betting_test(accept=0.3, reject=0.3, pass_alpha=0.2, fail_alpha=0.2), 12), 0.4
    expected, ended = 0.0, Counter()

    def follow(n, hits, chance):
        nonlocal expected
        decision = capped.decide(n, hits)
        if decision is not None:
            ended[decision] += chance
            expected += chance * n
            return
        follow(n + 1, hits, chance * (1 - rate))
        follow(n + 1, hits + 1, chance * rate)

    follow(0, 0, 1.0)
    found = operating_characteristics(capped, rate)
    assert found.expected_draws == pytest.approx(expected)
    assert (found.passes, found.fails, found.inconclusive) == pytest.approx(
        (ended["pass"], ended["fail"], ended["inconclusive"])
    )
    assert min(ended.values()) > 0


def test_evidence_so_far_is_continued():
    later = operating_characteristics(CAPPED, 0.0, n=100, hits=0)
    assert (later.expected_draws, later.passes) == (22, 1)


def test_a_cap_too_small_to_pass_is_known_beforehand():
    assert not boundary(LIMIT, 121).can_pass
    assert boundary(LIMIT, 122).can_pass
    assert boundary(betting_test(accept=0.001, reject=0.001), 3).decide(0, 0) is None
    assert boundary(betting_test(accept=0.5, reject=0.5), 1).decide(0, 0) == "inconclusive"


def simulate(rates, rng, *, draws_of_one_template):
    """Return the decision on templates with these rates; templates are drawn anew after so many draws."""
    hits = 0
    for n in range(1, CAPPED.cap + 1):
        if (n - 1) % draws_of_one_template == 0:
            rate = rng.choice(rates)
        hits += rng.random() < rate
        decision = CAPPED.decide(n, hits)
        if decision is not None:
            return decision
    raise AssertionError


def decisions_at_the_limit(correlation, *, draws_of_one_template=1, runs=400):
    """Simulate suites of 50 templates whose mean rate is exactly the limit."""
    rng = Random(6)
    found = Counter()
    for _ in range(runs):
        rates = [0.03] * 50
        if correlation:
            scale = 1 / correlation - 1
            rates = [rng.betavariate(0.03 * scale, 0.97 * scale) for _ in range(50)]
            rates = [rate * 0.03 * 50 / sum(rates) for rate in rates]
        found[simulate(rates, rng, draws_of_one_template=draws_of_one_template)] += 1
    return found["pass"] / runs, found["fail"] / runs


@pytest.mark.parametrize("correlation", [0, 0.1, 0.3])
def test_correlation_within_templates_does_not_matter_when_each_draw_is_independent(correlation):
    passes, fails = decisions_at_the_limit(correlation)
    # 4.1 % and 2.5 % exactly; the standard errors are 1.0 and 0.8 points.
    assert passes <= 0.07
    assert fails <= 0.05


def test_drawing_template_by_template_would_break_both_error_rates():
    passes, fails = decisions_at_the_limit(0.15, draws_of_one_template=50, runs=200)
    assert passes > 0.3
    assert fails > 0.15
