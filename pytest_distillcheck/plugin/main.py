"""The process that reports, alone or as pytest-xdist's controller.

Records ride on test reports, so one path gathers them with and without workers, and a killed worker loses nothing that
it had finished. The gates are decided when all records are in.
"""

from collections.abc import Callable, Generator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_distillcheck.plugin.options import EMBEDDED
from pytest_distillcheck.plugin.run import WORKER_OUTPUT, Run

if TYPE_CHECKING:
    from pytest_distillcheck.domain.gates import Decision, Gate
    from pytest_distillcheck.domain.progress import Progress
    from pytest_distillcheck.domain.records import Record
    from pytest_distillcheck.domain.summaries import RunSummary
    from pytest_distillcheck.plugin.background import BackgroundCampaigns
    from pytest_distillcheck.plugin.campaign import Conducted
    from pytest_distillcheck.plugin.garbage import SetAside
    from pytest_distillcheck.plugin.outcomes import Tally
    from pytest_distillcheck.plugin.sending import Sending


class Main(Run):
    """The process that reports: it gathers the records, decides the gates, and sets the exit code."""

    def __init__(self, config: pytest.Config) -> None:
        super().__init__(config)
        self.records: dict[str, Record] = {}
        self.heard: set[str] = set()
        self.python_decisions: list[Decision] = []
        self.exchanges: dict[str, list[str]] = {}
        self.notes: dict[str, dict[str, Any]] = {}
        self.report_fault: str | None = None
        self.frozen: str | None = None
        self.sending: Sending | None = None
        self.campaigns: BackgroundCampaigns | None = None
        self.set_aside: SetAside | None = None
        self.run_id: str | None = None
        self.traffic: Progress | None = None
        self.reworded: dict[str, str] = {}

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

    @cached_property
    def summary(self) -> "RunSummary":
        """What the run came to. It is made at the first look, and takes seconds with many references: look last."""
        from pytest_distillcheck.plugin.summary import summarise

        return summarise(self)

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

    def check_others(self) -> None:
        """Raise DistillcheckError if a model that a suite names cannot be had, a missing key included."""
        if self.others and not self.config.option.collectonly:
            from pytest_distillcheck.plugin.sending import check_models

            check_models(self.others, self.settings)

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
        if not self.is_used or idle or broken:
            return (yield)
        from pytest_distillcheck.plugin.garbage import SetAside, set_aside_at_exit

        set_aside_at_exit()
        self.open_sending()
        self.set_aside = SetAside()
        self.set_aside.add()
        try:
            if self.sending:
                self.sending.plan(session.items)
                self.start_campaigns(session.items)
            result = yield
        except BaseException:
            self.close_sending(finished=False)
            raise
        self.close_sending(finished=True)
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Spare what follows the search for garbage: pytest has just collected it, and will once more."""
        if self.set_aside:
            self.set_aside.add()

    def leave(self) -> None:
        """Leave the process as it was."""
        if self.set_aside:
            self.set_aside.give_back()

    def open_sending(self) -> None:
        """Open the broker, if a live model was chosen."""
        if not self.asks_live:
            return
        from pytest_distillcheck.domain.scrubbing import scrub
        from pytest_distillcheck.errors import DistillcheckError
        from pytest_distillcheck.plugin.progress import show_progress
        from pytest_distillcheck.plugin.sending import Sending

        try:
            self.sending = Sending(self.models, self.settings, self.config, others=self.others)
        except DistillcheckError as error:
            raise pytest.UsageError(scrub(str(error))) from error
        self.run_id = self.sending.run_id
        show_progress(self.config, self.sending)

    def start_campaigns(self, items: Sequence[pytest.Item]) -> None:
        """Run campaigns of live models beside the tests."""
        if any(plan.kind == "campaign" for file in self.suites.values() for plan in file.plans):
            from pytest_distillcheck.plugin.background import BackgroundCampaigns

            assert self.sending
            self.campaigns = BackgroundCampaigns(items, self.sending)

    def conducted(self, item: pytest.Item) -> "Conducted | None":
        """Return what a campaign came to that runs beside the tests, once it is over; None for one that does not."""
        return self.campaigns.result(item) if self.campaigns else None

    def close_sending(self, *, finished: bool) -> None:
        """End the broker and keep its counts."""
        if self.sending is None:
            return
        from pytest_distillcheck.plugin.progress import hide_progress

        hide_progress(self.config)
        self.sending.close(finished=finished and not self.is_anything_left())
        if self.campaigns:
            self.campaigns.close()
        self.traffic = self.sending.progress
        self.sending = None

    def is_anything_left(self) -> bool:
        """Return whether a resumed run could go on: answers are missing, or a gate needs more evidence."""
        undecided = {"INCOMPLETE", "INCONCLUSIVE"}
        return bool(self.tally.infrastructure) or any(
            decision.outcome in undecided for decision in (*self.decisions.values(), *self.python_decisions)
        )

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

        models = ", ".join(f"{model.name} ({model.route})" for model in self.models)
        given = self.settings.similarity_judge
        similarity_judge = "" if given == EMBEDDED else f"; similarity judge {given}"
        return [scrub(f"distillcheck: {models}; judge embedded{similarity_judge}; seed {self.settings.seed}")]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather the records. The first ones of a test stay: a rerun does not re-roll them."""
        if not hasattr(report, "distill") and not report.failed:
            return
        from pytest_distillcheck.domain.gates import Decision
        from pytest_distillcheck.domain.records import Record
        from pytest_distillcheck.plugin.outcomes import ours_of, with_headline

        self.tally.add(report)
        with_headline(report)
        ours = ours_of(report)
        self.hear(ours.get(WORKER_OUTPUT))
        if report.nodeid in self.heard:
            return
        if "records" in ours or "decisions" in ours:
            self.heard.add(report.nodeid)
        for data in ours.get("records", ()):
            self.records[data["id"]] = Record.from_builtins(data)
        if "note" in ours:
            self.notes[report.nodeid] = ours["note"]
        if "reworded" in ours:
            self.reworded[report.nodeid] = ours["reworded"]
        for model, line in ours.get("exchanges", ()):
            self.exchanges.setdefault(model, []).append(line)
        self.python_decisions += [Decision.from_builtins(data) for data in ours.get("decisions", ())]

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

    # After syrupy's, which comes first and sets an exit code; before the terminal's wrapper, which prints the summary.
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the report and set the exit code."""
        if not self.is_used and "tally" not in self.__dict__:
            return
        if self.is_used and not (self.usage_faults or self.config.option.collectonly):
            from pytest_distillcheck.plugin.answering import warn_of_answers

            self.write_files()
            if warn_of_answers(self) and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        session.exitstatus = self.tally.exit_status(
            int(session.exitstatus),
            undecided=bool(self.gates - {d.gate.id for d in self.decided})
            and not self.config.option.collectonly,
            report_lost=self.report_fault is not None,
            inconclusive_passes=self.is_used and self.settings.inconclusive_passes,
        )

    def write_files(self) -> None:
        """Write results.json and recordings where the user wants them."""
        from pytest_distillcheck.plugin.summary import write_recordings
        from pytest_distillcheck.reports import write_results

        settings = self.settings
        if self.notes:
            self.write("frozen.jsonl", self.config.rootpath, self.freeze)
        if folder := settings.report:
            self.write("results.json", folder, lambda: write_results(folder, self.summary))
        if record := settings.record:
            models = (*self.models, *self.others)
            self.write("recordings", record, lambda: write_recordings(record, self.exchanges, models))

    def freeze(self) -> None:
        """Leave the templates that searches found behind in the run's folder, for the user to commit.

        Raises:
            OSError: it cannot be written.
        """
        from pytest_distillcheck.plugin.sending import new_run_id
        from pytest_distillcheck.plugin.summary import write_found

        self.frozen = write_found(self.notes.values(), self.config.rootpath, self.run_id or new_run_id())

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
        if not self.is_used or self.usage_faults or self.config.option.collectonly or not self.models:
            return
        from pytest_distillcheck.reports import terminal_lines

        terminalreporter.section("distillcheck")
        for line in terminal_lines(self.summary):
            terminalreporter.line(line.text, **{line.colour: True} if line.colour else {})
        if self.reworded:
            from pytest_distillcheck.reports.snapshots import rewording_lines

            for line in rewording_lines(self.reworded):
                terminalreporter.line(line.text)
        if self.report_fault:
            terminalreporter.line(self.report_fault, red=True)
