"""Snapshots in pytest: where a test's is kept, what would stop it, and what its comparison comes to."""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from syrupy.assertion import AssertionResult, SnapshotAssertion
from syrupy.location import PyTestLocation

from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scrubbing import error_line, one_line, scrub
from pytest_distillcheck.errors import DistillcheckError, UsageError
from pytest_distillcheck.plugin.cases import case_of
from pytest_distillcheck.plugin.evidence import QUOTE_WIDTH
from pytest_distillcheck.plugin.outcomes import REWORDED, Infrastructure
from pytest_distillcheck.reports.snapshots import rewording
from pytest_distillcheck.snapshot import (
    NO_MODEL,
    PLACE,
    DistillSnapshotExtension,
    Place,
    snapshot_file,
    unpack,
)
from pytest_distillcheck.stores.snapshots import read_snapshots

if TYPE_CHECKING:
    from pytest_distillcheck.plugin.collection import SuiteFile

Outcome = Literal["same", "reworded", "differs", "missing", "new", "updated"]

_NO_SYRUPY = "snapshots need syrupy, which is not loaded; leave out `-p no:syrupy`, or give `-p syrupy`"


def snapshot_of(item: pytest.Item) -> SnapshotAssertion:
    """Return what compares a test's record with its snapshot: `snapshot == record`.

    Raises:
        Infrastructure: syrupy is not loaded.
    """
    config: Any = item.config
    if not _has_syrupy(config):
        raise Infrastructure(_NO_SYRUPY)
    item.stash[PLACE] = _place_of(item)
    return SnapshotAssertion(
        session=config._syrupy,  # noqa: SLF001 - where syrupy's own fixture takes it from
        extension_class=DistillSnapshotExtension,
        test_location=PyTestLocation(item),
        update_snapshots=config.option.update_snapshots,
        update_new_snapshots_only=config.option.update_new_snapshots_only,
    )


def places(file: "SuiteFile") -> dict[str, Place]:
    """Return where a suite's snapshots are kept, by the model's id."""
    planned: defaultdict[str, dict[str | None, frozenset[str]]] = defaultdict(dict)
    for plan in file.plans:
        if plan.snapshot:
            reference = None if plan.reference is None else scrub(plan.reference)
            planned[plan.model.id][reference] = frozenset(plan.test_names())
    return {
        model: Place(file=snapshot_file(file.path, model), planned=names) for model, names in planned.items()
    }


def check_snapshots(places: Iterable[Place], config: pytest.Config) -> None:
    """Find what would stop snapshots, before anything is asked.

    Raises:
        UsageError: syrupy is not loaded, or a file cannot be read, or written when that is wanted.
    """
    faults = []
    for place in places:
        if not _has_syrupy(config):
            raise UsageError(_NO_SYRUPY)
        shown = _shown(place.file, config)
        try:
            read_snapshots(place.file, shown=shown)
        except DistillcheckError as error:
            faults.append(str(error))
        option = config.option
        if (option.update_snapshots or option.update_new_snapshots_only) and not _is_writable(place.file):
            faults.append(f"{shown}: cannot be written; make it writable")
    if faults:
        raise UsageError("\n".join(faults))


def difference(item: pytest.Item, snapshot: Any, record: Record) -> str:
    """Return how a test's record differs from its snapshot, or nothing.

    A record that is worded otherwise and judged the same is told in a section of the report.

    Args:
        item: the test.
        snapshot: the value of the fixture `distill_snapshot`, which may be the user's own.
        record: what the test measured.

    Raises:
        Infrastructure: they cannot be compared.
    """
    is_same = bool(snapshot == record)
    if not isinstance(snapshot, SnapshotAssertion):  # the user's own
        return "" if is_same else "the snapshot differs"
    result = snapshot.executions[snapshot.num_executions - 1]
    if result.exception:
        raise Infrastructure(f"cannot be compared with its snapshot: {error_line(result.exception)}")
    outcome = _outcome(result)
    item.user_properties.append(("distill.snapshot", outcome))
    match outcome:
        case "reworded":
            _tell_rewording(item, result)
        case "differs" | "missing":
            lines = _difference_lines(snapshot, result, record)
            return "\n".join([*lines, _update_line(item, result)])
    return ""


def _has_syrupy(config: pytest.Config) -> bool:
    return hasattr(config, "_syrupy")


def _place_of(item: pytest.Item) -> Place:
    if case := case_of(item):
        parent: Any = item.parent
        place: Place = parent.snapshot_places[case.plan.model.id]
        return place
    callspec = getattr(item, "callspec", None)
    model = callspec.params.get("distill") if callspec else None
    return Place(file=snapshot_file(item.path, model.id if model else NO_MODEL))


def _is_writable(path: Path) -> bool:
    there = next(place for place in (path, *path.parents) if place.exists())
    return os.access(there, os.W_OK) and (there == path or there.is_dir())


def _outcome(result: AssertionResult) -> Outcome:
    if result.created:
        return "new"
    if result.updated:
        return "updated"
    if result.recalled_data is None:
        return "missing"
    if not result.success:
        return "differs"
    return "same" if _rewording(result) is None else "reworded"


def _rewording(result: AssertionResult) -> str | None:
    assert result.recalled_data is not None
    assert result.asserted_data is not None
    before, after = unpack(result.recalled_data)[0].answer, unpack(result.asserted_data)[0].answer
    return rewording(before, after) if before and after and before != after else None


def _tell_rewording(item: pytest.Item, result: AssertionResult) -> None:
    told = _rewording(result)
    assert told
    item.stash[REWORDED] = told
    item.add_report_section("call", "snapshot", f"worded otherwise, judged the same: {told}\n")


def _difference_lines(snapshot: SnapshotAssertion, result: AssertionResult, record: Record) -> Iterator[str]:
    lines = iter(snapshot.extension.diff_lines(result.asserted_data or "", result.recalled_data or ""))
    first = next(lines)
    yield f"the snapshot differs: {first}" if result.recalled_data else first
    for quote in record.quotes:
        yield f"  claims:   “{one_line(quote, QUOTE_WIDTH)}”"
    yield from lines


def _update_line(item: pytest.Item, result: AssertionResult) -> str:
    shown = _shown(Path(result.snapshot_location), item.config)
    return f"  update:   if this is right, run again with --snapshot-update and commit {shown}"


def _shown(path: Path, config: pytest.Config) -> str:
    rootdir = config.rootpath
    return str(path.relative_to(rootdir) if path.is_relative_to(rootdir) else path)
