"""Turns a probe into a record: the answer is asked for, made fit for judging, and judged."""

from pytest_distillcheck.running.examining import Examination, examine
from pytest_distillcheck.running.thinking import Thinking, split_thinking

__all__ = ["Examination", "Thinking", "examine", "split_thinking"]
