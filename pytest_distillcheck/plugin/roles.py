"""Which role this process has: alone, pytest-xdist's controller, or one of its workers."""

import pytest

from pytest_distillcheck.plugin.controller import Controller
from pytest_distillcheck.plugin.main import Main
from pytest_distillcheck.plugin.run import RUN, Run
from pytest_distillcheck.plugin.worker import Worker


def register_run(config: pytest.Config) -> None:
    """Register the run in the role that this process has.

    Raises:
        pytest.UsageError: an option, the configuration file or a model is wrong.
    """
    run: Run
    if hasattr(config, "workerinput"):
        run = Worker(config)
    elif _is_controller(config):
        run = Controller(config)
    else:
        run = Main(config)
    config.stash[RUN] = run
    config.pluginmanager.register(run, "distillcheck-run")
    if run.must_check_early():
        from pytest_distillcheck.plugin.garbage import collect_less_often

        config.add_cleanup(collect_less_often())
    run.check_options()


def leave_run(config: pytest.Config) -> None:
    """Leave the process as it was before the run, if there was one."""
    if run := config.stash.get(RUN, None):
        run.leave()


def _is_controller(config: pytest.Config) -> bool:
    option = config.option
    return (
        bool(getattr(option, "dist", "no") != "no" and getattr(option, "tx", None)) and not option.collectonly
    )
