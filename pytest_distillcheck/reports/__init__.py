"""Renderings of a run: results.json and the terminal's section."""

from pytest_distillcheck.reports.results import results, results_schema_text, write_results
from pytest_distillcheck.reports.terminal import Line, terminal_lines

__all__ = ["Line", "results", "results_schema_text", "terminal_lines", "write_results"]
