import random

import pytest
from scipy.stats import pearsonr

from pytest_distillcheck.similarity.shapes import Shapes, shape_of

TRAITS = len(shape_of(""))


def drawn(models: int, prompts: int) -> list[list[tuple[float, ...]]]:
    rng = random.Random(5)
    return [[tuple(rng.random() for _ in range(TRAITS)) for _ in range(prompts)] for _ in range(models)]


@pytest.mark.parametrize(
    ("text", "numbered", "bulleted", "introduced", "single"),
    [
        ("One line.", 0, 0, 0, 1),
        ("Steps:\n\n1. Mix.\n2) Bake.", 1, 0, 1, 0),
        ("步骤：\n1、混合\n• 烤", 1, 1, 1, 0),
        ("- milk\n* eggs\n-5 degrees", 0, 1, 0, 0),
        ("", 0, 0, 0, 1),
    ],
)
def test_lists_and_lines_that_introduce_are_seen(text, numbered, bulleted, introduced, single):
    shape = shape_of(text)
    assert (shape[7], shape[8], shape[9], shape[12]) == (numbered, bulleted, introduced, single)


def test_agreement_is_the_mean_correlation_of_differences_from_the_references_mean():
    shapes = drawn(4, 30)
    means = [
        [sum(shapes[model][prompt][trait] for model in (1, 2, 3)) / 3 for trait in range(TRAITS)]
        for prompt in range(30)
    ]

    def differences(model: int, trait: int) -> list[float]:
        return [shapes[model][prompt][trait] - means[prompt][trait] for prompt in range(30)]

    expected = [
        sum(pearsonr(differences(0, trait), differences(model, trait)).statistic for trait in range(TRAITS))
        / TRAITS
        for model in (1, 2, 3)
    ]
    assert Shapes.of(shapes).agreements() == pytest.approx(expected)


def test_parts_add_up_and_can_be_taken_away():
    shapes = drawn(4, 30)
    parts = [Shapes.of([own[part::3] for own in shapes]) for part in range(3)]
    whole = Shapes.total(parts)
    assert whole.agreements() == pytest.approx(Shapes.of(shapes).agreements())
    kept = Shapes.of([[*own[1::3], *own[2::3]] for own in shapes])
    assert whole.minus(parts[0]).agreements() == pytest.approx(kept.agreements())


def test_a_model_that_always_answers_in_one_shape_relative_to_others_agrees_with_nobody():
    one = [shape_of("same")] * 20
    assert Shapes.of([one, one, one]).agreements() == [0.0, 0.0]
