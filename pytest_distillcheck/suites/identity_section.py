"""Reads the `identity` section: what is true of a model, and which probes ask for it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pytest_distillcheck.catalog import identity_fact, maker_named, makers
from pytest_distillcheck.domain.facts import UNKNOWN_MAKER, IdentityFact
from pytest_distillcheck.domain.probes import LANGUAGES, NEUTRAL, PLAIN, Question, Selection
from pytest_distillcheck.errors import UnknownFactError
from pytest_distillcheck.identity.bank import questions
from pytest_distillcheck.identity.frames import frames
from pytest_distillcheck.identity.planning import asks_anything, plan_probes
from pytest_distillcheck.resources import Path
from pytest_distillcheck.suites.limits import share_limits
from pytest_distillcheck.suites.model import CampaignSuite, IdentitySuite
from pytest_distillcheck.suites.source import SuiteSource

_AT: Path = ("identity",)

# So ends the id of a repeated probe, which a question's own must not be taken for.
_REPEAT = re.compile(r"-r[0-9]+\Z")


def read_identity(source: SuiteSource, data: Mapping[str, Any]) -> IdentitySuite:
    """Return the section; its faults are noted in the source."""
    faults_before = len(source.faults)
    bank: bool = data.get("bank", True)
    selection = _selection(source, data.get("probes", {}))
    own = _questions(source, data.get("questions", ()), bank=bank)
    identity = IdentitySuite(
        line=source.line(_AT),
        models=tuple(data.get("models", ("*",))),
        fact=_fact(source, data["fact"]) if "fact" in data else None,
        teachers=_teachers(source, data["teachers"]) if "teachers" in data else None,
        system=data.get("system"),
        parameters=data.get("parameters", {}),
        selection=selection,
        questions=own,
        bank=bank,
        reasoning=data.get("reasoning", "judge"),
        repeat=data.get("repeat", 1),
        gates=share_limits(source, data["gates"], (*_AT, "gates")) if "gates" in data else None,
        snapshot=data.get("snapshot", False),
        campaign=_campaign(source, data["campaign"], selection, own, bank=bank)
        if "campaign" in data
        else None,
    )
    if len(source.faults) == faults_before and not asks_anything(selection, own=own, bank=bank):
        source.fault(_AT, "asks nothing: no question speaks a selected context's language; add questions")
    return identity


def _fact(source: SuiteSource, data: str | Mapping[str, Any]) -> IdentityFact | None:
    if isinstance(data, str):
        try:
            return identity_fact(data)
        except UnknownFactError as error:
            source.fault((*_AT, "fact"), str(error))
            return None
    maker = maker_named(data["maker"])
    aliases = tuple(data.get("maker_aliases", ()))
    return IdentityFact(
        name=data["name"],
        aliases=tuple(data.get("aliases", ())),
        maker=data["maker"],
        maker_id=maker.id if maker else UNKNOWN_MAKER,
        maker_aliases=(*aliases, maker.name, *maker.aliases) if maker else aliases,
        country=data.get("country") or (maker.country if maker else None),
        headquarters=tuple(data.get("headquarters", ())) or (maker.headquarters if maker else ()),
        lineage=tuple(data.get("lineage", ())),
    )


def _teachers(source: SuiteSource, names: Sequence[str]) -> frozenset[str]:
    _expect_all_known(source, names, (*_AT, "teachers"), [maker.id for maker in makers()], "maker")
    return frozenset(names)


def _selection(source: SuiteSource, data: Mapping[str, Any]) -> Selection:
    default = Selection()
    languages = tuple(data.get("languages", default.languages))
    contexts = tuple(data.get("contexts", default.contexts))
    at = (*_AT, "probes")
    _expect_all_known(source, languages, (*at, "languages"), LANGUAGES, "language of the bank")
    known = [PLAIN, NEUTRAL, *(frame.id for frame in frames())]
    _expect_all_known(source, contexts, (*at, "contexts"), known, "context")
    return Selection(
        categories=tuple(data.get("categories", default.categories)),
        languages=languages,
        contexts=contexts,
        sample=data.get("sample"),
    )


def _expect_all_known(
    source: SuiteSource, names: Iterable[str], path: Path, known: Iterable[str], what: str
) -> None:
    known = tuple(known)
    for index, name in enumerate(names):
        source.expect_known(name, (*path, index), known, what)


def _questions(source: SuiteSource, data: Sequence[Mapping[str, Any]], *, bank: bool) -> tuple[Question, ...]:
    taken = dict.fromkeys((question.id for question in questions()) if bank else (), "in the bank")
    result = []
    for index, entry in enumerate(data):
        path = (*_AT, "questions", index, "id")
        if where := taken.get(entry["id"]):
            source.fault(path, f"a second question {entry['id']!r}, the first is {where}; give it another id")
        elif _REPEAT.search(entry["id"]):
            source.fault(path, f"{entry['id']!r} ends as the id of a repeat does; give it another id")
        taken.setdefault(entry["id"], f"on line {source.document.place(path)[0]}")
        result.append(Question(**entry))
    return tuple(result)


def _campaign(
    source: SuiteSource,
    data: Mapping[str, Any],
    selection: Selection,
    own: Sequence[Question],
    *,
    bank: bool,
) -> CampaignSuite:
    # Most suites have no campaign, and start faster without its modules.
    from pytest_distillcheck.suites.campaign_section import read_campaign

    plain = Selection(categories=selection.categories, languages=selection.languages)
    probes = plan_probes(plain, own=own, bank=bank)
    return read_campaign(source, data, questions=tuple(probe.question for probe in probes))
