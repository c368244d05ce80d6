"""The campaign of a suite: what it draws, what it searches, and all that it takes to run both."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from pytest_distillcheck.assembly.identity import identity_examination
from pytest_distillcheck.assembly.models import ModelUnderTest
from pytest_distillcheck.domain.exchanges import ModelRequest
from pytest_distillcheck.domain.gates import Gate
from pytest_distillcheck.domain.probes import Probe
from pytest_distillcheck.domain.records import Record, RecordKind
from pytest_distillcheck.domain.summaries import SectionResult
from pytest_distillcheck.domain.templates import Mutation, SeedTemplate
from pytest_distillcheck.fuzzing import (
    SELECTION_POLICIES,
    SearchPlan,
    SelectionPolicy,
    draw_pairs,
    draw_probes,
    mutation_request,
)
from pytest_distillcheck.gating import (
    CampaignDraws,
    DrawCounts,
    Member,
    StopRule,
    campaign_note,
    needless_waivers,
)
from pytest_distillcheck.identity import EmbeddedIdentityJudge, makers_named
from pytest_distillcheck.identity.campaigns import campaign_scores
from pytest_distillcheck.ports import IdentityJudge
from pytest_distillcheck.running import Examination
from pytest_distillcheck.suites import CampaignSuite, IdentitySuite, Suite

_STAND_IN = 1_000_000_000

SEARCH_PREFIX = "search-"
"""Before the ids of the search's probes, which are no draws."""


@dataclass(frozen=True)
class CampaignPlan:
    """The campaign of one suite for one model: a `Plan`.

    Attributes:
        mutator_model: what makes mutants; None for the embedded rules.
        is_paper: whether the scores as Lee et al. (ACL 2025) define them are reported too.
    """

    kind: ClassVar[RecordKind] = "campaign"
    unit: ClassVar[str] = "draws"
    reference: ClassVar[None] = None
    snapshot: ClassVar[bool] = False  # a search takes another way each time

    suite: Suite
    section: IdentitySuite
    campaign: CampaignSuite
    model: ModelUnderTest
    examination: Examination
    seed: int
    mutator_model: ModelUnderTest | None = None
    is_paper: bool = False

    @property
    def others(self) -> tuple[ModelUnderTest, ...]:
        """What is asked beside the model under test."""
        return (self.mutator_model,) if self.mutator_model and self.campaign.search else ()

    @property
    def line(self) -> int:
        """Where the part stands in the file."""
        return self.campaign.line

    @property
    def test_name(self) -> str:
        """The name of the one test."""
        return f"campaign[{self.model.id}]"

    @property
    def measured(self) -> tuple[SeedTemplate, ...]:
        """The templates that are drawn from."""
        frozen = self.campaign.frozen
        return tuple(
            t for t in (frozen.templates if frozen else self.campaign.templates) if t.has_placeholder
        )

    def draws(self) -> Iterator[tuple[Probe, Member]]:
        """Yield every draw that there may be, in its order, with what gates know of it before it is answered.

        Each is made when it is wanted: a large cap costs nothing until it is drawn.
        """
        probes = draw_probes(
            self.measured,
            self.campaign.questions,
            most=self.campaign.queries,
            seed=self.seed,
            system=self.section.system,
        )
        for probe in probes:
            names_rival = self._names_rival(probe.context, probe.question.id)
            yield (
                probe,
                Member(
                    context=probe.context, question=probe.question.id, names_rival=names_rival, record=None
                ),
            )

    @cached_property
    def most_draws(self) -> DrawCounts:
        """How many draws there may be."""
        most = self.campaign.queries
        pairs = draw_pairs(self.measured, self.campaign.questions, most=most, seed=self.seed)
        naming = (
            sum(self._names_rival(template.id, question.id) for template, question in pairs)
            if self._naming
            else 0
        )
        return DrawCounts(total=most, neutral=most - naming)

    def _names_rival(self, template: str, question: str) -> bool:
        return not self._naming.isdisjoint((template, question, ""))

    @cached_property
    def _naming(self) -> frozenset[str]:
        """The ids of the templates and questions that name a rival, and an empty one if the system prompt does.

        There are far fewer of them than of prompts. Still it takes a second or two, and only `hard` needs to know.
        """
        if "hard" not in (self.campaign.gates or {}):
            return frozenset()
        own = {self.examination.fact.maker_id}
        texts = {"": self.section.system or ""}
        texts |= {template.id: template.text for template in self.measured}
        texts |= {question.id: question.text for question in self.campaign.questions}
        return frozenset(name for name, text in texts.items() if makers_named(text) - own)

    @property
    def search_plan(self) -> SearchPlan | None:
        """What the search starts from and how far it goes; None without a search."""
        if self.campaign.search is None:
            return None
        return SearchPlan(
            seeds=self.campaign.templates,
            questions=self.campaign.questions,
            settings=self.campaign.search,
            seed=self.seed,
        )

    def policy(self) -> SelectionPolicy:
        """Return a fresh selection policy."""
        return SELECTION_POLICIES[self.campaign.policy]()

    def request(self, probe: Probe) -> ModelRequest:
        """Return what is asked of the model."""
        return ModelRequest(messages=probe.messages, parameters=self.section.parameters, sample=probe.sample)

    def draw_requests(self) -> Iterator[ModelRequest]:
        """Yield what every draw that there may be asks, in its order."""
        return (self.request(probe) for probe, _ in self.draws())

    def search_requests(self) -> Iterator[tuple[ModelUnderTest, ModelRequest]]:
        """Yield what the search asks at most; its prompts are made while it runs, and seed templates stand for them."""
        search = self.campaign.search
        if search is None:
            return
        stand_ins = draw_probes(
            self.campaign.templates,
            self.campaign.questions,
            most=search.queries,
            seed=self.seed,
            system=self.section.system,
        )
        for number, probe in enumerate(stand_ins):
            # As samples that nothing else asks, since they stand for prompts that are not known.
            yield self.model, replace(self.request(probe), sample=_STAND_IN + number)
        if self.mutator_model:
            a_time = min(search.questions or search.queries, len(self.campaign.questions))
            for number in range(-(-search.queries // a_time)):
                mutation = Mutation(
                    kind="rephrase", template=self.campaign.templates[0], draw=_STAND_IN + number
                )
                yield self.mutator_model, mutation_request(mutation, {})

    @cached_property
    def clean_draws(self) -> int:
        """How many draws are asked of a model without a finding."""
        gates = self.gates()
        if not gates:
            return self.campaign.queries
        # The family decides for FAIL alone, and what is not answered is taken to speak for the model.
        rule = StopRule(gates, self.most_draws, family=1)
        for drawn, (_, member) in enumerate(self.draws()):
            if rule.is_certain:
                return drawn
            rule.observe(member)
        return self.campaign.queries

    @property
    def most(self) -> str:
        """What the campaign asks at most, in words."""
        search, most = self.campaign.search, self.campaign.queries
        clean = f" ({self.clean_draws:,} if none is a finding)" if self.clean_draws < most else ""
        searched = f" and a search with at most {search.queries:,} probes" if search else ""
        return f"a campaign of at most {most:,} draws{clean}{searched}"

    def draw_name(self, probe: Probe, *, prefix: str = "") -> str:
        """Return how waivers name a draw, or with the prefix `search-` a probe of the search."""
        return f"{self.test_name}-{prefix}{probe.id}"

    def record_id(self, probe: Probe, *, prefix: str = "") -> str:
        """Return the id of the record of a draw, or with the prefix `search-` of a probe of the search."""
        return self._record_prefix(prefix) + probe.id

    def _record_prefix(self, prefix: str = "") -> str:
        return f"{self.suite.path}::{self.test_name}-{prefix}"

    def test_names(self) -> Sequence[str]:
        """Return the name of the test."""
        return [self.test_name]

    def gates(self) -> Sequence[Gate]:
        """Return the gates on draws."""
        return [
            Gate(
                id=f"{self.suite.path}::gate-campaign-{score}-{self.model.id}",
                suite=self.suite.path,
                model=self.model.name,
                score=score,
                limit=limit,
                kind=self.kind,
            )
            for score, limit in (self.campaign.gates or {}).items()
        ]

    def population(self, records: Mapping[str, Record]) -> CampaignDraws:
        """Return the draws up to the last one that was answered, with what is recorded of them."""
        drawn = list(self._drawn(records))
        neutral = sum(not member.names_rival for member, _ in drawn)
        most = self.most_draws
        return CampaignDraws(
            [member.answered(record) if record else member for member, record in drawn],
            left=DrawCounts(total=most.total - len(drawn), neutral=most.neutral - neutral),
        )

    def _drawn(self, records: Mapping[str, Record]) -> Iterator[tuple[Member, Record | None]]:
        """Yield the draws with their records, up to the last one that has one."""
        ours, searched = self._record_prefix(), self._record_prefix(SEARCH_PREFIX)
        left = sum(name.startswith(ours) and not name.startswith(searched) for name in records)
        for probe, member in self.draws():
            if not left:
                return
            record = records.get(self.record_id(probe))
            left -= record is not None
            yield member, record

    def gate_note(self, gate: Gate) -> str:
        """Return how many draws a gate needs, and which templates none is made of."""
        note = campaign_note(gate, self.most_draws)
        lost = (
            [] if self.campaign.frozen else [t.id for t in self.campaign.templates if not t.has_placeholder]
        )
        return f"{note}; skipped, without a place for the question: {', '.join(lost)}" if lost else note

    def result(self, records: Mapping[str, Record]) -> SectionResult:
        """Return the scores so far. Findings of the search are among the records and in no score."""
        drawn = [record for _, record in self._drawn(records) if record]
        names = {record.id.rpartition("::")[2]: record.label == "contradiction" for record in drawn}
        searched = self._record_prefix(SEARCH_PREFIX)
        findings = [record for name, record in sorted(records.items()) if name.startswith(searched)]
        return SectionResult(
            kind=self.kind,
            suite=self.suite.path,
            model=self.model.name,
            planned=self.campaign.queries,
            scores=campaign_scores(drawn),
            records=(*drawn, *findings),
            needless=tuple(needless_waivers(self.suite.waivers, list(names), names)),
        )


def plan_campaign(
    suite: Suite,
    models: Iterable[ModelUnderTest],
    *,
    judge: IdentityJudge | None = None,
    seed: int = 0,
    mutator_model: ModelUnderTest | None = None,
    is_paper: bool = False,
) -> tuple[CampaignPlan, ...]:
    """Return the plan of a suite's campaign for each model that the identity section fits.

    Raises:
        UsageError: nothing says what is true of a model.
    """
    section = suite.identity
    if section is None or section.campaign is None:
        return ()
    return tuple(
        CampaignPlan(
            suite=suite,
            section=section,
            campaign=section.campaign,
            model=model,
            examination=identity_examination(suite, section, model, judge or EmbeddedIdentityJudge()),
            seed=seed,
            mutator_model=mutator_model,
            is_paper=is_paper,
        )
        for model in models
        if section.fits(model.name)
    )
