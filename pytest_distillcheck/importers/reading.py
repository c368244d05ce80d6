"""Reads result files of other tools: strictly where a row is broken, and indifferent to fields that we do not use."""

import csv
import io
import json
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_distillcheck.errors import Fault, SourceError, UsageError
from pytest_distillcheck.resources import ReadError, read_text, wrong_type

_BLANK = " \t\r\n"
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One result of a file.

    Attributes:
        line: where it begins, 1-based.
    """

    line: int
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """A file of another tool, and what was found wrong in it so far."""

    path: pathlib.Path
    faults: list[Fault] = field(default_factory=list)

    def add(self, line: int, message: str, *, where: str = "", column: int = 0) -> None:
        """Note a fault."""
        self.faults.append(Fault(line=line, column=column, where=where, message=message))

    def text(self, row: Row, key: str) -> str:
        """Return a field that must be text; anything else is a fault, and gives an empty text."""
        if isinstance(value := row.data.get(key), str):
            return value
        missing = "the field is missing; is this the file that you mean?"
        self.add(row.line, wrong_type(value, (str,)) if key in row.data else missing, where=key)
        return ""

    def objects(self) -> list[Row]:
        """Return the objects of a JSON list or of JSON lines, whichever the file is."""
        text = self._read()
        begin = len(text) - len(text.lstrip(_BLANK))
        rows = [*self._listed(text, begin + 1)] if text[begin : begin + 1] == "[" else [*self._lines(text)]
        if not rows and not self.faults:
            self.add(0, "holds no row")
        return rows

    def table(self, columns: Sequence[str]) -> list[Row]:
        """Return the rows of a CSV file with a header, which must have these columns."""
        text = self._read()
        # The limit is the module's own, and an answer may be longer than it; the file bounds every field.
        limit = csv.field_size_limit(len(text) + 1)
        try:
            return [*self._records(text, columns)]
        finally:
            csv.field_size_limit(limit)

    def _read(self) -> str:
        try:
            return read_text(self.path, max_bytes=None)
        except ReadError as problem:
            self.faults.extend(problem.faults)
            return ""

    def _lines(self, text: str) -> Iterator[Row]:
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                yield from self._object(json.loads(line), number)
            except (ValueError, RecursionError) as error:
                self._not_json(error, number)

    def _listed(self, text: str, position: int) -> Iterator[Row]:
        """Decode the items one by one: only so each of them has its line."""
        line, counted = 1, 0
        while True:
            position = _skip(text, position, _BLANK)
            line, counted = line + text.count("\n", counted, position), position
            if text[position : position + 1] == "]":
                if rest := text[position + 1 :].strip():
                    self.add(line, f"{rest[:20]!r} after the list; one file holds one list")
                return
            try:
                item, position = _DECODER.raw_decode(text, position)
            except (ValueError, RecursionError) as error:
                self._not_json(error, line)
                return
            yield from self._object(item, line)
            position = _skip(text, position, _BLANK)
            if text[position : position + 1] == ",":
                position += 1
            elif text[position : position + 1] != "]":
                self.add(line, "no comma and no end of the list after this item; the file may be truncated")
                return

    def _object(self, item: object, line: int) -> Iterator[Row]:
        if isinstance(item, dict):
            yield Row(line=line, data=item)
        else:
            self.add(line, "not a JSON object")

    def _not_json(self, error: Exception, line: int) -> None:
        if isinstance(error, json.JSONDecodeError):
            line = error.lineno if error.lineno > 1 else line
            message = f"not JSON: {error.msg.lower()}; the file may be truncated"
            self.add(line, message, column=error.colno)
        else:
            self.add(line, f"not JSON that we read: {error}")

    def _records(self, text: str, columns: Sequence[str]) -> Iterator[Row]:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            header = next(reader, [])
            if missing := [column for column in columns if column not in header]:
                self.add(1, f"no column {', '.join(map(repr, missing))}; is this the file that you mean?")
                return
            end = reader.line_num
            for cells in reader:
                begin, end = end + 1, reader.line_num
                if len(cells) == len(header):
                    yield Row(line=begin, data=dict(zip(header, cells, strict=True)))
                elif cells:
                    self.add(begin, f"{len(cells)} cells under {len(header)} columns; a quote may be missing")
        except csv.Error as error:
            self.add(reader.line_num, f"not CSV: {error}")


def check(*sources: Source) -> None:
    """Raise every fault of the files at once.

    Raises:
        SourceError: one of the files has faults.
        UsageError: several of them have.
    """
    errors = [
        SourceError(str(source.path), sorted(source.faults, key=lambda fault: fault.line))
        for source in sources
        if source.faults
    ]
    if len(errors) > 1:
        raise UsageError("\n".join(map(str, errors)))
    if errors:
        raise errors[0]


def _skip(text: str, position: int, characters: str) -> int:
    while position < len(text) and text[position] in characters:
        position += 1
    return position
