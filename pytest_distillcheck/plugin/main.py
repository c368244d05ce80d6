"""The process that reports, alone or as pytest-xdist's controller.

Records ride on test reports, so one path gathers them with and without workers, and a killed worker loses nothing that
it had finished. The gates are decided when all records are in.
"""

from collections.abc import Callable, Generator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_distillcheck.plugin.run import WORKER_OUTPUT, Run

if TYPE_CHECKING:
    from pytest_distillcheck.domain.gates import Decision, Gate
    from pytest_distillcheck.domain.progress import Progress
    from pytest_distillcheck.domain.records import Record
    from pytest_distillcheck.plugin.outcomes import Tally
    from pytest_distillcheck.plugin.sending import Sending


class Main(Run):
    """The process that reports: it gathers the records, decides the gates, and sets the exit code."""

    def __init__(self, config: pytest.Config) -> None:
        super().__init__(config)
        self.records: dict[str, Record] = {}
        self.heard: set[str] = set()
        self.exchanges: dict[str, list[str]] = {}
        self.gates: set[str] = set()
        self.report_fault: str | None = None
        self.sending: Sending | None = None
        self.traffic: Progress | None = None

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
            (gate, plan.population(self.records))
            for file in self.suites.values()
            for gate, plan in file.gates()
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
        planned = [gate.id for file in self.suites.values() for gate, _ in file.gates()]
        return {
            gate: "the run ended before it" if gate in self.gates else "not selected"
            for gate in planned
            if gate not in decided
        }

    def decision(self, gate: "Gate") -> "Decision":
        """Return what was decided of a gate; the first call decides all of them."""
        return self.decisions[gate.id]

    def broker(self) -> "Sending | None":
        """Return the run's broker."""
        return self.sending

    def check_models(self) -> None:
        """Raise DistillcheckError if a model cannot be had, a missing key included."""
        super().check_models()
        if self.models and not self.config.option.collectonly:
            from pytest_distillcheck.plugin.sending import check_models

            check_models(self.models, self.settings)

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep the session."""
        self.session = session

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Send requests while tests run."""
        option = self.config.option
        broken = session.testsfailed and not option.continue_on_collection_errors
        # The plugins of the latter two may be blocked.
        idle = any(getattr(option, name, False) for name in ("collectonly", "setuponly", "setupplan"))
        if self.suites and not (idle or broken):
            self.open_sending()
            if self.sending:
                self.sending.plan(session.items)
        try:
            result = yield
        except BaseException:
            self.close_sending(finished=False)
            raise
        self.close_sending(finished=True)
        return result

    def open_sending(self) -> None:
        """Open the broker, if a live model was chosen."""
        if not self.asks_live:
            return
        from pytest_distillcheck.domain.scrubbing import scrub
        from pytest_distillcheck.errors import DistillcheckError
        from pytest_distillcheck.plugin.progress import show_progress
        from pytest_distillcheck.plugin.sending import Sending

        try:
            self.sending = Sending(self.models, self.settings, self.config)
        except DistillcheckError as error:
            raise pytest.UsageError(scrub(str(error))) from error
        show_progress(self.config, self.sending)

    def close_sending(self, *, finished: bool) -> None:
        """End the broker and keep its counts."""
        if self.sending is None:
            return
        from pytest_distillcheck.plugin.progress import hide_progress

        hide_progress(self.config)
        self.sending.close(finished=finished and not self.tally.infrastructure)
        self.traffic = self.sending.progress
        self.sending = None

    def pytest_runtest_logfinish(self) -> None:
        """Send nothing more once the run is to stop, by `-x` or otherwise."""
        if self.sending and (self.session.shouldfail or self.session.shouldstop):
            self.sending.stop("the run is stopping")

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
        return self.header() if self.must_check_early() else []

    def pytest_report_collectionfinish(self) -> list[str]:
        """Say how many probes the gates with a confidence need, and what is under test if a file alone says so."""
        if not self.suites or self.config.getoption("distill_plan"):
            return []  # the plan says so
        header = [] if self.must_check_early() else self.header()
        return header + [f"distillcheck: {note}" for file in self.suites.values() for note in file.notes()]

    def header(self) -> list[str]:
        """Return the line that says what is under test, when a model was chosen."""
        if not self.models:
            return []
        from pytest_distillcheck.domain.scrubbing import scrub

        models = ", ".join(f"{model.name} ({model.spec})" for model in self.models)
        return [scrub(f"distillcheck: {models}; judge embedded; seed {self.settings.seed}")]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather the records. The first ones of a test stay: a rerun does not re-roll them."""
        if not hasattr(report, "distill") and not report.failed:
            return
        from pytest_distillcheck.domain.records import Record
        from pytest_distillcheck.plugin.outcomes import ours_of, with_headline

        self.tally.add(report)
        with_headline(report)
        ours = ours_of(report)
        self.hear(ours.get(WORKER_OUTPUT))
        if report.nodeid in self.heard:
            return
        for data in ours.get("records", ()):
            self.heard.add(report.nodeid)
            self.records[data["id"]] = Record.from_builtins(data)
        for model, line in ours.get("exchanges", ()):
            self.exchanges.setdefault(model, []).append(line)

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
            self.write_files()
        session.exitstatus = self.tally.exit_status(
            int(session.exitstatus),
            undecided=bool(self.gates - {d.gate.id for d in self.decided})
            and not self.config.option.collectonly,
            report_lost=self.report_fault is not None,
            inconclusive_passes=bool(self.suites) and self.settings.inconclusive_passes,
        )

    def write_files(self) -> None:
        """Write results.json and recordings where the user wants them."""
        from pytest_distillcheck.plugin.summary import summarise, write_recordings
        from pytest_distillcheck.reports import write_results

        settings = self.settings
        if folder := settings.report:
            self.write("results.json", folder, lambda: write_results(folder, summarise(self)))
        if record := settings.record:
            self.write("recordings", record, lambda: write_recordings(record, self.exchanges, self.models))

    def write(self, what: str, folder: Path, write: Callable[[], object]) -> None:
        """Write files; a failure is told at the end and costs no more than them."""
        from pytest_distillcheck.domain.scrubbing import scrub

        try:
            write()
        except OSError as error:
            told = f"{what} could not be written to {folder} ({error.strerror or error}); make it writable"
            self.report_fault = scrub(told)

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
