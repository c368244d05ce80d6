"""Imports the core at once: pytester drops modules that a test imports lazily, and two copies of a class differ."""

import pytest_distillcheck.assembly
import pytest_distillcheck.plugin.collection
import pytest_distillcheck.plugin.selection
import pytest_distillcheck.plugin.summary  # noqa: F401
