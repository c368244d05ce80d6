"""The layouts of public data sets as users have them on disk; none of their data is ours to ship.

arena-hard
    `{"question_id", "category", "cluster", "turns": [{"content"}]}` of version 0.1; `{"uid", "category", "subcategory",
    "prompt"}` of version 2.0; `turns` of plain texts, as in MT-bench.
numina
    `{"source", "problem", "solution", ...}` of NuminaMath-CoT, -TIR and -1.5, which have no ids.
sharegpt
    `{"id", "conversations": [{"from": "human" | "gpt" | ..., "value"}]}`; `conversation` or `items` for
    `conversations`; `role` and `content` for `from` and `value`; a `system` beside them; `{"human", "assistant"}` for
    two turns at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pytest_distillcheck.domain.exchanges import Message, Role, digest
from pytest_distillcheck.domain.prompts import Prompt
from pytest_distillcheck.domain.scrubbing import is_blank, slug
from pytest_distillcheck.similarity.prompt_rules import is_prompt_id, turn_faults

Layout = Literal["arena-hard", "numina", "sharegpt"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

_DIGITS_OF_ID = 12
_CONVERSATIONS = ("conversations", "conversation", "items")
_SPEAKERS: Mapping[str, Role] = {
    "system": "system",
    **dict.fromkeys(("human", "user"), "user"),
    # ShareGPT holds conversations with other assistants too, under their names.
    **dict.fromkeys(("gpt", "chatgpt", "assistant", "bing", "bard"), "assistant"),
}


class UnusableError(Exception):
    """A record holds no prompt that can be asked."""


def layout_of(record: object) -> Layout | None:
    """Return the layout that a record is in; None when it is in none of them."""
    if isinstance(record, dict):
        for layout, reading in _READINGS.items():
            if not reading.marks.isdisjoint(record):
                return layout
    return None


def read_record(record: object, layout: Layout, *, set_name: str) -> Prompt:
    """Return the prompt of one record.

    A record without a usable id is named after what it asks, so that its id stays when the file is cut or reordered.

    Raises:
        UnusableError: it holds none; the text says why.
    """
    if not isinstance(record, dict):
        raise UnusableError("not a JSON object")
    reading = _READINGS[layout]
    turns = tuple(reading.turns(record))
    for index, message in turn_faults(turns):
        raise UnusableError(f"turn {index + 1} {message}")
    tags = [
        slug(value) for key in reading.tags if isinstance(value := record.get(key), str) and value.strip()
    ]
    return Prompt(
        id=_id(record, reading.ids)
        or f"{layout}-{digest([turn.to_builtins() for turn in turns])[:_DIGITS_OF_ID]}",
        set=set_name,
        turns=turns,
        tags=tuple(dict.fromkeys(tags)),
    )


def _id(record: Mapping[str, Any], keys: Sequence[str]) -> str | None:
    for key in keys:
        # By its very type: a bool is an int to Python.
        if type(value := record.get(key)) in {str, int} and is_prompt_id(str(value)):
            return str(value)
    return None


def _arena_hard(record: Mapping[str, Any]) -> list[Message]:
    match record:
        case {"turns": [str(text) | {"content": str(text)}]} | {"prompt": str(text)}:
            return [Message("user", text)]
        case {"turns": [_, _, *_]}:
            raise UnusableError("several turns of the user's without the answers between them")
    raise UnusableError("needs a 'prompt' that is text, or one turn of text in 'turns'")


def _numina(record: Mapping[str, Any]) -> list[Message]:
    match record:
        case {"problem": str(text)}:
            return [Message("user", text)]
    raise UnusableError("needs a 'problem' that is text")


def _sharegpt(record: Mapping[str, Any]) -> list[Message]:
    entries = next((record[key] for key in _CONVERSATIONS if key in record), None)
    if not isinstance(entries, list):
        raise UnusableError("needs 'conversations', a list of turns")
    turns = [turn for entry in entries for turn in _spoken(entry)]
    asked = [index for index, turn in enumerate(turns) if turn.role == "user"]
    if not asked:
        raise UnusableError("the user says nothing")
    # Many conversations were cut out of longer ones and begin with an answer; nearly all end with one.
    return [*_opening(record, turns), *turns[asked[0] : asked[-1] + 1]]


def _opening(record: Mapping[str, Any], turns: Sequence[Message]) -> list[Message]:
    system = record.get("system")
    if turns[0].role == "system":
        system = turns[0].content
    return [Message("system", system)] if isinstance(system, str) and not is_blank(system) else []


def _spoken(entry: object) -> Iterator[Message]:
    match entry:
        case {"from": str(speaker), "value": str(text)} | {"role": str(speaker), "content": str(text)}:
            if speaker.lower() not in _SPEAKERS:
                raise UnusableError(f"a speaker who is neither user nor assistant: {speaker[:40]!r}")
            yield Message(_SPEAKERS[speaker.lower()], text)
        case {"human": str(asked), "assistant": str(answered)}:
            yield Message("user", asked)
            yield Message("assistant", answered)
        case _:
            raise UnusableError("a turn needs 'from' and 'value', both text")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """How a layout is told and read.

    Attributes:
        marks: keys of which every record has one and no other layout's has any.
        ids: keys of a record's id, the best first.
        tags: keys whose texts become tags.
        turns: gives a record's conversation up to the user's last turn, or raises `UnusableError`.
    """

    marks: frozenset[str]
    ids: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    turns: Callable[[Mapping[str, Any]], list[Message]]


_READINGS: Mapping[Layout, _Reading] = {
    "arena-hard": _Reading(
        marks=frozenset({"question_id", "uid"}),
        ids=("question_id", "uid"),
        tags=("category", "subcategory"),
        turns=_arena_hard,
    ),
    "numina": _Reading(marks=frozenset({"problem"}), tags=("source", "problem_type"), turns=_numina),
    "sharegpt": _Reading(
        marks=frozenset(_CONVERSATIONS), ids=("id", "conversation_id"), tags=("category",), turns=_sharegpt
    ),
}
