"""What one run came to, for the reports."""

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_distillcheck.domain.campaigns import CampaignNote, CampaignScores
from pytest_distillcheck.domain.gates import Decision
from pytest_distillcheck.domain.progress import Progress
from pytest_distillcheck.domain.records import Record, RecordKind
from pytest_distillcheck.domain.scores import IdentityScores
from pytest_distillcheck.domain.similarities import NearestReference, SimilarityScores
from pytest_distillcheck.domain.waivers import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionResult:
    """One model on one section of a suite.

    Attributes:
        reference: the reference model's name, for similarity.
        planned: how many probes, pairs or draws the section plans for the model.
        records: one for each that was answered, sorted by id.
        needless: waivers whose probes were all answered without a finding.
        asked: the model string of the requests; empty when the model is not live.
        note: what a campaign's test tells beside its records; None before it has run.
    """

    kind: RecordKind
    suite: str
    model: str
    reference: str | None = None
    planned: int
    scores: IdentityScores | CampaignScores | SimilarityScores
    records: tuple[Record, ...]
    needless: tuple[Waiver, ...] = ()
    asked: str = ""
    note: CampaignNote | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One run.

    Attributes:
        run: what decides the scores and is no secret: seed, judge, models, versions.
        undecided: by gate id, why no decision was made of it.
        frozen: where the templates that searches found are left, relative to the rootdir; None when there are none.
        traffic: what was sent and spent; None when no live model was asked.
        nearest: for each model and suite with several references, which one the model is most similar to.
    """

    run: Mapping[str, object]
    results: tuple[SectionResult, ...]
    decisions: tuple[Decision, ...]
    undecided: Mapping[str, str]
    traffic: Progress | None = None
    frozen: str | None = None
    nearest: tuple[NearestReference, ...] = ()
