import pytest

from pytest_distillcheck.domain.progress import Progress
from pytest_distillcheck.running.pace import PaceMeter


def test_the_pace_is_what_was_sent_and_what_came_back_in_the_time():
    pace = PaceMeter(100).measure(Progress(calls=100, sent=50, answered=40), now=110)
    assert pace.requests_per_s == pytest.approx(5)
    assert pace.eta_s == pytest.approx(60 / 4)


def test_nothing_that_came_back_tells_no_end():
    pace = PaceMeter(0).measure(Progress(calls=100, sent=50), now=10)
    assert (pace.requests_per_s, pace.eta_s) == (5, None)


def test_answers_from_the_store_are_done_but_say_nothing_of_the_pace():
    pace = PaceMeter(0).measure(Progress(calls=100, sent=10, from_store=50, answered=10), now=10)
    assert pace.eta_s == pytest.approx(40)


def test_calls_without_an_answer_come_to_an_end_too():
    pace = PaceMeter(0).measure(Progress(calls=30, sent=10, answered=5, failed=5), now=10)
    assert pace.eta_s == pytest.approx(20)


def test_only_the_last_seconds_count():
    meter = PaceMeter(0)
    for second in range(1, 101):
        meter.measure(Progress(calls=1000, sent=second, answered=second), now=second)
    fast = [meter.measure(Progress(calls=1000, sent=n, answered=n), now=100 + n // 100) for n in (500, 3100)]
    assert fast[0].requests_per_s < 20
    assert fast[1].requests_per_s == pytest.approx(3000 / 31, rel=0.05)


def test_looks_far_apart_measure_what_lies_between():
    meter = PaceMeter(0)
    meter.measure(Progress(calls=1000, sent=900, answered=900), now=300)
    pace = meter.measure(Progress(calls=1000, sent=960, answered=960), now=360)
    assert pace.requests_per_s == pytest.approx(1)


def test_the_time_before_the_first_request_does_not_count():
    meter = PaceMeter(0)
    assert meter.measure(Progress(), now=100).requests_per_s == 0
    assert meter.measure(Progress(calls=9, sent=5), now=101).requests_per_s == pytest.approx(5)


def test_a_second_look_at_the_same_moment_is_no_fault():
    meter = PaceMeter(0)
    meter.measure(Progress(), now=0)
    assert meter.measure(Progress(), now=0).eta_s is None
