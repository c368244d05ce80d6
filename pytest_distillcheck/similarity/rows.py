"""The records of a data file, JSONL or one JSON array, each with the line that it starts on."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pytest_distillcheck.errors import Fault

_SPACE = r"[ \t\r\n]*"
_ARRAY_START = re.compile(rf"{_SPACE}\[{_SPACE}")
_ARRAY_END = re.compile(rf"{_SPACE}\]{_SPACE}\Z")
_SEPARATOR = re.compile(rf"{_SPACE},{_SPACE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record.

    Attributes:
        line: 1-based.
        data: any JSON value.
    """

    line: int
    data: Any


def rows(text: str) -> Iterator[Row | Fault]:
    """Give the records of a file in their order, and a fault where there is none.

    Blank lines of JSONL are passed over; a JSON array cannot be read on beyond its first fault.
    """
    opening = _ARRAY_START.match(text)
    return _of_array(text, opening.end()) if opening else _of_lines(text)


def _of_lines(text: str) -> Iterator[Row | Fault]:
    # Not splitlines: it would also split at characters that JSON leaves as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield Row(line=number, data=_DECODER.decode(line))
            except (ValueError, RecursionError) as error:
                yield _fault(error, line=number)


def _of_array(text: str, start: int) -> Iterator[Row | Fault]:
    line, counted = 1, 0
    if _ARRAY_END.match(text, start):
        return
    while True:
        line += text.count("\n", counted, start)
        counted = start
        try:
            data, end = _DECODER.raw_decode(text, start)
        except json.JSONDecodeError as error:
            yield _fault(error, line=error.lineno)
            return
        except (ValueError, RecursionError) as error:
            yield _fault(error, line=line)
            return
        yield Row(line=line, data=data)
        if _ARRAY_END.match(text, end):
            return
        if not (separator := _SEPARATOR.match(text, end)):
            missing = json.JSONDecodeError("expecting ',' or the last ']'", text, end)
            yield _fault(missing, line=missing.lineno)
            return
        start = separator.end()


def _fault(error: Exception, *, line: int) -> Fault:
    column, told = 0, str(error)
    if isinstance(error, json.JSONDecodeError):
        column, told = error.colno, error.msg[:1].lower() + error.msg[1:]
    return Fault(line=line, column=column, where="", message=f"not JSON that we read: {told}")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key stands twice in one object; remove one")
    return data


_DECODER = json.JSONDecoder(object_pairs_hook=_no_repeats)
