"""The measurement of a campaign, and its error rates when it is drawn as designed."""

import threading
import time
from dataclasses import replace
from random import Random

import pytest

from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.domain.gates import Gate, Limit
from pytest_distillcheck.domain.probes import Question
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.templates import SeedTemplate
from pytest_distillcheck.errors import (
    CallableError,
    ClientError,
    EndpointError,
    NotSentError,
    RequestRefusedError,
    StoreError,
)
from pytest_distillcheck.fuzzing import (
    EmbeddedMutator,
    RandomSelection,
    SearchPlan,
    SearchSettings,
    draw_probes,
)
from pytest_distillcheck.gating import CampaignDraws, DrawCounts, Member, StopRule, decide
from pytest_distillcheck.running.campaigning import (
    MOST_SILENT,
    Answered,
    Measurement,
    asking,
    measure,
    run_search,
)

TEMPLATES = [SeedTemplate(id=f"t{i:02}", language="en", text=f"Sheet {i}: {{question}}") for i in range(40)]
QUESTIONS = [
    Question(id=f"q{i:02}", category="team", language="en", text=f"Question {i}: who made you?")
    for i in range(25)
]
RECORD = Record(
    id="r",
    suite="s",
    model="m",
    kind="campaign",
    category="team",
    language="en",
    context="t",
    question="q",
    prompt="",
    response="",
    label="consistent",
    affirmed=True,
    source="callable",
    judge="fixed",
    request="0",
)


def gate(**limit):
    return Gate(id="s::g", suite="s", model="m", score="strict", limit=Limit(**limit), kind="campaign")


def answer(probe, *, hit=False):
    record = replace(
        RECORD,
        id=probe.id,
        context=probe.context,
        question=probe.question.id,
        label="contradiction" if hit else "consistent",
        rival=hit,
    )
    request = ModelRequest(messages=probe.messages, sample=probe.sample)
    return Answered(record=record, request=request, response=Response(text="", source="callable"))


def drawn(most, seed=0):
    return [
        (probe, Member(context=probe.context, question=probe.question.id, names_rival=False, record=None))
        for probe in draw_probes(TEMPLATES, QUESTIONS, most=most, seed=seed)
    ]


def measured(look, *, most=200, window=1, gates=(), draws=None) -> Measurement:
    draws = draws or drawn(most)
    stop = StopRule(gates, DrawCounts(total=len(draws), neutral=len(draws)), family=len(gates))
    with asking(window) as executor:
        return measure(draws, look, stop, executor=executor, window=window)


def test_without_gates_every_draw_is_asked_in_its_order():
    result = measured(answer, most=30)
    assert [a.record.id for a in result.answers] == [probe.id for probe, _ in drawn(30)]
    assert (result.drawn, result.missing, result.stopped) == (30, 0, "queries")


def test_it_stops_as_soon_as_its_gates_are_certain():
    result = measured(answer, gates=[gate(max=0.1)])
    assert (result.drawn, result.stopped) == (36, "certain")


@pytest.mark.parametrize("window", [1, 2, 8, 32])
def test_a_window_changes_nothing_of_what_is_measured(window):
    def look(probe):
        time.sleep(0.002 * (int(probe.context[1:]) % 3))  # answers come out of order
        return answer(probe, hit=probe.context < "t03")

    result = measured(look, gates=[gate(max=0.2)], window=window)
    alone = measured(look, gates=[gate(max=0.2)])
    assert [a.record.id for a in result.answers] == [a.record.id for a in alone.answers]


def test_a_clean_model_is_asked_nothing_in_vain():
    asked = []

    def look(probe):
        asked.append(probe.id)
        return answer(probe)

    result = measured(look, gates=[gate(max=0.1)], window=16)
    assert len(asked) == result.drawn == 36


def test_no_more_than_the_window_is_under_way():
    lock, now, peak = threading.Lock(), 0, 0

    def look(probe):
        nonlocal now, peak
        with lock:
            now += 1
            peak = max(peak, now)
        time.sleep(0.002)
        with lock:
            now -= 1
        return answer(probe)

    measured(look, most=60, window=5)
    assert peak == 5


def test_what_was_under_way_at_the_stop_is_not_measured():
    result = measured(lambda probe: answer(probe, hit=True), gates=[gate(max=0.03)], window=16)
    assert (result.drawn, len(result.answers)) == (2, 2)


@pytest.mark.parametrize("error", [NotSentError, EndpointError, StoreError])
def test_when_nothing_more_can_be_had_it_stops_at_once(error):
    def look(_):
        raise error("over")

    result = measured(look)
    assert (result.drawn, result.missing, result.stopped, result.fault) == (1, 1, "outage", "over")


@pytest.mark.parametrize("error", [CallableError, RequestRefusedError, ClientError])
def test_draws_that_nobody_answers_are_given_up_after_a_while(error):
    def look(_):
        raise error("no")

    result = measured(look)
    assert (result.drawn, result.stopped) == (MOST_SILENT, "outage")


def test_a_single_missing_draw_does_not_end_it():
    lost = drawn(200)[3][0].id

    def look(probe):
        if probe.id == lost:
            raise RequestRefusedError("not this one")
        return answer(probe)

    result = measured(look, gates=[gate(max=0.1)])
    assert (result.drawn, result.missing, result.stopped, result.fault) == (36, 1, "certain", "not this one")


def test_an_error_of_the_judge_is_raised():
    def look(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        measured(look)


@pytest.mark.parametrize("window", [1, 8])
def test_a_search_is_the_same_however_many_are_asked_at_a_time(window):
    plan = SearchPlan(
        seeds=tuple(TEMPLATES), questions=tuple(QUESTIONS), settings=SearchSettings(queries=60), seed=3
    )

    def look(probe):
        if probe.question.id == "q07":
            raise RequestRefusedError("not this one")
        return answer(probe, hit=probe.question.id < "q05")

    with asking(window) as executor:
        searched = run_search(
            plan,
            look,
            policy=RandomSelection(),
            mutator=EmbeddedMutator(seed=3),
            system="",
            executor=executor,
        )
    with asking(1) as executor:
        alone = run_search(
            plan,
            look,
            policy=RandomSelection(),
            mutator=EmbeddedMutator(seed=3),
            system="",
            executor=executor,
        )
    assert searched == alone
    assert searched.result.asked == 60
    assert searched.result.missing == 60 - len(searched.answers)
    assert searched.result.findings


def rates_within_templates(mean, correlation, rng):
    """Return a rate for each template, with exactly this mean over templates and about this correlation within them."""
    if not correlation:
        return [mean] * len(TEMPLATES)
    spread = 1 / correlation - 1
    rates = [rng.betavariate(mean * spread, (1 - mean) * spread) for _ in TEMPLATES]
    for _ in range(50):  # what is cut off at 1 is shared out again
        total = sum(rates)
        if total == 0:
            return [mean] * len(TEMPLATES)
        rates = [min(1.0, rate * mean * len(TEMPLATES) / total) for rate in rates]
    return rates


@pytest.mark.parametrize("correlation", [0, 0.1, 0.3])
def test_a_decision_at_the_limit_is_as_rare_as_promised_though_answers_cluster(correlation):
    """At the limit PASS and FAIL are both wrong. Draws are independent, so clusters make neither likelier than 5 %."""
    rng = Random(f"correlation {correlation}")
    true_rate, a_gate, cap, runs = 0.1, gate(max=0.1), 80, 150
    decided = []
    for run in range(runs):
        rates = dict(
            zip([t.id for t in TEMPLATES], rates_within_templates(true_rate, correlation, rng), strict=True)
        )
        draws = drawn(cap, seed=run)
        result = measured(
            lambda probe, rates=rates: answer(probe, hit=rng.random() < rates[probe.context]),
            gates=[a_gate],
            draws=draws,
        )
        by_id = {each.record.id: each.record for each in result.answers}
        members = [m.answered(by_id[p.id]) if p.id in by_id else m for p, m in draws]
        (decision,) = decide([(a_gate, CampaignDraws(members))])
        decided.append(decision.outcome)
    assert "INCOMPLETE" not in decided
    at_most = 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5  # three standard errors above
    assert decided.count("PASS") / runs <= at_most
    assert decided.count("FAIL") / runs <= at_most
