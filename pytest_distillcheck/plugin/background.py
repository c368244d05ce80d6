"""Campaigns that run while other tests run."""

import threading
from collections.abc import Iterable
from concurrent.futures import Future

import pytest

from pytest_distillcheck.plugin.campaign import Conducted, conduct
from pytest_distillcheck.plugin.cases import CampaignCase, Running, case_of
from pytest_distillcheck.plugin.run import RUN
from pytest_distillcheck.plugin.sending import Sending, is_overridden

_FIXTURES = ("distill_case", "distill_model", "distill_identity_judge", "distill_campaign")

_LEAVE_S = 1.0
"""How long a thread may take to leave when nothing is sent any more."""


class BackgroundCampaigns:
    """The campaigns of a run, each in a thread of its own, from the first test on.

    Only live models are asked so: a Python callable, a fixture of the user's or a hook may allow no other thread, and
    they and recordings gain nothing from it. Nothing but the broker's end stops a thread, and it makes every request
    fail.

    Args:
        items: those that will run.
        sending: the run's broker.
    """

    def __init__(self, items: Iterable[pytest.Item], sending: Sending) -> None:
        self._sending = sending
        self._threads: list[threading.Thread] = []
        self._futures = {
            item.nodeid: self._start(Running(case, item))
            for item in items
            if isinstance(case := case_of(item), CampaignCase) and _may_run_beside(case, item)
        }

    def result(self, item: pytest.Item) -> Conducted | None:
        """Return what an item's campaign came to, once it is over; None when it does not run beside the tests."""
        future = self._futures.get(item.nodeid)
        return self._sending.wait(future) if future else None

    def close(self) -> None:
        """Let the threads leave, after the broker was closed."""
        for thread in self._threads:
            thread.join(_LEAVE_S)

    def _start(self, running: Running[CampaignCase]) -> Future[Conducted]:
        future = Future[Conducted]()
        plan, run = running.case.plan, running.item.config.stash[RUN]

        def work() -> None:
            try:
                future.set_result(conduct(running, run.client(plan.model), plan.examination.judge))
            except BaseException as error:  # noqa: BLE001  # it is raised where the test waits
                future.set_exception(error)

        thread = threading.Thread(target=work, name="distillcheck-campaign", daemon=True)
        self._threads.append(thread)
        thread.start()
        return future


def _may_run_beside(case: CampaignCase, item: pytest.Item) -> bool:
    return (
        case.plan.model.live is not None
        and not item.get_closest_marker("skip")
        and not item.ihook.pytest_distill_request.get_hookimpls()
        and not any(is_overridden(fixture, item) for fixture in _FIXTURES)
    )
