from itertools import pairwise

import pytest

from pytest_distillcheck.similarity.features import features
from pytest_distillcheck.similarity.scale import RANGES, Curve, Scale, scale, settled
from pytest_distillcheck.similarity.texts import take_apart

FEATURES = tuple(features(take_apart("a"), take_apart("b"), frozenset()))


def test_the_shipped_scale_has_a_curve_for_every_feature():
    assert sorted(scale().curves) == sorted(FEATURES)


def test_no_shipped_weight_is_negative_and_none_is_for_an_unknown_feature():
    for aspect in RANGES:
        assert set(scale().weights[aspect]) <= set(FEATURES)
        assert min(scale().weights[aspect].values()) > 0


def test_no_shipped_curve_falls():
    for curve in scale().curves.values():
        assert all(left < right for left, right in pairwise(curve.inputs))
        assert all(low <= high for low, high in pairwise(curve.outputs))


def test_more_in_common_never_lowers_a_rating():
    low = dict.fromkeys(FEATURES, 0.2)
    for name in FEATURES:
        before, after = scale().rate(low), scale().rate({**low, name: 0.9})
        for aspect in RANGES:
            assert getattr(after, aspect) >= getattr(before, aspect)


def test_full_and_no_agreement_reach_the_ends_of_the_scale():
    assert scale().rate(dict.fromkeys(FEATURES, 1.0)).overall > 4.8
    assert scale().rate(dict.fromkeys(FEATURES, 0.0)).overall == 1.0


@pytest.mark.parametrize(
    ("value", "expected"), [(-1, 0), (0, 0), (0.25, 1), (0.5, 2), (0.75, 2.5), (1, 3), (9, 3)]
)
def test_a_curve_is_linear_between_its_points_and_constant_beyond(value, expected):
    assert Curve((0.0, 0.5, 1.0), (0.0, 2.0, 3.0))(value) == expected


def test_a_rating_stays_within_the_scale():
    steep = Scale(
        curves={"only": Curve((0.0, 1.0), (-9.0, 9.0))},
        weights={aspect: {"only": 1.0} for aspect in RANGES},
        intercepts=dict.fromkeys(RANGES, 1.0),
    )
    assert (steep.rate({"only": 0}).style, steep.rate({"only": 1}).style) == (0, 2)
    assert (steep.rate({"only": 0}).overall, steep.rate({"only": 1}).overall) == (1, 5)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-1, 0), (0.15, 0), (0.45, 0.5), (0.75, 1), (1, 1), (1.25, 1), (1.55, 1.5), (1.85, 2), (9, 2)],
)
def test_an_aspect_is_flat_about_its_levels(value, expected):
    assert settled("content", value) == pytest.approx(expected)


def test_overall_ratings_are_flat_nowhere():
    assert settled("overall", 1.1) == 1.1
    assert settled("overall", 6) == 5
