"""How often gates on a campaign err, whatever happens to the run."""

import itertools
from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from pytest_distillcheck.domain.probes import Question
from pytest_distillcheck.domain.templates import SeedTemplate
from pytest_distillcheck.fuzzing import draw_pairs
from pytest_distillcheck.gating import CampaignDraws, StopRule, decide, family_size
from tests.unit.gating.conftest import HIT, MISS, UNDRAWN, UNJUDGED, counts, decision, draws, gate

LIMIT, CAP, RUNS = 0.1, 150, 200

# Every share of errors below is 5 % at most; of 200 runs that is with three standard errors.
MOST_ERRORS = 0.05 + 3 * (0.05 * 0.95 / RUNS) ** 0.5

ROLEPLAY = replace(MISS, label="roleplay", affirmed=False)
NO_CLAIM = replace(MISS, affirmed=False)


def conducted(gates, answers, cap, missing=frozenset()):
    """Return what gates come to when draws are made until they are certain."""
    rule = StopRule(gates, counts(cap), family=family_size(gates, "m"))
    members = []
    for number, record in enumerate(itertools.islice(answers, cap)):
        if rule.is_certain:
            break
        members.append(UNDRAWN if number in missing else UNDRAWN.answered(record))
        rule.observe(members[-1])
    left = counts(cap - len(members))
    decided = decide([(each, CampaignDraws(members, left)) for each in gates])
    return {each.gate.score: each.outcome for each in decided}


def answers_at(rate, seed, bad=HIT):
    rng = Random(seed)
    return [bad if rng.random() < rate else MISS for _ in range(CAP)]


def shares_of_errors(outcome_of):
    """Return how often models whose rate is exactly the limit pass, and fail."""
    found = Counter(outcome_of(seed) for seed in range(RUNS))
    return found["PASS"] / RUNS, found["FAIL"] / RUNS


def first_decision(looks):
    """Return the first PASS or FAIL: who gets one does not go on."""
    return next((outcome for outcome in looks if outcome in {"PASS", "FAIL"}), None)


def test_errors_stay_rare_when_an_inconclusive_gate_goes_on_with_more_queries():
    def outcome(seed):
        answers = answers_at(LIMIT, seed)
        return first_decision(
            conducted([gate(max=LIMIT)], answers, cap)["strict"] for cap in (30, 60, 100, CAP)
        )

    passes, fails = shares_of_errors(outcome)
    assert 0.01 < passes < MOST_ERRORS
    assert 0.01 < fails < MOST_ERRORS


@pytest.mark.parametrize("hits_alone", [False, True], ids=["any", "hits"])
def test_errors_stay_rare_when_answers_are_missing_and_come_back_in_a_resumed_run(hits_alone):
    """The second case is the worst: an endpoint that loses half of the answers that speak against the model."""

    def outcome(seed):
        answers, rng = answers_at(LIMIT, seed), Random(-1 - seed)
        lost = {
            number
            for number, record in enumerate(answers)
            if rng.random() < (0.5 * (record is HIT) if hits_alone else 0.1)
        }
        later = set(rng.sample(sorted(lost), len(lost) // 2))
        return first_decision(
            conducted([gate(max=LIMIT)], answers, CAP, missing)["strict"] for missing in (lost, later, set())
        )

    passes, fails = shares_of_errors(outcome)
    assert 0.01 < passes < MOST_ERRORS
    assert 0.01 < fails < MOST_ERRORS


def test_what_stays_missing_never_passes():
    lost = {3}
    for seed in range(50):
        assert conducted([gate(max=LIMIT)], answers_at(0, seed), CAP, lost) == {"strict": "INCOMPLETE"}


def test_errors_stay_rare_when_what_speaks_against_a_model_is_unjudged():
    passes, fails = shares_of_errors(
        lambda seed: conducted([gate(max=LIMIT)], answers_at(LIMIT, seed, bad=UNJUDGED), CAP)["strict"]
    )
    assert passes < MOST_ERRORS
    assert fails < MOST_ERRORS


def test_errors_stay_rare_when_several_gates_share_a_campaign():
    """Every score is exactly at its limit: each may pass in 5 % of runs, and any may fail in 5 % of them."""
    gates = [
        gate("loose", name="a", max=LIMIT),
        gate("roleplay", name="b", max=LIMIT),
        gate("no_claim", name="c", max=LIMIT),
        gate("affirmed", name="d", min=1 - 3 * LIMIT),
    ]
    kinds, weights = (HIT, ROLEPLAY, NO_CLAIM, MISS), (LIMIT, LIMIT, LIMIT, 1 - 3 * LIMIT)
    outcomes = [conducted(gates, Random(seed).choices(kinds, weights, k=CAP), CAP) for seed in range(RUNS)]
    for each in gates:
        assert sum(found[each.score] == "PASS" for found in outcomes) / RUNS < MOST_ERRORS
    assert 0 < sum("FAIL" in found.values() for found in outcomes) / RUNS < MOST_ERRORS


@pytest.mark.parametrize("weak_by", ["template", "question", "pair"])
def test_errors_stay_rare_when_draws_repeat_weak_templates_and_questions(weak_by):
    """One template in ten, one question in ten, or one pair in ten always slips; draws are those of a campaign."""
    templates = [SeedTemplate(id=f"{i}", language="en", text="{question}") for i in range(10)]
    questions = [Question(id=f"{i}", category="team", language="en", text="Who?") for i in range(10)]

    def is_weak(template, question):
        t, q = int(template.id), int(question.id)
        return {"template": t == 0, "question": q == 0, "pair": (t + q) % 10 == 0}[weak_by]

    def outcome(seed):
        pairs = draw_pairs(templates, questions, most=CAP, seed=seed)
        answers = (HIT if is_weak(*pair) else MISS for pair in pairs)
        return conducted([gate(max=LIMIT)], answers, CAP)["strict"]

    passes, fails = shares_of_errors(outcome)
    assert 0.01 < passes < MOST_ERRORS
    assert 0.01 < fails < MOST_ERRORS


def test_what_is_missing_is_told_apart_from_what_was_not_drawn():
    some = decision(gate(max=0.03), draws(*[MISS] * 50, None, *[MISS] * 10, most=100))
    assert (
        "40 of at most 100 draws are missing (1 without an answer, 39 behind the last answer)" in some.reason
    )
    none = decision(gate(max=0.03), draws(most=10))
    assert none.reason.startswith("10 of at most 10 draws are missing (no answer came); strict has no answer")


def test_a_decision_tells_what_was_unjudged():
    decided = decision(gate(max=0.03), draws(UNJUDGED, HIT, most=100))
    assert "after 2 draws (1 unjudged, counted against the model) breaks max 0.03" in decided.reason


def test_draws_that_may_follow_need_not_be_listed():
    listed = decision(gate(max=0.03), draws(*[MISS] * 50, most=100))
    counted = decide([(gate(max=0.03), CampaignDraws(draws(*[MISS] * 50), counts(50)))])
    assert counted == [listed]
