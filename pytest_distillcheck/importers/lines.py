"""What an importer hands over."""

from collections.abc import Mapping
from dataclasses import dataclass

Line = Mapping[str, object]
"""One line of a recording, as plain data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The answers of another tool's file.

    Attributes:
        lines: in the order of the file.
        notes: what a reader should know of them; often nothing.
    """

    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()
