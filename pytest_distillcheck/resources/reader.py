"""Reads YAML in one pass over the parser's events.

PyYAML's own loaders speak YAML 1.1 (`no` is False, `2024-01-01` a date), take the last of two equal keys in
silence, and expand aliases without limit. Building the data from the events costs less than composing nodes and
constructing from them, and gives every value its place.
"""

import math
import pathlib
import re
from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from pytest_distillcheck.errors import Fault, SourceError
from pytest_distillcheck.resources.document import Document, Place, excerpt

MAX_BYTES = 10_000_000
"""A larger file is refused before it is parsed."""
MAX_DEPTH = 64
MAX_ALIAS_NODES = 50_000
"""Nodes that aliases may add in all; anchors without aliases cost nothing."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# All but the printable characters of YAML 1.2 (5.1).
_REFUSED = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# libyaml counts lines as YAML 1.1 does.
_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_NUMBER_START = frozenset("-+.0123456789")
_MAX_DIGITS = 300
"""Python refuses to convert integers of more than a few thousand digits; nobody means one that long."""


class ReadError(Exception):
    """A file or a text cannot be read; `faults` says where and why."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__(faults[0].message)


def read_yaml(text: str) -> Document:
    """Read one YAML 1.2 document.

    Time and memory grow with the length of the text and the nodes that aliases add.

    Raises:
        ReadError: with every fault found.
    """
    builder = _Builder(lines=tuple(_LINE_BREAK.split(text)))
    # Searched for here: libyaml tells the place of a character in bytes.
    if refused := _REFUSED.search(text):
        before = _LINE_BREAK.split(text[: refused.start()])
        builder.add((len(before), len(before[-1]) + 1), f"{_name_of(refused[0])}; remove it")
        raise ReadError(builder.faults)
    try:
        data = builder.build(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        builder.add(where, f"not YAML: {error.problem or error.context}")
    if builder.faults:
        raise ReadError(builder.faults)
    return Document(
        data=data, lines=builder.lines, key_places=builder.key_places, value_places=builder.value_places
    )


def load_yaml(path: pathlib.Path, error: type[SourceError], *, shown: str | None = None) -> Document:
    """Read a YAML file.

    Args:
        path: the file.
        error: what to raise.
        shown: how messages name the file; by default its path.

    Raises:
        SourceError: of the given type, with every fault found; the file may be missing, too large, or no UTF-8.
    """
    try:
        return read_yaml(read_text(path))
    except ReadError as faults:
        raise error(shown or str(path), faults.faults) from None


def read_text(path: pathlib.Path, *, max_bytes: int | None = MAX_BYTES) -> str:
    """Return the text of a file that a user wrote, without a byte order mark.

    Raises:
        ReadError: it is missing, unreadable, larger than `max_bytes`, or no UTF-8.
    """
    try:
        with path.open("rb") as file:
            raw = file.read() if max_bytes is None else file.read(max_bytes + 1)
    except (OSError, ValueError) as problem:  # ValueError: a NUL in the path
        told = getattr(problem, "strerror", None) or problem
        raise _file_fault(f"cannot be read ({told}); check the path") from None
    if max_bytes is not None and len(raw) > max_bytes:
        raise _file_fault(f"larger than {max_bytes:,} bytes; split the file")
    raw = raw.removeprefix(BOM_UTF8)
    try:
        return raw.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        before = raw[: problem.start].decode("utf-8").split("\n")
        message = f"byte 0x{raw[problem.start]:02x} is no UTF-8; save the file as UTF-8"
        fault = Fault(line=len(before), column=len(before[-1]) + 1, where="", message=message)
        raise ReadError([fault]) from None


def _file_fault(message: str) -> ReadError:
    return ReadError([Fault(line=0, column=0, where="", message=message)])


def _name_of(character: str) -> str:
    if "\ud800" <= character <= "\udfff":
        return "half of a surrogate pair"
    return f"a character that YAML does not allow (U+{ord(character):04X})"


class _Stop(Exception):  # noqa: N818 - control flow: the fault is in the builder already
    """The rest of the document cannot be read."""


@dataclass(slots=True)
class _Anchored:
    """What an anchor names; `nodes` is None until it is complete."""

    value: object
    nodes: int | None = None


@dataclass(slots=True)
class _Builder:
    lines: tuple[str, ...]
    faults: list[Fault] = field(default_factory=list)
    key_places: dict[int, dict[str, Place]] = field(default_factory=dict)
    value_places: dict[int, Any] = field(default_factory=dict)
    anchors: dict[str, _Anchored] = field(default_factory=dict)
    nodes: int = 0
    alias_nodes: int = 0
    next_event: Callable[[], Any] = field(init=False)

    def add(self, place: Place, message: str) -> None:
        line, column = place
        self.faults.append(
            Fault(line=line, column=column, where="", message=message, excerpt=excerpt(self.lines, line))
        )

    def build(self, text: str) -> object:
        loader = _LOADER(text)
        self.next_event = loader.get_event
        try:
            self.next_event()  # stream start
            event = self.next_event()
            if isinstance(event, yaml.StreamEndEvent):
                self.add((1, 1), "empty file; write a mapping")
                return None
            data = self.value(self.next_event(), 0)
            self.next_event()  # document end
            extra = self.next_event()
            if not isinstance(extra, yaml.StreamEndEvent):
                self.add(_place(extra), "a second document; one file holds one document")
        except _Stop:
            return None
        finally:
            loader.dispose()
        return data

    def value(self, event: Any, depth: int) -> object:
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        self.nodes += 1
        if event.tag is not None and event.tag != "!":
            self.add(_place(event), f"tag {event.tag!r} is not allowed; write plain values")
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
            if event.anchor is not None:
                self.anchors[event.anchor] = _Anchored(value, 1)
            return value
        if depth >= MAX_DEPTH:
            self.add(_place(event), f"nested deeper than {MAX_DEPTH} levels")
            raise _Stop
        before = self.nodes + self.alias_nodes
        container: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        anchored = _Anchored(container)
        if event.anchor is not None:
            self.anchors[event.anchor] = anchored
        if isinstance(container, dict):
            self.mapping(container, depth)
        else:
            self.sequence(container, depth)
        anchored.nodes = self.nodes + self.alias_nodes - before + 1
        return container

    def mapping(self, container: dict[str, object], depth: int) -> None:
        keys = self.key_places[id(container)] = {}
        values = self.value_places[id(container)] = {}
        while not isinstance(event := self.next_event(), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self.add(_place(event), "a key must be plain text")
                raise _Stop
            # Its tag and its anchor are those of any value; as a key it is text, whatever it would be elsewhere.
            self.value(event, depth)
            key, place = event.value, _place(event)
            if key == "<<" and event.implicit[0]:
                self.add(place, "merge keys (`<<`) are not allowed; write the keys out")
            value_event = self.next_event()
            value_place = _place(value_event)
            value = self.value(value_event, depth + 1)
            if key in container:
                self.add(place, f"duplicate key {key!r}, first on line {keys[key][0]}; remove one")
                continue
            container[key] = value
            keys[key] = place
            values[key] = value_place

    def sequence(self, container: list[object], depth: int) -> None:
        places = self.value_places[id(container)] = []
        while not isinstance(event := self.next_event(), yaml.SequenceEndEvent):
            places.append(_place(event))
            container.append(self.value(event, depth + 1))

    def alias(self, event: Any) -> object:
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            self.add(_place(event), f"alias *{event.anchor} has no anchor before it")
            return None
        if anchored.nodes is None:
            self.add(_place(event), f"alias *{event.anchor} contains itself")
            raise _Stop
        self.alias_nodes += anchored.nodes
        if self.alias_nodes > MAX_ALIAS_NODES:
            self.add(_place(event), f"aliases add more than {MAX_ALIAS_NODES:,} nodes; write fewer of them")
            raise _Stop
        return anchored.value


def _place(event: Any) -> Place:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1


def _scalar(event: Any) -> object:
    text: str = event.value
    # implicit[0]: plain style without a tag; only such a scalar may be something else than text.
    if not event.implicit[0]:
        return text
    if text in _SPECIAL:
        return _SPECIAL[text]
    if text[0] in _NUMBER_START:
        if _INT.fullmatch(text) and len(text) <= _MAX_DIGITS:
            return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
        # Infinity and NaN, spelled out or by overflow, stay text: no file of ours has a use for them.
        if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
            return number
    return text
