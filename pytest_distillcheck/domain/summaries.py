"""What one run came to, for the reports."""

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_distillcheck.domain.gates import Decision
from pytest_distillcheck.domain.progress import Progress
from pytest_distillcheck.domain.records import Record, RecordKind
from pytest_distillcheck.domain.scores import IdentityScores
from pytest_distillcheck.domain.waivers import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionResult:
    """One model on one section of a suite.

    Attributes:
        reference: the reference model's name, for similarity.
        planned: how many probes, pairs or draws the section plans for the model.
        records: one for each that was answered, sorted by id.
        needless: waivers whose probes were all answered without a finding.
    """

    kind: RecordKind
    suite: str
    model: str
    reference: str | None = None
    planned: int
    scores: IdentityScores
    records: tuple[Record, ...]
    needless: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One run.

    Attributes:
        run: what decides the scores and is no secret: seed, judge, models, versions.
        undecided: by gate id, why no decision was made of it.
        traffic: what was sent and spent; None when no live model was asked.
    """

    run: Mapping[str, object]
    results: tuple[SectionResult, ...]
    decisions: tuple[Decision, ...]
    undecided: Mapping[str, str]
    traffic: Progress | None = None
