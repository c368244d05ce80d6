"""The fixtures that our tests use; a `conftest.py` may override any of them."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_distillcheck.domain.records import Record
    from pytest_distillcheck.plugin.cases import Case, IdentityCase, Running
    from pytest_distillcheck.ports import IdentityJudge, ModelClient

__all__ = ["distill_case", "distill_identity_judge", "distill_model", "distill_record"]


@pytest.fixture
def distill_case(request: pytest.FixtureRequest) -> "Running[Case]":
    """What this test asks, with the plan that it belongs to."""
    from pytest_distillcheck.plugin.cases import Running

    return Running(request.param, request.node)


@pytest.fixture
def distill_model(distill_case: "Running[Case]") -> "ModelClient":
    """The model under test: something with `ask(request) -> Response`."""
    from pytest_distillcheck.plugin.run import RUN

    return distill_case.item.config.stash[RUN].client(distill_case.case.plan.model)


@pytest.fixture
def distill_identity_judge(distill_case: "Running[IdentityCase]") -> "IdentityJudge":
    """The judge of this test: something with `name` and `judge(fact=, prompt=, response=) -> Verdict`."""
    return distill_case.case.plan.examination.judge


@pytest.fixture
def distill_record(
    distill_case: "Running[IdentityCase]",
    distill_model: "ModelClient",
    distill_identity_judge: "IdentityJudge",
) -> "Record":
    """The answer to this test's probe, judged.

    It is gathered here and not in the test, so that an outage is an error and never a failed test.
    """
    from pytest_distillcheck.plugin.identity import gather

    return gather(distill_case, distill_model, distill_identity_judge)
