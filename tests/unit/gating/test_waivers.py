from datetime import date

import pytest

from pytest_distillcheck.domain.waivers import Waiver
from pytest_distillcheck.gating import needless_waivers, waiver_for

TODAY = date(2026, 6, 1)


def waiver(probe="*", *, year=2027, owner="ana"):
    return Waiver(probe=probe, reason="known", owner=owner, until=date(year, 1, 1))


def test_no_waiver_covers_a_test_that_none_names():
    assert waiver_for([waiver("a"), waiver("b*")], "c", TODAY) is None


def test_a_waiver_in_force_is_taken_before_an_expired_one():
    expired, in_force = waiver(year=2025), waiver(owner="ben")
    assert waiver_for([expired, in_force], "a", TODAY) is in_force
    assert waiver_for([in_force, expired], "a", TODAY) is in_force


def test_an_expired_waiver_is_told_when_no_other_covers():
    expired = waiver(year=2025)
    assert waiver_for([waiver("b"), expired], "a", TODAY) is expired


@pytest.mark.parametrize(
    ("found", "needless"),
    [
        ({"a1": False, "a2": False}, True),
        ({"a1": False, "a2": True}, False),
        ({"a1": False}, False),
        ({}, False),
        ({"a1": False, "a2": False, "b": True}, True),
    ],
)
def test_a_waiver_is_needless_when_all_its_tests_ran_and_found_nothing(found, needless):
    given = waiver("a*")
    assert needless_waivers([given], ["a1", "a2", "b"], found) == ([given] if needless else [])


def test_a_waiver_that_covers_no_planned_test_is_not_called_needless():
    # Another model or another sample may need it.
    assert needless_waivers([waiver("z")], ["a"], {"a": False}) == []
