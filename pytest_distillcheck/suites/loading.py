"""Reads a suite file: YAML, schema, then what only the catalogue, the banks and the files that it names can tell."""

import json
import pathlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from pytest_distillcheck.domain.waivers import Waiver
from pytest_distillcheck.errors import Fault, SuiteError
from pytest_distillcheck.resources import Document, ReadError, load_yaml, read_yaml
from pytest_distillcheck.suites.identity_section import read_identity
from pytest_distillcheck.suites.model import SimilaritySuite, Suite
from pytest_distillcheck.suites.schema import schema_faults
from pytest_distillcheck.suites.source import SuiteSource


def load_suite(path: pathlib.Path, *, shown: str | None = None) -> Suite:
    """Read and validate a suite, with the prompts and templates that it names.

    Args:
        path: the `*.distill.yaml` file.
        shown: how messages and reports name the file; by default its path.

    Raises:
        SuiteError: with every fault of the file, and of the files that it names.
    """
    name = shown or str(path)
    return _validated(load_yaml(path, SuiteError, shown=name), path, name)


def suite_of(data: Mapping[str, Any], *, path: pathlib.Path, shown: str) -> Suite:
    """Return the suite that a test written in Python spells out.

    Args:
        data: what a suite file would hold.
        path: the test's file; relative paths in the data start at its folder.
        shown: how messages and reports name the suite.

    Raises:
        SuiteError: with every fault of the data, without lines.
    """
    try:
        # Not as ASCII: YAML knows no escapes in surrogate pairs.
        text = json.dumps(data, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        fault = Fault(line=0, column=0, where="", message=f"not plain data ({error}); write it as YAML would")
        raise SuiteError(shown, [fault]) from None
    try:
        return _validated(read_yaml(text), path, shown)  # all of JSON is YAML
    except (ReadError, SuiteError) as error:
        faults = [replace(fault, line=0, column=0, excerpt="") for fault in error.faults]
        raise SuiteError(shown, faults) from None


def _validated(document: Document, path: pathlib.Path, name: str) -> Suite:
    # Meaning is checked only in data of the right shape: a second message about the same slip helps nobody.
    if faults := schema_faults(document, "suite"):
        raise SuiteError(name, faults)
    source = SuiteSource(document=document, path=path, shown=name)
    suite = _suite(source)
    if source.faults:
        raise SuiteError(name, sorted(source.faults, key=lambda fault: (fault.line, fault.column)))
    return suite


def _suite(source: SuiteSource) -> Suite:
    data = source.document.data
    identity = read_identity(source, data["identity"]) if "identity" in data else None
    models = identity.models if identity else ("*",)
    waivers = (_waiver(source, entry, index) for index, entry in enumerate(data.get("waivers", ())))
    return Suite(
        path=source.shown,
        identity=identity,
        similarity=_similarity(source, data["similarity"], models) if "similarity" in data else None,
        tags=tuple(data.get("tags", ())),
        waivers=tuple(waiver for waiver in waivers if waiver is not None),
    )


def _similarity(source: SuiteSource, data: Mapping[str, Any], models: tuple[str, ...]) -> SimilaritySuite:
    # A suite without the section starts faster without its modules.
    from pytest_distillcheck.suites.similarity_section import read_similarity

    return read_similarity(source, data, models=models)


def _waiver(source: SuiteSource, data: Mapping[str, str], index: int) -> Waiver | None:
    try:
        until = date.fromisoformat(data["until"])
    except ValueError:
        message = f"{data['until']!r} is no day of the calendar; write YYYY-MM-DD"
        source.fault(("waivers", index, "until"), message)
        return None
    return Waiver(probe=data["probe"], reason=data["reason"], owner=data["owner"], until=until)
