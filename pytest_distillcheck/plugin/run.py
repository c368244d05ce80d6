"""What pytest's process does in every role: collect suites, order the gates last, put records on reports."""

from collections.abc import Generator
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from pytest_distillcheck.plugin.options import Settings, any_given, given_on_command_line, read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_distillcheck.assembly import ModelUnderTest, Plan
    from pytest_distillcheck.assembly.similarity import SimilarityTerms
    from pytest_distillcheck.domain.gates import Decision, Gate
    from pytest_distillcheck.plugin.campaign import Conducted
    from pytest_distillcheck.plugin.collection import SuiteFile
    from pytest_distillcheck.plugin.sending import RemoteSending, Sending
    from pytest_distillcheck.ports import ModelClient
    from pytest_distillcheck.suites import Suite

RUN = pytest.StashKey["Run"]()

WORKER_OUTPUT = "distillcheck"
"""Key of what a worker tells the controller: on its output, and on its first report in case it dies."""

WORKER_INPUT = "distillcheck"
"""Key of what the controller tells a worker: where the broker is."""

WORKER_DAY = "distillcheck-day"
"""Key of the other thing that it tells: the run's day, as its proleptic ordinal."""


class Run:
    """What every role does: collect, and put records on reports.

    Attributes:
        day: on which the run began. Waivers are held against it alone: over midnight, or when the clock jumps, two
            findings must not be judged by two days.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        # The local day: `until` is a day in the calendar of the people who wrote it.
        self.day = date.today()  # noqa: DTZ011
        self.suites: dict[str, SuiteFile] = {}
        self.suite_failed = False
        self.usage_faults: list[str] = []
        self.gates: set[str] = set()
        self.has_python_tests = False
        self.fitting_python_tests: set[str] = set()

    @cached_property
    def settings(self) -> Settings:
        """The options; raises DistillcheckError."""
        return read_settings(self.config)

    @cached_property
    def models(self) -> "tuple[ModelUnderTest, ...]":
        """The models that were chosen; raises UsageError."""
        from pytest_distillcheck.assembly import assemble_models

        return assemble_models(self.settings.models, self.settings.sources)

    @cached_property
    def similarity_terms(self) -> "SimilarityTerms":
        """What the options say of similarity sections; raises DistillcheckError."""
        from pytest_distillcheck.plugin.similarity import terms_of

        return terms_of(self)

    def plan(self, suite: "Suite", *, folder: "Path") -> "tuple[Plan, ...]":
        """Return the plan of each section of a suite for each chosen model that it fits; raises DistillcheckError."""
        from pytest_distillcheck.assembly import plan_identity

        seed, is_paper = self.settings.seed, self.settings.profile == "paper"
        if is_paper:
            from pytest_distillcheck.assembly.paper import with_paper_protocol

            suite = with_paper_protocol(suite)
        plans: tuple[Plan, ...] = plan_identity(suite, self.models, seed=seed)
        if suite.similarity and self.models:
            from pytest_distillcheck.assembly.similarity import plan_similarity

            plans += plan_similarity(suite, self.models, self.similarity_terms, folder=folder, seed=seed)
        if suite.identity and suite.identity.campaign and self.models:
            from pytest_distillcheck.assembly.campaign import plan_campaign

            plans += plan_campaign(
                suite,
                self.models,
                seed=seed,
                mutator_model=self.mutator_model,
                is_paper=is_paper,
            )
        return plans

    @cached_property
    def mutator_model(self) -> "ModelUnderTest | None":
        """What makes mutants in campaigns; None for the embedded rules; raises UsageError."""
        from pytest_distillcheck.assembly import assemble_models
        from pytest_distillcheck.plugin.options import EMBEDDED

        given = self.settings.mutator
        return None if given == EMBEDDED else assemble_models([given], self.settings.sources)[0]

    def selected_gates(self) -> "list[Gate]":
        """Return the gates that were selected."""
        planned = (gate for file in self.suites.values() for gate, _ in file.gates())
        return [gate for gate in planned if gate.id in self.gates]

    def place(self, item: pytest.Item) -> int:
        """Return where an item goes among those that are no gates; equal ones keep their order.

        A campaign goes last: while the others run it asks beside them, if it can.
        """
        from pytest_distillcheck.plugin.cases import case_of

        case = case_of(item)
        return int(case is not None and case.plan.kind == "campaign")

    def conducted(self, item: pytest.Item) -> "Conducted | None":
        """Return what a campaign came to that runs beside the tests, once it is over; None for one that does not."""
        return None

    @property
    def others(self) -> "tuple[ModelUnderTest, ...]":
        """What the collected suites ask beside the models under test, each once."""
        plans = (plan for file in self.suites.values() for plan in file.plans)
        return tuple({(model.name, model.origin): model for plan in plans for model in plan.others}.values())

    @property
    def asks_live(self) -> bool:
        """Whether any model that is asked is live."""
        return any(model.live for model in (*self.models, *self.others))

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
        """Raise DistillcheckError if a model or the baseline cannot be had."""
        _ = self.models
        if self.settings.references or self.settings.baseline:
            _ = self.similarity_terms

    def check_others(self) -> None:
        """Raise DistillcheckError if a model that a suite names beside those under test cannot be had."""

    @property
    def is_used(self) -> bool:
        """Whether a suite, or a test that uses the engine, was collected."""
        return bool(self.suites) or self.has_python_tests

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

    def leave(self) -> None:
        """Leave the process as it was, when all of pytest's work is done."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, Any, Any]:
        """Put gates last, after `-k`, `--lf`, random order and the rest have had their say."""
        result = yield
        if self.suites or self.usage_faults or given_on_command_line(self.config, "model"):
            from pytest_distillcheck.plugin.selection import (
                missing_baseline,
                order_gates,
                unfit_models,
                unfit_others,
            )

            self.usage_faults += unfit_models(self) or unfit_others(self) or missing_baseline(self, items)
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
        if self.is_used:
            from pytest_distillcheck.plugin.outcomes import annotate

            annotate(item, call, report)
        return report
