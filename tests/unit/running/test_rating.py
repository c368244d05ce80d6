from dataclasses import dataclass, field

import pytest

from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response
from pytest_distillcheck.domain.prompts import Prompt
from pytest_distillcheck.domain.ratings import Rating
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.errors import JudgeError, RequestRefusedError
from pytest_distillcheck.running import Comparison, compare

PROMPT = Prompt(id="talk-01", set="talk", turns=(Message("user", "Why is the sky blue?"),), language="en")
REQUEST = ModelRequest(messages=PROMPT.turns)


@dataclass
class FixedJudge:
    """Gives one rating and keeps what it was shown."""

    rating: object = Rating(style=1, logic=1.2, content=0.5, overall=3.123456789)
    name: str = "fixed"
    shown: list = field(default_factory=list)

    def rate(self, **shown):
        self.shown.append(shown)
        if isinstance(self.rating, Exception):
            raise self.rating
        return self.rating


def answered(text, **changes):
    return Response(text=text, source="recording", **changes)


def compared(response="Air scatters blue.", reference="It is scattering.", *, judge=None, prompt=PROMPT):
    texts = [answered(text) if isinstance(text, str) else text for text in (response, reference)]
    return compare(
        Comparison(suite="a", model="mine", reference="gpt-4o", judge=judge or FixedJudge()),
        prompt=prompt,
        request=REQUEST,
        response=texts[0],
        reference=texts[1],
        test_id="a::similarity[mine-gpt-4o-talk-01]",
    )


def test_a_rated_pair_becomes_a_record_with_both_answers():
    record = compared()
    assert record.rating == {"style": 1, "logic": 1.2, "content": 0.5, "overall": 3.123457}
    assert (record.kind, record.question, record.prompt_set, record.language) == (
        "similarity",
        "talk-01",
        "talk",
        "en",
    )
    assert (record.reference, record.reference_response) == ("gpt-4o", "It is scattering.")
    assert (record.response, record.judge, record.unjudged) == ("Air scatters blue.", "fixed", None)
    assert record.request == REQUEST.digest()


def test_a_record_survives_the_way_to_another_process():
    record = compared()
    assert Record.from_builtins(record.to_builtins()) == record


def test_a_prompt_without_a_language_is_undetermined():
    assert compared(prompt=Prompt(id="p", set="s", turns=PROMPT.turns)).language == "und"


def test_the_judge_is_shown_no_thinking_of_either():
    judge = FixedJudge()
    compared("<think>hm</think>Blue.", "<think>so</think>Scattered.", judge=judge)
    assert judge.shown == [{"prompt": "Why is the sky blue?", "reference": "Scattered.", "response": "Blue."}]


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ("", "empty response"),
        (" \n\u200b", "empty response"),
        ("<think>hm</think>", "thinking without an answer"),
        (answered("", finish_reason="length"), "cut off before an answer came; allow more tokens"),
        (answered("", finish_reason="content_filter"), "filtered by the provider"),
        (answered("I may not", finish_reason="content_filter"), "filtered by the provider"),
    ],
)
def test_an_answer_that_cannot_be_compared_is_unjudged_whosever_it_is(response, reason):
    assert (compared(response).rating, compared(response).unjudged) == (None, reason)
    assert compared(reference=response).unjudged == f"gpt-4o: {reason}"


def test_an_answer_that_was_cut_off_is_compared_as_it_came():
    assert compared(answered("Air scat", finish_reason="length")).rating is not None


@pytest.mark.parametrize(
    ("rating", "told"),
    [
        (JudgeError("no number"), "the judge gave no rating (no number)"),
        (4.5, "the judge gave no rating (it returned float)"),
        (Rating(style=0, logic=0, content=0, overall=float("nan")), "overall nan is not in [1, 5]"),
        (Rating(style=2.1, logic=0, content=0, overall=1), "style 2.1 is not in [0, 2]"),
    ],
)
def test_what_is_no_rating_is_unjudged(rating, told):
    record = compared(judge=FixedJudge(rating))
    assert record.rating is None
    assert told in (record.unjudged or "")


def test_a_judge_that_cannot_be_asked_is_no_verdict_on_the_pair():
    with pytest.raises(RequestRefusedError):
        compared(judge=FixedJudge(RequestRefusedError("no")))
