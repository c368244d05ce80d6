"""Shows whether a judge that is a model passed its controls."""

from typing import TYPE_CHECKING

import pytest

from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.judges import ControlledSimilarityJudge, is_of_unfit_judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_distillcheck.domain.records import Record
    from pytest_distillcheck.plugin.run import Run

_NAME = "distillcheck-controls"


def show_controls(judge: ControlledSimilarityJudge, run: "Run") -> None:
    """Have the terminal's summary tell whether the run's judge passed its controls."""
    if not run.config.pluginmanager.has_plugin(_NAME):
        run.config.pluginmanager.register(ControlsView(judge, run), _NAME)


class ControlsView:
    """Adds a line below the run's section of the summary."""

    def __init__(self, judge: ControlledSimilarityJudge, run: "Run") -> None:
        self._judge = judge
        self._run = run

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what the controls came to, if anything was judged."""
        from pytest_distillcheck.plugin.main import Main

        assert isinstance(self._run, Main)  # workers have no terminal
        told = [record for record in self._run.records.values() if record.judge == self._judge.name]
        if line := controls_line(told, self._judge):
            text, colour = line
            terminalreporter.line(scrub(text), **{colour: True})


def controls_line(records: "Sequence[Record]", judge: ControlledSimilarityJudge) -> tuple[str, str] | None:
    """Return what the records of a judge tell of its controls, and in which colour; None when they tell nothing.

    Under pytest-xdist it was asked in other processes; but what it rates, it rates after it passed.
    """
    for record in records:
        if record.unjudged and is_of_unfit_judge(record.unjudged):
            return f"judge {judge.name}: {record.unjudged.partition('(')[2].removesuffix(')')}", "red"
    if any(record.rating for record in records):
        n = len(judge.controls)
        return f"judge {judge.name}: {n} of {n} control pairs rated as they must be", "green"
    return None
