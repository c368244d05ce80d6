"""Reads a data file key by key; whatever is wrong becomes a fault with its place."""

import contextlib
import pathlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pytest_distillcheck.errors import CatalogError, Fault
from pytest_distillcheck.resources import Document, Path, load_yaml, nearest

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A mapping in a data file.

    A value that is missing or wrong is reported, and read as the empty value of its type.

    Attributes:
        file: where the document was read from.
        path: where the mapping stands in the document.
        values: what stands there.
        faults: what was reported so far, in the whole file.
    """

    file: pathlib.Path
    document: Document
    path: Path = ()
    values: Mapping[str, Any]
    faults: list[Fault]

    @property
    def id(self) -> str:
        """The key that the mapping stands at."""
        return str(self.path[-1])

    def fault(self, message: str, *path: str | int) -> None:
        """Report what is wrong at a path below the mapping."""
        self.faults.append(self.document.fault((*self.path, *path), message, key=True))

    def refuse_faults(self) -> None:
        """End the reading of the file when anything was reported.

        Raises:
            CatalogError: with all of it, in the order of the file.
        """
        if self.faults:
            ordered = sorted(self.faults, key=lambda fault: (fault.line, fault.column))
            raise CatalogError(str(self.file), ordered)

    def check_keys(self, *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> None:
        """Report the keys that are missing and those that mean nothing."""
        known = (*required, *optional)
        for name in self.values:
            if name not in known:
                hint = nearest(name, known) or f"; known are {', '.join(known)}"
                self.fault(f"unknown key{hint}", name)
        for name in required:
            if name not in self.values:
                self.fault(f"{name!r} is missing; add it")

    def text(self, name: str) -> str:
        """Return a text that is not empty."""
        return self._text(self.values[name], name) if name in self.values else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, none of them empty, no two of them equal."""
        values = self.values.get(name, [])
        if not isinstance(values, list):
            self.fault("must be a list of texts", name)
            return ()
        texts = tuple(self._text(value, name, index) for index, value in enumerate(values))
        for index, text in enumerate(texts):
            if text and text in texts[:index]:
                self.fault(f"{text!r} stands in the list already; remove one", name, index)
        return texts

    def number(self, name: str) -> float:
        """Return a number above 0."""
        value = self.values.get(name, 0.0)
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return value
        if name in self.values:
            self.fault("must be a number above 0", name)
        return 0.0

    def day(self, name: str) -> date:
        """Return a date written as 2026-11-09."""
        text = self.values.get(name, "")
        if isinstance(text, str) and _DAY.fullmatch(text):
            with contextlib.suppress(ValueError):
                return date.fromisoformat(text)
        if name in self.values:
            self.fault("must be a date such as 2026-11-09", name)
        return date.min

    def mapping(self, name: str) -> "Entry":
        """Return the mapping at a key."""
        values = self.values.get(name, {})
        if not isinstance(values, dict):
            self.fault("must be a mapping", name)
            values = {}
        return Entry(
            file=self.file,
            document=self.document,
            path=(*self.path, name),
            values=values,
            faults=self.faults,
        )

    def mappings(self) -> Iterator["Entry"]:
        """Yield the mapping at each key."""
        return (self.mapping(name) for name in self.values)

    def _text(self, value: object, *path: str | int) -> str:
        if isinstance(value, str) and value.strip():
            return value
        self.fault("must be a text that is not empty; put a number in quotes", *path)
        return ""


def read_entries(file: pathlib.Path) -> Entry:
    """Return the mapping that a data file consists of.

    Raises:
        CatalogError: the file cannot be read, or is no mapping.
    """
    document = load_yaml(file, CatalogError)
    root = Entry(file=file, document=document, values={}, faults=[])
    if not isinstance(document.data, dict):
        root.fault("must be a mapping")
        root.refuse_faults()
    return Entry(file=file, document=document, values=document.data, faults=root.faults)
