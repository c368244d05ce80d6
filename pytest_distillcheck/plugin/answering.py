"""Warns of models that answer under other names than the one that was asked."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from pytest_distillcheck.assembly import ModelUnderTest
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.reports import answered_as

if TYPE_CHECKING:
    from pytest_distillcheck.plugin.main import Main


def asked_of(model: ModelUnderTest) -> str:
    """Return the model string that requests to a model name; empty when it is not live."""
    return model.live.endpoint.model if model.live else ""


def warn_of_answers(run: "Main") -> bool:
    """Issue a warning for each model under test whose answers do not all name it.

    Returns:
        Whether a warning is an error, by `-W error` or the like; the run must not end well then.
    """
    raised = False
    for fault in _faults(run):
        try:
            run.config.issue_config_time_warning(pytest.PytestWarning(scrub(fault)), stacklevel=2)
        except pytest.PytestWarning:
            raised = True
    return raised


def _faults(run: "Main") -> Iterator[str]:
    for model in run.models:
        records = [record for record in run.records.values() if record.model == model.name]
        asked = asked_of(model)
        if strings := answered_as(records, asked=asked):
            told = f", asked for as {asked}," if asked else ""
            yield (
                f"{model.name}{told} answered as {strings}; its gates hold for what answered:"
                " name one dated model in its SPEC, and see what the endpoint passes requests on to"
            )
