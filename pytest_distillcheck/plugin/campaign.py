"""The test of one campaign: its measurement and its search, and what they come to."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pytest_distillcheck.assembly.campaign import SEARCH_PREFIX, CampaignPlan
from pytest_distillcheck.domain.campaigns import CampaignNote, MeasurementNote, SearchNote
from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.domain.probes import Probe
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.domain.waivers import Waiver
from pytest_distillcheck.errors import NotSentError, StoreError
from pytest_distillcheck.fuzzing import EmbeddedMutator, ModelMutator
from pytest_distillcheck.gating import StopRule, family_size, waiver_for
from pytest_distillcheck.identity.paper import paper_scores
from pytest_distillcheck.plugin.cases import CampaignCase, Running
from pytest_distillcheck.plugin.evidence import day_of, exchange_lines, keep_exchange, replay_line
from pytest_distillcheck.plugin.identity import claim_text
from pytest_distillcheck.plugin.outcomes import NOTE, RECORDS, STATUS, Finding, Infrastructure
from pytest_distillcheck.plugin.run import RUN
from pytest_distillcheck.ports import IdentityJudge, ModelClient, Mutator
from pytest_distillcheck.running import examine
from pytest_distillcheck.running.asking import BrokeredClient
from pytest_distillcheck.running.campaigning import (
    Answered,
    InThisThread,
    Measurement,
    Searched,
    asking,
    measure,
    run_search,
)

if TYPE_CHECKING:
    from pytest_distillcheck.plugin.run import Run

WORST = 3
"""Findings that a failed test shows in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conducted:
    """What a campaign came to.

    Attributes:
        searched: None without a search, and when it was not begun since nothing answered the measurement.
        mutations: what a mutator model was asked, with its replies.
    """

    measurement: Measurement
    searched: Searched | None = None
    mutations: tuple[tuple[ModelRequest, Response], ...] = ()


def campaign(distill_case: Running[CampaignCase], distill_campaign: Sequence[Record]) -> None:
    """The test function; see `settle`."""
    __tracebackhide__ = True
    settle(distill_case, distill_campaign)


def gather(running: Running[CampaignCase], model: ModelClient, judge: IdentityJudge) -> Sequence[Record]:
    """Conduct the campaign, unless it runs beside the tests already, and keep its records and its note on the item.

    A rerun of the item keeps what there is: asking again until the answers please is no measurement.

    Raises:
        Infrastructure: draws are missing, the search is incomplete, or without gates an answer could not be judged; but
            without gates only when no contradiction was found, which tells more.
    """
    item, plan = running.item, running.case.plan
    if NOTE not in item.stash:
        conducted = item.config.stash[RUN].conducted(item) or conduct(running, model, judge)
        _keep(running, conducted)
    records: list[Record] = item.stash[RECORDS]
    told: dict[str, Any] = item.stash[NOTE]
    note = CampaignNote.from_builtins(told)
    faults = list(_faults(plan, records, note))
    if faults and not (plan.campaign.gates is None and _open_findings(records)):
        raise Infrastructure(scrub("\n".join(faults)))
    return records


def settle(running: Running[CampaignCase], records: Sequence[Record]) -> None:
    """Raise what the test comes to: nothing for a pass or a measurement.

    Raises:
        Finding: contradictions without gates, or one whose waiver has expired.
        pytest.xfail.Exception: all of them are waived.
    """
    item, plan = running.item, running.case.plan
    findings = [record for record in records if record.label == "contradiction"]
    found = _open_findings(records)
    if expired := _expired_waivers(plan, found, day_of(item)):
        told = "\n".join(
            f"the waiver of {w.owner} expired on {w.until}; review the finding again" for w in expired
        )
        raise Finding(scrub(f"{told}\n{_findings_text(running, found)}"))
    if plan.campaign.gates is None:
        if found:
            raise Finding(scrub(_findings_text(running, found)))
        if findings:
            # Under --runxfail this returns.
            pytest.xfail(scrub(f"{len(findings)} contradictions, all of them waived"))
    if findings:
        item.stash[STATUS] = "contradiction"
    elif any(record.unjudged is not None for record in records):
        item.stash[STATUS] = "unjudged"


def conduct(running: Running[CampaignCase], model: ModelClient, judge: IdentityJudge) -> Conducted:
    """Measure, then search: a budget that ends must cost the findings of a search, and no decision."""
    item, plan = running.item, running.case.plan
    run: Run = item.config.stash[RUN]
    look, window = looking(running, model, judge), window_of(run, model)
    family = family_size(run.selected_gates(), plan.model.name)
    with asking(window) as executor:
        measurement = measure(
            plan.draws(),
            look,
            StopRule(plan.gates(), plan.most_draws, family=family),
            executor=executor,
            window=window,
        )
        search_plan = plan.search_plan
        if search_plan is None or measurement.stopped == "outage":
            return Conducted(measurement=measurement)
        mutations: list[tuple[ModelRequest, Response]] = []
        searched = run_search(
            search_plan,
            partial(look, prefix=SEARCH_PREFIX),
            policy=plan.policy(),
            mutator=_mutator(run, plan, executor, mutations),
            system=plan.section.system or "",
            executor=executor,
        )
    return Conducted(measurement=measurement, searched=searched, mutations=tuple(mutations))


def looking(
    running: Running[CampaignCase], model: ModelClient, judge: IdentityJudge
) -> Callable[..., Answered]:
    """Return what asks and judges a probe; with the `prefix` of the search its record is named as no draw's is."""
    entry = _OneAtATime(judge, running.case.plan.examination.judge)
    return partial(_look, running, model, entry)


def window_of(run: "Run", model: ModelClient) -> int:
    """Return how many draws may be under way: a callable, or a model of the user's, may allow no other thread."""
    return run.settings.concurrency if isinstance(model, BrokeredClient) else 1


class _OneAtATime:
    """Lets one thread at a time into what is the user's: hooks, and a judge in the place of ours."""

    def __init__(self, judge: IdentityJudge, ours: IdentityJudge) -> None:
        self.judge = judge
        self.hooks = threading.Lock()
        self.judging = nullcontext() if judge is ours else threading.Lock()


def _look(
    running: Running[CampaignCase], model: ModelClient, entry: _OneAtATime, probe: Probe, *, prefix: str = ""
) -> Answered:
    """Ask and judge; findings of the search have an id of their own, since they are no draws."""
    plan = running.case.plan
    with entry.hooks:
        request = running.case.request(probe, running.item)
    response = model.ask(request)
    with entry.judging:
        record = examine(
            replace(plan.examination, judge=entry.judge),
            probe=probe,
            request=request,
            response=response,
            test_id=plan.record_id(probe, prefix=prefix),
        )
    name = plan.draw_name(probe, prefix=prefix)
    day = day_of(running.item)
    waiver = waiver_for(plan.suite.waivers, name, day) if record.label == "contradiction" else None
    waived = waiver is not None and not waiver.expired(day)
    return Answered(
        record=replace(record, kind="campaign", waived=waived), request=request, response=response
    )


def _mutator(
    run: "Run", plan: CampaignPlan, executor: Executor, exchanges: list[tuple[ModelRequest, Response]]
) -> Mutator:
    """Return what makes mutants; exchanges with a model are added to the list."""
    if plan.mutator_model is None:
        return EmbeddedMutator(seed=plan.seed)
    client = run.client(plan.mutator_model)
    if not isinstance(client, BrokeredClient):
        executor = InThisThread()

    async def ask(request: ModelRequest) -> Response:
        try:
            response = await asyncio.wrap_future(executor.submit(client.ask, request))
        except StoreError as error:
            raise NotSentError(str(error)) from error
        exchanges.append((request, response))
        return response

    return ModelMutator(name=plan.mutator_model.name, ask=ask)


def _keep(running: Running[CampaignCase], conducted: Conducted) -> None:
    item, plan = running.item, running.case.plan
    measured = conducted.measurement.answers
    searched = conducted.searched.answers if conducted.searched else ()
    for answered in (*measured, *searched):
        keep_exchange(item, answered.request, answered.response, model=plan.model)
    for request, response in conducted.mutations:
        assert plan.mutator_model
        keep_exchange(item, request, response, model=plan.mutator_model)
    findings = [answered.record for answered in searched if answered.record.label == "contradiction"]
    rows = searched or measured
    note = CampaignNote(
        measurement=measurement_note(plan, conducted.measurement),
        search=_search_note(plan, conducted.searched, findings),
        paper=paper_scores([answered.record for answered in rows]).to_builtins() if plan.is_paper else None,
    )
    item.stash[RECORDS] = [*(answered.record for answered in measured), *findings]
    item.stash[NOTE] = note.to_builtins()
    contradictions = sum(answered.record.label == "contradiction" for answered in measured)
    item.user_properties += [
        ("distill.draws", str(note.measurement.drawn)),
        ("distill.contradictions", str(contradictions)),
        ("distill.stopped", note.measurement.stopped),
    ]


def measurement_note(plan: CampaignPlan, measurement: Measurement) -> MeasurementNote:
    """Return what is told of a measurement."""
    frozen = plan.campaign.frozen
    return MeasurementNote(
        drawn=measurement.drawn,
        missing=measurement.missing,
        most=plan.campaign.queries,
        stopped=measurement.stopped,
        templates=len(plan.measured),
        questions=len(plan.campaign.questions),
        frozen=frozen.digest if frozen else None,
        fault=scrub(measurement.fault),
    )


def _search_note(
    plan: CampaignPlan, searched: Searched | None, findings: Sequence[Record]
) -> SearchNote | None:
    if plan.campaign.search is None:
        return None
    mutator = plan.mutator_model.name if plan.mutator_model else EmbeddedMutator.name
    if searched is None:
        return SearchNote(policy=plan.campaign.policy, mutator=mutator, stopped="outage")
    result = searched.result
    return SearchNote(
        policy=plan.campaign.policy,
        mutator=mutator,
        asked=result.asked,
        missing=result.missing,
        unjudged=result.unjudged,
        iterations=result.iterations,
        refused=dict(result.refused),
        skipped=result.skipped,
        stopped=result.stopped,
        found=result.found,
        findings=tuple(record.id for record in findings),
    )


def _faults(plan: CampaignPlan, records: Iterable[Record], note: CampaignNote) -> Iterable[str]:
    """Give what keeps the campaign from being complete."""
    measurement = note.measurement
    if measurement.missing:
        given_up = ", and nothing more was asked" if measurement.stopped == "outage" else ""
        yield (
            f"no answer: {measurement.missing} of {measurement.drawn} draws have none{given_up};"
            f" the last: {measurement.fault}"
        )
    if note.search and not note.search.is_complete:
        why = "no mutant was fit to be asked" if note.search.stopped == "stalled" else "nothing answered"
        yield f"the search is incomplete: {why} any more after {note.search.asked} probes"
    if plan.campaign.gates is None:
        unjudged = [record for record in records if record.unjudged is not None]
        if unjudged:
            told = exchange_lines(unjudged[0].prompt, unjudged[0].response)
            yield f"{len(unjudged)} answers unjudged; the first: {unjudged[0].unjudged}\n{told}"


def _open_findings(records: Iterable[Record]) -> list[Record]:
    return [record for record in records if record.label == "contradiction" and not record.waived]


def _expired_waivers(plan: CampaignPlan, findings: Iterable[Record], day: date) -> list[Waiver]:
    """Return the waivers that cover these findings, which none in force does, each once."""
    names = (record.id.rpartition("::")[2] for record in findings)
    found = (waiver_for(plan.suite.waivers, name, day) for name in names)
    return list(dict.fromkeys(waiver for waiver in found if waiver))


def _findings_text(running: Running[CampaignCase], findings: Sequence[Record]) -> str:
    plan = running.case.plan
    fact = plan.examination.fact
    worst = sorted(findings, key=lambda record: (not record.rival, record.names_rival, record.id))[:WORST]
    lines = [f"{len(findings)} contradictions in the campaign; the worst {len(worst)}:"]
    for record in worst:
        claim = claim_text(record, truth=f"{fact.name} by {fact.maker}")
        lines.append(f"{record.id}: {claim}\n{exchange_lines(record.prompt, record.response)}")
    return "\n".join([*lines, replay_line(running.item, plan)])
