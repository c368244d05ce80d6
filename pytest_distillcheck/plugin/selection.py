"""Which items run, and in which order, once every other plugin has chosen."""

from typing import TYPE_CHECKING

import pytest

from pytest_distillcheck.plugin.cases import case_of
from pytest_distillcheck.plugin.gates import GateItem
from pytest_distillcheck.plugin.options import given_on_command_line

if TYPE_CHECKING:
    from pytest_distillcheck.plugin.run import Run


def order_gates(run: "Run", items: list[pytest.Item]) -> None:
    """Put the gates last, and campaigns where they fit best (`Run.place`).

    `--lf` and `--sw` may have kept a gate alone: then its members come back, since a gate without them could only
    be incomplete.
    """
    gates = [item for item in items if isinstance(item, GateItem)]
    rest = [item for item in items if not isinstance(item, GateItem)]
    option = run.config.option
    if gates and (getattr(option, "lf", False) or getattr(option, "stepwise", False)):
        chosen = {item.nodeid for item in rest}
        rest = [*(item for item in _members(run, gates) if item.nodeid not in chosen), *rest]
    items[:] = [*sorted(rest, key=run.place), *gates]


def _members(run: "Run", gates: list[GateItem]) -> list[pytest.Item]:
    wanted = {(gate.suite, gate.kind, gate.model, gate.reference) for gate in (item.gate for item in gates)}
    return [
        item
        for nodeid, file in run.suites.items()
        for item in file.member_items
        if (case := case_of(item))
        and (nodeid, case.plan.kind, case.plan.model.name, case.plan.reference) in wanted
    ]


def unfit_models(run: "Run") -> list[str]:
    """Return a fault for each chosen model that no suite fits: silence would look like a pass."""
    if run.usage_faults or run.suite_failed or getattr(run.config.option, "lf", False):
        # What was not collected cannot be held against the model.
        return []
    if not run.is_used:
        asked = given_on_command_line(run.config, "model")
        return (
            [
                "--distill-model: no suite (*.distill.yaml), and no test with `distill`, was collected; name its path"
            ]
            if asked
            else []
        )
    fitting = {plan.model.id for file in run.suites.values() for plan in file.plans}
    globs = sorted(frozenset[str]().union(*(file.suite.globs for file in run.suites.values())))
    return [
        f"no suite fits the model {model.name!r}; the suites are for {', '.join(globs)}"
        for model in run.models
        if model.id not in fitting | run.fitting_python_tests
    ]


def unfit_others(run: "Run") -> list[str]:
    """Return a fault if a reference or another model that a suite names cannot be had."""
    if run.usage_faults:
        return []
    from pytest_distillcheck.errors import DistillcheckError

    try:
        run.check_others()
    except DistillcheckError as error:
        return [str(error)]
    return []


def missing_baseline(run: "Run", items: list[pytest.Item]) -> list[str]:
    """Return a fault if a selected gate compares with a baseline and none was given.

    Deciding its other limits alone would turn the gate green for whoever forgets the option.
    """
    gates = [
        item.name for item in items if isinstance(item, GateItem) and item.gate.limit.max_increase is not None
    ]
    if run.usage_faults or run.config.option.collectonly or not gates or run.settings.baseline:
        return []
    told = (
        f"max_increase of {gates[0]} has nothing to compare with: give --distill-baseline=results.json of an earlier"
        " run; the first one is made without its gates (-k 'not gate')"
    )
    return [told]
