"""What pytest's process does in every role: collect suites, order the gates last, put records on reports."""

from collections.abc import Generator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from pytest_distillcheck.plugin.options import Settings, any_given, given_on_command_line, read_settings

if TYPE_CHECKING:
    from pytest_distillcheck.assembly import ModelUnderTest, Plan
    from pytest_distillcheck.domain.gates import Decision, Gate
    from pytest_distillcheck.plugin.collection import SuiteFile
    from pytest_distillcheck.plugin.sending import RemoteSending, Sending
    from pytest_distillcheck.ports import ModelClient
    from pytest_distillcheck.suites import Suite

RUN = pytest.StashKey["Run"]()

WORKER_OUTPUT = "distillcheck"
"""Key of what a worker tells the controller: on its output, and on its first report in case it dies."""

WORKER_INPUT = "distillcheck"
"""Key of what the controller tells a worker: where the broker is."""


class Run:
    """What every role does: collect, and put records on reports."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.suites: dict[str, SuiteFile] = {}
        self.suite_failed = False
        self.usage_faults: list[str] = []

    @cached_property
    def settings(self) -> Settings:
        """The options; raises DistillcheckError."""
        return read_settings(self.config)

    @cached_property
    def models(self) -> "tuple[ModelUnderTest, ...]":
        """The models that were chosen; raises UsageError."""
        from pytest_distillcheck.assembly import assemble_models

        return assemble_models(self.settings.models, self.settings.sources)

    def plan(self, suite: "Suite") -> "tuple[Plan, ...]":
        """Return the plan of each section of a suite for each chosen model that it fits; raises UsageError."""
        from pytest_distillcheck.assembly import plan_identity

        return plan_identity(suite, self.models, seed=self.settings.seed)

    @property
    def asks_live(self) -> bool:
        """Whether a live model was chosen."""
        return any(model.live for model in self.models)

    def check_options(self) -> None:
        """Find what is wrong with the options before anything is collected."""
        if not self.must_check_early():
            return
        from pytest_distillcheck.domain.scrubbing import scrub
        from pytest_distillcheck.errors import DistillcheckError

        try:
            self.check_models()
        except DistillcheckError as error:
            raise pytest.UsageError(scrub(str(error))) from error

    def check_models(self) -> None:
        """Raise DistillcheckError if a model cannot be had."""
        _ = self.models

    def must_check_early(self) -> bool:
        """Return whether the options are this run's business before a suite is seen."""
        return any_given(self.config)

    def client(self, model: "ModelUnderTest") -> "ModelClient":
        """Return how tests ask a model: a live one by the run's broker."""
        if model.client:
            return model.client
        from pytest_distillcheck.running.asking import BrokeredClient, NobodySends

        assert model.live
        sending = self.broker()
        build, source = (sending.build, sending.source) if sending else ("", NobodySends())
        return BrokeredClient(addressee=model.live.addressee(build), source=source)

    def broker(self) -> "Sending | RemoteSending | None":
        """Return the run's broker, while tests run and a live model was chosen."""
        return None

    def decision(self, gate: "Gate") -> "Decision":
        """Return what was decided of a gate; the first call decides all of them."""
        raise AssertionError(f"{gate.id}: gates are decided where records are gathered")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, Any, Any]:
        """Put gates last, after `-k`, `--lf`, random order and the rest have had their say."""
        result = yield
        if self.suites or self.usage_faults or given_on_command_line(self.config, "model"):
            from pytest_distillcheck.plugin.selection import order_gates, unfit_models

            self.usage_faults += unfit_models(self)
            if self.usage_faults:
                self.refuse(items)
            order_gates(self, items)
        return result

    def refuse(self, items: list[pytest.Item]) -> None:
        """End the run: the command line does not fit the suites."""
        from pytest_distillcheck.domain.scrubbing import scrub

        raise pytest.UsageError(scrub("\n".join(self.usage_faults)))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put record and status on the report."""
        report = yield
        if self.suites:
            from pytest_distillcheck.plugin.outcomes import annotate

            annotate(item, call, report)
        return report
