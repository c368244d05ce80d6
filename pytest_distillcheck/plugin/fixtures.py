"""The fixtures that our tests use; a `conftest.py` may override any of them."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from syrupy.assertion import SnapshotAssertion

    from pytest_distillcheck.domain.records import Record
    from pytest_distillcheck.plugin.cases import CampaignCase, Case, IdentityCase, Running, SimilarityCase
    from pytest_distillcheck.plugin.engine import Distill
    from pytest_distillcheck.ports import IdentityJudge, ModelClient, SimilarityJudge

__all__ = [
    "distill",
    "distill_campaign",
    "distill_case",
    "distill_identity_judge",
    "distill_model",
    "distill_record",
    "distill_reference",
    "distill_similarity_judge",
    "distill_similarity_record",
    "distill_snapshot",
]


@pytest.fixture
def distill(request: pytest.FixtureRequest) -> "Distill":
    """The engine for tests written in Python; each such test runs once for each chosen model.

    `@pytest.mark.distill(models=[...])` keeps a test to models whose names fit one of these globs.
    """
    from pytest_distillcheck.plugin.python_tests import engine_of

    return engine_of(request)


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


@pytest.fixture
def distill_reference(distill_case: "Running[SimilarityCase]") -> "ModelClient":
    """The reference model of this test: something with `ask(request) -> Response`."""
    from pytest_distillcheck.plugin.run import RUN

    return distill_case.item.config.stash[RUN].client(distill_case.case.plan.reference_model)


@pytest.fixture
def distill_similarity_judge(distill_case: "Running[SimilarityCase]") -> "SimilarityJudge":
    """The judge of this test: something with `name` and `rate(prompt=, reference=, response=) -> Rating`."""
    return distill_case.case.plan.comparison.judge


@pytest.fixture
def distill_similarity_record(
    distill_case: "Running[SimilarityCase]",
    distill_model: "ModelClient",
    distill_reference: "ModelClient",
    distill_similarity_judge: "SimilarityJudge",
) -> "Record":
    """Both answers to this test's prompt, rated.

    It is gathered here and not in the test, so that an outage is an error and never a failed test.
    """
    from pytest_distillcheck.plugin.similarity import gather

    return gather(distill_case, distill_model, distill_reference, distill_similarity_judge)


@pytest.fixture
def distill_campaign(
    distill_case: "Running[CampaignCase]",
    distill_model: "ModelClient",
    distill_identity_judge: "IdentityJudge",
) -> "Sequence[Record]":
    """The answers of this test's campaign, judged: those of its draws, and the contradictions that its search found."""
    from pytest_distillcheck.plugin.campaign import gather

    return gather(distill_case, distill_model, distill_identity_judge)


@pytest.fixture
def distill_snapshot(request: pytest.FixtureRequest) -> "SnapshotAssertion":
    """What compares a record, a verdict or a rating with the committed one: `assert record == distill_snapshot`."""
    from pytest_distillcheck.plugin.snapshots import snapshot_of

    return snapshot_of(request.node)
