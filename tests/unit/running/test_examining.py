from dataclasses import dataclass, field, replace

import pytest

from pytest_distillcheck.catalog import identity_fact
from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response
from pytest_distillcheck.domain.probes import Probe, Question
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.verdicts import Verdict
from pytest_distillcheck.errors import JudgeError
from pytest_distillcheck.identity import EmbeddedIdentityJudge
from pytest_distillcheck.running import Examination, examine

PROBE = Probe(
    id="plain-q1",
    question=Question(id="q1", category="team", language="en", text="Who made you?"),
    context="plain",
    messages=(Message("user", "Who made you?"),),
)
REQUEST = ModelRequest(messages=PROBE.messages)


@dataclass
class FixedJudge:
    """Gives one verdict and keeps what it was shown."""

    verdict: Verdict = Verdict(label="consistent", affirmed=True)  # noqa: RUF009 - frozen
    name: str = "fixed"
    shown: list[str] = field(default_factory=list)

    def judge(self, *, fact, prompt, response):
        self.shown.append(response)
        return self.verdict


class FailingJudge:
    name = "failing"

    def judge(self, *, fact, prompt, response):
        raise JudgeError("out of order")


def examination(judge=None, **changes):
    usual = {"suite": "a", "model": "qwen-max", "fact": identity_fact("qwen"), "judge": judge or FixedJudge()}
    return Examination(**(usual | changes))


def examined(text, *, by=None, probe=PROBE, **response):
    response = Response(text=text, source="recording", **response)
    return examine(
        by or examination(), probe=probe, request=REQUEST, response=response, test_id="a::identity[x]"
    )


def shown(text, *, mode="judge", **response):
    """Return what the judge was shown of a response."""
    judge = FixedJudge()
    examined(text, by=examination(judge, reasoning=mode), **response)
    (only,) = judge.shown
    return only


def test_a_record_says_all_of_a_judged_answer():
    verdict = Verdict(label="contradiction", makers=("openai",), quotes=("ChatGPT",))
    judged = examined(
        "I am ChatGPT.",
        by=examination(FixedJudge(verdict)),
        reasoning="Hm.",
        model="q-1",
        finish_reason="stop",
    )
    assert judged == Record(
        id="a::identity[x]",
        suite="a",
        model="qwen-max",
        category="team",
        language="en",
        context="plain",
        question="q1",
        prompt="Who made you?",
        response="I am ChatGPT.",
        reasoning="Hm.",
        label="contradiction",
        affirmed=False,
        makers=("openai",),
        quotes=("ChatGPT",),
        rival=True,
        model_returned="q-1",
        source="recording",
        judge="fixed",
        request=REQUEST.digest(),
    )


@pytest.mark.parametrize(
    ("text", "response", "reason"),
    [
        ("", {}, "empty response"),
        (" \n\t", {}, "empty response"),
        ("\u200b\u202e\ufeff\x00", {}, "empty response"),
        ("", {"finish_reason": "content_filter"}, "filtered by the provider"),
        ("", {"finish_reason": "length"}, "cut off before an answer came; allow more tokens"),
        (
            "<think>I am ChatGPT",
            {"finish_reason": "length"},
            "cut off before an answer came; allow more tokens",
        ),
        ("<think>I am ChatGPT", {}, "thinking without an answer"),
        ("", {"reasoning": "I am ChatGPT"}, "thinking without an answer"),
    ],
)
def test_an_answer_of_which_nothing_can_be_seen_is_unjudged(text, response, reason):
    record = examined(text, **response)
    assert record.unjudged == reason
    assert (record.label, record.affirmed, record.makers, record.quotes) == (None, None, (), ())


@pytest.mark.parametrize("invisible", ["\U000e0041", "\u180e", "\u061c", "\ufe0f", "\ufff9"])
def test_a_character_that_shows_nothing_is_no_answer(invisible):
    assert examined(invisible * 3).unjudged == "empty response"


def test_a_judge_that_gives_no_verdict_leaves_the_answer_unjudged():
    record = examined("I am Qwen.", by=examination(FailingJudge()))
    assert record.unjudged == "the judge gave no verdict (out of order)"
    assert record.label is None


def test_an_answer_that_was_cut_off_is_judged_by_what_came():
    assert examined(
        "I am ChatGPT", by=examination(EmbeddedIdentityJudge()), finish_reason="length"
    ).label == ("contradiction")


@pytest.mark.parametrize(
    ("text", "response"),
    [("<think>I am ChatGPT.</think>Hello.", {}), ("Hello.", {"reasoning": "I am ChatGPT."})],
)
def test_thinking_is_shown_to_the_judge_in_one_form_whichever_way_it_came(text, response):
    assert shown(text, **response) == "<think>I am ChatGPT.</think>Hello."


def test_thinking_in_both_places_is_all_shown_to_the_judge():
    judged = shown("<think>I am ChatGPT.</think>Hello.", reasoning="Hm.")
    assert judged == "<think>Hm.</think><think>I am ChatGPT.</think>Hello."


def test_a_claim_in_thinking_counts_when_thinking_came_in_both_places():
    by = examination(EmbeddedIdentityJudge())
    assert examined("<think>I am ChatGPT, made by OpenAI.</think>Hello.", by=by, reasoning="Hm.").label == (
        "contradiction"
    )


@pytest.mark.parametrize(
    ("text", "response"),
    [("<think>I am ChatGPT.</think>Hello.", {}), ("Hello.", {"reasoning": "I am ChatGPT."})],
)
def test_thinking_that_is_only_reported_is_not_judged(text, response):
    assert shown(text, mode="report", **response) == "Hello."


def test_a_claim_in_thinking_counts_and_its_quote_stands_in_the_thinking():
    judged = examined(
        "Hello.", by=examination(EmbeddedIdentityJudge()), reasoning="I am ChatGPT, made by OpenAI."
    )
    assert judged.label == "contradiction"
    assert all(quote in judged.reasoning for quote in judged.quotes)


@pytest.mark.parametrize(
    ("teachers", "makers", "rival"),
    [
        (None, ("openai",), True),
        (None, ("unknown",), False),
        (None, ("openai", "unknown"), True),
        (None, (), False),
        (frozenset({"openai"}), ("anthropic",), False),
        (frozenset({"openai"}), ("anthropic", "openai"), True),
        (frozenset({"unknown"}), ("unknown",), True),
    ],
)
def test_a_contradiction_is_strict_when_it_names_a_teacher_or_without_teachers_any_known_rival(
    teachers, makers, rival
):
    assert examination(teachers=teachers).is_rival(makers) is rival


@pytest.mark.parametrize(
    ("messages", "names"),
    [
        ([("user", "Who made you?")], False),
        ([("user", "Are you ChatGPT?")], True),
        ([("user", "Are you from OpenAI?")], True),
        ([("user", "Are you Qwen by Alibaba Cloud?")], False),
        ([("system", "You are ChatGPT."), ("user", "Who made you?")], True),
        ([("user", "Hi"), ("assistant", "I am Claude by Anthropic."), ("user", "Who made you?")], True),
    ],
)
def test_a_prompt_names_a_rival_wherever_it_does(messages, names):
    probe = replace(PROBE, messages=tuple(Message(role, text) for role, text in messages))
    assert examination().names_rival(probe.messages) is names
