import pytest

from pytest_distillcheck.running.limits import HOLD_S, ConcurrencyLimit, TokenBucket


def answered(limit, times, *, now=0.0, in_flight=None):
    for _ in range(times):
        limit.answered(in_flight=limit.allowed if in_flight is None else in_flight, now=now)


def test_it_starts_at_half_of_the_maximum():
    assert [ConcurrencyLimit(maximum).allowed for maximum in (1, 2, 3, 32)] == [1, 1, 2, 16]


def test_a_window_of_answers_doubles_it_up_to_the_maximum():
    limit = ConcurrencyLimit(30)
    answered(limit, 14)
    assert limit.allowed == 15
    answered(limit, 1)
    assert limit.allowed == 30
    answered(limit, 100)
    assert limit.allowed == 30


def test_it_does_not_grow_while_it_is_not_nearly_used_up():
    limit = ConcurrencyLimit(32)
    answered(limit, 100, in_flight=12)
    assert limit.allowed == 16
    answered(limit, 16, in_flight=13)
    assert limit.allowed == 32


def test_the_first_rate_limit_undoes_the_doubling():
    limit = ConcurrencyLimit(32)
    answered(limit, 16)
    assert limit.rate_limited(sent_at=1, now=2)
    assert limit.allowed == 16


def test_a_rate_limit_before_any_doubling_decreases():
    limit = ConcurrencyLimit(32)
    limit.rate_limited(sent_at=1, now=2)
    assert limit.allowed == 12


def test_requests_sent_before_a_decrease_do_not_decrease_again():
    limit = ConcurrencyLimit(32)
    limit.rate_limited(sent_at=1, now=2)
    answered(limit, 1, now=2)
    assert not limit.rate_limited(sent_at=1.5, now=3)
    assert limit.allowed == 12
    assert limit.rate_limited(sent_at=2.5, now=3)
    assert limit.allowed == 10


def test_after_a_decrease_it_grows_by_little_and_not_at_once():
    limit = ConcurrencyLimit(40)
    limit.rate_limited(sent_at=1, now=2)
    assert limit.allowed == 16
    answered(limit, 100, now=2 + HOLD_S - 0.1)
    assert limit.allowed == 16
    answered(limit, 16, now=2 + HOLD_S)
    assert limit.allowed == 18


def test_it_never_falls_below_one():
    limit = ConcurrencyLimit(2)
    for at in range(1, 20):
        limit.rate_limited(sent_at=at, now=at + 0.5)
        answered(limit, 1, now=at + 0.6)
    assert limit.allowed == 1


def test_an_endpoint_that_answers_nothing_is_probed_by_one_request():
    limit = ConcurrencyLimit(32)
    limit.rate_limited(sent_at=1, now=2)
    limit.rate_limited(sent_at=3, now=4)
    assert limit.allowed == 1
    answered(limit, 1, now=5)
    assert limit.allowed == 12


def test_a_bucket_holds_one_second_of_requests():
    bucket = TokenBucket(600)
    for _ in range(10):
        assert bucket.ready_at(5.0) == 5.0
        bucket.take(5.0)
    assert bucket.ready_at(5.0) == pytest.approx(5.1)
    assert bucket.ready_at(5.1) == pytest.approx(5.1)


@pytest.mark.parametrize("per_minute", [6, 60, 1000])
def test_no_minute_sees_more_than_its_requests_and_the_burst(per_minute):
    bucket, now, sent = TokenBucket(per_minute), 0.0, 0
    while (now := bucket.ready_at(now)) < 60:
        bucket.take(now)
        sent += 1
    assert per_minute <= sent <= per_minute + max(1, per_minute / 60) + 1
