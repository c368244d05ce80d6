from random import Random

import pytest

from pytest_distillcheck.similarity import normalised, relative, shuffled_pairs

PROMPTS = [f"p{number}" for number in range(20)]


def test_a_floor_pairs_every_prompt_with_exactly_one_other():
    pairs = shuffled_pairs(PROMPTS, Random(1))
    assert [first for first, _ in pairs] == PROMPTS
    assert sorted(second for _, second in pairs) == sorted(PROMPTS)
    assert all(first != second for first, second in pairs)


def test_a_seed_decides_the_floor_and_the_order_of_the_prompts_does_not():
    assert shuffled_pairs(PROMPTS, Random(1)) == shuffled_pairs(PROMPTS, Random(1))
    assert shuffled_pairs(PROMPTS, Random(1)) != shuffled_pairs(PROMPTS, Random(2))
    assert dict(shuffled_pairs(PROMPTS[::-1], Random(1))) == dict(shuffled_pairs(PROMPTS, Random(1)))


@pytest.mark.parametrize("prompts", [[], ["alone"]])
def test_a_floor_needs_two_prompts(prompts):
    with pytest.raises(ValueError, match="at least two prompts"):
        shuffled_pairs(prompts, Random(1))


def test_a_relative_score_is_the_lead_over_the_mean_of_the_others():
    assert relative({"gpt": 4.0, "claude": 3.0, "llama": 2.0}, "gpt") == 1.5
    assert relative({"gpt": 4.0, "claude": 3.0, "llama": 2.0}, "llama") == -1.5


def test_without_other_references_there_is_no_relative_score():
    assert relative({"gpt": 4.0}, "gpt") is None


@pytest.mark.parametrize(
    ("score", "expected"), [(1.5, 0.0), (4.5, 1.0), (3.0, 0.5), (5.0, 7 / 6), (1.2, -0.1)]
)
def test_a_normalised_score_is_0_at_the_floor_and_1_at_the_ceiling(score, expected):
    assert normalised(score, floor=1.5, ceiling=4.5) == pytest.approx(expected)


@pytest.mark.parametrize("ceiling", [None, 1.5, 1.0])
def test_without_a_ceiling_above_the_floor_nothing_is_normalised(ceiling):
    assert normalised(3.0, floor=1.5, ceiling=ceiling) is None
