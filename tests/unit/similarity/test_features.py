import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.similarity.features import features
from pytest_distillcheck.similarity.overlap import aligned, bag_jaccard, common_order, jaccard, nearness
from pytest_distillcheck.similarity.texts import content_terms, take_apart

TEXTS = st.text(alphabet="ab cd.1\n*-#是的，。|`'", max_size=80)


def slow_common_order(first: str, second: str) -> int:
    row = [0] * (len(second) + 1)
    for member in first:
        last = 0
        for place, other in enumerate(second, start=1):
            last, row[place] = row[place], last + 1 if member == other else max(row[place], row[place - 1])
    return row[-1]


@given(TEXTS, TEXTS)
def test_features_are_shares_and_symmetric(first, second):
    asked = content_terms("a question")
    one = features(take_apart(first), take_apart(second), asked)
    assert all(0 <= value <= 1 + 1e-12 for value in one.values()), one
    assert one == features(take_apart(second), take_apart(first), asked)


@given(TEXTS)
def test_every_feature_of_a_text_and_itself_is_one(text):
    parts = take_apart(text)
    assert all(abs(value - 1) < 1e-12 for value in features(parts, parts, frozenset()).values())


def test_the_common_order_is_the_longest_common_subsequence():
    rng = random.Random(1)
    for _ in range(200):
        first, second = ("".join(rng.choices("abcd", k=rng.randint(0, 90))) for _ in range(2))
        assert common_order(first, second) == slow_common_order(first, second)


def slow_alignment(first: list[set[str]], second: list[set[str]]) -> float:
    row = [0.0] * (len(second) + 1)
    for one in first:
        last = 0.0
        for place, other in enumerate(second, start=1):
            alike = len(one & other) / math.sqrt(len(one) * len(other))
            last, row[place] = row[place], max(row[place - 1], row[place], last + alike)
    return row[-1] / max(len(first), len(second))


def test_the_alignment_is_the_best_that_keeps_both_orders():
    rng = random.Random(2)
    for _ in range(300):
        first, second = (
            [set(rng.choices("abcdef", k=rng.randint(1, 4))) for _ in range(rng.randint(1, 8))] for _ in "12"
        )
        assert aligned(first, second) == pytest.approx(slow_alignment(first, second))
        assert aligned(first, second) == aligned(second, first)


def measured(first: str, second: str, prompt: str = "") -> dict[str, float]:
    return dict(features(take_apart(first), take_apart(second), content_terms(prompt)))


def test_terms_of_the_prompt_are_not_new():
    reference, response = "The sea is salty and deep", "The sea is cold and deep"
    plain, asked = measured(reference, response), measured(reference, response, "Tell me of the sea")
    assert asked["covered_terms"] < plain["covered_terms"]


def test_a_short_answer_within_a_long_one_is_kept_though_it_covers_little():
    found = measured(
        "Chihuahua", "The smallest breed is the Chihuahua, which weighs little and lives for years"
    )
    assert found["kept_terms"] == 1
    assert found["covered_terms"] < 0.5


def test_a_text_without_terms_shares_none_with_another():
    found = measured("It is.", "The smallest breed is the Chihuahua")
    assert found["covered_terms"] == found["kept_terms"] == found["place"] == 0


@pytest.mark.parametrize(("number", "least", "most"), [("8.5", 0.9, 1), ("9", 0, 0.4), ("a few", 0.9, 1)])
def test_other_numbers_contradict_and_no_numbers_do_not(number, least, most):
    assert least <= measured("It takes 8.5 hours.", f"It takes {number} hours.")["numbers"] <= most


def test_points_in_another_order_are_the_same_points_elsewhere():
    first = "Cats purr loudly. Dogs bark outside. Birds sing songs."
    found = measured(first, "Birds sing songs. Dogs bark outside. Cats purr loudly.")
    assert found["covered_terms"] == 1
    assert found["point_order"] == pytest.approx(1 / 3)
    assert found["place"] < 0.7


def test_a_list_and_prose_differ_in_layout_and_two_kinds_of_lists_do_not():
    bullets, numbers, prose = "- Cats\n- Dogs", "1. Cats\n2. Dogs", "Cats and dogs"
    assert measured(bullets, numbers)["lists"] == measured(bullets, numbers)["layout"] == 1
    assert measured(bullets, prose)["lists"] == 0
    assert measured(bullets, numbers)["list_kind"] == 0


def test_a_nested_list_has_another_hierarchy_than_a_flat_one():
    assert measured("- one\n  - two", "- one\n- two")["hierarchy"] < 1


def test_measures_of_two_empty_things_are_one():
    assert jaccard(set(), set()) == bag_jaccard(take_apart("").punctuation, take_apart("").punctuation) == 1
    assert nearness(0, 0, 1) == 1
