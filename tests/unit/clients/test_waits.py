"""How long an endpoint asks to be left alone."""

import httpx
import pytest

from pytest_distillcheck.clients.waits import retry_after_s

NOON, A_MINUTE_LATER = "Mon, 21 Sep 2026 12:00:00 GMT", "Mon, 21 Sep 2026 12:01:00 GMT"
NOON_S = 1_789_992_000.0


@pytest.mark.parametrize("wrong_by_s", [0, 3600, -3600, -NOON_S, 1e12])
def test_p05_a_date_is_held_against_the_servers_own_clock(wrong_by_s):
    headers = httpx.Headers({"date": NOON, "retry-after": A_MINUTE_LATER})
    assert retry_after_s(headers, wall_s=NOON_S + wrong_by_s) == 60


@pytest.mark.parametrize("date", [{}, {"date": ""}, {"date": "yesterday"}])
def test_without_the_servers_clock_a_date_is_held_against_ours(date):
    headers = httpx.Headers({"retry-after": A_MINUTE_LATER, **date})
    assert retry_after_s(headers, wall_s=NOON_S) == 60
    assert retry_after_s(headers, wall_s=NOON_S + 61) is None
