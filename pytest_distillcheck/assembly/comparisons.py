"""What a model and a reference are compared on in one suite, and what that comes to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import fmean
from typing import ClassVar

from pytest_distillcheck.assembly.baselines import EarlierRatings
from pytest_distillcheck.assembly.controls import controls, measured_ceiling, measured_floor
from pytest_distillcheck.assembly.models import ModelUnderTest
from pytest_distillcheck.domain.exchanges import ModelRequest, with_entry
from pytest_distillcheck.domain.gates import Gate, Limit
from pytest_distillcheck.domain.prompts import Prompt
from pytest_distillcheck.domain.ratings import Aspect
from pytest_distillcheck.domain.records import Record, RecordKind
from pytest_distillcheck.domain.scrubbing import slug
from pytest_distillcheck.domain.similarities import Controls, Increase, Measurement, SimilarityScores
from pytest_distillcheck.domain.summaries import SectionResult
from pytest_distillcheck.domain.waivers import Waiver
from pytest_distillcheck.gating import Pair, PairMembers, mean_note, needless_waivers
from pytest_distillcheck.judges import is_of_unfit_judge
from pytest_distillcheck.running import Comparison, split_thinking
from pytest_distillcheck.similarity.scores import (
    Pairs,
    increase,
    length_ratio,
    most_repeated,
    set_means,
    unjudged_share,
)
from pytest_distillcheck.suites import SimilaritySuite, Suite

_NO_PAIR = "no pair was rated"


@dataclass(frozen=True, kw_only=True)
class SimilarityPlan:
    """The prompts of one suite for one model and one reference: a `Plan`.

    Attributes:
        reference_model: whose answers the model's are compared with.
        references: the names of all reference models of the suite, this one among them.
        prompts: what is asked, sorted by id.
        judge_model: the model behind the judge; None for the embedded one.
        earlier: what `max_increase` compares with; None without a baseline.
    """

    kind: ClassVar[RecordKind] = "similarity"
    unit: ClassVar[str] = "prompts"

    suite: Suite
    section: SimilaritySuite
    model: ModelUnderTest
    reference_model: ModelUnderTest
    references: tuple[str, ...]
    prompts: tuple[Prompt, ...]
    comparison: Comparison
    judge_model: ModelUnderTest | None
    measurement: Measurement
    earlier: EarlierRatings | None
    seed: int

    @property
    def line(self) -> int:
        """Where the section stands in the file."""
        return self.section.line

    @property
    def snapshot(self) -> bool:
        """Whether its tests compare their records with the committed snapshot."""
        return self.section.snapshot

    @property
    def reference(self) -> str:
        """The reference model's name."""
        return self.reference_model.name

    @property
    def others(self) -> tuple[ModelUnderTest, ...]:
        """The reference, and the judge if that is a model."""
        return (self.reference_model, self.judge_model) if self.judge_model else (self.reference_model,)

    def request(self, prompt: Prompt, *, sample: int = 0) -> ModelRequest:
        """Return what is asked of the model and of the reference."""
        request = ModelRequest(messages=prompt.turns, parameters=self.section.parameters, sample=sample)
        return with_entry(request, system=self.section.system, parameters={})

    def test_names(self) -> Sequence[str]:
        """Return the names of the tests."""
        return [self.test_name(prompt) for prompt in self.prompts]

    def test_name(self, prompt: Prompt) -> str:
        """Return the name of a prompt's test."""
        return f"similarity[{self.model.id}-{self.reference_model.id}-{prompt.id}]"

    def gates(self) -> Sequence[Gate]:
        """Return the gates on the macro mean, and then those on single sets."""
        limits: dict[str | None, Mapping[Aspect, Limit]] = {None: self.section.gates}
        limits |= sorted(self.section.sets.items())
        return [
            self._gate(prompt_set, aspect, limit)
            for prompt_set, by_aspect in limits.items()
            for aspect, limit in by_aspect.items()
        ]

    def population(self, records: Mapping[str, Record]) -> PairMembers:
        """Return every prompt, with what is recorded of it."""
        return PairMembers(
            [self._pair(prompt, records.get(self._id(prompt))) for prompt in self.prompts], self.seed
        )

    def gate_note(self, gate: Gate) -> str | None:
        """Return what a gate with a confidence needs; None for a census."""
        planned = [prompt for prompt in self.prompts if gate.prompt_set in {None, prompt.set}]
        return mean_note(gate, len(planned))

    def result(self, records: Mapping[str, Record]) -> SectionResult:
        """Return the scores so far."""
        own = self._records(records, self.reference)
        return SectionResult(
            kind=self.kind,
            suite=self.suite.path,
            model=self.model.name,
            reference=self.reference,
            planned=len(self.prompts),
            scores=self._scores(records, own),
            records=tuple(own),
            needless=tuple(self._needless(records, own)),
        )

    def breaches(self, record: Record) -> list[tuple[Aspect, Limit]]:
        """Return the `per_prompt` limits that a rating does not keep."""
        rating = record.rating
        if rating is None:
            return []
        return [
            (aspect, limit)
            for aspect, limit in self.section.per_prompt.items()
            if (limit.max is not None and rating[aspect] > limit.max)
            or (limit.min is not None and rating[aspect] < limit.min)
        ]

    def answers(self, records: Mapping[str, Record]) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Return by prompt id the model's judged answers, and the reference's to the same prompts."""
        judged = Pairs.of(_visible(self._records(records, self.reference))).all
        return (
            {record.question: record.response for record in judged},
            {record.question: record.reference_response or "" for record in judged},
        )

    def _pair(self, prompt: Prompt, record: Record | None) -> Pair:
        # A fixture of the user's may have rated in the place of the judge that the baseline was found to have.
        is_comparable = record is None or record.judge == self.measurement.judge
        earlier = self.earlier.ratings if self.earlier and is_comparable else {}
        # A judge that is not fit says nothing about the model, for or against it.
        is_unfit = bool(record and record.unjudged and is_of_unfit_judge(record.unjudged))
        return Pair(
            prompt_set=prompt.set,
            record=None if is_unfit else record,
            why_missing=f"the judge {self.measurement.judge} fails a control" if is_unfit else "",
            before=earlier.get(prompt.id),
        )

    def _id(self, prompt: Prompt) -> str:
        return f"{self.suite.path}::{self.test_name(prompt)}"

    def _gate(self, prompt_set: str | None, aspect: Aspect, limit: Limit) -> Gate:
        middle = f"{slug(prompt_set)}-" if prompt_set else ""
        return Gate(
            id=f"{self.suite.path}::gate-{aspect}-{middle}{self.model.id}-{self.reference_model.id}",
            suite=self.suite.path,
            model=self.model.name,
            score=aspect,
            limit=limit,
            kind=self.kind,
            reference=self.reference,
            prompt_set=prompt_set,
        )

    def _records(self, records: Mapping[str, Record], reference: str) -> list[Record]:
        """Return what is recorded of this plan, or of the one with another reference, in the order of the prompts."""
        return sorted(
            (
                record
                for record in records.values()
                if (record.kind, record.suite, record.model, record.reference)
                == (self.kind, self.suite.path, self.model.name, reference)
            ),
            key=lambda record: record.question,
        )

    def _needless(self, records: Mapping[str, Record], own: Iterable[Record]) -> Iterator[Waiver]:
        """Yield the waivers of which neither these tests nor those with other references or models had need."""
        found = {_name(record): bool(self.breaches(record)) for record in own}
        section = [r for r in records.values() if (r.kind, r.suite) == (self.kind, self.suite.path)]
        needed = [_name(record) for record in section if self.breaches(record)]
        for waiver in needless_waivers(self.suite.waivers, self.test_names(), found):
            if not any(map(waiver.covers, needed)):
                yield waiver

    def _scores(self, records: Mapping[str, Record], own: Sequence[Record]) -> SimilarityScores:
        pairs = Pairs.of(_visible(own))
        judges = sorted({record.judge for record in own}) or [self.measurement.judge]
        overall, by_set = set_means(pairs, self.seed)
        return SimilarityScores(
            overall=overall,
            by_set=by_set,
            unjudged=unjudged_share(own),
            measurement=replace(self.measurement, judge=", ".join(judges)),
            controls=self._controls(records, pairs),
            length_ratio=length_ratio(pairs),
            repeated=most_repeated(record.response for record in pairs.all),
            repeated_reference=most_repeated(record.reference_response or "" for record in pairs.all),
            increase=self._increase(pairs) if judges == [self.measurement.judge] else None,
        )

    def _increase(self, pairs: Pairs) -> Increase | None:
        if self.earlier is None:
            return None
        return increase(pairs, self.earlier.ratings, self._rng("increase"), model=self.earlier.model)

    def _controls(self, records: Mapping[str, Record], pairs: Pairs) -> Controls:
        scores = self._all_scores(records)
        if self.reference not in scores:
            return Controls(unavailable={"floor": _NO_PAIR, "ceiling": _NO_PAIR})
        judge = self.comparison.judge
        asked = ((prompt, self.request(prompt), self.request(prompt, sample=1)) for prompt in self.prompts)
        return controls(
            scores,
            self.reference,
            lowest=measured_floor(pairs, judge, self._rng("floor")),
            highest=measured_ceiling(self.reference_model, judge, asked),
        )

    def _all_scores(self, records: Mapping[str, Record]) -> dict[str, float]:
        """Return the macro mean against each reference that has a rated pair."""
        values = {
            name: Pairs.of(self._records(records, name)).values("overall").values()
            for name in self.references
        }
        return {name: fmean(map(fmean, strata)) for name, strata in values.items() if strata}

    def _rng(self, purpose: str) -> Random:
        names = (self.suite.path, self.model.name, self.reference, purpose)
        return Random(f"{self.seed}:{names}")  # noqa: S311 - resamples, hides nothing


def _name(record: Record) -> str:
    """Return the name of the test that made a record."""
    return record.id.rpartition("::")[2]


def _visible(records: Iterable[Record]) -> list[Record]:
    """Return records with what was compared of their answers: all but the thinking."""
    return [
        replace(
            record,
            response=split_thinking(record.response).answer,
            reference_response=split_thinking(record.reference_response or "").answer,
        )
        for record in records
    ]
