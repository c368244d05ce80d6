"""Tests written in Python that use the engine: one for each chosen model."""

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest

from pytest_distillcheck.errors import DistillcheckError
from pytest_distillcheck.identity import EmbeddedIdentityJudge
from pytest_distillcheck.plugin.engine import Distill
from pytest_distillcheck.plugin.run import RUN, Run
from pytest_distillcheck.plugin.sending import is_ours

if TYPE_CHECKING:
    from pytest_distillcheck.assembly import ModelUnderTest

NO_MODEL = "no model chosen: give --distill-model=NAME"


def parametrise(metafunc: pytest.Metafunc) -> None:
    """Give a test the chosen models that its marker allows."""
    run: Run = metafunc.config.stash[RUN]
    run.has_python_tests = True
    try:
        models = [model for model in run.models if _is_meant(model.name, metafunc.definition)]
    except DistillcheckError as error:
        run.usage_faults.append(str(error))
        models = []
    run.fitting_python_tests |= {model.id for model in models}
    chosen: list[Any] = [pytest.param(model, id=model.id) for model in models] or [
        pytest.param(None, id="no-model", marks=pytest.mark.skip(reason=_why_none(run)))
    ]
    metafunc.parametrize("distill", chosen, indirect=True)


def engine_of(request: pytest.FixtureRequest) -> Distill:
    """Return the engine for a test, with what a `conftest.py` puts in the place of model or judge."""
    model: ModelUnderTest = request.param
    return Distill(
        request.node,
        model,
        _overridden(request, "distill_model") or request.config.stash[RUN].client(model),
        _overridden(request, "distill_identity_judge") or EmbeddedIdentityJudge(),
    )


def _is_meant(name: str, item: pytest.Item) -> bool:
    marker = item.get_closest_marker("distill")
    globs = marker.kwargs.get("models", ["*"]) if marker else ["*"]
    return any(fnmatchcase(name, pattern) for pattern in globs)


def _why_none(run: Run) -> str:
    return "the marker `distill` is for other models" if not run.usage_faults and run.models else NO_MODEL


def _overridden(request: pytest.FixtureRequest, fixture: str) -> Any:
    """Return the value of a fixture that is not ours, or None."""
    # No public way tells whose a fixture is.
    manager = request.session._fixturemanager  # noqa: SLF001
    definitions = manager.getfixturedefs(fixture, request.node) or ()
    return None if all(map(is_ours, definitions)) else request.getfixturevalue(fixture)
