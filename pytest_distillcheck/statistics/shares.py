"""A share of outcomes with the interval that fits them."""

from collections.abc import Sequence

from pytest_distillcheck.domain.scores import IntervalMethod, Share
from pytest_distillcheck.statistics.clusters import Outcome, clustered_interval, clustered_share
from pytest_distillcheck.statistics.intervals import wilson


def share(outcomes: Sequence[Outcome]) -> Share:
    """Return the share of hits with its 95 % interval.

    Answers that share a context or a question are not independent: then the interval is clustered by both, or by
    question when there is one context; else it is Wilson's.
    """
    n = len(outcomes)
    count = sum(outcome.hit for outcome in outcomes)
    if not n:
        return Share(count=0, n=0, low=None, high=None, method="none")
    questions = len({outcome.question for outcome in outcomes})
    contexts = len({outcome.context for outcome in outcomes})
    independent = questions == n and contexts in {1, n}
    method: IntervalMethod = "wilson" if independent else "clustered"
    interval = wilson(count, n) if independent else clustered_interval(clustered_share(outcomes))
    return Share(count=count, n=n, low=interval.low, high=interval.high, method=method)
