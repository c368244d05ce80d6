"""Prompt files: our own format, and data sets that a user may have.

Our own is JSONL, a prompt a line, of one turn or of several:

    {"id": "tea", "prompt": "How is green tea brewed?", "set": "kitchen", "language": "en", "tags": ["short"]}
    {"id": "trip", "messages": [{"role": "user", "content": "..."}, {"role": "assistant", ...}, {"role": "user", ...}]}

`id` and one of `prompt` and `messages` must be there. The user wrote the file, so any fault of it is an error. A data
set is taken as it is: a record that cannot be asked is left out, and told.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pytest_distillcheck.domain.exchanges import Message, Role
from pytest_distillcheck.domain.prompts import Prompt
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.errors import Fault, SourceError
from pytest_distillcheck.resources import nearest, wrong_type
from pytest_distillcheck.similarity.layouts import Layout, UnusableError, layout_of, read_record
from pytest_distillcheck.similarity.prompt_rules import is_name, is_prompt_id, turn_faults
from pytest_distillcheck.similarity.rows import Row, rows

DEFAULT_SET = "prompts"
"""The set of prompts that name none; a data set's is named after its layout."""

_KINDS: Mapping[str, tuple[type, ...]] = {
    "id": (str,),
    "prompt": (str,),
    "messages": (list,),
    "set": (str,),
    "language": (str,),
    "tags": (list,),
}
_SET = re.compile("[a-z0-9][a-z0-9_-]*")
_LANGUAGE = re.compile("[a-z]{2,3}")
_ROLES: tuple[Role, ...] = get_args(Role)

_Problem = tuple[str, str]
"""Where in a record something is wrong, and what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptFile:
    """What a prompt file holds.

    Attributes:
        layout: None for our own format.
        prompts: at least one, in the order of the file; their ids are unique.
        left_out: the records of a data set that cannot be asked, each with its line and the reason.
    """

    layout: Layout | None
    prompts: tuple[Prompt, ...]
    left_out: tuple[Fault, ...] = ()


def read_prompts(
    text: str, *, path: str, layout: Layout | None = None, set_name: str | None = None
) -> PromptFile:
    """Read a prompt file, JSONL or one JSON array.

    Args:
        text: the file's text.
        path: how messages name the file.
        layout: of the data set that the file is of; None to tell it by the first record.
        set_name: the set of prompts that name none.

    Raises:
        SourceError: it is not JSON, no prompt of it can be asked, or it is in our own format and has faults: all of
            them are told.
    """
    found = tuple(rows(text))
    if broken := [fault for fault in found if isinstance(fault, Fault)]:
        raise SourceError(path, broken)
    records = [row for row in found if isinstance(row, Row)]
    if not records:
        raise SourceError(path, [_fault(0, "", "holds no prompt; write one a line")])
    layout = layout or layout_of(records[0].data)
    if layout is None:
        return PromptFile(layout=None, prompts=_own(records, path, set_name or DEFAULT_SET))
    return _data_set(records, path, layout, set_name or layout)


def _own(records: Sequence[Row], path: str, set_name: str) -> tuple[Prompt, ...]:
    faults: list[Fault] = []
    lines: dict[str, int] = {}
    for row in records:
        problems = tuple(_problems(row.data)) or tuple(_repeats(row.data["id"], row.line, lines))
        faults += [_fault(row.line, where, message) for where, message in problems]
    if faults:
        raise SourceError(path, faults)
    return tuple(_prompt(row.data, set_name) for row in records)


def _data_set(records: Sequence[Row], path: str, layout: Layout, set_name: str) -> PromptFile:
    prompts: list[Prompt] = []
    left_out: list[Fault] = []
    lines: dict[str, int] = {}
    for row in records:
        try:
            prompt = read_record(row.data, layout, set_name=set_name)
        except UnusableError as reason:
            left_out.append(_fault(row.line, "", str(reason)))
            continue
        if repeats := [_fault(row.line, *repeat) for repeat in _repeats(prompt.id, row.line, lines)]:
            left_out += repeats
        else:
            prompts.append(prompt)
    if not prompts:
        message = f"not one record of {layout} can be asked; of the first: {left_out[0].message}"
        raise SourceError(path, [_fault(left_out[0].line, left_out[0].where, message)])
    return PromptFile(layout=layout, prompts=tuple(prompts), left_out=tuple(left_out))


def _prompt(data: Mapping[str, Any], set_name: str) -> Prompt:
    return Prompt(
        id=data["id"],
        set=data.get("set", set_name),
        turns=_turns(data),
        language=data.get("language"),
        tags=tuple(data.get("tags", ())),
    )


def _turns(data: Mapping[str, Any]) -> tuple[Message, ...]:
    if "prompt" in data:
        return (Message("user", data["prompt"]),)
    return tuple(Message(message["role"], message["content"]) for message in data["messages"])


def _repeats(prompt_id: str, line: int, lines: dict[str, int]) -> Iterator[_Problem]:
    """Give the problem of an id that an earlier line has; else note its line."""
    if prompt_id in lines:
        yield "id", f"{prompt_id!r} stands on line {lines[prompt_id]} already"
    else:
        lines[prompt_id] = line


def _problems(data: object) -> Iterator[_Problem]:
    """Give what is wrong with a record of our own format; nothing when it is a prompt."""
    if not isinstance(data, dict):
        yield "", "not a JSON object; write one prompt a line"
    elif strange := tuple(_strange_values(data)):
        yield from strange
    else:
        yield from _name_problems(data)
        yield from _turn_problems(data)


def _strange_values(data: Mapping[str, Any]) -> Iterator[_Problem]:
    for key, value in data.items():
        if key not in _KINDS:
            yield scrub(key), f"unknown key{nearest(key, _KINDS)}"
        elif not isinstance(value, _KINDS[key]):
            yield key, wrong_type(value, _KINDS[key])


def _name_problems(data: Mapping[str, Any]) -> Iterator[_Problem]:
    if "id" not in data:
        yield "id", "is missing; it becomes part of test ids, so give one that stays"
    elif not is_prompt_id(data["id"]):
        yield (
            "id",
            "write ASCII letters, digits, dots, underscores and dashes, and no ending such as -t2 or -r2",
        )
    if not _SET.fullmatch(data.get("set", DEFAULT_SET)):
        yield "set", "write lower-case ASCII letters, digits, underscores and dashes"
    if not _LANGUAGE.fullmatch(data.get("language", "en")):
        yield "language", "not an ISO 639-1 code; write one such as en or zh"
    for index, tag in enumerate(data.get("tags", ())):
        if not (isinstance(tag, str) and is_name(tag)):
            yield f"tags[{index}]", "write ASCII letters, digits, dots, underscores and dashes"


def _turn_problems(data: Mapping[str, Any]) -> Iterator[_Problem]:
    if ("prompt" in data) == ("messages" in data):
        yield "prompt", "write either 'prompt' or 'messages'"
    elif shapeless := [n for n, message in enumerate(data.get("messages", ())) if not _is_message(message)]:
        for index in shapeless:
            yield f"messages[{index}]", f"write a 'role' of {', '.join(_ROLES)} and a 'content' that is text"
    else:
        for index, message in turn_faults(_turns(data)):
            yield "prompt" if "prompt" in data else f"messages[{index}]", message


def _is_message(value: object) -> bool:
    match value:
        case {"role": str(role), "content": str(), **rest}:
            return role in _ROLES and not rest
    return False


def _fault(line: int, where: str, message: str) -> Fault:
    return Fault(line=line, column=0, where=where, message=message)
