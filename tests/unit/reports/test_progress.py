import pytest

from pytest_distillcheck.domain.progress import Progress
from pytest_distillcheck.reports import progress_text
from pytest_distillcheck.running.pace import Pace

PACE = Pace(requests_per_s=31.46, eta_s=62)


def test_the_line_tells_done_pace_cost_end_retries_and_concurrency():
    progress = Progress(calls=2000, answered=110, from_store=8, failed=2, sent=130, retried=3, in_flight=32)
    progress.rate_limited, progress.cost_usd = 4, 0.0123
    assert progress_text(progress, PACE) == (
        "distillcheck: 120/2000 done, 31.5 requests/s, $0.0123, ETA 1 min 02 s, 3 retried, 32 in flight,"
        " 4 told to wait, 2 without an answer"
    )


def test_before_the_first_answer_neither_cost_nor_end_is_known():
    text = progress_text(Progress(calls=5, sent=5, in_flight=5), Pace(requests_per_s=0, eta_s=None))
    assert text == "distillcheck: 0/5 done, 0.0 requests/s, ETA unknown, 0 retried, 5 in flight"


def test_answers_without_a_price_are_unpriced():
    assert ", unpriced, " in progress_text(Progress(calls=2, answered=1, unpriced=1), PACE)


@pytest.mark.parametrize("width", [0, 1, 10, 40, 79])
def test_the_line_is_cut_to_the_width(width):
    assert len(progress_text(Progress(calls=5), PACE, width=width)) <= width


def test_what_is_cut_ends_in_dots():
    assert progress_text(Progress(calls=5), PACE, width=30) == "distillcheck: 0/5 done, 31...."
