"""The test of one probe: its evidence, and what it comes to."""

from dataclasses import replace

import pytest

from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scrubbing import one_line, scrub
from pytest_distillcheck.plugin.cases import IdentityCase, Running
from pytest_distillcheck.plugin.evidence import (
    QUOTE_WIDTH,
    answer,
    asked_line,
    day_of,
    exchange_lines,
    replay_line,
    snapshot_difference,
    waiver_of,
    with_difference,
)
from pytest_distillcheck.plugin.outcomes import RECORDS, STATUS, Finding, Infrastructure
from pytest_distillcheck.ports import IdentityJudge, ModelClient
from pytest_distillcheck.running import examine


def identity(distill_case: Running[IdentityCase], distill_record: Record) -> None:
    """The test function; see `settle`."""
    __tracebackhide__ = True
    settle(distill_case, distill_record)


def gather(running: Running[IdentityCase], model: ModelClient, judge: IdentityJudge) -> Record:
    """Ask, judge, and keep the record on the item.

    A rerun of the item keeps the first record: asking again until an answer pleases is no measurement.

    Raises:
        Infrastructure: there is no answer, or without gates no verdict.
    """
    item = running.item
    if RECORDS not in item.stash:
        item.stash[RECORDS] = [_examine(running, model, judge)]
        _tell_junit(item, item.stash[RECORDS][0])
    record: Record = item.stash[RECORDS][0]
    if record.unjudged is not None and running.case.plan.section.gates is None:
        told = exchange_lines(record.prompt, record.response)
        raise Infrastructure(scrub(f"unjudged: {record.unjudged}\n{told}"))
    return record


def settle(running: Running[IdentityCase], record: Record) -> None:
    """Raise what the test comes to: nothing for a pass or a measurement.

    Raises:
        Finding: a contradiction without gates, or one whose waiver has expired; or the snapshot differs.
        Infrastructure: it cannot be compared with its snapshot.
        pytest.xfail.Exception: a waived contradiction.
    """
    item, plan = running.item, running.case.plan
    if record.unjudged is not None:
        item.stash[STATUS] = "unjudged"
        return
    difference = snapshot_difference(item, record)
    if record.label == "contradiction":
        _settle_contradiction(running, record, difference)
    if difference:
        raise Finding(scrub(f"{difference}\n{asked_line(record.prompt)}\n{replay_line(item, plan)}"))


def _settle_contradiction(running: Running[IdentityCase], record: Record, difference: str) -> None:
    item, plan = running.item, running.case.plan
    finding = with_difference(_contradiction(running, record), difference)
    waiver = waiver_of(item, plan)
    if waiver and record.waived:
        # Under --runxfail this returns, and the finding counts for what it is.
        waived = f"waived until {waiver.until} by {waiver.owner}: {waiver.reason}"
        pytest.xfail(scrub(with_difference(waived, difference)))
    elif waiver:
        expired = f"the waiver of {waiver.owner} expired on {waiver.until}; review the finding again\n"
        raise Finding(scrub(expired + finding))
    if plan.section.gates is None:
        raise Finding(scrub(finding))
    item.stash[STATUS] = "contradiction"


def claim_text(record: Record, *, truth: str) -> str:
    """Return what a contradiction claims, against the truth, with its quotes."""
    quotes = "".join(f"\n  claims:   “{one_line(quote, QUOTE_WIDTH)}”" for quote in record.quotes)
    return f"{record.model} claims to be made by {', '.join(record.makers)}; it is {truth}{quotes}"


def _examine(running: Running[IdentityCase], model: ModelClient, judge: IdentityJudge) -> Record:
    item, plan, probe = running.item, running.case.plan, running.case.probe
    request = running.case.request(item)
    record = examine(
        plan.examination if judge is plan.examination.judge else replace(plan.examination, judge=judge),
        probe=probe,
        request=request,
        response=answer(item, model, request, model=plan.model),
        test_id=item.nodeid,
    )
    waiver = waiver_of(item, plan) if record.label == "contradiction" else None
    return replace(record, waived=True) if waiver and not waiver.expired(day_of(item)) else record


def _tell_junit(item: pytest.Item, record: Record) -> None:
    """Give the scalars of a record to reports that show properties, such as JUnit."""
    scalars = {
        "distill.label": record.label or "unjudged",
        "distill.makers": ",".join(record.makers),
        "distill.affirmed": str(record.affirmed).lower(),
        "distill.quote": one_line(record.quotes[0], QUOTE_WIDTH) if record.quotes else "",
    }
    item.user_properties += list(scalars.items())


def _contradiction(running: Running[IdentityCase], record: Record) -> str:
    plan = running.case.plan
    fact = plan.examination.fact
    return (
        f"{claim_text(record, truth=f'{fact.name} by {fact.maker}')}\n"
        f"{exchange_lines(record.prompt, record.response)}\n{replay_line(running.item, plan)}"
    )
