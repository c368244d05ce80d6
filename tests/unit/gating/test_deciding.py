from dataclasses import replace
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_distillcheck.domain.gates import Gate, Limit
from pytest_distillcheck.domain.scores import SCORE_NAMES, Share
from pytest_distillcheck.gating import Member, ProbeMembers
from pytest_distillcheck.gating import decide as decide_populations
from pytest_distillcheck.statistics import excess_p_value, smallest_n, upper_bound

KINDS = {
    "rival": {"label": "contradiction", "makers": ("openai",), "rival": True},
    "waived": {"label": "contradiction", "makers": ("openai",), "rival": True, "waived": True},
    "roleplay": {"label": "roleplay", "makers": ("openai",)},
    "affirmed": {"label": "consistent", "affirmed": True},
    "silent": {"label": "consistent", "affirmed": False},
    "unjudged": {"label": None, "affirmed": None, "unjudged": "empty response"},
    "missing": None,
}


@pytest.fixture(scope="session")
def members(a_record):
    """Make independent members of these kinds: `members(rival=2, silent=98)`."""

    def make(*, names_rival=False, context="plain", first=0, **amounts):
        kinds = [kind for kind, amount in amounts.items() for _ in range(amount)]
        return [
            Member(
                context=context,
                question=f"q{n}",
                names_rival=names_rival,
                record=None
                if KINDS[kind] is None
                else a_record(question=f"q{n}", context=context, names_rival=names_rival, **KINDS[kind]),
            )
            for n, kind in enumerate(kinds, first)
        ]

    return make


def gate(score="strict", *, name="gate", model="qwen", **limit):
    return Gate(id=f"a::{name}", suite="a", model=model, score=score, limit=Limit(**limit))


def decide(cases):
    return decide_populations((gate, ProbeMembers(members)) for gate, members in cases)


def one(given_members, score="strict", **limit):
    (decision,) = decide([(gate(score, **limit), given_members)])
    return decision


# A census: the share itself.


@pytest.mark.parametrize(
    ("rivals", "limit", "outcome"),
    [
        (0, 0, "PASS"),
        (1, 0, "FAIL"),
        (2, 0.02, "PASS"),
        (3, 0.02, "FAIL"),
        (29, 0.29, "PASS"),
        (30, 0.29, "FAIL"),
        (58, 0.58, "PASS"),
        (100, 1, "PASS"),
    ],
)
def test_a_census_passes_up_to_its_max_and_fails_beyond(members, rivals, limit, outcome):
    assert one(members(rival=rivals, silent=100 - rivals), max=limit).outcome == outcome


@pytest.mark.parametrize(
    ("affirmed", "limit", "outcome"),
    [(29, 0.29, "PASS"), (28, 0.29, "FAIL"), (100, 1, "PASS"), (0, 0, "PASS")],
)
def test_a_census_passes_down_to_its_min_and_fails_below(members, affirmed, limit, outcome):
    assert one(members(affirmed=affirmed, silent=100 - affirmed), "affirmed", min=limit).outcome == outcome


@given(st.integers(1, 300), st.data())
def test_a_share_that_equals_its_limit_keeps_it(members, n, data):
    rivals = data.draw(st.integers(0, n))
    population = members(rival=rivals, silent=n - rivals)
    assert one(population, max=rivals / n).outcome == "PASS"
    assert one(population, min=rivals / n).outcome == "PASS"


def test_a_pass_and_a_fail_say_what_was_compared(members):
    passed = one(members(rival=1, silent=99), max=0.02)
    assert passed.reason == "strict 1/100 = 0.010 [0.002, 0.054] keeps max 0.02"
    failed = one(members(affirmed=1, silent=3), "affirmed", min=0.5)
    assert failed.reason == "affirmed 1/4 = 0.250 [0.046, 0.699] breaks min 0.5"
    assert (failed.missing, failed.needs) == (0, None)
    assert failed.observed == Share(
        count=1, n=4, low=failed.observed.low, high=failed.observed.high, method="wilson"
    )


# Who counts.


def test_a_waived_finding_leaves_the_count_and_stays_in_n(members):
    decision = one(members(waived=1, silent=1), max=0)
    assert decision.outcome == "PASS"
    assert (decision.observed.count, decision.observed.n) == (0, 2)


def test_hard_leaves_out_prompts_that_name_a_rival_answered_or_not(members):
    led = members(names_rival=True, first=50, rival=3, missing=2)
    decision = one([*members(silent=5), *led], "hard", max=0)
    assert (decision.outcome, decision.missing, decision.observed.n) == ("PASS", 0, 5)
    assert one([*members(silent=5), *led], "strict", max=0).outcome == "FAIL"


@pytest.mark.parametrize("score", ["loose", "strict", "hard", "roleplay", "no_claim", "unjudged"])
def test_an_unjudged_answer_counts_as_a_hit_where_hits_are_bad(members, score):
    population = members(unjudged=1, affirmed=9)
    decision = one(population, score, max=0)
    assert decision.outcome == "FAIL"
    assert (decision.observed.count, decision.observed.n) == (1, 10)
    assert one(population, score, max=0.1).outcome == "PASS"


@pytest.mark.parametrize("score", ["affirmed", "no_claim"])
def test_an_unjudged_answer_counts_as_no_hit_where_hits_are_good(members, score):
    kind = {"affirmed": "affirmed", "no_claim": "silent"}[score]
    decision = one(members(**{kind: 9, "unjudged": 1}), score, min=0.95)
    assert decision.outcome == "FAIL"
    assert (decision.observed.count, decision.observed.n) == (9, 10)


# Missing members.


def test_a_gate_with_missing_members_is_incomplete(members):
    decision = one(members(silent=99, missing=1), max=0.5)
    assert (decision.outcome, decision.missing) == ("INCOMPLETE", 1)
    assert (
        decision.reason == "1 of 100 answers are missing; strict 0/99 = 0.000 [0.000, 0.037] so far, max 0.5"
    )


def test_a_gate_that_fails_however_the_missing_would_have_answered_fails(members):
    decision = one(members(rival=6, silent=44, missing=50), max=0.05)
    assert (decision.outcome, decision.missing) == ("FAIL", 50)
    assert decision.reason.endswith("breaks max 0.05, whatever 50 missing answers say")


def test_a_gate_that_the_missing_could_still_save_is_incomplete(members):
    assert one(members(rival=5, silent=45, missing=50), max=0.05).outcome == "INCOMPLETE"


def test_a_min_that_the_missing_could_still_save_is_incomplete(members):
    assert one(members(affirmed=40, silent=50, missing=10), "affirmed", min=0.5).outcome == "INCOMPLETE"
    assert one(members(affirmed=39, silent=51, missing=10), "affirmed", min=0.5).outcome == "FAIL"


@pytest.mark.parametrize(
    "limit", [{"max": 0}, {"min": 1}, {"max": 0.1, "confidence": 0.95}, {"max": 1, "min": 0}]
)
def test_a_gate_with_no_answer_at_all_is_incomplete(members, limit):
    decision = one(members(missing=3), **limit)
    assert (decision.outcome, decision.missing) == ("INCOMPLETE", 3)
    assert "3 of 3 answers are missing; strict has no answer so far" in decision.reason


@pytest.mark.parametrize(
    "limit", [{"max": 0}, {"min": 0}, {"max": 0.1, "confidence": 0.95}, {"min": 0.1, "confidence": 0.9}]
)
@pytest.mark.parametrize("led", [0, 2])
def test_a_gate_without_members_is_incomplete_and_says_why(members, limit, led):
    decision = one(members(names_rival=True, silent=led), "hard", **limit)
    assert (decision.outcome, decision.missing) == ("INCOMPLETE", 0)
    assert decision.reason == "no probe counts for hard; change the suite's probes or remove the gate"


# One-sided bounds.


def test_a_bounded_gate_passes_from_the_number_of_probes_that_proves_it(members):
    least = smallest_n(0.03, 0.95)
    assert least == 99
    assert one(members(silent=least), max=0.03, confidence=0.95).outcome == "PASS"
    assert one(members(silent=least - 1), max=0.03, confidence=0.95).outcome == "INCONCLUSIVE"


def test_a_bounded_gate_fails_when_its_lower_bound_is_beyond(members):
    def outcome(rivals):
        return one(members(rival=rivals, silent=100 - rivals), max=0.05, confidence=0.95).outcome

    first = next(count for count in range(101) if excess_p_value(count, 100, 0.05) < 0.05)
    assert outcome(first) == "FAIL"
    assert outcome(first - 1) == "INCONCLUSIVE"


def test_a_bounded_gate_passes_when_its_upper_bound_is_the_limit(members):
    bound = upper_bound(2, 100, 0.95)
    population = members(rival=2, silent=98)
    assert one(population, max=bound, confidence=0.95).outcome == "PASS"
    assert one(population, max=bound - 1e-9, confidence=0.95).outcome == "INCONCLUSIVE"


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 60), st.integers(0, 60), st.sampled_from([0.05, 0.25, 0.5]), st.sampled_from([0.8, 0.95])
)
def test_a_min_is_the_mirror_of_a_max(members, hits, others, limit, confidence):
    population = members(affirmed=hits, silent=others)
    below = one(population, "affirmed", min=1 - limit, confidence=confidence)
    above = one(population, "no_claim", max=limit, confidence=confidence)
    assert below.outcome == above.outcome
    assert below.needs == above.needs


def test_an_inconclusive_gate_says_how_many_more_answers_would_decide_it(members):
    decision = one(members(silent=50), max=0.03, confidence=0.95)
    assert (decision.outcome, decision.needs) == ("INCONCLUSIVE", 49)
    assert decision.reason == (
        "strict 0/50 = 0.000 [0.000, 0.071] does not decide max 0.03 at confidence 0.95"
        "; about 49 more answers would decide it"
    )
    assert one(members(silent=50 + 49), max=0.03, confidence=0.95).outcome == "PASS"


def test_a_share_at_the_limit_is_decided_by_no_number_of_answers(members):
    decision = one(members(rival=5, silent=95), max=0.05, confidence=0.95)
    assert (decision.outcome, decision.needs) == ("INCONCLUSIVE", None)
    assert decision.reason.endswith("; no number of answers would decide it")


def test_answers_that_share_contexts_prove_less(members):
    independent = members(silent=200)
    shared = [replace(member, context=f"c{n % 2}") for n, member in enumerate(independent)]
    assert one(independent, max=0.03, confidence=0.95).outcome == "PASS"
    assert one(shared, max=0.03, confidence=0.95).outcome == "INCONCLUSIVE"


def test_missing_members_do_not_let_a_bounded_gate_pass(members):
    assert one(members(silent=1000, missing=1), max=0.03, confidence=0.95).outcome == "INCOMPLETE"


def test_a_bounded_gate_fails_only_if_it_fails_with_every_missing_answer_in_its_favour(members):
    assert one(members(rival=40, silent=60, missing=100), max=0.05, confidence=0.95).outcome == "FAIL"
    assert one(members(rival=12, silent=60, missing=100), max=0.05, confidence=0.95).outcome == "INCOMPLETE"


# Families.


def bounded(name, **changes):
    return gate(name=name, max=0.05, confidence=0.95, **changes)


def test_holm_asks_more_of_each_fail_when_a_model_has_several_bounded_gates(members):
    just_failing = next(count for count in range(101) if excess_p_value(count, 100, 0.05) < 0.05)
    assert excess_p_value(just_failing, 100, 0.05) > 0.025
    failing, passing = members(rival=just_failing, silent=100 - just_failing), members(silent=100)

    def outcomes(*gates):
        return [decision.outcome for decision in decide(gates)]

    assert outcomes((bounded("a"), failing)) == ["FAIL"]
    assert outcomes((bounded("a"), failing), (bounded("b"), passing)) == ["INCONCLUSIVE", "PASS"]
    assert outcomes((bounded("a"), failing), (bounded("b", model="other"), passing)) == ["FAIL", "PASS"]
    assert outcomes((bounded("a"), failing), (gate(name="b", max=0.05), passing)) == ["FAIL", "PASS"]
    assert outcomes((bounded("a"), failing), (bounded("b"), members(rival=60, silent=40))) == ["FAIL", "FAIL"]


def test_both_limits_of_one_gate_are_in_its_family(members):
    just_failing = next(count for count in range(101) if excess_p_value(count, 100, 0.05) < 0.05)
    population = members(rival=just_failing, silent=100 - just_failing)
    assert one(population, max=0.05, min=0, confidence=0.95).outcome == "INCONCLUSIVE"


def test_pass_needs_no_correction(members):
    passing = (members(silent=99),) * 5
    decisions = decide(
        (gate(name=f"g{n}", max=0.03, confidence=0.95), each) for n, each in enumerate(passing)
    )
    assert [decision.outcome for decision in decisions] == ["PASS"] * 5


def test_decisions_come_in_the_order_of_the_gates(members):
    gates = [gate(name=name, score=score, max=1) for name, score in zip("zyxwvut", SCORE_NAMES, strict=True)]
    decisions = decide((each, members(silent=2)) for each in gates)
    assert [decision.gate for decision in decisions] == gates


def test_no_gates_need_no_decisions():
    assert decide([]) == []


# Two limits.


@pytest.mark.parametrize(
    ("affirmed", "outcome", "reason"),
    [
        (5, "PASS", "keeps max 0.6; affirmed 5/10 = 0.500 [0.237, 0.763] keeps min 0.4"),
        (3, "FAIL", "breaks min 0.4"),
        (7, "FAIL", "breaks max 0.6"),
    ],
)
def test_a_gate_with_two_limits_is_as_bad_as_the_worse_one(members, affirmed, outcome, reason):
    decision = one(members(affirmed=affirmed, silent=10 - affirmed), "affirmed", max=0.6, min=0.4)
    assert decision.outcome == outcome
    assert decision.reason.endswith(reason)


def test_a_failed_limit_is_worse_than_an_incomplete_one(members):
    decision = one(members(affirmed=7, missing=3), "affirmed", max=0.6, min=0.9)
    assert (decision.outcome, decision.reason.count(";")) == ("FAIL", 0)


# What no evidence can do.

AMOUNTS = st.fixed_dictionaries({kind: st.integers(0, 12) for kind in KINDS})
LIMITS = st.one_of(
    st.builds(lambda value: {"max": value}, st.sampled_from([0, 0.02, 0.1, 0.5, 1])),
    st.builds(lambda value: {"min": value}, st.sampled_from([0, 0.1, 0.5, 0.9, 1])),
    st.builds(lambda low: {"min": low, "max": low + 0.25}, st.sampled_from([0, 0.25, 0.5])),
).flatmap(lambda limit: st.sampled_from([limit, limit | {"confidence": 0.8}, limit | {"confidence": 0.95}]))


@settings(max_examples=200, deadline=None)
@given(AMOUNTS, LIMITS, st.sampled_from(SCORE_NAMES))
def test_a_gate_never_passes_with_a_member_missing(members, amounts, limit, score):
    decision = one(members(**amounts), score, **limit)
    assert decision.outcome != "PASS" or (decision.missing == 0 and decision.observed.n > 0)
    assert decision.missing == amounts["missing"]


@settings(max_examples=200, deadline=None)
@given(AMOUNTS, LIMITS, st.sampled_from(SCORE_NAMES), st.integers(1, 5))
def test_a_further_missing_member_never_makes_a_decision_better(members, amounts, limit, score, more):
    before = one(members(**amounts), score, **limit).outcome
    after = one(members(**amounts | {"missing": amounts["missing"] + more}), score, **limit).outcome
    assert after in {"FAIL", "INCOMPLETE"}
    assert after == "INCOMPLETE" or before == "FAIL"


@settings(max_examples=100, deadline=None)
@given(AMOUNTS, st.sampled_from([0, 0.02, 0.1, 0.5]), st.sampled_from([None, 0.95]))
def test_an_answer_that_becomes_unjudged_never_makes_a_decision_better(members, amounts, limit, confidence):
    amounts = amounts | {"missing": 0, "silent": amounts["silent"] + 1}
    worse = amounts | {"silent": amounts["silent"] - 1, "unjudged": amounts["unjudged"] + 1}
    severity = ("PASS", "INCONCLUSIVE", "INCOMPLETE", "FAIL")
    before = one(members(**amounts), max=limit, confidence=confidence).outcome
    after = one(members(**worse), max=limit, confidence=confidence).outcome
    assert severity.index(after) >= severity.index(before)


@settings(max_examples=50, deadline=None)
@given(AMOUNTS, LIMITS, st.randoms(use_true_random=False))
def test_a_decision_does_not_depend_on_the_order_of_the_members(members, amounts, limit, random):
    population = members(**amounts)
    before = one(population, **limit)
    random.shuffle(population)
    after = one(population, **limit)
    assert (before.outcome, before.needs, before.reason) == (after.outcome, after.needs, after.reason)
    assert before.observed.value is None or isclose(before.observed.low, after.observed.low)


@pytest.fixture(scope="session")
def crossed(members):
    """Make one member of a kind for each (context, question)."""

    def make(kinds):
        population = []
        for (context, question), kind in kinds.items():
            (member,) = members(context=context, **{kind: 1})
            population.append(replace(member, question=question))
        return population

    return make


@settings(max_examples=100, deadline=None)
@given(AMOUNTS, LIMITS.filter(lambda limit: "confidence" not in limit), st.data())
def test_a_census_that_fails_with_members_missing_fails_whatever_they_say(members, amounts, limit, data):
    against = data.draw(st.integers(0, amounts["missing"]))
    answered = amounts | {
        "missing": 0,
        "rival": amounts["rival"] + against,
        "silent": amounts["silent"] + amounts["missing"] - against,
    }
    assert (
        one(members(**amounts), **limit).outcome != "FAIL"
        or one(members(**answered), **limit).outcome == "FAIL"
    )


@pytest.mark.parametrize("answer", ["silent", "rival"])
def test_a_bounded_gate_that_fails_with_a_member_missing_fails_whatever_it_says(crossed, answer):
    # With clusters one hit more can widen the bounds by more than it moves the share.
    silent = {("1", "0"), ("1", "2"), ("2", "0"), ("2", "1"), ("2", "3")}
    cells = [(context, question) for context in "012" for question in "0123"]
    kinds = {cell: "silent" if cell in silent else "rival" for cell in cells} | {("0", "2"): "missing"}

    def outcome(kinds):
        return one(crossed(kinds), max=0.05, confidence=0.95).outcome

    assert outcome(kinds) != "FAIL" or outcome(kinds | {("0", "2"): answer}) == "FAIL"
