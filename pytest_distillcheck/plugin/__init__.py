"""The pytest plugin. Nothing but pytest is imported here: every pytest run of the environment loads this module."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from pytest_distillcheck.plugin.fixtures import *  # noqa: F403 - fixtures are found by being here

SUITE_ENDING = ".distill.yaml"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the `--distill-*` options and their ini twins."""
    from pytest_distillcheck.plugin.options import add_options

    add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks of this plugin."""
    from pytest_distillcheck.plugin import hookspecs

    pluginmanager.add_hookspecs(hookspecs)


@pytest.hookimpl(wrapper=True, tryfirst=True)  # around everything that runs
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, Any, Any]:
    """Turn the run into a collection, without workers, when the user wants to see the plan alone."""
    if config.getoption("distill_plan"):
        from pytest_distillcheck.plugin.plan import plan_only

        plan_only(config)
    try:
        return (yield)
    finally:
        from pytest_distillcheck.plugin.roles import leave_run

        leave_run(config)


@pytest.hookimpl(trylast=True)  # last, so that our hook wrappers stand outside those of --lf, --sw and others
def pytest_configure(config: pytest.Config) -> None:
    """Register the run in the role that this process has."""
    config.addinivalue_line(
        "markers",
        "distill(models): run this test of the engine for models whose names fit one of these globs",
    )
    from pytest_distillcheck.plugin.roles import register_run

    register_run(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests that use the engine once for each chosen model."""
    if "distill" in metafunc.fixturenames:
        from pytest_distillcheck.plugin.python_tests import parametrise

        parametrise(metafunc)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect suite files."""
    if not file_path.name.endswith(SUITE_ENDING):
        return None
    from pytest_distillcheck.plugin.collection import SuiteFile

    return SuiteFile.from_parent(parent, path=file_path)
