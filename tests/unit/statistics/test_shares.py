import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.statistics import Outcome, clustered_interval, clustered_share, share, wilson


def cells(*pairs):
    return [
        Outcome(hit=n == 0, context=context, question=question) for n, (context, question) in enumerate(pairs)
    ]


@pytest.mark.parametrize(
    "pairs",
    [
        [("plain", "a"), ("plain", "b"), ("plain", "c")],
        [("x", "a"), ("y", "b"), ("z", "c")],
        [("plain", "a")],
    ],
)
def test_independent_answers_have_wilsons_interval(pairs):
    given_share = share(cells(*pairs))
    expected = wilson(1, len(pairs))
    assert (given_share.low, given_share.high, given_share.method) == (expected.low, expected.high, "wilson")


@pytest.mark.parametrize(
    "pairs",
    [
        [("plain", "a"), ("plain", "a")],
        [("x", "a"), ("x", "b"), ("y", "a"), ("y", "b")],
        [("x", "a"), ("x", "b"), ("y", "c")],
        [("x", "a"), ("y", "a")],
    ],
)
def test_answers_that_share_a_context_or_a_question_have_a_clustered_interval(pairs):
    given_share = share(cells(*pairs))
    expected = clustered_interval(clustered_share(cells(*pairs)))
    assert (given_share.low, given_share.high, given_share.method) == (
        expected.low,
        expected.high,
        "clustered",
    )


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.booleans()), min_size=1, max_size=20)
)
def test_a_share_does_not_depend_on_the_order_of_its_answers(triples):
    given_outcomes = [
        Outcome(hit=hit, context=context, question=question) for context, question, hit in triples
    ]
    assert share(given_outcomes) == share(given_outcomes[::-1])
