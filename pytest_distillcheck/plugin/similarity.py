"""The test of one prompt: both answers, how similar they are, and what that comes to."""

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from pytest_distillcheck.assembly import ModelUnderTest, assemble_models
from pytest_distillcheck.assembly.baselines import read_baseline
from pytest_distillcheck.assembly.similarity import SimilarityTerms
from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.domain.ratings import ASPECTS
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scrubbing import one_line, scrub
from pytest_distillcheck.errors import ClientError, StoreError
from pytest_distillcheck.plugin.cases import Running, SimilarityCase
from pytest_distillcheck.plugin.evidence import (
    RESPONSE_WIDTH,
    answer,
    asked_line,
    day_of,
    exchange_lines,
    keep_exchange,
    replay_line,
    snapshot_difference,
    waiver_of,
    with_difference,
)
from pytest_distillcheck.plugin.options import EMBEDDED
from pytest_distillcheck.plugin.outcomes import RECORDS, STATUS, Finding, Infrastructure
from pytest_distillcheck.plugin.run import RUN
from pytest_distillcheck.ports import ModelClient, SimilarityJudge
from pytest_distillcheck.running import compare
from pytest_distillcheck.similarity import EmbeddedSimilarityJudge

if TYPE_CHECKING:
    from pytest_distillcheck.plugin.run import Run

HEARD = pytest.StashKey[deque[tuple[ModelUnderTest, ModelRequest, Response]]]()
"""On the configuration: what a judge that is a model answered, until the test that it was asked for takes it."""


def similarity(distill_case: Running[SimilarityCase], distill_similarity_record: Record) -> None:
    """The test function; see `settle`."""
    __tracebackhide__ = True
    settle(distill_case, distill_similarity_record)


def gather(
    running: Running[SimilarityCase], model: ModelClient, reference: ModelClient, judge: SimilarityJudge
) -> Record:
    """Ask both, rate, and keep the record on the item.

    A rerun of the item keeps the first record: asking again until an answer pleases is no measurement.

    Raises:
        Infrastructure: an answer is missing, or nothing decides what an unjudged pair comes to.
    """
    item, plan = running.item, running.case.plan
    if RECORDS not in item.stash:
        item.stash[RECORDS] = [_compare(running, model, reference, judge)]
        _tell_junit(item, item.stash[RECORDS][0])
    record: Record = item.stash[RECORDS][0]
    # Gates count an unjudged pair as the worst rating; a limit on each pair would have nothing to compare.
    if record.unjudged is not None and (plan.section.per_prompt or not plan.gates()):
        raise Infrastructure(scrub(f"unjudged: {record.unjudged}\n{_evidence_lines(record)}"))
    return record


def settle(running: Running[SimilarityCase], record: Record) -> None:
    """Raise what the test comes to: nothing for a measurement.

    Raises:
        Finding: the rating breaks a limit of `per_prompt`, and no waiver in force covers it; or the snapshot differs.
        Infrastructure: it cannot be compared with its snapshot.
        pytest.xfail.Exception: a waived finding.
    """
    item, plan = running.item, running.case.plan
    if record.unjudged is not None:
        item.stash[STATUS] = "unjudged"
        return
    difference = snapshot_difference(item, record)
    if plan.breaches(record):
        _settle_breach(running, record, difference)
    elif difference:
        raise Finding(scrub(f"{difference}\n{asked_line(record.prompt)}\n{_replay_line(running)}"))


def _settle_breach(running: Running[SimilarityCase], record: Record, difference: str) -> None:
    item, plan = running.item, running.case.plan
    waiver = waiver_of(item, plan)
    if waiver and record.waived:
        # Under --runxfail this returns, and the finding counts for what it is.
        waived = f"waived until {waiver.until} by {waiver.owner}: {waiver.reason}"
        pytest.xfail(scrub(with_difference(waived, difference)))
    expired = (
        f"the waiver of {waiver.owner} expired on {waiver.until}; review the finding again\n"
        if waiver and not record.waived
        else ""
    )
    raise Finding(scrub(expired + with_difference(_finding(running, record), difference)))


def terms_of(run: "Run") -> SimilarityTerms:
    """Return what the options say of similarity sections.

    Raises:
        DistillcheckError: a reference or the judge cannot be had, or the baseline cannot be read.
    """
    settings = run.settings
    judge, judge_model = _judge_of(run)
    return SimilarityTerms(
        sources=settings.sources,
        references=assemble_models(settings.references, settings.sources),
        judge=judge,
        judge_model=judge_model,
        allow_self_judge=settings.allow_self_judge,
        baseline=read_baseline(settings.baseline) if settings.baseline else None,
    )


def _judge_of(run: "Run") -> tuple[SimilarityJudge, ModelUnderTest | None]:
    """Return who rates, and the model behind it if it is one, whose controls the summary then tells of."""
    given, sources = run.settings.similarity_judge, run.settings.sources
    if given == EMBEDDED:
        return EmbeddedSimilarityJudge(), None
    from pytest_distillcheck.judges import ControlledSimilarityJudge, ModelSimilarityJudge
    from pytest_distillcheck.plugin.controls import show_controls

    (model,) = assemble_models([given], sources)
    run.config.stash[HEARD] = deque()
    judge = ControlledSimilarityJudge(ModelSimilarityJudge(client=RunClient(run, model), name=model.name))
    show_controls(judge, run)
    return judge, model


@dataclass(frozen=True, slots=True)
class RunClient:
    """A model that is asked by the run's broker, which opens only after the judge was made."""

    run: "Run"
    model: ModelUnderTest

    def ask(self, request: ModelRequest) -> Response:
        """Return the answer, and leave it in HEARD.

        Raises:
            ClientError: there is none.
        """
        response = self.run.client(self.model).ask(request)
        self.run.config.stash[HEARD].append((self.model, request, response))
        return response


def _compare(
    running: Running[SimilarityCase], model: ModelClient, reference: ModelClient, judge: SimilarityJudge
) -> Record:
    item, case, plan = running.item, running.case, running.case.plan
    request = case.request(item)
    response = answer(item, model, request, model=plan.model)
    try:
        reference_response = answer(item, reference, case.reference_request, model=plan.reference_model)
    except Infrastructure as error:
        raise Infrastructure(f"the reference {scrub(plan.reference)}: {error.msg}") from error
    comparison = plan.comparison
    try:
        record = compare(
            comparison if judge is comparison.judge else replace(comparison, judge=judge),
            prompt=case.prompt,
            request=request,
            response=response,
            reference=reference_response,
            test_id=item.nodeid,
        )
    except (ClientError, StoreError) as error:
        raise Infrastructure(scrub(f"the judge {judge.name} could not be asked: {error}")) from error
    finally:
        _keep_heard(item)
    waiver = waiver_of(item, plan) if plan.breaches(record) else None
    return replace(record, waived=True) if waiver and not waiver.expired(day_of(item)) else record


def _keep_heard(item: pytest.Item) -> None:
    """Keep on the item what its judge answered, if a recording is wanted."""
    heard = item.config.stash.get(HEARD, None)
    while heard:
        model, request, response = heard.popleft()
        keep_exchange(item, request, response, model=model)


def _tell_junit(item: pytest.Item, record: Record) -> None:
    """Give the scalars of a record to reports that show properties, such as JUnit."""
    item.user_properties += [
        (f"distill.{aspect}", "unjudged" if record.rating is None else f"{record.rating[aspect]:.3f}")
        for aspect in ASPECTS
    ]


def _finding(running: Running[SimilarityCase], record: Record) -> str:
    plan = running.case.plan
    assert record.rating
    broken = "; ".join(
        f"{aspect} {record.rating[aspect]:.2f} breaks {limit}" for aspect, limit in plan.breaches(record)
    )
    return (
        f"{record.model} compared with {record.reference}: {broken}\n{_evidence_lines(record)}\n"
        f"{_replay_line(running)}"
    )


def _replay_line(running: Running[SimilarityCase]) -> str:
    item, plan = running.item, running.case.plan
    replaced = item.config.stash[RUN].settings.references
    return replay_line(
        item, plan, *([f"--distill-reference={plan.reference_model.given}"] if replaced else [])
    )


def _evidence_lines(record: Record) -> str:
    lines = [exchange_lines(record.prompt, record.response)]
    lines.append(
        f"  {record.reference} answered: {one_line(record.reference_response or '', RESPONSE_WIDTH)}"
    )
    if record.rating:
        rated = ", ".join(f"{aspect} {record.rating[aspect]:.2f}" for aspect in ASPECTS)
        lines.append(f"  rated:    {rated} by {record.judge}")
    return "\n".join(lines)
