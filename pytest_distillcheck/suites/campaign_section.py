"""Reads the `campaign` part of an identity section: what the search starts from, and what is measured."""

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_distillcheck.domain.probes import Question
from pytest_distillcheck.domain.templates import SeedTemplate
from pytest_distillcheck.errors import UsageError
from pytest_distillcheck.fuzzing import (
    SELECTION_POLICIES,
    SearchPlan,
    SearchSettings,
    read_frozen,
    read_user_templates,
    seed_templates,
)
from pytest_distillcheck.resources import Path
from pytest_distillcheck.suites.limits import campaign_limits
from pytest_distillcheck.suites.model import CampaignSuite
from pytest_distillcheck.suites.source import BUILTIN, SuiteSource, items_at

_AT: Path = ("identity", "campaign")


def read_campaign(
    source: SuiteSource, data: Mapping[str, Any], *, questions: tuple[Question, ...]
) -> CampaignSuite:
    """Return the part; its faults are noted in the source.

    Args:
        source: the suite.
        data: the part.
        questions: what the campaign puts; when there is none, the identity section is told so.
    """
    search: Mapping[str, Any] | None = data.get("search")
    campaign = CampaignSuite(
        line=source.line(_AT),
        questions=questions,
        templates=_templates(source, data.get("templates", BUILTIN)),
        policy=(search or {}).get("policy", next(iter(SELECTION_POLICIES))),
        search=_settings(search) if search is not None else None,
        frozen=source.parsed(data["frozen"], (*_AT, "frozen"), read_frozen) if "frozen" in data else None,
        queries=data.get("queries", 1000),
        gates=campaign_limits(source, data["gates"], (*_AT, "gates")) if "gates" in data else None,
    )
    if campaign.questions and campaign.templates:
        _expect_startable(source, campaign)
    return campaign


def _templates(source: SuiteSource, data: str | Sequence[str]) -> tuple[SeedTemplate, ...]:
    """Return the templates of all sources; nothing when one of them cannot be read."""
    read = [
        seed_templates() if name == BUILTIN else source.parsed(name, place, read_user_templates)
        for place, name in items_at(data, (*_AT, "templates"))
    ]
    lists = [templates for templates in read if templates is not None]
    if len(lists) < len(read):
        return ()
    # The text decides a user template's id: one that stands in two files is one template.
    by_id = {template.id: template for templates in lists for template in templates}
    return tuple(by_id.values())


def _settings(data: Mapping[str, Any]) -> SearchSettings:
    return SearchSettings(**{key: value for key, value in data.items() if key != "policy"})


def _expect_startable(source: SuiteSource, campaign: CampaignSuite) -> None:
    """Note what keeps a search from starting; what is measured must keep the same rules."""
    settings = campaign.search or SearchSettings()
    # A question whose id stands twice is told where it stands.
    questions = tuple({question.id: question for question in campaign.questions}.values())
    try:
        SearchPlan(seeds=campaign.templates, questions=questions, settings=settings)
    except UsageError as error:
        key, _, rest = str(error).partition(": ")
        if key == "queries":
            source.fault((*_AT, "search", key), rest)
        else:
            source.fault((*_AT, "templates"), str(error))
