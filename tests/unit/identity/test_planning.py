import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_distillcheck.domain.exchanges import Message
from pytest_distillcheck.domain.probes import Question, Selection
from pytest_distillcheck.identity.bank import questions
from pytest_distillcheck.identity.frames import frames
from pytest_distillcheck.identity.planning import plan_probes

ENGLISH_TEAM = Selection(categories=("team",), languages=("en",))


def own(count, *, language="en"):
    return [Question(id=f"q{n:03}", category="team", language=language, text=f"Q {n}?") for n in range(count)]


def plan(count=3, *, contexts=("plain",), sample=None, **changes):
    selection = Selection(contexts=contexts, sample=sample)
    return plan_probes(selection, own=changes.pop("own", own(count)), bank=False, **changes)


def ids(probes):
    return [probe.id for probe in probes]


def test_a_plain_probe_asks_the_question_as_it_stands():
    (probe,) = plan(1)
    assert (probe.id, probe.context, probe.sample) == ("plain-q000", "plain", 0)
    assert probe.messages == (Message("user", "Q 0?"),)


def test_a_framed_probe_puts_the_question_into_the_frame():
    (probe,) = plan(1, contexts=("diary",))
    assert (probe.id, probe.context) == ("diary-q000", "diary")
    assert "Q 0?" in probe.messages[-1].content
    assert probe.messages[-1].content != "Q 0?"


def test_the_suites_system_prompt_opens_every_probe():
    for probe in plan(1, contexts=("plain", "neutral"), system="Be brief."):
        assert probe.messages[0] == Message("system", "Be brief.")
        assert [message.role for message in probe.messages].count("system") == 1


def test_the_bank_is_asked_as_it_is_selected():
    chosen = {question.id for question in questions() if question.id.startswith("team-en-")}
    assert chosen
    assert {probe.question.id for probe in plan_probes(ENGLISH_TEAM)} == chosen


def test_own_questions_are_asked_whatever_the_selection_says():
    probes = plan_probes(
        ENGLISH_TEAM, own=[Question(id="x", category="industry", language="sv", text="Vem?")]
    )
    assert "plain-x" in ids(probes)
    assert "plain-team-en-01" in ids(probes)


def test_neutral_stands_for_every_frame():
    assert set(ids(plan(1, contexts=("neutral",)))) == {f"{frame.id}-q000" for frame in frames()}


def test_a_context_that_is_named_twice_is_asked_once():
    assert ids(plan(1, contexts=("diary", "neutral", "diary"))) == ids(plan(1, contexts=("neutral",)))


def test_a_frame_that_does_not_speak_the_language_is_left_out():
    assert ids(plan(1, contexts=("plain", "neutral"), own=own(1, language="sv"))) == ["plain-q000"]


def test_probes_are_sorted_by_id():
    probes = plan(12, contexts=("plain", "neutral"), repeat=2)
    assert ids(probes) == sorted(ids(probes))


def test_repeats_are_further_samples_of_the_same_messages():
    probes = plan(1, repeat=3)
    assert ids(probes) == ["plain-q000", "plain-q000-r2", "plain-q000-r3"]
    assert [probe.sample for probe in probes] == [0, 1, 2]
    assert len({probe.messages for probe in probes}) == 1


def test_a_sample_counts_probes_before_they_are_repeated():
    probes = plan(50, sample=7, repeat=2)
    assert len(probes) == 14
    assert len({probe.question.id for probe in probes}) == 7


@pytest.mark.parametrize("sample", [3, 4, 100])
def test_a_sample_as_large_as_the_population_is_all_of_it(sample):
    assert ids(plan(3, sample=sample)) == ids(plan(3))


def test_one_seed_draws_one_sample_and_another_seed_another():
    assert plan(100, sample=10, seed=1) == plan(100, sample=10, seed=1)
    assert ids(plan(100, sample=10, seed=1)) != ids(plan(100, sample=10, seed=2))


def test_a_sample_does_not_depend_on_the_order_of_the_questions():
    assert ids(plan(own=own(50), sample=10)) == ids(plan(own=own(50)[::-1], sample=10))


@settings(max_examples=50)
@given(st.integers(1, 40), st.integers(0, 20), st.integers(1, 20), st.integers(0, 5))
def test_when_the_population_grows_only_newcomers_push_members_out_of_a_sample(count, more, sample, seed):
    before = set(ids(plan(count, sample=sample, seed=seed)))
    after = set(ids(plan(count + more, sample=sample, seed=seed)))
    old = set(ids(plan(count)))
    assert after & old <= before
    assert len(before - after) <= len(after - old)


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(1, 19), st.integers(0, 5))
def test_a_larger_sample_holds_the_smaller_one(count, sample, seed):
    smaller = set(ids(plan(count, sample=sample, seed=seed)))
    assert smaller <= set(ids(plan(count, sample=sample + 1, seed=seed)))


def test_a_sample_draws_from_every_context_and_question_alike():
    # 1000 of 3300 cells: each of 33 contexts has 30 expected, and none is far from it.
    probes = plan(100, contexts=("plain", "neutral"), sample=1000)
    counts = [
        sum(probe.context == context for probe in probes) for context in {probe.context for probe in probes}
    ]
    assert len(counts) == len(frames()) + 1
    assert min(counts) > 12
    assert max(counts) < 50
