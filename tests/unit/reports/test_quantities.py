import pytest

from pytest_distillcheck.reports.quantities import cost_text, duration_text, usd_text


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "$0.0000"), (0.01234, "$0.0123"), (1.5, "$1.50"), (1234.567, "$1,234.57")]
)
def test_money_is_told_in_dollars(amount, text):
    assert usd_text(amount) == text


@pytest.mark.parametrize(
    ("cost", "unpriced", "text"),
    [(0.5, 0, "$0.5000"), (0, 0, "$0.0000"), (0, 3, "unpriced"), (0.5, 3, "$0.5000 and 3 unpriced")],
)
def test_what_has_no_price_is_never_told_as_free(cost, unpriced, text):
    assert cost_text(cost, unpriced) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (62, "1 min 02 s"),
        (3599.9, "1 h 00 min"),
        (3660, "1 h 01 min"),
        (100_000, "27 h 47 min"),
    ],
)
def test_time_is_told_in_its_two_largest_units(seconds, text):
    assert duration_text(seconds) == text
