"""Suite files as pytest modules: a function for each kind of section, parametrised, and one item for each gate."""

import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from pytest_distillcheck.assembly import Plan
from pytest_distillcheck.domain.gates import Gate
from pytest_distillcheck.domain.records import RecordKind
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.errors import DistillcheckError, SuiteError
from pytest_distillcheck.plugin.cases import Case, cases_of
from pytest_distillcheck.plugin.gates import GateItem
from pytest_distillcheck.plugin.identity import identity
from pytest_distillcheck.plugin.run import RUN
from pytest_distillcheck.suites import Suite, load_suite

if TYPE_CHECKING:
    from pytest_distillcheck.snapshot import Place

NO_MODEL = "no model chosen: give --distill-model=NAME"


class SuiteFile(pytest.Module):
    """A `*.distill.yaml` file.

    It is a Module with a module made up for it, and not a plain File, because fixtures, `--lf`, `--reruns`, syrupy
    and other plugins rely on functions in modules.
    """

    member_items: Sequence[pytest.Item] = ()
    """What was collected beside the gates, before anything was deselected."""

    @cached_property
    def suite(self) -> Suite:
        """The suite; raises SuiteError."""
        return load_suite(self.path, shown=self.nodeid)

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        """The plan of each section for each chosen model that it fits; raises UsageError."""
        return self.config.stash[RUN].plan(self.suite, folder=self.path.parent)

    @cached_property
    def snapshot_places(self) -> "Mapping[str, Place]":
        """Where its snapshots are kept, by the model's id."""
        from pytest_distillcheck.plugin.snapshots import places

        return places(self)

    def check_snapshots(self) -> None:
        """Raise UsageError for what would stop its snapshots."""
        if any(plan.snapshot for plan in self.plans):
            from pytest_distillcheck.plugin.snapshots import check_snapshots

            check_snapshots(self.snapshot_places.values(), self.config)

    def _getobj(self) -> types.ModuleType:
        module = types.ModuleType(self.path.name)
        # Without a model each kind has a test that says so; a model may fit some of the sections alone.
        kinds = _kinds(self.suite) if not self.config.stash[RUN].models else ()
        cases: dict[RecordKind, list[Case]] = {kind: [] for kind in kinds}
        for plan in self.plans:
            cases.setdefault(plan.kind, []).extend(cases_of(plan))
        for kind, of_kind in cases.items():
            setattr(module, kind, _parametrised(self, kind, of_kind))
        return module

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Return the tests and the gates.

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
            self.check_snapshots()
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
        self.member_items = list(super().collect())  # type: ignore[arg-type]  # functions only
        return [*self.member_items, *self.gate_items()]

    def gate_items(self) -> list["GateItem"]:
        """Return one item for each gate."""
        return [
            GateItem.from_parent(self, name=gate.name, gate=gate, line=plan.line)
            for plan in self.plans
            for gate in plan.gates()
        ]

    def notes(self) -> list[str]:
        """Return what is worth knowing of prompts and gates before anything is asked."""
        left_out = self.suite.similarity.left_out if self.suite.similarity else {}
        notes = [
            f"{self.nodeid}: prompts left out: {count}, {why}" for why, count in sorted(left_out.items())
        ]
        return notes + [
            note for plan in self.plans for gate in plan.gates() if (note := plan.gate_note(gate))
        ]

    def gates(self) -> list[tuple[Gate, Plan]]:
        """Return every gate with its plan."""
        return [(gate, plan) for plan in self.plans for gate in plan.gates()]


def _kinds(suite: Suite) -> Iterable[RecordKind]:
    """Return the kinds of tests that a suite has, in their order."""
    if suite.identity:
        yield "identity"
        if suite.identity.campaign:
            yield "campaign"
    if suite.similarity:
        yield "similarity"


def _test_function(kind: RecordKind) -> Callable[..., None]:
    """Return the function that the tests of a kind share; a suite without the kind starts faster without its modules."""
    if kind == "similarity":
        from pytest_distillcheck.plugin.similarity import similarity

        return similarity
    if kind == "campaign":
        from pytest_distillcheck.plugin.campaign import campaign

        return campaign
    return identity


def _line(suite: Suite, kind: RecordKind) -> int:
    campaign = suite.identity.campaign if suite.identity else None
    sections = {"identity": suite.identity, "campaign": campaign, "similarity": suite.similarity}
    section = sections[kind]
    assert section
    return section.line


def _parametrised(file: SuiteFile, kind: RecordKind, cases: Sequence[Case]) -> Callable[..., None]:
    """Return a copy of a test function for one file, with a parameter for each case."""
    original = _test_function(kind)
    # Reports take a test's file and line from its code: they should show the suite, where a person can mend it.
    code = original.__code__.replace(co_filename=str(file.path), co_firstlineno=_line(file.suite, kind))
    function = types.FunctionType(code, original.__globals__, original.__name__)
    function.__annotations__ = original.__annotations__
    function.__module__ = file.path.name
    function.__test__ = True  # type: ignore[attr-defined]  # whatever python_functions says
    parameters: list[Any] = [pytest.param(case, id=case.id) for case in cases] or [
        pytest.param(None, id="no-model", marks=pytest.mark.skip(reason=NO_MODEL))
    ]
    if any(case.plan.snapshot for case in cases):
        function = pytest.mark.usefixtures("distill_snapshot")(function)
    return pytest.mark.parametrize("distill_case", parameters, indirect=True)(function)
