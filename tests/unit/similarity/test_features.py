import random

from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.similarity.features import features
from pytest_distillcheck.similarity.overlap import bag_jaccard, common_order, jaccard, nearness
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


def test_terms_of_the_prompt_are_not_new():
    reference, response = take_apart("The sea is salty"), take_apart("The sea is deep")
    plain = features(reference, response, frozenset())["new_terms"]
    assert features(reference, response, content_terms("Tell me of the sea"))["new_terms"] < plain


def test_a_short_answer_within_a_long_one_covers_more_than_it_shares():
    short = take_apart("Chihuahua")
    long = take_apart(
        "The smallest breed is the Chihuahua, which weighs very little and lives for many years"
    )
    measured = features(short, long, frozenset())
    assert measured["covered_terms"] > measured["all_terms"]


def test_measures_of_two_empty_things_are_one():
    assert jaccard(set(), set()) == bag_jaccard(take_apart("").punctuation, take_apart("").punctuation) == 1
    assert nearness(0, 0, 1) == 1
