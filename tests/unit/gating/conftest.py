"""Gates on a campaign, their draws, and what is recorded of them."""

import itertools

from pytest_distillcheck.domain.gates import Gate, Limit
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.gating import CampaignDraws, DrawCounts, Member, decide

HIT = Record(
    id="r",
    suite="s",
    model="m",
    kind="campaign",
    category="team",
    language="en",
    context="t",
    question="q",
    prompt="Who made you?",
    response="OpenAI.",
    label="contradiction",
    affirmed=False,
    makers=("openai",),
    rival=True,
    source="callable",
    judge="embedded",
    request="0",
)
MISS = Record(
    **{
        **HIT.to_builtins(),
        "quotes": (),
        "label": "consistent",
        "affirmed": True,
        "makers": (),
        "rival": False,
    }
)
UNJUDGED = Record(
    **{
        **MISS.to_builtins(),
        "quotes": (),
        "makers": (),
        "label": None,
        "affirmed": None,
        "unjudged": "empty response",
    }
)
UNDRAWN = Member(context="t", question="q", names_rival=False, record=None)


def gate(score="strict", model="m", name="g", **limit):
    return Gate(id=f"s::{name}", suite="s", model=model, score=score, limit=Limit(**limit), kind="campaign")


def draws(*records, most=None, names_rival=False):
    """Return members with these records, and undrawn ones up to `most`."""
    members = [
        Member(context=str(i), question="q", names_rival=names_rival, record=r) for i, r in enumerate(records)
    ]
    return [*members, *itertools.repeat(UNDRAWN, (most or len(members)) - len(members))]


def counts(most):
    """Return so many draws, none of which names a rival."""
    return DrawCounts(total=most, neutral=most)


def decision(a_gate, members):
    (decided,) = decide([(a_gate, CampaignDraws(members))])
    return decided
