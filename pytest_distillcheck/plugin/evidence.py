"""What every test with evidence does: ask, keep the exchange, look for a waiver, show what was said."""

import json
import shlex
from datetime import date

import pytest

from pytest_distillcheck.assembly import ModelUnderTest, Plan
from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scrubbing import one_line, scrub
from pytest_distillcheck.domain.waivers import Waiver
from pytest_distillcheck.errors import ClientError, StoreError
from pytest_distillcheck.gating import waiver_for
from pytest_distillcheck.plugin.options import replay_options
from pytest_distillcheck.plugin.outcomes import EXCHANGES, Infrastructure
from pytest_distillcheck.plugin.run import RUN
from pytest_distillcheck.ports import ModelClient
from pytest_distillcheck.stores import Exchange

PROMPT_WIDTH = 400
RESPONSE_WIDTH = 800
QUOTE_WIDTH = 300


def answer(
    item: pytest.Item, client: ModelClient, request: ModelRequest, *, model: ModelUnderTest
) -> Response:
    """Return a model's answer, and keep the exchange on the item if a recording is wanted.

    Raises:
        Infrastructure: there is none.
    """
    try:
        response = client.ask(request)
    except (ClientError, StoreError) as error:
        raise Infrastructure(scrub(f"no answer: {error}")) from error
    keep_exchange(item, request, response, model=model)
    return response


def keep_exchange(
    item: pytest.Item, request: ModelRequest, response: Response, *, model: ModelUnderTest
) -> None:
    """Keep an exchange on the item, if a recording is wanted."""
    if not item.config.stash[RUN].settings.record:
        return
    exchange = Exchange(
        messages=request.messages, parameters=request.parameters, sample=request.sample, response=response
    )
    # In ASCII, so that a lone surrogate crosses from a worker unharmed.
    kept = model.name, json.dumps(exchange.to_builtins())
    item.stash.setdefault(EXCHANGES, []).append(kept)


def waiver_of(item: pytest.Item, plan: Plan) -> Waiver | None:
    """Return the waiver that covers a test, in force or expired."""
    return waiver_for(plan.suite.waivers, item.name, day_of(item))


def day_of(item: pytest.Item) -> date:
    """Return the day that waivers are held against."""
    return item.config.stash[RUN].day


def replay_line(item: pytest.Item, plan: Plan, *options: str) -> str:
    """Return how the test is run alone, with options that its kind needs beside those of every test."""
    given = [f"--distill-model={plan.model.given}", *options, *replay_options(item.config)]
    return f"  replay:   {shlex.join(['python', '-m', 'pytest', item.nodeid, *given])}"


def exchange_lines(prompt: str, response: str) -> str:
    """Return what was asked and answered."""
    return f"{asked_line(prompt)}\n  answered: {one_line(response, RESPONSE_WIDTH)}"


def asked_line(prompt: str) -> str:
    """Return what was asked."""
    return f"  asked:    {one_line(prompt, PROMPT_WIDTH)}"


def snapshot_difference(item: pytest.Item, record: Record) -> str:
    """Return how a record differs from its snapshot; nothing if it does not, or if the test has none.

    Raises:
        Infrastructure: they cannot be compared.
    """
    snapshot = getattr(item, "funcargs", {}).get("distill_snapshot")
    if snapshot is None:
        return ""
    # Most suites have no snapshots, and start faster without what they need.
    from pytest_distillcheck.plugin.snapshots import difference

    return difference(item, snapshot, record)


def with_difference(finding: str, difference: str) -> str:
    """Return what a test came to by itself, and below it how it differs from its snapshot, if it does."""
    return f"{finding}\n{difference}" if difference else finding
