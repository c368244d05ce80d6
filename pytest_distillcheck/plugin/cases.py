"""What one test asks, by the kind of its section."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import pytest

from pytest_distillcheck.assembly import IdentityPlan, ModelUnderTest, Plan
from pytest_distillcheck.domain.exchanges import ModelRequest
from pytest_distillcheck.domain.probes import Probe
from pytest_distillcheck.domain.prompts import Prompt

if TYPE_CHECKING:
    from pytest_distillcheck.assembly.campaign import CampaignPlan
    from pytest_distillcheck.assembly.comparisons import SimilarityPlan


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that a test will make.

    Attributes:
        fixture: whose client makes it; when a `conftest.py` overrides that one, the request is not ours to send.
    """

    model: ModelUnderTest
    fixture: str
    request: ModelRequest


class Case(Protocol):
    """What one test asks.

    Attributes:
        id: what stands in the brackets of the test's name.
    """

    @property
    def plan(self) -> Plan: ...
    @property
    def id(self) -> str: ...

    def asks(self, item: pytest.Item) -> Iterator[Ask]:
        """Yield what can be sent ahead of the test."""
        ...


C_co = TypeVar("C_co", bound=Case, covariant=True)


@dataclass(frozen=True, slots=True)
class Running(Generic[C_co]):
    """A case while its test runs.

    The fixtures pass the test on in it, and take no `request`: at each of those pytest makes and inspects a new
    fixture, which for the four of a probe costs as much as its judge.
    """

    case: C_co
    item: pytest.Item


@dataclass(frozen=True, slots=True)
class IdentityCase:
    """One probe."""

    plan: IdentityPlan
    probe: Probe

    @property
    def id(self) -> str:
        """Model, context and question."""
        return f"{self.plan.model.id}-{self.probe.id}"

    def request(self, item: pytest.Item) -> ModelRequest:
        """Return what is asked of the model under test."""
        return as_hooks_leave_it(self.plan.request(self.probe), item)

    def asks(self, item: pytest.Item) -> Iterator[Ask]:
        """Yield the probe's request."""
        yield Ask(self.plan.model, "distill_model", self.request(item))


@dataclass(frozen=True, slots=True)
class SimilarityCase:
    """One prompt, put to a model and a reference."""

    plan: "SimilarityPlan"
    prompt: Prompt

    @property
    def id(self) -> str:
        """Model, reference and prompt."""
        return f"{self.plan.model.id}-{self.plan.reference_model.id}-{self.prompt.id}"

    @property
    def reference_request(self) -> ModelRequest:
        """What is asked of the reference: hooks are for the model under test."""
        return self.plan.request(self.prompt)

    def request(self, item: pytest.Item) -> ModelRequest:
        """Return what is asked of the model under test."""
        return as_hooks_leave_it(self.plan.request(self.prompt), item)

    def asks(self, item: pytest.Item) -> Iterator[Ask]:
        """Yield the requests to both."""
        yield Ask(self.plan.model, "distill_model", self.request(item))
        yield Ask(self.plan.reference_model, "distill_reference", self.reference_request)


@dataclass(frozen=True, slots=True)
class CampaignCase:
    """One campaign: which of its requests are made, it learns from answers."""

    plan: "CampaignPlan"

    @property
    def id(self) -> str:
        """The model."""
        return self.plan.model.id

    def request(self, probe: Probe, item: pytest.Item) -> ModelRequest:
        """Return what is asked of the model under test."""
        return as_hooks_leave_it(self.plan.request(probe), item)

    def asks(self, item: pytest.Item) -> Iterator[Ask]:
        """Yield nothing: what is not needed must not be sent."""
        yield from ()


def cases_of(plan: Plan) -> "Sequence[Case]":
    """Return a plan's cases, sorted by id."""
    match plan:
        case IdentityPlan():
            return [IdentityCase(plan, probe) for probe in plan.probes]
    # A suite without the section starts faster without its modules.
    from pytest_distillcheck.assembly.comparisons import SimilarityPlan

    if isinstance(plan, SimilarityPlan):
        return [SimilarityCase(plan, prompt) for prompt in plan.prompts]
    from pytest_distillcheck.assembly.campaign import CampaignPlan

    if isinstance(plan, CampaignPlan):
        return [CampaignCase(plan)]
    raise AssertionError(f"no tests are made of {plan.kind}")


def case_of(item: pytest.Item) -> Case | None:
    """Return what an item asks, if it is one of ours."""
    callspec = getattr(item, "callspec", None)
    case: Case | None = callspec.params.get("distill_case") if callspec else None
    return case


def as_hooks_leave_it(request: ModelRequest, item: pytest.Item) -> ModelRequest:
    """Return a request as the hook `pytest_distill_request` leaves it."""
    hook = item.ihook.pytest_distill_request
    changed: ModelRequest | None = hook(request=request) if hook.get_hookimpls() else None
    return changed or request
