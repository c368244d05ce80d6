"""One of pytest-xdist's workers.

It collects gates like any test, so that selection works, tells the controller which were selected, and withholds them.
"""

from collections.abc import Generator
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from pytest_distillcheck.plugin.run import WORKER_DAY, WORKER_INPUT, WORKER_OUTPUT, Run

if TYPE_CHECKING:
    from pytest_distillcheck.plugin.sending import RemoteSending


_UNSEEN = (
    "under pytest-xdist the live model {name!r}, which only a suite names, is seen too late to be asked:"
    " name it by --distill-reference, or run without -n"
)


class Worker(Run):
    """One of pytest-xdist's workers: gates are withheld, and told to the controller."""

    def __init__(self, config: pytest.Config) -> None:
        super().__init__(config)
        self.day = date.fromordinal(config.workerinput[WORKER_DAY])  # type: ignore[attr-defined]  # xdist's
        self.told = False
        self.output: dict[str, Any] = {}
        self.sending: RemoteSending | None = None

    def broker(self) -> "RemoteSending | None":
        """Return the controller's broker."""
        return self.sending

    def place(self, item: pytest.Item) -> int:
        """Return where an item goes: a campaign first, so that the other workers go on while one conducts it."""
        return -super().place(item)

    def refuse(self, items: list[pytest.Item]) -> None:
        """Run nothing; the controller raises the fault, since an exception here would be an internal error."""
        items.clear()

    @pytest.hookimpl(tryfirst=True)  # before pytest-xdist reports the ids
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Withhold the gates."""
        if not self.is_used and not self.usage_faults:
            return
        from pytest_distillcheck.plugin.gates import GateItem

        if self.suite_failed and not self.config.option.continue_on_collection_errors:
            # pytest-xdist runs the rest after a collection error; nothing may be asked then.
            session.items[:] = [item for item in session.items if str(item.path) not in self._suite_paths]
        gates = [item for item in session.items if isinstance(item, GateItem)]
        session.items[:] = [item for item in session.items if not isinstance(item, GateItem)]
        self.gates = {gate.nodeid for gate in gates}
        self._join_broker()
        if self.usage_faults:
            self.refuse(session.items)
        self.output = {
            "gates": [gate.nodeid for gate in gates],
            "suites": {nodeid: str(file.path) for nodeid, file in self.suites.items()},
            "usage_faults": self.usage_faults,
            "has_python_tests": self.has_python_tests,
        }
        self.config.workeroutput[WORKER_OUTPUT] = self.output  # type: ignore[attr-defined]  # xdist's
        if self.sending:
            self.sending.plan(session.items)

    def _join_broker(self) -> None:
        """Reach the controller's broker, and have it ask also what the suites name, which the controller has not seen."""
        live = [model for model in self.others if model.live]
        told = self.config.workerinput.get(WORKER_INPUT)  # type: ignore[attr-defined]  # xdist's
        if told is None:
            if live:
                self.usage_faults.append(_UNSEEN.format(name=live[0].name))
            return
        from pytest_distillcheck.errors import DistillcheckError
        from pytest_distillcheck.plugin.sending import RemoteSending

        first = self.config.workerinput["workerid"] == "gw0"  # type: ignore[attr-defined]  # xdist's
        self.sending = RemoteSending(told, chains=first)
        try:
            if live and not self.usage_faults:
                self.sending.add(live)
        except DistillcheckError as error:
            self.usage_faults.append(str(error))

    def check_others(self) -> None:
        """Raise DistillcheckError if a model that a suite names cannot be had; keys are where the requests go out."""
        from pytest_distillcheck.plugin.sending import check_models

        check_models([model for model in self.others if not model.live], self.settings)

    def pytest_unconfigure(self) -> None:
        """Leave the broker."""
        if self.sending:
            self.sending.close()

    @property
    def _suite_paths(self) -> set[str]:
        return {str(file.path) for file in self.suites.values()}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put record and status on the report, and on the first one also what the controller must know."""
        report = yield from super().pytest_runtest_makereport(item, call)
        if self.output and not self.told:
            self.told = True
            ours = {**getattr(report, "distill", {}), WORKER_OUTPUT: self.output}
            report.distill = ours  # type: ignore[attr-defined]  # pytest carries extra attributes
        return report
