"""Renderings of a run: results.json, the terminal's sections and its line of progress."""

from pytest_distillcheck.reports.answering import answered_as
from pytest_distillcheck.reports.lines import Line
from pytest_distillcheck.reports.plan import plan_lines
from pytest_distillcheck.reports.progress import progress_text
from pytest_distillcheck.reports.results import RESULTS_SCHEMA, results, results_schema_text, write_results
from pytest_distillcheck.reports.terminal import terminal_lines

__all__ = [
    "RESULTS_SCHEMA",
    "Line",
    "answered_as",
    "plan_lines",
    "progress_text",
    "results",
    "results_schema_text",
    "terminal_lines",
    "write_results",
]
