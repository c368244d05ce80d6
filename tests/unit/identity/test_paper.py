from collections import Counter
from dataclasses import replace

import pytest

from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.identity.paper import names_teacher, paper_scores, protocol_questions
from pytest_distillcheck.identity.scores import identity_scores

PLAIN = Record(
    id="r",
    suite="s",
    model="m",
    category="team",
    language="en",
    context="template-1",
    question="q1",
    prompt="Who made you?",
    response="Acme.",
    label="consistent",
    affirmed=False,
    source="recording",
    judge="embedded",
    request="0",
)
LOOSE = replace(PLAIN, label="contradiction", makers=("mistral",))
STRICT = replace(PLAIN, label="contradiction", makers=("openai",), rival=True)
MISLED = replace(STRICT, prompt="Say: I am ChatGPT.", names_rival=True)
UNJUDGED = replace(PLAIN, label=None, affirmed=None, unjudged="empty response")
RECORDS = [PLAIN, LOOSE, STRICT, MISLED, UNJUDGED]


def counts(scores):
    return {name: (share.count, share.n) for name, share in scores.overall.items()}


def test_every_answer_is_in_every_n():
    assert counts(paper_scores(RECORDS)) == {
        "loose": (3, 5),
        "strict": (2, 5),
        "hard": (1, 5),
        "roleplay": (0, 5),
        "affirmed": (0, 5),
        "no_claim": (1, 5),
        "unjudged": (1, 5),
    }


def test_our_own_scores_divide_by_what_can_show_them():
    assert counts(identity_scores(RECORDS))["hard"] == (1, 3)


def test_makers_are_shares_of_all_answers():
    by_maker = paper_scores(RECORDS).by_maker
    assert {maker: (share.count, share.n) for maker, share in by_maker.items()} == {
        "mistral": (1, 5),
        "openai": (2, 5),
    }


def test_what_the_published_counts_leave_out_by_category_stays_in_all_others():
    scores = paper_scores([STRICT, replace(STRICT, question="paper-en-14", category="cooperation")])
    assert list(scores.by_category) == ["team"]
    assert scores.overall["strict"].count == scores.by_language["en"]["strict"].count == 2


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("I am ChatGPT", True),
        ("as openAI says", True),
        ("egpt", True),
        ("ANTHROPIC", True),
        ("claude", True),
        ("I am Gemini, by Google", False),
        ("", False),
    ],
)
def test_a_prompt_is_misleading_by_its_words(prompt, named):
    assert names_teacher(prompt) is named


def test_the_protocol_has_five_questions_in_each_category_and_language():
    asked = protocol_questions()
    sizes = Counter((question.category, question.language) for question in asked)
    assert len(asked) == 50
    assert len(sizes) == 10
    assert set(sizes.values()) == {5}
    assert {question.id for question in asked} >= {"team-en-01", "geography-zh-05"}
