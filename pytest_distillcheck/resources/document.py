"""A document that was read, with the place of each of its values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_distillcheck.errors import Fault

Path = tuple[str | int, ...]
"""Keys and indices from the root of a document to a value."""

Place = tuple[int, int]
"""Line and column, both 1-based."""

MAX_EXCERPT = 160
"""Characters of a source line that a fault shows; a longer one is not shown at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Plain data out of YAML, and where it stood.

    Attributes:
        data: dicts, lists, str, int, float, bool, None. Dates and `no` are text (YAML 1.2).
        lines: the source, split at what ends a line in YAML.
        key_places: by id of a dict, the places of its keys.
        value_places: by id of a dict or list, the places of its values.
    """

    data: Any
    lines: tuple[str, ...]
    key_places: Mapping[int, Mapping[Any, Place]] = field(repr=False)
    value_places: Mapping[int, Any] = field(repr=False)

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Return where the value at a path stands, or with `key` where its key stands.

        A path that leads nowhere gives the place of its deepest part that exists.
        """
        place: Place = (1, 1)
        value = self.data
        for depth, step in enumerate(path):
            try:
                last = depth == len(path) - 1
                places = self.key_places if key and last and isinstance(value, dict) else self.value_places
                place = places[id(value)][step]
                value = value[step]
            except (KeyError, IndexError, TypeError):
                break
        return place

    def fault(self, path: Path, message: str, *, key: bool = False) -> Fault:
        """Return a fault at a path."""
        line, column = self.place(path, key=key)
        return Fault(
            line=line,
            column=column,
            where=dotted(path),
            message=message,
            excerpt=excerpt(self.lines, line),
        )


def dotted(path: Iterable[str | int]) -> str:
    """Return a path as people write it, such as `identity.questions[3].text`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def excerpt(lines: tuple[str, ...], line: int) -> str:
    """Return a source line for display, or nothing when it is too long or holds what must not be printed."""
    text = lines[line - 1].replace("\t", " ").rstrip() if 0 < line <= len(lines) else ""
    return text if len(text) <= MAX_EXCERPT and text.isprintable() else ""
