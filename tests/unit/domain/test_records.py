import json

from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.domain.records import Record

SAFE = st.text(st.characters(min_codepoint=32, max_codepoint=126))
ANYTHING = st.text(st.characters(exclude_categories=()))


@given(
    text=SAFE, quotes=st.lists(SAFE).map(tuple), label=st.sampled_from(["consistent", "contradiction", None])
)
def test_a_record_survives_its_way_through_builtins(a_record, text, quotes, label):
    record = a_record(response=text, quotes=quotes, label=label, makers=("openai",), waived=True)
    assert Record.from_builtins(record.to_builtins()) == record


@given(ANYTHING)
def test_every_text_of_a_record_can_be_encoded(a_record, text):
    record = a_record(
        response=text, prompt=text, reasoning=text, quotes=(text,), model=text, model_returned=text
    )
    json.dumps(record.to_builtins(), ensure_ascii=False).encode("utf-8")


@given(ANYTHING, st.data())
def test_a_quote_stays_a_part_of_its_response(a_record, text, data):
    start = data.draw(st.integers(0, len(text)))
    plain = a_record(response=text, quotes=(text[start:],)).to_builtins()
    assert plain["quotes"][0] in plain["response"]


def test_a_record_is_made_of_exact_builtins_alone(a_record):
    plain = a_record(makers=("openai",), quotes=("q",), rating={"style": 1.0}).to_builtins()
    exact = {str, int, float, bool, list, dict, type(None)}
    assert {type(value) for value in plain.values()} <= exact
