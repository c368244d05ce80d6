"""The syrupy extension that keeps what a release answered, and compares the next one with it.

It knows what a run plans, and so deletes less than syrupy would: syrupy takes every entry that no assertion looked at
for unused, be it for an outage, an answer that cannot be judged, or another reference model.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from syrupy.data import Snapshot, SnapshotCollection, SnapshotCollections
from syrupy.extensions.base import AbstractSyrupyExtension
from syrupy.location import PyTestLocation
from syrupy.types import SerializedData, SnapshotIndex
from syrupy.utils import exclusive_file_lock, replace_atomic, snapshot_file_lock_enabled

from pytest_distillcheck.domain.ratings import Aspect
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.domain.snapshots import TOLERANCE, SnapshotEntry, changes, entry_of
from pytest_distillcheck.reports.snapshots import difference_lines
from pytest_distillcheck.stores.snapshots import (
    SnapshotFile,
    entry_from_builtins,
    entry_to_builtins,
    read_snapshots,
    render_snapshots,
)

FOLDER = "__distill__"
"""Beside the suite. Not syrupy's own `__snapshots__`: in there its default extension deletes what it does not know."""

NO_MODEL = "no-model"
"""Instead of a model's id, for tests written in Python that ask none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the snapshot of a test is kept.

    Attributes:
        file: of the test's suite and model.
        planned: by reference model, None for none, the names of the tests that this run plans of the suite and the
            model. Entries of other references are not this run's business.
    """

    file: Path
    planned: Mapping[str | None, frozenset[str]] = field(default_factory=dict)

    def unused(self, file: SnapshotFile) -> set[str]:
        """Return the names of entries whose tests are gone."""
        return {
            name
            for name, entry in file.entries.items()
            if (names := self.planned.get(entry.reference)) is not None and name not in names
        }


PLACE = pytest.StashKey[Place]()
"""On an item whose test has a snapshot."""


def snapshot_file(test_file: Path, model_id: str) -> Path:
    """Return where the snapshot of a model on a suite, or on a Python module of tests, is kept."""
    return test_file.parent / FOLDER / test_file.stem / f"{model_id}.json"


def unpack(data: SerializedData) -> tuple[SnapshotEntry, Mapping[Aspect, float]]:
    """Return the entry in what syrupy passes around, and the tolerance of the file that it stands in."""
    content: Any = json.loads(data)
    return entry_from_builtins(content["entry"]), content["tolerance"]


class DistillSnapshotExtension(AbstractSyrupyExtension):
    """Keeps records, verdicts and ratings in one JSON file a suite and model."""

    file_extension = "json"

    def serialize(self, data: object, **options: object) -> SerializedData:
        """Return what is kept of a record, a verdict or a rating.

        Raises:
            TypeError: it is nothing of these, or is to be filtered.
            ValueError: the record is unjudged.
        """
        if options.get("include") or options.get("exclude"):
            raise TypeError("distill_snapshot takes neither `include` nor `exclude`")
        return _pack(entry_of(data), TOLERANCE)

    def matches(self, *, serialized_data: SerializedData, snapshot_data: SerializedData) -> bool:
        """Return whether nothing differs that matters."""
        (before, tolerance), (after, _) = unpack(snapshot_data), unpack(serialized_data)
        return not changes(before, after, tolerance)

    def diff_lines(self, serialized_data: SerializedData, snapshot_data: SerializedData) -> Iterator[str]:
        """Yield what differs, for a person."""
        after, tolerance = unpack(serialized_data)
        before, tolerance = unpack(snapshot_data) if snapshot_data else (None, tolerance)
        yield from difference_lines(before, after, tolerance)

    @classmethod
    def get_location(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:  # noqa: ARG003 - syrupy's signature
        """Return the path of the test's snapshot file."""
        return str(_place(test_location).file)

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        """Return the folder of the test's snapshot file."""
        return str(_place(test_location).file.parent)

    @classmethod
    def discovery_dirname(cls, *, test_location: PyTestLocation) -> str:
        """Return what `discover_snapshots` looks at: syrupy calls that once for each value, and we look at one file."""
        return str(_place(test_location).file)

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        """Return whether a file is for the test's suite; under pytest-xdist only its path is known here."""
        return Path(snapshot_location).parent == snapshot_file(Path(test_location.filepath), NO_MODEL).parent

    def discover_snapshots(
        self, *, test_location: PyTestLocation, ignore_extensions: list[str] | None = None
    ) -> SnapshotCollections:
        """Return the entries whose tests are gone: what is discovered and not asserted, syrupy deletes."""
        place = _place(test_location)
        found = SnapshotCollections()
        if place.planned and (unused := place.unused(_read(place.file))):
            found.add(_collection(str(place.file), dict.fromkeys(unused)))
        return found

    def read_snapshot_collection(self, *, snapshot_location: str) -> SnapshotCollection:
        """Return every entry of a file."""
        file = _read(Path(snapshot_location))
        entries = {name: _pack(entry, file.tolerance) for name, entry in file.entries.items()}
        return _collection(snapshot_location, entries)

    def read_snapshot_data_from_location(
        self, *, snapshot_location: str, snapshot_name: str, session_id: str
    ) -> SerializedData | None:
        """Return one entry of a file, or None."""
        file = _read(Path(snapshot_location))
        entry = file.entries.get(scrub(snapshot_name))
        return None if entry is None else _pack(entry, file.tolerance)

    @classmethod
    def write_snapshot_collection(
        cls,
        *,
        snapshot_collection: SnapshotCollection,
        name_order: dict[str, int] | None = None,  # noqa: ARG003 - syrupy's signature
    ) -> None:
        """Put entries into a file, beside those that are there."""
        new = {
            scrub(snapshot.name): unpack(snapshot.data)[0]
            for snapshot in snapshot_collection
            if snapshot.data
        }
        _rewrite(Path(snapshot_collection.location), lambda entries: {**entries, **new})

    def delete_snapshots(self, *, snapshot_location: str, snapshot_names: set[str]) -> None:
        """Take entries out of a file; one that holds no more is deleted."""
        _rewrite(
            Path(snapshot_location),
            lambda entries: {name: entry for name, entry in entries.items() if name not in snapshot_names},
        )


def _place(test_location: PyTestLocation) -> Place:
    # The items that syrupy makes up in pytest-xdist's controller have no stash.
    stash = getattr(test_location.item, "stash", None)
    place = stash.get(PLACE, None) if stash is not None else None
    return place or Place(file=snapshot_file(Path(test_location.filepath), NO_MODEL))


def _pack(entry: SnapshotEntry, tolerance: Mapping[Aspect, float]) -> str:
    return json.dumps({"entry": entry_to_builtins(entry), "tolerance": dict(tolerance)})


def _collection(location: str, data: Mapping[str, str | None]) -> SnapshotCollection:
    collection = SnapshotCollection(location=location)
    for name, serialized in data.items():
        collection.add(Snapshot(name=name, data=serialized))
    return collection


def _read(path: Path) -> SnapshotFile:
    try:
        status = path.stat()
    except OSError:
        return SnapshotFile()
    return _read_once(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=8)  # a file is looked at once for each of its tests
def _read_once(path: Path, _changed_ns: int, _size: int) -> SnapshotFile:
    return read_snapshots(path)


def _rewrite(
    path: Path, change: Callable[[Mapping[str, SnapshotEntry]], Mapping[str, SnapshotEntry]]
) -> None:
    """Change a file under syrupy's lock: each of pytest-xdist's workers writes what it measured."""
    with exclusive_file_lock(path) if snapshot_file_lock_enabled() else nullcontext():
        before = read_snapshots(path)
        after = replace(before, entries=change(before.entries))
        if not after.entries:
            path.unlink(missing_ok=True)
            return
        # The name of what syrupy cleans up after a run that was broken off.
        draft = Path(f"{path}.tmp")
        draft.write_text(render_snapshots(after), "utf-8", newline="\n")
        replace_atomic(draft, path)
