"""Turns a probe into a record: the answer is asked for, made fit for judging, and judged."""

from pytest_distillcheck.running.examining import Examination, examine
from pytest_distillcheck.running.rating import Comparison, compare, shown_to_judge, why_unfit
from pytest_distillcheck.running.thinking import Thinking, split_thinking

__all__ = [
    "Comparison",
    "Examination",
    "Thinking",
    "compare",
    "examine",
    "shown_to_judge",
    "split_thinking",
    "why_unfit",
]
