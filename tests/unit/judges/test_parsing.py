import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.domain.ratings import Rating
from pytest_distillcheck.errors import JudgeError
from pytest_distillcheck.judges.parsing import parse_rating, quotes_rating

GOOD = '{"style": 1, "logic": 0.5, "content": 2, "overall": 3.5}'
RATING = Rating(style=1.0, logic=0.5, content=2.0, overall=3.5)


@pytest.mark.parametrize(
    "reply",
    [
        GOOD,
        f"\n  {GOOD}\n",
        GOOD.replace(" ", ""),
        '{"overall": 3.5, "content": 2, "logic": 5e-1, "style": 1.0}',
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```\n",
        f"```JSON  \n{GOOD}\n  ```",
        json.dumps(json.loads(GOOD), indent=2),
    ],
)
def test_one_object_is_a_rating(reply):
    assert parse_rating(reply) == RATING


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("", "it is not JSON alone"),
        ("I cannot help with that.", "it is not JSON alone"),
        (f"Here it is: {GOOD}", "it is not JSON alone"),
        (f"{GOOD}\nI hope this helps.", "more stands behind the JSON"),
        (f"{GOOD}\n{GOOD}", "more stands behind the JSON"),
        (f"```json\n{GOOD}\n```\n```json\n{GOOD}\n```", "more stands behind the JSON"),
        (f"```json\n{GOOD}\n```\nDone.", "it is not JSON alone"),
        (f"Thus:\n```json\n{GOOD}\n```", "it is not JSON alone"),
        (f"```python\n{GOOD}\n```", "it is not JSON alone"),
        (f"[{GOOD}]", "it is no JSON object"),
        (f'{{"rating": {GOOD}}}', "it has no content, logic, overall, style"),
        ("3.5", "it is no JSON object"),
        ("null", "it is no JSON object"),
        ('{"style": 1, "logic": 1, "content": 1}', "it has no overall"),
        ('{"Style": 1, "logic": 1, "content": 1, "overall": 3}', "it has no style"),
        (GOOD.replace("}", ', "why": "alike"}'), "it has more keys than the rating's"),
        (GOOD.replace("}", ', "overall": 5}'), "a key stands in it twice"),
        (GOOD.replace("}", ', "overall": 3.5}'), "a key stands in it twice"),
        (GOOD.replace("}", ', "\\u006fverall": 5}'), "a key stands in it twice"),
        (GOOD.replace("3.5", '"3.5"'), "overall is no number"),
        (GOOD.replace("3.5", '"5/5"'), "overall is no number"),
        (GOOD.replace("3.5", "true"), "overall is no number"),
        (GOOD.replace("3.5", "null"), "overall is no number"),
        (GOOD.replace("3.5", "[3.5]"), "overall is no number"),
        (GOOD.replace("3.5", '{"n": 3.5}'), "overall is no number"),
        (GOOD.replace("3.5", "NaN"), "NaN is no number"),
        (GOOD.replace("3.5", "Infinity"), "Infinity is no number"),
        (GOOD.replace("3.5", "-Infinity"), "-Infinity is no number"),
        (GOOD.replace("3.5", "1e999"), "overall is not from 1 to 5"),
        (GOOD.replace("3.5", "0.99"), "overall is not from 1 to 5"),
        (GOOD.replace("3.5", "5.01"), "overall is not from 1 to 5"),
        (GOOD.replace('"style": 1', '"style": -0.1'), "style is not from 0 to 2"),
        (GOOD.replace('"content": 2', '"content": 3'), "content is not from 0 to 2"),
        (GOOD.replace("3.5", "9" * 5000), "the reply is no rating"),
        ("[" * 200_000, "it is nested too deep"),
        ('{"style": ' * 200_000, "it is nested too deep"),
        (GOOD.replace('"', "'"), "it is not JSON alone"),
        (GOOD.replace("}", ",}"), "it is not JSON alone"),
        ("// rated\n" + GOOD, "it is not JSON alone"),
    ],
)
def test_anything_else_is_none(reply, told):
    with pytest.raises(JudgeError) as raised:
        parse_rating(reply)
    assert told in str(raised.value)


def test_an_error_shows_the_reply_on_one_short_scrubbed_line():
    with pytest.raises(JudgeError) as raised:
        parse_rating("No\nrating\x1b[2J \ud800 here. " + "x" * 1_000_000)
    told = str(raised.value)
    assert "'No rating" in told
    assert len(told) < 250
    assert not set("\n\x1b\ud800") & set(told)


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=80))
def test_no_text_but_a_rating_is_taken_for_one(text):
    with pytest.raises(JudgeError):
        parse_rating(text)


@given(*[st.floats(0, 2)] * 3, st.floats(1, 5))
def test_every_rating_can_be_said(style, logic, content, overall):
    rating = Rating(style=style, logic=logic, content=content, overall=overall)
    assert parse_rating(json.dumps(rating.to_builtins())) == rating


def test_a_text_that_holds_the_rating_is_told():
    assert quotes_rating(RATING, ["Nothing.", f"Reply thus: {GOOD} and no more."])
    assert quotes_rating(RATING, [GOOD.replace(", ", ",\n\t").replace("3.5", "3.50")])
    assert quotes_rating(RATING, [f'{{"a": {{{GOOD}}}}}'])


def test_other_objects_in_a_text_do_not_matter():
    others = ["{}", "{not JSON, but long enough to be looked at as if it were}", GOOD.replace("3.5", "4")]
    assert not quotes_rating(RATING, [*others, GOOD.replace("3.5", "9"), GOOD[:-1]])


@pytest.mark.parametrize("text", ["{" * 2**20, "{}" * 2**19, '{"a": ' * 2**17, "{" + "x" * 2**20])
def test_a_text_full_of_braces_takes_no_time(text):
    assert not quotes_rating(RATING, [text])
