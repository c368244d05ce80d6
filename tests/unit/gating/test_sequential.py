"""Sequential gates: when drawing stops, and what is decided then."""

import itertools
from random import Random

import pytest

from pytest_distillcheck.domain.gates import Gate, Limit
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.gating import (
    CampaignDraws,
    DrawCounts,
    Member,
    StopRule,
    campaign_note,
    decide,
    family_size,
)
from pytest_distillcheck.statistics import betting_test, boundary
from tests.unit.gating.conftest import HIT, MISS, UNJUDGED, counts, decision, draws, gate


def stops_after(rule, records):
    """Return after how many draws a rule is certain, or None."""
    for number, record in enumerate(records, start=1):
        rule.observe(
            Member(
                context="t",
                question="q",
                names_rival=record is not None and record.names_rival,
                record=record,
            )
        )
        if rule.is_certain:
            return number
    return None


def test_a_clean_model_passes_at_the_first_draw_at_which_it_can():
    a_gate = gate(max=0.03)
    assert stops_after(StopRule([a_gate], counts(1000), family=1), [MISS] * 1000) == 122
    assert decision(a_gate, draws(*[MISS] * 122, most=1000)).outcome == "PASS"
    assert decision(a_gate, draws(*[MISS] * 121, most=1000)).outcome == "INCOMPLETE"


@pytest.mark.parametrize(
    "limit", [{"max": 0.03}, {"accept": 0.01, "reject": 0.05}, {"max": 0.2, "confidence": 0.99}]
)
@pytest.mark.parametrize("rate", [0, 0.02, 0.05, 0.3, 1])
def test_one_gate_stops_and_decides_as_the_tabulated_test_does(limit, rate):
    a_gate, cap = gate(**limit), 150
    low = limit.get("accept", limit.get("max"))
    alpha = 1 - limit.get("confidence", 0.95)
    table = boundary(
        betting_test(accept=low, reject=limit.get("reject", low), pass_alpha=alpha, fail_alpha=alpha), cap
    )
    for seed in range(8):
        rng = Random(seed)
        records = [HIT if rng.random() < rate else MISS for _ in range(cap)]
        hits = list(itertools.accumulate(record is HIT for record in records))
        expected = next((n for n in range(1, cap + 1) if table.decide(n, hits[n - 1])), None)
        stopped = stops_after(StopRule([a_gate], counts(cap), family=1), records)
        assert stopped == expected
        assert stopped is not None
        outcome = decision(a_gate, draws(*records[:stopped], most=cap)).outcome
        assert outcome.lower() == table.decide(stopped, hits[stopped - 1])


def test_a_gate_stops_for_fail_later_when_more_gates_share_the_level():
    a_gate = gate(max=0.03)
    alone = stops_after(StopRule([a_gate], counts(1000), family=1), [HIT, HIT, *[MISS] * 3, *[HIT] * 50])
    shared = stops_after(StopRule([a_gate], counts(1000), family=20), [HIT, HIT, *[MISS] * 3, *[HIT] * 50])
    assert alone == 2
    assert shared > 2


def test_holms_correction_never_contradicts_the_stop():
    """Whatever the gates of a family come to, each is decided when the rule is certain."""
    for seed in range(60):
        rng = Random(seed)
        limits = [{"max": rng.choice([0.02, 0.05, 0.1, 0.3])} for _ in range(3)]
        limits.append({"accept": 0.02, "reject": 0.2})
        gates = [gate(name=f"g{i}", **limit) for i, limit in enumerate(limits)]
        rate, cap = rng.choice([0, 0.05, 0.15, 0.4]), 120
        records = [HIT if rng.random() < rate else MISS for _ in range(cap)]
        rule = StopRule(gates, counts(cap), family=family_size(gates, "m"))
        stopped = stops_after(rule, records) or cap
        population = CampaignDraws(draws(*records[:stopped], most=cap))
        outcomes = [each.outcome for each in decide([(each, population) for each in gates])]
        assert "INCOMPLETE" not in outcomes


def test_a_decision_that_was_reached_stays_while_other_gates_draw_on():
    a_gate = gate(max=0.03)
    late = [*[MISS] * 122, *[HIT] * 10]
    decided = decision(a_gate, draws(*late, most=1000))
    assert (decided.outcome, decided.observed.count, decided.observed.n) == ("PASS", 0, 122)


def test_a_fail_that_was_reached_stays_too():
    late = [HIT, HIT, *[MISS] * 500]
    assert decision(gate(max=0.03), draws(*late, most=1000)).outcome == "FAIL"


def test_min_mirrors_max():
    a_gate = gate("affirmed", min=0.97)
    assert decision(a_gate, draws(*[MISS] * 122, most=1000)).outcome == "PASS"
    assert decision(a_gate, draws(HIT, HIT, most=1000)).outcome == "FAIL"


@pytest.mark.parametrize("a_gate", [gate(max=0.03), gate("affirmed", min=0.97)])
def test_an_unjudged_answer_counts_against_the_model(a_gate):
    assert decision(a_gate, draws(UNJUDGED, UNJUDGED, most=1000)).outcome == "FAIL"


def test_a_missing_draw_bars_pass_and_drawing_ends_where_it_would_have_ended():
    a_gate = gate(max=0.03)
    records = [MISS] * 50 + [None] + [MISS] * 500
    assert stops_after(StopRule([a_gate], counts(1000), family=1), records) == 122
    decided = decision(a_gate, draws(*records[:122], most=1000))
    assert (decided.outcome, decided.missing) == ("INCOMPLETE", 1 + 1000 - 122)


def test_a_draw_that_is_missing_after_the_decision_does_not_matter():
    records = [*[MISS] * 122, None, MISS]
    assert decision(gate(max=0.03), draws(*records, most=1000)).outcome == "PASS"


def test_a_gate_fails_only_if_it_fails_whatever_missing_draws_say():
    assert decision(gate(max=0.03), draws(None, HIT, HIT, HIT, most=1000)).outcome == "FAIL"
    decided = decision(gate(max=0.03), draws(*[None] * 60, HIT, HIT, most=1000))
    assert decided.outcome == "INCOMPLETE"


def test_no_draw_is_incomplete():
    decided = decision(gate(max=0.03), draws(most=10))
    assert (decided.outcome, decided.missing) == ("INCOMPLETE", 10)


def test_hard_has_an_n_of_its_own():
    named = Record(**{**HIT.to_builtins(), "makers": ("openai",), "quotes": (), "names_rival": True})
    mixed = [*draws(*[named] * 200, names_rival=True), *draws(*[MISS] * 122)]
    assert decision(gate("hard", max=0.03), mixed).outcome == "PASS"
    assert decision(gate("strict", max=0.03), mixed).outcome == "FAIL"


def test_hard_without_a_neutral_prompt_says_so():
    named = Record(**{**MISS.to_builtins(), "makers": (), "quotes": (), "names_rival": True})
    decided = decision(gate("hard", max=0.03), draws(*[named] * 9, names_rival=True))
    assert decided.outcome == "INCOMPLETE"
    assert "every prompt names a rival" in decided.reason


def test_nothing_is_drawn_for_a_gate_that_no_draw_counts_for():
    all_named = DrawCounts(total=9, neutral=0)
    assert StopRule([gate("hard", max=0.03)], all_named, family=1).is_certain


def test_a_rule_without_gates_is_never_certain():
    rule = StopRule([], counts(5), family=0)
    assert not rule.is_certain
    assert stops_after(rule, [MISS] * 5) is None
    assert rule.useful(7) == 7


def test_no_more_is_asked_ahead_than_a_clean_model_needs():
    rule = StopRule([gate(max=0.03)], counts(1000), family=1)
    assert rule.useful(32) == 32
    assert stops_after(rule, [MISS] * 120) is None
    assert rule.useful(32) == 2


def test_a_limit_that_every_rate_keeps_passes_without_a_draw():
    assert StopRule([gate(max=1)], counts(5), family=1).is_certain
    assert decision(gate(max=1), draws(most=5)).outcome == "PASS"


@pytest.mark.parametrize(
    ("limit", "most", "note"),
    [
        ({"max": 0.03}, 1000, "needs at least 122 draws to pass; it has at most 1000"),
        ({"max": 0.03}, 100, "can never pass: it needs 122 draws and has 100; raise queries"),
        ({"accept": 0.01, "reject": 0.05}, 1000, "needs at least 73 draws to pass"),
        ({"max": 0.03, "confidence": 0.99}, 1000, "needs at least 181 draws to pass"),
    ],
)
def test_what_a_gate_needs_is_told_before_anything_is_asked(limit, most, note):
    assert note in campaign_note(gate(**limit), counts(most))


def test_a_family_counts_every_limit_that_may_err_by_chance():
    census = Gate(id="a", suite="s", model="m", score="loose", limit=Limit(max=0.1))
    bounded = Gate(
        id="b", suite="s", model="m", score="loose", limit=Limit(max=0.1, min=0.05, confidence=0.9)
    )
    gates = [census, bounded, gate(max=0.1), gate(accept=0.1, reject=0.2), gate(model="other", max=0.1)]
    assert family_size(gates, "m") == 4


def test_an_inconclusive_gate_says_how_many_more_draws_would_decide_it():
    records = [*[MISS] * 97, *[HIT] * 3]
    decided = decision(gate(max=0.03), draws(*records))
    assert (decided.outcome, decided.needs) == ("INCONCLUSIVE", None)
    assert "no number of draws" in decided.reason
    clean = decision(gate(max=0.03), draws(*[MISS] * 100))
    assert (clean.outcome, clean.needs) == ("INCONCLUSIVE", 22)
