from random import Random

import pytest

from pytest_distillcheck.similarity.scores import (
    FLOOR_PAIRS,
    Pairs,
    floor,
    increase,
    length_ratio,
    macro_mean,
    most_repeated,
    set_means,
    unjudged_share,
)


@pytest.fixture(scope="session")
def rated(a_record):
    def make(number, overall, *, prompt_set="talk", **changes):
        rating = None if overall is None else {"overall": overall, "style": 1, "logic": 0.5, "content": 2}
        return a_record(
            id=f"a::similarity[m-r-p{number:03}]",
            kind="similarity",
            question=f"p{number:03}",
            prompt_set=prompt_set,
            rating=rating,
            unjudged=None if rating else "empty response",
            **{"response": f"own {number}", "reference_response": f"theirs {number}", **changes},
        )

    return make


def test_the_overall_score_is_the_unweighted_mean_of_set_means(rated):
    records = [rated(1, 5), *(rated(n, 2, prompt_set="work") for n in range(2, 8))]
    overall, by_set = set_means(Pairs.of(records), 1)
    assert overall["overall"].value == 3.5
    assert {name: means["overall"].value for name, means in by_set.items()} == {"talk": 5, "work": 2}
    assert (overall["style"].value, overall["logic"].value, overall["content"].value) == (1, 0.5, 2)
    assert overall["overall"].n == 7


def test_unjudged_pairs_are_in_no_mean(rated):
    pairs = Pairs.of([rated(1, 2), rated(2, None)])
    assert pairs.values("overall") == {"talk": [2]}
    share = unjudged_share([rated(1, 2), rated(2, None)])
    assert (share.count, share.n, share.method) == (1, 2, "wilson")


def test_a_single_rating_has_no_interval_and_none_has_no_mean():
    assert macro_mean([[3.0]], Random(1)).low is None
    assert macro_mean([], Random(1)).value is None
    mean = macro_mean([[3.0, 4.0], [2.0]], Random(1))
    assert mean.low is not None
    assert mean.low <= 2.75 <= (mean.high or 0)


def test_the_floor_never_pairs_an_answer_with_its_own_reference_nor_with_another_set(rated):
    records = [rated(n, 4, prompt_set="talk" if n < 5 else "work") for n in range(10)]
    seen = []

    def rate(own, other):
        seen.append((own.question, other.question))
        assert own.prompt_set == other.prompt_set
        return 2.0

    assert floor(Pairs.of(records), rate, Random(1)) == 2.0
    assert len(seen) == 10
    assert all(own != other for own, other in seen)


def test_the_floor_of_a_large_set_is_a_sample(rated):
    seen = []
    floor(Pairs.of([rated(n, 4) for n in range(300)]), lambda *pair: seen.append(pair) or 1.0, Random(1))
    assert len(seen) == FLOOR_PAIRS


def test_sets_of_one_pair_have_no_floor(rated):
    assert floor(Pairs.of([rated(1, 4), rated(2, 4, prompt_set="work")]), lambda *_: 1.0, Random(1)) is None


def test_the_length_ratio_is_a_geometric_mean(rated):
    records = [
        rated(1, 4, response="a" * 40, reference_response="b" * 10),
        rated(2, 4, response="a" * 10, reference_response="b" * 40),
    ]
    assert length_ratio(Pairs.of(records)) == pytest.approx(1)
    assert length_ratio(Pairs.of([])) is None


def test_the_most_repeated_answer_is_counted_whatever_its_white_space():
    assert most_repeated(["I can  help.", "I can help.\n", "no"]) == 2
    assert most_repeated([]) == 0


def test_an_increase_is_paired_by_prompt(rated):
    pairs = Pairs.of([rated(1, 3), rated(2, 4), rated(3, 5)])
    found = increase(pairs, {"p001": {"overall": 2}, "p002": {"overall": 4}}, Random(1), model="old")
    assert (found.mean.n, found.mean.value, found.model) == (2, 0.5, "old")
    assert found.p_value == 0.5  # one difference that is not 0, of two signs


def test_an_increase_without_a_shared_prompt_is_none(rated):
    found = increase(Pairs.of([rated(1, 3)]), {}, Random(1), model="old")
    assert (found.mean.value, found.p_value) == (None, None)


def test_signs_are_flipped_under_the_macro_mean(rated):
    # One set says +1 once, the other -0.1 eight times: the macro mean is 0.45, the plain one 0.02.
    records = [rated(0, 3), *(rated(n, 1.9, prompt_set="work") for n in range(1, 9))]
    baseline = {"p000": {"overall": 2}} | {f"p{n:03}": {"overall": 2} for n in range(1, 9)}
    found = increase(Pairs.of(records), baseline, Random(1), model="old")
    assert found.mean.value == pytest.approx(0.45)
    assert found.p_value == pytest.approx(
        0.5
    )  # above it are the patterns in which the one difference keeps its sign
