"""A suite file while it is read: where its values stand, the files that it names, and its faults so far."""

import pathlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pytest_distillcheck.errors import Fault, SourceError
from pytest_distillcheck.resources import MAX_BYTES, Document, Path, ReadError, nearest, read_text

BUILTIN = "builtin"
"""In place of a path in a suite: what the package ships."""

_MOST_NAMES = 12
"""Known names that a message lists; the prompt bank alone has more than a hundred tags."""

_Parsed = TypeVar("_Parsed")


@dataclass(slots=True, kw_only=True)
class SuiteSource:
    """A suite file of the right shape.

    Attributes:
        document: what it holds.
        path: the file; relative paths in it start at its folder.
        shown: how messages name it.
        faults: those that only meaning shows, in the order in which they were found.
    """

    document: Document
    path: pathlib.Path
    shown: str
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """Return the line of a key, 1-based."""
        return self.document.place(path, key=True)[0]

    def fault(self, path: Path, message: str, *, key: bool = False) -> None:
        """Note a fault of the value at a path, or with `key` of its key."""
        self.faults.append(self.document.fault(path, message, key=key))

    def expect_known(
        self, name: str, path: Path, known: Iterable[str], what: str, *, key: bool = False
    ) -> None:
        """Note a fault when a name is none of the known ones."""
        known = tuple(known)
        if name not in known:
            self.fault(path, f"no {what} {name!r}{nearest(name, known) or _listed(known)}", key=key)

    def parsed(
        self, written: str, path: Path, parse: Callable[..., _Parsed], *, max_bytes: int = MAX_BYTES
    ) -> _Parsed | None:
        """Return what a file says that the suite names, or None when it has faults, which are noted.

        Args:
            written: the file's path as the suite gives it.
            path: where the suite gives it.
            parse: called with the file's text, and with how messages name it as `path`; may raise SourceError.
            max_bytes: a larger file is a fault.
        """
        name = str(pathlib.PurePath(self.shown).parent / written)
        try:
            parsed: _Parsed = parse(read_text(self.path.parent / written, max_bytes=max_bytes), path=name)
        except (ReadError, SourceError) as error:
            for fault in error.faults:
                here = self.document.fault(path, replace(fault, excerpt="").render(name))
                # Beside a line of the other file, the suite's own line would only be in the way.
                self.faults.append(replace(here, excerpt="") if fault.line else here)
            return None
        return parsed


def items_at(data: Any, path: Path) -> list[tuple[Path, Any]]:
    """Return the items of a list, or a value that stands for a list of it alone, each with its place."""
    if isinstance(data, list):
        return [((*path, index), item) for index, item in enumerate(data)]
    return [(path, data)]


def _listed(names: tuple[str, ...]) -> str:
    if not names:
        return "; there is none"
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"; known are {', '.join(names[:_MOST_NAMES])}{more}"
