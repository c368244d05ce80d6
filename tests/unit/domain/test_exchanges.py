import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.domain.exchanges import Message, ModelRequest, digest, transcript

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def request(text="hi", *, sample=0, **parameters):
    return ModelRequest(messages=(Message("user", text),), parameters=parameters, sample=sample)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_a_digest_does_not_depend_on_the_order_of_keys(data):
    assert digest(data) == digest(dict(reversed(data.items())))


def test_a_digest_is_the_sha_256_of_compact_ascii_json():
    # printf '{"a":"\\u00e9"}' | sha256sum
    assert digest({"a": "é"}) == "57e512a1ff02f75e939e93d2196b8d29ad3721b70ce25a601402d26410f453a2"


def test_a_lone_surrogate_has_a_digest():
    assert digest("\ud800") != digest("\ud801")


@pytest.mark.parametrize(
    "other",
    [
        request("ho"),
        request(sample=1),
        request(temperature=0),
        ModelRequest(messages=(Message("system", "hi"),)),
        ModelRequest(messages=(Message("user", "hi"), Message("user", "hi"))),
    ],
)
def test_whatever_decides_an_answer_changes_the_digest(other):
    assert request().digest() != other.digest()


def test_equal_requests_have_one_digest():
    assert request(a=1, b=2).digest() == request(b=2, a=1).digest()


def test_a_number_has_one_digest_however_it_is_spelled():
    assert request(temperature=0).digest() == request(temperature=0.0).digest()


def test_the_transcript_of_a_single_turn_is_its_text():
    assert transcript([Message("user", "Who are you?")]) == "Who are you?"


def test_the_transcript_of_several_turns_names_the_roles():
    turns = [Message("system", "Be brief."), Message("user", "Who are you?")]
    assert transcript(turns) == "[system]\nBe brief.\n\n[user]\nWho are you?"
