"""Imports the core at once: pytester drops modules that a test imports lazily, and two copies of a class differ."""

from importlib import import_module

MODULES = (
    "assembly",
    "plugin.collection",
    "plugin.selection",
    "plugin.summary",
    "plugin.sending",
    "plugin.snapshots",
)

for module in MODULES:
    import_module(f"pytest_distillcheck.{module}")
