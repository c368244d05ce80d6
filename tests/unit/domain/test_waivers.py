from datetime import date, timedelta

import pytest

from pytest_distillcheck.domain.waivers import Waiver


def waiver(probe="*", until=date(2027, 3, 31)):
    return Waiver(probe=probe, reason="known", owner="ana", until=until)


@pytest.mark.parametrize(
    ("probe", "name"),
    [
        ("identity[qwen-plain-q1]", "identity[qwen-plain-q1]"),
        ("identity[*-q1]", "identity[qwen-plain-q1]"),
        ("identity[*-plain-*]", "identity[qwen-plain-q1]"),
        ("*", "identity[qwen-plain-q1]"),
        ("identity[qwen-*plain-q1]", "identity[qwen-plain-q1]"),
    ],
)
def test_a_star_stands_for_any_text(probe, name):
    assert waiver(probe).covers(name)


@pytest.mark.parametrize(
    ("probe", "name"),
    [
        ("identity[q]", "identityq"),
        ("identity[qwen]", "identity[q]"),
        ("identity[?]", "identity[q]"),
        ("identity[!a]", "identity[b]"),
        ("q1.0", "q1x0"),
        ("identity[q1]", "identity[q10]"),
        ("q1", "identity[q1]"),
        ("identity[Q1]", "identity[q1]"),
        ("identity[q1]", "identity[q1]\n"),
    ],
)
def test_every_other_character_stands_for_itself(probe, name):
    assert not waiver(probe).covers(name)


def test_a_waiver_is_in_force_through_its_last_day():
    last = date(2027, 3, 31)
    assert not waiver(until=last).expired(last)
    assert waiver(until=last).expired(last + timedelta(days=1))
