from random import Random
from statistics import fmean, stdev

import pytest

from pytest_distillcheck.domain.gates import Gate, Limit
from pytest_distillcheck.gating import Pair, PairMembers, decide, mean_note
from pytest_distillcheck.gating.means import LEAST_PAIRS

SKEWED = [1 + 4 * Random(seed).betavariate(2, 6) for seed in range(60)]


@pytest.fixture(scope="session")
def pair(a_record):
    """Make a pair of one overall rating; None is unjudged, `missing` has no record."""

    def make(overall, *, prompt_set="talk", before=None):
        if overall == "missing":
            record = None
        else:
            rating = None if overall is None else rating_of(overall)
            record = a_record(kind="similarity", rating=rating, unjudged=None if rating else "empty response")
        return Pair(
            prompt_set=prompt_set, record=record, before=None if before is None else rating_of(before)
        )

    return make


@pytest.fixture(scope="session")
def decided(pair):
    """Decide one gate on ratings by prompt set, or on pairs of the baseline's and the model's."""

    def make(limit, seed=0, score="overall", prompt_set=None, gate_id="gate", **sets):
        pairs = [
            pair(now, prompt_set=name, before=before)
            for name, values in sets.items()
            for before, now in (value if isinstance(value, tuple) else (None, value) for value in values)
        ]
        (decision,) = decide([(gate_of(limit, score, prompt_set, gate_id), PairMembers(pairs, seed))])
        return decision

    return make


def rating_of(overall):
    return {"overall": overall, "style": 1.0, "logic": 1.0, "content": 1.0}


def gate_of(limit, score="overall", prompt_set=None, gate_id="gate", model="m"):
    return Gate(
        id=f"a::{gate_id}",
        suite="a",
        model=model,
        score=score,
        limit=Limit(**limit),
        kind="similarity",
        reference="r",
        prompt_set=prompt_set,
    )


# Census


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [({"max": 3}, "PASS"), ({"max": 2.99}, "FAIL"), ({"min": 3}, "PASS"), ({"min": 3.01}, "FAIL")],
)
def test_a_census_compares_the_macro_mean_itself(decided, limit, outcome):
    decision = decided(limit, talk=[1, 1, 1, 1], work=[5])
    assert (decision.outcome, decision.observed.value, decision.observed.n) == (outcome, 3, 5)


def test_a_gate_on_one_set_counts_that_set_alone(decided):
    assert decided({"max": 2}, prompt_set="talk", talk=[1, 2], work=[5]).observed.value == 1.5


def test_a_decimal_limit_is_not_broken_by_rounding(decided):
    assert decided({"max_increase": 0.1}, talk=[(1.0, 1.1)] * 3).outcome == "PASS"
    assert decided({"max": 3.3}, talk=[1.1 + 2.2]).outcome == "PASS"


@pytest.mark.parametrize(("limit", "value"), [({"max": 5}, 5), ({"min": 1}, 1)])
def test_an_unjudged_pair_counts_as_the_worst_rating(decided, limit, value):
    assert decided(limit, talk=[None]).observed.value == value


def test_aspects_have_a_worst_rating_of_their_own(decided):
    assert decided({"max": 2}, score="style", talk=[None]).observed.value == 2


@pytest.mark.parametrize(
    ("limit", "outcome"),
    [
        ({"max": 2.9}, "FAIL"),
        ({"max": 3.1}, "INCOMPLETE"),
        ({"min": 3.1}, "INCOMPLETE"),
        ({"min": 5}, "FAIL"),
    ],
)
def test_missing_pairs_fail_a_gate_only_if_they_could_not_save_it(decided, limit, outcome):
    # At best for max: (5 + 1) / 2 = 3; at best for min: (4 + 5) / 2 = 4.5.
    talk = [5, "missing"] if "max" in limit else [4, "missing"]
    decision = decided(limit, talk=talk)
    assert (decision.outcome, decision.missing) == (outcome, 1)


def test_a_set_that_is_missing_as_a_whole_leaves_a_gate_incomplete(decided):
    decision = decided({"max": 4}, talk=[1, 1], work=["missing"])
    assert (decision.outcome, decision.observed.value) == ("INCOMPLETE", 1)


def test_a_gate_without_any_answer_is_incomplete(decided):
    decision = decided({"max": 4}, talk=["missing"])
    assert (decision.outcome, decision.observed.value) == ("INCOMPLETE", None)


def test_why_pairs_are_missing_is_told(pair):
    missing = Pair(prompt_set="talk", record=None, why_missing="the judge is out")
    (decision,) = decide([(gate_of({"max": 4}), PairMembers([pair(1), missing]))])
    assert decision.reason.startswith("1 of 2 pairs are missing (the judge is out); overall 1.000")


# Against a baseline


def test_an_increase_is_the_macro_mean_of_paired_differences(decided):
    decision = decided({"max_increase": 0.5}, talk=[(1, 2), (2, 2), (4, 4)], work=[(3, 4)])
    assert decision.observed.value == pytest.approx((1 / 3 + 1) / 2)
    assert decision.outcome == "FAIL"


def test_pairs_that_the_baseline_lacks_are_not_compared(decided):
    decision = decided({"max_increase": 0.5}, talk=[(2, 2), 5, 5])
    assert (decision.outcome, decision.observed.n) == ("PASS", 1)


def test_a_baseline_that_shares_no_prompt_decides_nothing(decided):
    decision = decided({"max_increase": 0.5}, talk=[2, 3])
    assert decision.outcome == "INCOMPLETE"
    assert "the baseline shares none" in decision.reason


def test_an_unjudged_pair_is_the_largest_increase(decided):
    assert decided({"max_increase": 1}, talk=[(2, None)]).observed.value == 3


def test_a_missing_pair_may_have_been_the_least_similar(decided):
    assert decided({"max_increase": 0.1}, talk=[(1, 2), (2, "missing")]).outcome == "INCOMPLETE"
    assert decided({"max_increase": 0.1}, talk=[(1, 4), (2, "missing")]).outcome == "FAIL"


# Bounds


def test_bounds_decide_where_the_mean_is_far_enough_from_the_limit(decided):
    mean = fmean(SKEWED)
    for limit, outcome in ((mean + 1, "PASS"), (mean, "INCONCLUSIVE"), (mean - 1, "FAIL")):
        assert decided({"max": limit, "confidence": 0.95}, talk=SKEWED).outcome == outcome
    for limit, outcome in ((mean + 1, "FAIL"), (mean, "INCONCLUSIVE"), (mean - 1, "PASS")):
        assert decided({"min": limit, "confidence": 0.95}, talk=SKEWED).outcome == outcome


def test_an_open_gate_says_about_how_many_prompts_it_needs(decided):
    mean = fmean(SKEWED)
    near, nearer = (decided({"max": mean + gap, "confidence": 0.95}, talk=SKEWED) for gap in (0.1, 0.05))
    assert near.outcome == nearer.outcome == "INCONCLUSIVE"
    # Bounds close in with the root of the number: half the distance needs four times as many.
    assert 60 + nearer.needs == pytest.approx(4 * (60 + near.needs), rel=0.05)


def test_a_gate_is_decided_alike_whatever_else_is_decided(decided):
    limit = {"max": 2.2, "confidence": 0.9}
    first, again = (decided(limit, talk=SKEWED, work=SKEWED[:30]) for _ in range(2))
    assert first.observed == again.observed
    assert decided(limit, talk=SKEWED, seed=1).observed != decided(limit, talk=SKEWED).observed
    assert decided(limit, talk=SKEWED, gate_id="gate-2").observed == decided(limit, talk=SKEWED).observed


@pytest.mark.parametrize("overall", [1, 5])
def test_too_few_pairs_decide_nothing_by_bounds(decided, overall):
    decision = decided({"max": 3, "confidence": 0.95}, talk=[overall] * (LEAST_PAIRS - 1))
    assert (decision.outcome, decision.needs) == ("INCONCLUSIVE", 1)
    assert f"bounds need {LEAST_PAIRS} prompts" in decision.reason
    assert decided({"max": 3, "confidence": 0.95}, talk=[overall] * LEAST_PAIRS).outcome in {"PASS", "FAIL"}


def test_bounds_with_missing_pairs_fail_only_if_they_would_at_either_end(decided):
    limit = {"max": 3, "confidence": 0.95}
    assert decided(limit, talk=[5] * 60 + ["missing"] * 3).outcome == "FAIL"
    assert decided(limit, talk=[5] * 30 + ["missing"] * 30).outcome == "INCOMPLETE"
    assert decided(limit, talk=[1] * 60 + ["missing"] * 3).outcome == "INCOMPLETE"


def test_holms_correction_holds_for_the_gates_of_one_model(pair):
    # 1.7 standard errors above the limit: p is about 0.034, enough for one gate and too little for two.
    values = [Random(seed).gauss(0, 0.5) for seed in range(40)]
    shift = 3 + 1.7 * stdev(values) / 40**0.5 - fmean(values)
    members = PairMembers([pair(value + shift) for value in values])
    limit = {"max": 3, "confidence": 0.95}
    alone = decide([(gate_of(limit), members)])
    family = decide([(gate_of(limit), members), (gate_of(limit, gate_id="gate-2"), members)])
    other = decide([(gate_of(limit), members), (gate_of(limit, gate_id="gate-2", model="n"), members)])
    assert [decision.outcome for decision in alone] == ["FAIL"]
    assert [decision.outcome for decision in family] == ["INCONCLUSIVE", "INCONCLUSIVE"]
    assert [decision.outcome for decision in other] == ["FAIL", "FAIL"]


@pytest.mark.parametrize("side", ["max", "min"])
def test_few_models_at_the_limit_are_decided_wrongly(decided, side):
    rng = Random(3)
    outcomes = [
        decided(
            {side: 27.5 / 9.5, "confidence": 0.9}, talk=rng.choices([1, 2, 3, 4, 5], [2, 2, 2, 2, 1.5], k=40)
        ).outcome
        for _ in range(60)
    ]
    # The limit is the true mean; one in ten may err on each side, and 12 of 60 have a chance of one in a hundred.
    assert outcomes.count("FAIL") <= 12
    assert outcomes.count("PASS") <= 12


# Notes


def test_a_gate_with_a_confidence_tells_what_it_needs():
    assert mean_note(gate_of({"max": 3}), 5) is None
    note = mean_note(gate_of({"max": 3, "confidence": 0.95}), 5)
    assert note is not None
    assert "can never be decided: bounds need 30 prompts and it has 5" in note
    assert "over 30 prompts" in (mean_note(gate_of({"max": 3, "confidence": 0.95}), 30) or "")
