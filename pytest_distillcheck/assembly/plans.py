"""Which probes a suite puts to a model, and all that it takes to run them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pytest_distillcheck.assembly.models import ModelUnderTest
from pytest_distillcheck.catalog import identity_fact
from pytest_distillcheck.domain.exchanges import ModelRequest
from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.probes import Probe
from pytest_distillcheck.errors import UnknownFactError, UsageError
from pytest_distillcheck.identity import EmbeddedIdentityJudge
from pytest_distillcheck.identity.planning import plan_probes
from pytest_distillcheck.ports import IdentityJudge
from pytest_distillcheck.running import Examination
from pytest_distillcheck.suites import Suite


@dataclass(frozen=True)
class IdentityPlan:
    """The probes of one suite for one model, and all that it takes to run them."""

    suite: Suite
    model: ModelUnderTest
    examination: Examination
    seed: int

    @cached_property
    def probes(self) -> tuple[Probe, ...]:
        """Every probe, sorted by id."""
        identity = self.suite.identity
        return plan_probes(
            identity.selection,
            own=identity.questions,
            bank=identity.bank,
            system=identity.system,
            repeat=identity.repeat,
            seed=self.seed,
        )

    def test_name(self, probe: Probe) -> str:
        """Return the name of a probe's test, without its file."""
        return f"identity[{self.model.id}-{probe.id}]"

    def request(self, probe: Probe) -> ModelRequest:
        """Return what is asked of the model."""
        return ModelRequest(
            messages=probe.messages, parameters=self.suite.identity.parameters, sample=probe.sample
        )


def plan_identity(
    suite: Suite, models: Iterable[ModelUnderTest], *, judge: IdentityJudge | None = None, seed: int = 0
) -> tuple[IdentityPlan, ...]:
    """Return the plan of a suite for each model that it fits.

    Raises:
        UsageError: nothing says what is true of a model.
    """
    identity = suite.identity
    return tuple(
        IdentityPlan(
            suite=suite,
            model=model,
            examination=Examination(
                suite=suite.path,
                model=model.name,
                fact=_fact_of(suite, model),
                judge=judge or EmbeddedIdentityJudge(),
                teachers=identity.teachers,
                reasoning=identity.reasoning,
            ),
            seed=seed,
        )
        for model in models
        if identity.fits(model.name)
    )


def _fact_of(suite: Suite, model: ModelUnderTest) -> IdentityFact:
    if fact := suite.identity.fact or model.fact:
        return fact
    try:
        return identity_fact(model.name)
    except UnknownFactError as error:
        raise UsageError(
            f"{suite.path}: nothing says what is true of the model {model.name!r}; add `fact:` ({error})"
        ) from error
