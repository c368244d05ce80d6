"""Reads a suite file: YAML, schema, then what only the catalogue, the bank and the frames can tell."""

import pathlib
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from pytest_distillcheck.catalog import identity_fact, maker_named, makers
from pytest_distillcheck.domain.facts import UNKNOWN_MAKER, IdentityFact
from pytest_distillcheck.domain.gates import Limit
from pytest_distillcheck.domain.probes import LANGUAGES, NEUTRAL, PLAIN, Question, Selection
from pytest_distillcheck.domain.scores import ScoreName
from pytest_distillcheck.domain.waivers import Waiver
from pytest_distillcheck.errors import Fault, SuiteError, UnknownFactError
from pytest_distillcheck.identity.bank import questions
from pytest_distillcheck.identity.frames import frames
from pytest_distillcheck.identity.planning import asks_anything
from pytest_distillcheck.resources import Document, Path, load_yaml, nearest
from pytest_distillcheck.suites.model import IdentitySuite, Suite
from pytest_distillcheck.suites.schema import schema_faults

# So ends the id of a repeated probe, which a question's own must not be taken for.
_REPEAT = re.compile(r"-r[0-9]+\Z")


def load_suite(path: pathlib.Path, *, shown: str | None = None) -> Suite:
    """Read and validate a suite.

    Args:
        path: the `*.distill.yaml` file.
        shown: how messages and reports name the file; by default its path.

    Raises:
        SuiteError: with every fault of the file.
    """
    name = shown or str(path)
    document = load_yaml(path, SuiteError, shown=name)
    # Meaning is checked only in data of the right shape: a second message about the same slip helps nobody.
    if faults := schema_faults(document, "suite"):
        raise SuiteError(name, faults)
    reader = _Reader(document)
    suite = reader.suite(name)
    if reader.faults:
        raise SuiteError(name, sorted(reader.faults, key=lambda fault: (fault.line, fault.column)))
    return suite


class _Reader:
    """Turns data of the right shape into a suite and gathers the faults that only meaning shows."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.faults: list[Fault] = []

    def fault(self, path: Path, message: str, *, key: bool = False) -> None:
        self.faults.append(self.document.fault(path, message, key=key))

    def suite(self, name: str) -> Suite:
        data = self.document.data
        return Suite(
            path=name,
            identity=self.identity(data["identity"]),
            tags=tuple(data.get("tags", ())),
            waivers=tuple(
                waiver
                for index, entry in enumerate(data.get("waivers", ()))
                if (waiver := self.waiver(entry, index)) is not None
            ),
        )

    def identity(self, data: dict[str, Any]) -> IdentitySuite:
        bank: bool = data.get("bank", True)
        identity = IdentitySuite(
            line=self.document.place(("identity",), key=True)[0],
            models=tuple(data.get("models", ("*",))),
            fact=self.fact(data["fact"]) if "fact" in data else None,
            teachers=self.teachers(data["teachers"]) if "teachers" in data else None,
            system=data.get("system"),
            parameters=data.get("parameters", {}),
            selection=self.selection(data.get("probes", {})),
            questions=self.questions(data.get("questions", ()), bank=bank),
            bank=bank,
            reasoning=data.get("reasoning", "judge"),
            repeat=data.get("repeat", 1),
            gates=self.gates(data["gates"]) if "gates" in data else None,
        )
        if not self.faults and not asks_anything(identity.selection, own=identity.questions, bank=bank):
            self.fault(
                ("identity",), "asks nothing: no question speaks a selected context's language; add questions"
            )
        return identity

    def fact(self, data: str | dict[str, Any]) -> IdentityFact | None:
        if isinstance(data, str):
            try:
                return identity_fact(data)
            except UnknownFactError as error:
                self.fault(("identity", "fact"), str(error))
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

    def teachers(self, names: list[str]) -> frozenset[str]:
        known = [maker.id for maker in makers()]
        self.known(names, ("identity", "teachers"), known, "maker")
        return frozenset(names)

    def selection(self, data: dict[str, Any]) -> Selection:
        languages = tuple(data.get("languages", Selection().languages))
        contexts = tuple(data.get("contexts", Selection().contexts))
        self.known(languages, ("identity", "probes", "languages"), LANGUAGES, "language of the bank")
        frame_ids = [frame.id for frame in frames()]
        self.known(contexts, ("identity", "probes", "contexts"), [PLAIN, NEUTRAL, *frame_ids], "context")
        return Selection(
            categories=tuple(data.get("categories", Selection().categories)),
            languages=languages,
            contexts=contexts,
            sample=data.get("sample"),
        )

    def known(self, names: Iterable[str], path: Path, known: Iterable[str], what: str) -> None:
        known = tuple(known)
        for index, name in enumerate(names):
            if name not in known:
                hint = nearest(name, known) or f"; known are {', '.join(known)}"
                self.fault((*path, index), f"no {what} {name!r}{hint}")

    def questions(self, data: list[dict[str, str]] | tuple[()], *, bank: bool) -> tuple[Question, ...]:
        taken = dict.fromkeys((question.id for question in questions()) if bank else (), "in the bank")
        result = []
        for index, entry in enumerate(data):
            path = ("identity", "questions", index, "id")
            if where := taken.get(entry["id"]):
                self.fault(
                    path, f"a second question {entry['id']!r}, the first is {where}; give it another id"
                )
            elif _REPEAT.search(entry["id"]):
                self.fault(path, f"{entry['id']!r} ends as the id of a repeat does; give it another id")
            taken.setdefault(entry["id"], f"on line {self.document.place(path)[0]}")
            result.append(Question(**entry))  # type: ignore[arg-type]  # the schema has checked the category
        return tuple(result)

    def gates(self, data: dict[ScoreName, dict[str, float]]) -> dict[ScoreName, Limit]:
        for score, entry in data.items():
            low, high = entry.get("min"), entry.get("max")
            path = ("identity", "gates", score)
            if low is None and high is None:
                self.fault(path, "sets neither max nor min; set one")
            elif low is not None and high is not None and low > high:
                self.fault(path, f"min {low} is above max {high}; no share can be both")
        return {score: Limit(**entry) for score, entry in data.items()}

    def waiver(self, data: dict[str, str], index: int) -> Waiver | None:
        try:
            until = date.fromisoformat(data["until"])
        except ValueError:
            self.fault(
                ("waivers", index, "until"), f"{data['until']!r} is no day of the calendar; write YYYY-MM-DD"
            )
            return None
        return Waiver(probe=data["probe"], reason=data["reason"], owner=data["owner"], until=until)
