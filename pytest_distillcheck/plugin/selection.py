"""Which items run, and in which order, once every other plugin has chosen."""

from typing import TYPE_CHECKING

import pytest

from pytest_distillcheck.plugin.cases import case_of
from pytest_distillcheck.plugin.gates import GateItem
from pytest_distillcheck.plugin.options import given_on_command_line

if TYPE_CHECKING:
    from pytest_distillcheck.plugin.run import Run


def order_gates(run: "Run", items: list[pytest.Item]) -> None:
    """Put the gates last.

    `--lf` and `--sw` may have kept a gate alone: then its members come back, since a gate without them could only
    be incomplete.
    """
    gates = [item for item in items if isinstance(item, GateItem)]
    if not gates:
        return
    rest = [item for item in items if not isinstance(item, GateItem)]
    option = run.config.option
    if getattr(option, "lf", False) or getattr(option, "stepwise", False):
        chosen = {item.nodeid for item in rest}
        rest = [*(item for item in _members(run, gates) if item.nodeid not in chosen), *rest]
    items[:] = [*rest, *gates]


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
    if not run.suites:
        asked = given_on_command_line(run.config, "model")
        return ["--distill-model: no suite (*.distill.yaml) was collected; name its path"] if asked else []
    fitting = {plan.model.id for file in run.suites.values() for plan in file.plans}
    globs = sorted(frozenset[str]().union(*(file.suite.globs for file in run.suites.values())))
    return [
        f"no suite fits the model {model.name!r}; the suites are for {', '.join(globs)}"
        for model in run.models
        if model.id not in fitting
    ]
