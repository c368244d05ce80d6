"""Reads the `similarity` section: which prompts are asked, and how similar the answers may be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pytest_distillcheck.domain.prompts import Prompt, PromptSelection
from pytest_distillcheck.resources import Path
from pytest_distillcheck.similarity.prompt_files import PromptFile, read_prompts
from pytest_distillcheck.similarity.prompts import bank_prompts, prompt_sets, select
from pytest_distillcheck.suites.limits import rating_limits
from pytest_distillcheck.suites.model import SimilaritySuite
from pytest_distillcheck.suites.source import BUILTIN, SuiteSource, items_at

MAX_PROMPT_BYTES = 100_000_000
"""A larger prompt file is refused; data sets are larger than what people write by hand."""

_AT: Path = ("similarity",)
_MOST_IDS = 5
"""Repeated ids that a message lists."""


def read_similarity(
    source: SuiteSource, data: Mapping[str, Any], *, models: Sequence[str]
) -> SimilaritySuite:
    """Return the section; its faults are noted in the source.

    Args:
        source: the suite.
        data: the section.
        models: the globs of a section that has none of its own.
    """
    files = _files(source, data.get("prompts", BUILTIN))
    prompts = sorted((prompt for file in files for prompt in file.prompts), key=lambda prompt: prompt.id)
    selection = _selection(data.get("select", {}))
    sets: Mapping[str, Any] = data.get("sets", {})
    if prompts:
        _expect_names(source, prompts, selection, sets)
    return SimilaritySuite(
        line=source.line(_AT),
        models=tuple(data.get("models", models)),
        prompts=tuple(prompts),
        selection=selection,
        turns=data.get("turns", "last"),
        left_out=dict(Counter(fault.message for file in files for fault in file.left_out)),
        references=tuple(data.get("references", ())),
        system=data.get("system"),
        parameters=data.get("parameters", {}),
        per_prompt=rating_limits(source, data.get("per_prompt", {}), (*_AT, "per_prompt")),
        gates=rating_limits(source, data.get("gates", {}), (*_AT, "gates")),
        sets={name: rating_limits(source, limits, (*_AT, "sets", name)) for name, limits in sets.items()},
        snapshot=data.get("snapshot", False),
    )


def _selection(data: Mapping[str, Any]) -> PromptSelection:
    return PromptSelection(
        sets=tuple(data.get("sets", ())),
        languages=tuple(data.get("languages", ())),
        tags=tuple(data.get("tags", ())),
        sample=data.get("sample"),
    )


def _files(source: SuiteSource, data: Any) -> list[PromptFile]:
    """Return what each source of prompts holds; nothing when one of them cannot be read."""
    entries = [
        (place, {"path": entry}) if isinstance(entry, str) else ((*place, "path"), entry)
        for place, entry in items_at(data, (*_AT, "prompts"))
    ]
    read = [_file(source, entry, place) for place, entry in entries]
    files = [file for file in read if file is not None]
    if len(files) < len(read):
        return []
    first_in: dict[str, str] = {}
    for (place, entry), file in zip(entries, files, strict=True):
        _expect_new_ids(source, place, file, first_in)
        first_in = {**dict.fromkeys((prompt.id for prompt in file.prompts), entry["path"]), **first_in}
    return files


def _file(source: SuiteSource, entry: Mapping[str, Any], place: Path) -> PromptFile | None:
    if entry == {"path": BUILTIN}:
        return PromptFile(layout=None, prompts=bank_prompts())
    parse = partial(read_prompts, layout=entry.get("layout"), set_name=entry.get("set"))
    return source.parsed(entry["path"], place, parse, max_bytes=MAX_PROMPT_BYTES)


def _expect_new_ids(source: SuiteSource, place: Path, file: PromptFile, first_in: Mapping[str, str]) -> None:
    """Note ids that an earlier source has, which it is given for each."""
    repeated = [prompt.id for prompt in file.prompts if prompt.id in first_in]
    if repeated:
        others = ", ".join(dict.fromkeys(first_in[prompt_id] for prompt_id in repeated))
        shown = ", ".join(repeated[:_MOST_IDS]) + (", ..." if len(repeated) > _MOST_IDS else "")
        message = f"{len(repeated)} of its ids stand in {others} too ({shown}); give each prompt its own"
        source.fault(place, message)


def _expect_names(
    source: SuiteSource, prompts: Sequence[Prompt], selection: PromptSelection, sets: Mapping[str, Any]
) -> None:
    """Note names that no prompt has, a selection that leaves none, and limits on sets that are not asked."""
    known = {
        "sets": {prompt.set for prompt in prompts},
        "languages": {prompt.language for prompt in prompts if prompt.language},
        "tags": {tag for prompt in prompts for tag in prompt.tags},
    }
    faults_before = len(source.faults)
    for key, names in known.items():
        for index, name in enumerate(getattr(selection, key)):
            what = f"prompt has the {key.removesuffix('s')}"
            source.expect_known(name, (*_AT, "select", key, index), sorted(names), what)
    if len(source.faults) > faults_before:
        return
    selected = select(prompts, selection)
    if not selected:
        source.fault((*_AT, "select"), "leaves no prompt; select less narrowly")
        return
    asked = [group.name for group in prompt_sets(selected)]
    for name in sets:
        source.expect_known(name, (*_AT, "sets", name), asked, "prompt that is asked has the set", key=True)
