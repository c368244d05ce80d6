"""Renderings of a run: results.json, the terminal's sections and its line of progress."""

from pytest_distillcheck.reports.plan import plan_lines
from pytest_distillcheck.reports.progress import progress_text
from pytest_distillcheck.reports.results import results, results_schema_text, write_results
from pytest_distillcheck.reports.terminal import Line, terminal_lines

__all__ = [
    "Line",
    "plan_lines",
    "progress_text",
    "results",
    "results_schema_text",
    "terminal_lines",
    "write_results",
]
