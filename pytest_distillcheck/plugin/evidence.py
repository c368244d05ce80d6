"""Gathers the evidence of one probe, and says what its test comes to."""

import json
import shlex
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scrubbing import one_line, scrub
from pytest_distillcheck.domain.waivers import Waiver
from pytest_distillcheck.errors import ClientError, StoreError
from pytest_distillcheck.gating import waiver_for
from pytest_distillcheck.plugin.options import replay_options
from pytest_distillcheck.plugin.outcomes import EXCHANGE, RECORD, STATUS, Finding, Infrastructure
from pytest_distillcheck.plugin.run import RUN
from pytest_distillcheck.ports import IdentityJudge, ModelClient
from pytest_distillcheck.running import examine
from pytest_distillcheck.stores import Exchange

if TYPE_CHECKING:
    from pytest_distillcheck.plugin.collection import RunningCase

PROMPT_WIDTH = 400
RESPONSE_WIDTH = 800
QUOTE_WIDTH = 300


def gather(case: "RunningCase", model: ModelClient, judge: IdentityJudge) -> Record:
    """Ask, judge, and keep the record on the item.

    A rerun of the item keeps the first record: asking again until an answer pleases is no measurement.
    """
    item = case.item
    if RECORD not in item.stash:
        item.stash[RECORD] = _examine(case, model, judge)
        _tell_junit(item, item.stash[RECORD])
    record: Record = item.stash[RECORD]
    if record.unjudged is not None and case.plan.suite.identity.gates is None:
        raise Infrastructure(scrub(f"unjudged: {record.unjudged}\n{_exchange(record)}"))
    return record


def settle(case: "RunningCase", record: Record) -> None:
    """Raise what the test comes to: nothing for a pass or a measurement.

    Raises:
        Finding: a contradiction without gates, or one whose waiver has expired.
        pytest.xfail.Exception: a waived contradiction.
    """
    if record.unjudged is not None:
        case.item.stash[STATUS] = "unjudged"
        return
    if record.label != "contradiction":
        return
    waiver = _waiver(case)
    if waiver and record.waived:
        # Under --runxfail this returns, and the finding counts for what it is.
        pytest.xfail(scrub(f"waived until {waiver.until} by {waiver.owner}: {waiver.reason}"))
    elif waiver:
        expired = f"the waiver of {waiver.owner} expired on {waiver.until}; review the finding again\n"
        raise Finding(scrub(expired + _contradiction(case, record)))
    if case.plan.suite.identity.gates is None:
        raise Finding(scrub(_contradiction(case, record)))
    case.item.stash[STATUS] = "contradiction"


def _examine(case: "RunningCase", model: ModelClient, judge: IdentityJudge) -> Record:
    item, plan, probe = case.item, case.plan, case.probe
    request = case.request(item)
    try:
        response = model.ask(request)
    except (ClientError, StoreError) as error:
        raise Infrastructure(scrub(f"no answer: {error}")) from error
    if item.config.stash[RUN].settings.record:
        exchange = Exchange(
            messages=request.messages, parameters=request.parameters, sample=request.sample, response=response
        )
        # In ASCII, so that a lone surrogate crosses from a worker unharmed.
        item.stash[EXCHANGE] = json.dumps(exchange.to_builtins())
    record = examine(
        replace(plan.examination, judge=judge),
        probe=probe,
        request=request,
        response=response,
        test_id=item.nodeid,
    )
    waiver = _waiver(case) if record.label == "contradiction" else None
    return replace(record, waived=True) if waiver and not waiver.expired(date.today()) else record  # noqa: DTZ011


def _waiver(case: "RunningCase") -> Waiver | None:
    # The local day on purpose: `until` is a day in the calendar of the people who wrote it.
    return waiver_for(case.plan.suite.waivers, case.item.name, date.today())  # noqa: DTZ011


def _tell_junit(item: pytest.Item, record: Record) -> None:
    """Give the scalars of a record to reports that show properties, such as JUnit."""
    scalars = {
        "distill.label": record.label or "unjudged",
        "distill.makers": ",".join(record.makers),
        "distill.affirmed": str(record.affirmed).lower(),
        "distill.quote": one_line(record.quotes[0], QUOTE_WIDTH) if record.quotes else "",
    }
    item.user_properties += list(scalars.items())


def _contradiction(case: "RunningCase", record: Record) -> str:
    item, fact = case.item, case.plan.examination.fact
    makers = ", ".join(record.makers)
    options = [f"--distill-model={case.plan.model.given}", *replay_options(item.config)]
    replay = shlex.join(["python", "-m", "pytest", item.nodeid, *options])
    quotes = "".join(f"\n  claims:   “{one_line(quote, QUOTE_WIDTH)}”" for quote in record.quotes)
    return (
        f"{record.model} claims to be made by {makers}; it is {fact.name} by {fact.maker}"
        f"{quotes}\n{_exchange(record)}\n  replay:   {replay}"
    )


def _exchange(record: Record) -> str:
    return (
        f"  asked:    {one_line(record.prompt, PROMPT_WIDTH)}\n"
        f"  answered: {one_line(record.response, RESPONSE_WIDTH)}"
    )
