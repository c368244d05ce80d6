"""The identity section of a suite: which probes it puts to a model, and all that it takes to run them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from pytest_distillcheck.assembly.models import ModelUnderTest
from pytest_distillcheck.catalog import identity_fact
from pytest_distillcheck.domain.exchanges import ModelRequest
from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.gates import Gate
from pytest_distillcheck.domain.probes import Probe
from pytest_distillcheck.domain.records import Record, RecordKind
from pytest_distillcheck.domain.summaries import SectionResult
from pytest_distillcheck.errors import UnknownFactError, UsageError
from pytest_distillcheck.gating import Member, ProbeMembers, needless_waivers, sample_size_note
from pytest_distillcheck.identity import EmbeddedIdentityJudge
from pytest_distillcheck.identity.planning import plan_probes
from pytest_distillcheck.identity.scores import identity_scores
from pytest_distillcheck.ports import IdentityJudge
from pytest_distillcheck.running import Examination
from pytest_distillcheck.suites import IdentitySuite, Suite


@dataclass(frozen=True)
class IdentityPlan:
    """The probes of one suite for one model: a `Plan`."""

    kind: ClassVar[RecordKind] = "identity"
    unit: ClassVar[str] = "probes"
    reference: ClassVar[None] = None
    others: ClassVar[tuple[ModelUnderTest, ...]] = ()

    suite: Suite
    section: IdentitySuite
    model: ModelUnderTest
    examination: Examination
    seed: int

    @property
    def line(self) -> int:
        """Where the section stands in the file."""
        return self.section.line

    @property
    def snapshot(self) -> bool:
        """Whether its tests compare their records with the committed snapshot."""
        return self.section.snapshot

    @cached_property
    def probes(self) -> tuple[Probe, ...]:
        """Every probe, sorted by id."""
        return plan_probes(
            self.section.selection,
            own=self.section.questions,
            bank=self.section.bank,
            system=self.section.system,
            repeat=self.section.repeat,
            seed=self.seed,
        )

    def request(self, probe: Probe) -> ModelRequest:
        """Return what is asked of the model."""
        return ModelRequest(messages=probe.messages, parameters=self.section.parameters, sample=probe.sample)

    def test_names(self) -> Sequence[str]:
        """Return the names of the tests."""
        return [self._test_name(probe) for probe in self.probes]

    def gates(self) -> Sequence[Gate]:
        """Return the gates on probes."""
        return [
            Gate(
                id=f"{self.suite.path}::gate-{score}-{self.model.id}",
                suite=self.suite.path,
                model=self.model.name,
                score=score,
                limit=limit,
            )
            for score, limit in (self.section.gates or {}).items()
        ]

    def population(self, records: Mapping[str, Record]) -> ProbeMembers:
        """Return every probe, with what is recorded of it."""
        return ProbeMembers(
            [self._member(probe, records.get(self.record_id(probe))) for probe in self.probes]
        )

    def gate_note(self, gate: Gate) -> str | None:
        """Return how many probes a gate needs; None for a census."""
        return sample_size_note(gate, len(self.probes))

    def result(self, records: Mapping[str, Record]) -> SectionResult:
        """Return the scores so far."""
        answered = {
            self._test_name(probe): records[self.record_id(probe)]
            for probe in self.probes
            if self.record_id(probe) in records
        }
        found = {name: record.label == "contradiction" for name, record in answered.items()}
        return SectionResult(
            kind=self.kind,
            suite=self.suite.path,
            model=self.model.name,
            planned=len(self.probes),
            scores=identity_scores(list(answered.values())),
            records=tuple(answered.values()),
            needless=tuple(needless_waivers(self.suite.waivers, self.test_names(), found)),
        )

    def _test_name(self, probe: Probe) -> str:
        return f"identity[{self.model.id}-{probe.id}]"

    def record_id(self, probe: Probe) -> str:
        """Return the id of a probe's record."""
        return f"{self.suite.path}::{self._test_name(probe)}"

    def _member(self, probe: Probe, record: Record | None) -> Member:
        names_rival = record.names_rival if record else self.examination.names_rival(probe.messages)
        return Member(
            context=probe.context, question=probe.question.id, names_rival=names_rival, record=record
        )


def plan_identity(
    suite: Suite, models: Iterable[ModelUnderTest], *, judge: IdentityJudge | None = None, seed: int = 0
) -> tuple[IdentityPlan, ...]:
    """Return the plan of a suite's identity section for each model that it fits.

    Raises:
        UsageError: nothing says what is true of a model.
    """
    section = suite.identity
    if section is None:
        return ()
    return tuple(
        IdentityPlan(
            suite=suite,
            section=section,
            model=model,
            examination=identity_examination(suite, section, model, judge or EmbeddedIdentityJudge()),
            seed=seed,
        )
        for model in models
        if section.fits(model.name)
    )


def identity_examination(
    suite: Suite, section: IdentitySuite, model: ModelUnderTest, judge: IdentityJudge
) -> Examination:
    """Return how a model's answers to identity questions are examined.

    Raises:
        UsageError: nothing says what is true of the model.
    """
    return Examination(
        suite=suite.path,
        model=model.name,
        fact=_fact_of(suite, section, model),
        judge=judge,
        teachers=section.teachers,
        reasoning=section.reasoning,
    )


def _fact_of(suite: Suite, section: IdentitySuite, model: ModelUnderTest) -> IdentityFact:
    if fact := section.fact or model.fact:
        return fact
    try:
        return identity_fact(model.name)
    except UnknownFactError as error:
        raise UsageError(
            f"{suite.path}: nothing says what is true of the model {model.name!r}; add `fact:` ({error})"
        ) from error
