"""Suite files as pytest modules: one function, parametrised over the probes, and one item for each gate."""

import types
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from pytest_distillcheck.assembly import IdentityPlan, plan_identity
from pytest_distillcheck.domain.exchanges import ModelRequest
from pytest_distillcheck.domain.gates import Gate
from pytest_distillcheck.domain.probes import Probe
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.errors import DistillcheckError, SuiteError
from pytest_distillcheck.gating import Member, sample_size_note
from pytest_distillcheck.plugin.evidence import settle
from pytest_distillcheck.plugin.gates import GateItem
from pytest_distillcheck.plugin.run import RUN
from pytest_distillcheck.suites import Suite, load_suite

NO_MODEL = "no model chosen: give --distill-model=NAME"


@dataclass(frozen=True, slots=True)
class Case:
    """What one test asks."""

    plan: IdentityPlan
    probe: Probe

    def request(self, item: pytest.Item) -> ModelRequest:
        """Return what is asked, as the hook `pytest_distill_request` leaves it."""
        request = self.plan.request(self.probe)
        hook = item.ihook.pytest_distill_request
        changed: ModelRequest | None = hook(request=request) if hook.get_hookimpls() else None
        return changed or request


@dataclass(frozen=True, slots=True)
class RunningCase(Case):
    """A case while its test runs.

    The fixtures pass the test on in it, and take no `request`: at each of those pytest makes and inspects a new
    fixture, which for the four of a probe costs as much as its judge.
    """

    item: pytest.Item


class SuiteFile(pytest.Module):
    """A `*.distill.yaml` file.

    It is a Module with a module made up for it, and not a plain File, because fixtures, `--lf`, `--reruns`, syrupy
    and other plugins rely on functions in modules.
    """

    probe_items: Sequence[pytest.Item] = ()
    """What was collected, before anything was deselected."""

    @cached_property
    def suite(self) -> Suite:
        """The suite; raises SuiteError."""
        return load_suite(self.path, shown=self.nodeid)

    @cached_property
    def plans(self) -> tuple[IdentityPlan, ...]:
        """The plan of each chosen model that the suite fits; raises UsageError."""
        run = self.config.stash[RUN]
        return plan_identity(self.suite, run.models, seed=run.settings.seed)

    def _getobj(self) -> types.ModuleType:
        module = types.ModuleType(self.path.name)
        cases = [Case(plan, probe) for plan in self.plans for probe in plan.probes]
        module.identity = _test_function(self, cases)  # type: ignore[attr-defined]  # a made-up module
        return module

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Return the probes and the gates.

        Raises:
            CollectError: the file has faults; the message names them all.
        """
        run = self.config.stash[RUN]
        if scrub(self.nodeid) != self.nodeid:
            # pytest prints test ids as they are.
            run.suite_failed = True
            raise self.CollectError(
                f"{scrub(self.nodeid)}: invisible or control characters in the path; rename it"
            )
        try:
            self.extra_keyword_matches.update(self.suite.tags)
            fitting = self.plans
        except SuiteError as error:
            run.suite_failed = True
            raise self.CollectError(scrub(str(error))) from None
        except DistillcheckError as error:
            # As a collection error it would end with another exit code; the run raises it after collection.
            run.usage_faults.append(str(error))
            return []
        run.suites[self.nodeid] = self
        if run.models and not fitting:
            return []
        self.probe_items = list(super().collect())  # type: ignore[arg-type]  # functions only
        return [*self.probe_items, *self.gate_items()]

    def gate_items(self) -> list["GateItem"]:
        """Return one item for each gate and model."""
        return [
            GateItem.from_parent(
                self, name=gate.id.rpartition("::")[2], gate=gate, line=plan.suite.identity.line
            )
            for plan in self.plans
            for gate in self.gates(plan)
        ]

    def gates(self, plan: IdentityPlan) -> list[Gate]:
        """Return the gates of a plan."""
        return [
            Gate(
                id=f"{self.nodeid}::gate-{score}-{plan.model.id}",
                suite=self.nodeid,
                model=plan.model.name,
                score=score,
                limit=limit,
            )
            for score, limit in (self.suite.identity.gates or {}).items()
        ]

    def notes(self) -> list[str]:
        """Return what is worth knowing of the gates before anything is asked."""
        return [
            note
            for plan in self.plans
            for gate in self.gates(plan)
            if (note := sample_size_note(gate, len(plan.probes)))
        ]

    def members(self, plan: IdentityPlan, records: dict[str, Record]) -> list[Member]:
        """Return the population of a plan's gates, with what is recorded of it."""
        return [
            _member(plan, probe, records.get(f"{self.nodeid}::{plan.test_name(probe)}"))
            for probe in plan.probes
        ]


def _member(plan: IdentityPlan, probe: Probe, record: Record | None) -> Member:
    names_rival = record.names_rival if record else plan.examination.names_rival(probe)
    return Member(context=probe.context, question=probe.question.id, names_rival=names_rival, record=record)


def _test_function(file: SuiteFile, cases: Sequence[Case]) -> Callable[..., None]:
    def identity(distill_case: RunningCase, distill_record: Record) -> None:
        __tracebackhide__ = True
        settle(distill_case, distill_record)

    # Reports take a test's file and line from its code: they should show the suite, where a person can mend it.
    identity.__code__ = identity.__code__.replace(
        co_filename=str(file.path), co_firstlineno=file.suite.identity.line
    )
    identity.__module__ = file.path.name
    identity.__test__ = True  # type: ignore[attr-defined]  # whatever python_functions says
    parameters: list[Any] = [
        pytest.param(case, id=f"{case.plan.model.id}-{case.probe.id}") for case in cases
    ] or [pytest.param(None, id="no-model", marks=pytest.mark.skip(reason=NO_MODEL))]
    return pytest.mark.parametrize("distill_case", parameters, indirect=True)(identity)
