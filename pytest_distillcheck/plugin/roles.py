"""The run in its three roles: alone, as pytest-xdist's controller, as one of its workers.

Records ride on test reports, so the process that reports gathers them in every role but the worker's, and decides
the gates when all are in. Under pytest-xdist a worker collects gates like any test, so that selection works, tells
the controller which were selected, and withholds them; the controller runs them after its loop.
"""

from collections.abc import Generator, Sequence
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_distillcheck.plugin.options import (
    Settings,
    any_given,
    config_path,
    given_on_command_line,
    read_settings,
)

if TYPE_CHECKING:
    from pytest_distillcheck.assembly import ModelUnderTest
    from pytest_distillcheck.domain.gates import Decision, Gate
    from pytest_distillcheck.domain.records import Record
    from pytest_distillcheck.plugin.collection import SuiteFile
    from pytest_distillcheck.plugin.gates import GateItem
    from pytest_distillcheck.plugin.outcomes import Tally

RUN = pytest.StashKey["Run"]()

WORKER_OUTPUT = "distillcheck"
"""Key of what a worker tells the controller: on its output, and on its first report in case it dies."""


def register_run(config: pytest.Config) -> None:
    """Register the run in the role that this process has.

    Raises:
        pytest.UsageError: an option, the configuration file or a model is wrong.
    """
    run: Run
    if hasattr(config, "workerinput"):
        run = Worker(config)
    elif _is_controller(config):
        run = Controller(config)
    else:
        run = Main(config)
    config.stash[RUN] = run
    config.pluginmanager.register(run, "distillcheck-run")
    run.check_options()


def _is_controller(config: pytest.Config) -> bool:
    option = config.option
    return (
        bool(getattr(option, "dist", "no") != "no" and getattr(option, "tx", None)) and not option.collectonly
    )


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

        settings = self.settings
        return assemble_models(settings.models, config=settings.config, folder=settings.folder)

    def check_options(self) -> None:
        """Find what is wrong with the options before anything is collected."""
        if not self.must_check_early():
            return
        from pytest_distillcheck.domain.scrubbing import scrub
        from pytest_distillcheck.errors import DistillcheckError

        try:
            _ = self.models
        except DistillcheckError as error:
            raise pytest.UsageError(scrub(str(error))) from error

    def must_check_early(self) -> bool:
        """Return whether the options are this run's business before a suite is seen."""
        return any_given(self.config)

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


class Worker(Run):
    """One of pytest-xdist's workers: gates are withheld, and told to the controller."""

    def __init__(self, config: pytest.Config) -> None:
        super().__init__(config)
        self.told = False
        self.output: dict[str, Any] = {}

    def refuse(self, items: list[pytest.Item]) -> None:
        """Run nothing; the controller raises the fault, since an exception here would be an internal error."""
        items.clear()

    @pytest.hookimpl(tryfirst=True)  # before pytest-xdist reports the ids
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Withhold the gates."""
        if not self.suites and not self.usage_faults:
            return
        from pytest_distillcheck.plugin.gates import GateItem

        if self.suite_failed and not self.config.option.continue_on_collection_errors:
            # pytest-xdist runs the rest after a collection error; nothing may be asked then.
            session.items[:] = [item for item in session.items if str(item.path) not in self._suite_paths]
        gates = [item for item in session.items if isinstance(item, GateItem)]
        session.items[:] = [item for item in session.items if not isinstance(item, GateItem)]
        self.output = {
            "gates": [gate.nodeid for gate in gates],
            "suites": {nodeid: str(file.path) for nodeid, file in self.suites.items()},
            "usage_faults": self.usage_faults,
        }
        self.config.workeroutput[WORKER_OUTPUT] = self.output  # type: ignore[attr-defined]  # xdist's

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


class Main(Run):
    """The process that reports: it gathers the records, decides the gates, and sets the exit code."""

    def __init__(self, config: pytest.Config) -> None:
        super().__init__(config)
        self.records: dict[str, Record] = {}
        self.gates: set[str] = set()
        self.report_fault: str | None = None

    @cached_property
    def tally(self) -> "Tally":
        """The kinds of reports seen."""
        from pytest_distillcheck.plugin.outcomes import Tally

        return Tally()

    @cached_property
    def decisions(self) -> "dict[str, Decision]":
        """What was decided of each gate that was selected, by id. Decides at the first look, so look last."""
        from pytest_distillcheck.gating import decide

        cases = [
            (gate, file.members(plan, self.records))
            for file in self.suites.values()
            for plan in file.plans
            for gate in file.gates(plan)
            if gate.id in self.gates
        ]
        return {decision.gate.id: decision for decision in decide(cases)}

    @property
    def decided(self) -> "tuple[Decision, ...]":
        """The decisions, if the run came so far."""
        return tuple(self.__dict__.get("decisions", {}).values())

    @property
    def undecided(self) -> dict[str, str]:
        """Why there is no decision, by id of each gate that the suites plan and that was not decided."""
        decided = {decision.gate.id for decision in self.decided}
        planned = [
            gate.id for file in self.suites.values() for plan in file.plans for gate in file.gates(plan)
        ]
        return {
            gate: "the run ended before it" if gate in self.gates else "not selected"
            for gate in planned
            if gate not in decided
        }

    def decision(self, gate: "Gate") -> "Decision":
        """Return what was decided of a gate; the first call decides all of them."""
        return self.decisions[gate.id]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, Any, Any]:
        """Put gates last and remember which were selected."""
        result = yield from super().pytest_collection_modifyitems(items)
        if self.suites:
            from pytest_distillcheck.plugin.gates import GateItem

            self.gates = {item.nodeid for item in items if isinstance(item, GateItem)}
        return result

    def pytest_report_header(self) -> list[str]:
        """Say in one line what is under test, when a model was chosen."""
        if not self.must_check_early() or not self.models:
            return []
        from pytest_distillcheck.domain.scrubbing import scrub

        models = ", ".join(f"{model.name} ({model.spec})" for model in self.models)
        return [scrub(f"distillcheck: {models}; judge embedded; seed {self.settings.seed}")]

    def pytest_report_collectionfinish(self) -> list[str]:
        """Say how many probes the gates with a confidence need."""
        return [f"distillcheck: {note}" for file in self.suites.values() for note in file.notes()]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather the record. The first one of a test stays: a rerun does not re-roll it."""
        if not hasattr(report, "distill") and not report.failed:
            return
        from pytest_distillcheck.domain.records import Record
        from pytest_distillcheck.plugin.outcomes import ours_of, with_headline

        self.tally.add(report)
        with_headline(report)
        ours = ours_of(report)
        self.hear(ours.get(WORKER_OUTPUT))
        if (data := ours.get("record")) and report.nodeid not in self.records:
            self.records[report.nodeid] = Record.from_builtins(data)

    def hear(self, output: dict[str, Any] | None) -> None:
        """Take in what a worker told."""

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Count what could not be collected."""
        if report.failed:
            self.tally.add(report)

    def pytest_internalerror(self) -> None:
        """Remember: pytest-xdist may lose a failed report here and still end with 0."""
        self.tally.internal_error = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, Any] | None:
        """Give measurements their own words."""
        ours = getattr(report, "distill", None)
        if not ours or report.when == "teardown":
            return None
        from pytest_distillcheck.plugin.outcomes import SHOWN

        return SHOWN.get(ours.get("status"))

    @pytest.hookimpl(tryfirst=True)  # before the terminal's, which prints the summary
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report and set the exit code."""
        if not self.suites and "tally" not in self.__dict__:
            return
        if self.suites and not self.config.option.collectonly:
            self.write_report()
        session.exitstatus = self.tally.exit_status(
            int(session.exitstatus),
            undecided=bool(self.gates - {d.gate.id for d in self.decided})
            and not self.config.option.collectonly,
            report_lost=self.report_fault is not None,
            inconclusive_passes=bool(self.suites) and self.settings.inconclusive_passes,
        )

    def write_report(self) -> None:
        """Write results.json where the user wants it."""
        folder = self.settings.report
        if folder is None:
            return
        from pytest_distillcheck.plugin.summary import summarise
        from pytest_distillcheck.reports import write_results

        try:
            write_results(folder, summarise(self))
        except OSError as error:
            self.report_fault = f"results.json could not be written to {folder} ({error.strerror or error})"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show scores, gates and the worst findings."""
        if not self.suites or self.config.option.collectonly or not self.models:
            return
        from pytest_distillcheck.plugin.summary import summarise
        from pytest_distillcheck.reports import terminal_lines

        terminalreporter.section("distillcheck")
        for line in terminal_lines(summarise(self)):
            terminalreporter.line(line.text, **{line.colour: True} if line.colour else {})
        if self.report_fault:
            terminalreporter.line(self.report_fault, red=True)


class Controller(Main):
    """pytest-xdist's controller: it collects nothing, hears of suites and gates from workers, and runs the gates."""

    def must_check_early(self) -> bool:
        """Return whether the options are this run's business before a suite is seen.

        The configuration file may choose the model, and no suite will be seen here to make us look at it.
        """
        return super().must_check_early() or config_path(self.config) is not None

    def hear(self, output: dict[str, Any] | None) -> None:
        """Take in which suites a worker collected, and which gates were selected."""
        if not output:
            return
        self.gates.update(output["gates"])
        self.usage_faults = output["usage_faults"]
        if not self.usage_faults:
            self._open_suites(output["suites"])

    def _open_suites(self, paths: dict[str, str]) -> None:
        from pytest_distillcheck.plugin.collection import SuiteFile

        for nodeid, path in paths.items():
            if nodeid not in self.suites:
                self.suites[nodeid] = SuiteFile.from_parent(self.session, path=Path(path))

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep the session: suite files are opened below it."""
        self.session = session

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Hear what a worker that ended has to tell; one that was killed has told it on its first report."""
        self.hear((getattr(node, "workeroutput", None) or {}).get(WORKER_OUTPUT))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Run the gates when the workers are done; not after `-x` or Ctrl-C, as without pytest-xdist."""
        result = yield
        if self.usage_faults:
            self.refuse([])
        gates = [
            item for file in self.suites.values() for item in file.gate_items() if item.nodeid in self.gates
        ]
        _run_items(session, gates)
        return result


def _run_items(session: pytest.Session, items: "Sequence[GateItem]") -> None:
    """Run items as pytest's own loop does."""
    session.testscollected += len(items)
    for item, follower in zip_longest(items, items[1:]):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=follower)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
