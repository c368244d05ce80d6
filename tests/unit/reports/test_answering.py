"""Which model strings the answers of one model carry."""

import pytest

from pytest_distillcheck.reports import answered_as


@pytest.fixture
def told(a_record):
    def told(*returned, asked="qwen-max"):
        records = [a_record(id=str(n), model_returned=string) for n, string in enumerate(returned)]
        return answered_as(records, asked=asked)

    return told


@pytest.mark.parametrize(
    "returned", [[], [""], ["qwen-max"], ["qwen-max-2025-01-25", "", "qwen-max-2025-01-25"]]
)
def test_nothing_is_told_when_all_is_as_asked(told, returned):
    assert told(*returned) == ""


def test_several_strings_are_told_the_most_frequent_first(told):
    dated, other = "qwen-max-2025-01-25", "qwen-turbo"
    assert told(other, dated, dated) == "qwen-max-2025-01-25 (2), qwen-turbo (1)"
    assert told("qwen-max", dated) == "qwen-max (1), qwen-max-2025-01-25 (1)"


def test_one_string_that_cannot_be_the_model_asked_is_told(told):
    assert told("qwen-turbo", "qwen-turbo") == "qwen-turbo (2)"


def test_where_nobody_knows_what_was_asked_one_string_is_right(told):
    assert told("qwen-turbo", asked="") == ""
    assert told("qwen-turbo", "qwen-max", asked="") == "qwen-max (1), qwen-turbo (1)"


def test_hostile_strings_stay_one_short_line(told):
    strings = [f"{n}\n{1000 * 'x'}" for n in range(9)]
    text = told(*strings)
    assert "\n" not in text
    assert len(text) < 400
    assert text.endswith(", and 5 more")
