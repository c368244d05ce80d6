"""Snapshot files: JSON that is committed, reviewed, and compared with what a later release does.

    {"schema": "distillcheck-snapshot/1",
     "tests": {NAME: {"label", "affirmed", "makers", "response": [LINE, ...]}
            or {"rating": {"content", "logic", "overall", "style"}, "reference", "reference_digest", "response"}},
     "tolerance": {ASPECT: HOW FAR IT MAY MOVE}}

A long answer is cut; then its size and digest stand beside it. `tolerance` is written once there are ratings, is the
user's to change, and may be left out or name some aspects alone.
"""

import json
import pathlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from pytest_distillcheck.domain.ratings import ASPECTS, RANGES, Aspect, Rating
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.domain.snapshots import TOLERANCE, KeptAnswer, SnapshotEntry
from pytest_distillcheck.domain.verdicts import Label, Verdict
from pytest_distillcheck.errors import Fault, SourceError
from pytest_distillcheck.resources import ReadError, nearest, read_text, wrong_type

SCHEMA = "distillcheck-snapshot/1"

_LABELS: tuple[str, ...] = get_args(Label)

_Kinds = Mapping[str, tuple[type, ...]]
"""By key, the types that its value may have."""

_FILE: _Kinds = {"schema": (str,), "tests": (dict,), "tolerance": (dict,)}
_VERDICT: _Kinds = {"label": (str,), "affirmed": (bool,), "makers": (list,)}
_RATING: _Kinds = {"rating": (dict,)}
_OPTIONAL: _Kinds = {
    "response": (list,),
    "response_size": (int,),
    "response_digest": (str,),
    "reference": (str,),
    "reference_digest": (str,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotFile:
    """The snapshot of one model on one suite.

    Attributes:
        entries: by the test's name.
        tolerance: how far a rating may move, by aspect; at least 0.
    """

    entries: Mapping[str, SnapshotEntry] = field(default_factory=dict)
    tolerance: Mapping[Aspect, float] = field(default_factory=lambda: dict(TOLERANCE))


def read_snapshots(path: pathlib.Path, *, shown: str | None = None) -> SnapshotFile:
    """Read a snapshot file; one that is not there holds nothing.

    Raises:
        SourceError: with every fault of the file.
    """
    if not path.exists():
        return SnapshotFile()
    name = shown or str(path)
    try:
        data = _parse(read_text(path, max_bytes=None))
        faults = list(_faults(data))
    except ReadError as problem:
        faults = problem.faults
    if faults:
        raise SourceError(name, [_advised(fault) for fault in faults])
    return SnapshotFile(
        entries={scrub(test): entry_from_builtins(entry) for test, entry in data["tests"].items()},
        tolerance={**TOLERANCE, **data.get("tolerance", {})},
    )


def render_snapshots(file: SnapshotFile) -> str:
    """Return a file's text, which diffs well: tests and keys sorted, an answer's lines on lines of their own."""
    data: dict[str, object] = {
        "schema": SCHEMA,
        "tests": {test: entry_to_builtins(entry) for test, entry in file.entries.items()},
    }
    if any(isinstance(entry.judgement, Rating) for entry in file.entries.values()):
        data["tolerance"] = dict(file.tolerance)
    return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def entry_to_builtins(entry: SnapshotEntry) -> dict[str, Any]:
    """Return an entry as it stands in the file."""
    data: dict[str, Any]
    if isinstance(entry.judgement, Rating):
        data = {"rating": entry.judgement.to_builtins()}
    else:
        verdict = entry.judgement
        data = {"label": verdict.label, "affirmed": verdict.affirmed, "makers": list(verdict.makers)}
    if answer := entry.answer:
        data["response"] = answer.text.split("\n")
        if answer.digest:
            data |= {"response_size": answer.size, "response_digest": answer.digest}
    stated = {"reference": entry.reference, "reference_digest": entry.reference_digest}
    return data | {key: value for key, value in stated.items() if value is not None}


def entry_from_builtins(data: Mapping[str, Any]) -> SnapshotEntry:
    """Return the entry that `entry_to_builtins` wrote; it must be without faults."""
    judgement: Verdict | Rating
    if "rating" in data:
        judgement = Rating(**data["rating"])
    else:
        judgement = Verdict(label=data["label"], affirmed=data["affirmed"], makers=tuple(data["makers"]))
    return SnapshotEntry(
        judgement=judgement,
        answer=_answer(data) if "response" in data else None,
        reference=data.get("reference"),
        reference_digest=data.get("reference_digest"),
    )


def _answer(data: Mapping[str, Any]) -> KeptAnswer:
    text = scrub("\n".join(data["response"]))
    digest = data.get("response_digest")
    return KeptAnswer(text=text, size=data["response_size"] if digest else len(text), digest=digest)


def _parse(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg.lower()}"
        excerpt = text.split("\n")[error.lineno - 1] if error.lineno else ""
        fault = Fault(
            line=error.lineno, column=error.colno, where="", message=message, excerpt=scrub(excerpt[:120])
        )
    except (RecursionError, ValueError) as error:
        fault = Fault(line=0, column=0, where="", message=f"not JSON that we read: {error}")
    raise ReadError([fault])


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        ((key, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"{key!r} stands twice in one object")
    return data


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _advised(fault: Fault) -> Fault:
    return replace(
        fault, message=f"{fault.message}; mend it, or delete the file and run with --snapshot-update"
    )


def _faults(data: Any) -> Iterator[Fault]:
    if type(data) is not dict:
        yield _fault("", wrong_type(data, (dict,)))
        return
    yield from _kind_faults(data, _FILE, needed=("schema", "tests"))
    if type(data.get("schema")) is str and data["schema"] != SCHEMA:
        yield _fault("schema", f"{data['schema']!r} is not {SCHEMA!r}")
    widths = {aspect: (0.0, high - low) for aspect, (low, high) in RANGES.items()}
    yield from _number_faults(data.get("tolerance"), widths, where="tolerance.")
    if type(data.get("tests")) is dict:
        for test, entry in data["tests"].items():
            yield from _entry_faults(entry, where=f"tests.{test}")


def _entry_faults(entry: Any, *, where: str) -> Iterator[Fault]:
    if type(entry) is not dict:
        yield _fault(where, wrong_type(entry, (dict,)))
        return
    inside = f"{where}."
    judged = _RATING if "rating" in entry else _VERDICT
    needed = {*judged, *(["response", "response_size"] if "response_digest" in entry else [])}
    yield from _kind_faults(entry, {**judged, **_OPTIONAL}, needed=sorted(needed), where=inside)
    yield from _number_faults(entry.get("rating"), RANGES, needed=ASPECTS, where=f"{inside}rating.")
    label = entry.get("label")
    if type(label) is str and label not in _LABELS:
        yield _fault(f"{inside}label", f"unknown label {label!r}{nearest(label, _LABELS)}")
    lists = {key: entry[key] for key in ("makers", "response") if type(entry.get(key)) is list}
    if label == "consistent" and lists.get("makers"):
        yield _fault(f"{inside}makers", "a consistent answer claims no false maker")
    for key, values in lists.items():
        for value in values:
            if type(value) is not str:
                yield _fault(inside + key, wrong_type(value, (str,)))


def _kind_faults(
    data: Mapping[str, Any], kinds: _Kinds, *, needed: Iterable[str], where: str = ""
) -> Iterator[Fault]:
    for key, value in data.items():
        if key not in kinds:
            yield _fault(where + key, f"unknown key {key!r}{nearest(key, kinds)}")
        # By its very type: a bool is an int to Python.
        elif type(value) not in kinds[key]:
            yield _fault(where + key, wrong_type(value, kinds[key]))
    yield from (_fault(where + key, "is missing") for key in needed if key not in data)


def _number_faults(
    data: Any, ranges: Mapping[Aspect, tuple[float, float]], *, needed: Iterable[str] = (), where: str
) -> Iterator[Fault]:
    if type(data) is not dict:
        return  # told as one of the wrong kind, or not there
    for key, value in data.items():
        low, high = ranges.get(key, (0.0, 0.0))
        if key not in ranges:
            yield _fault(where + key, f"unknown aspect {key!r}{nearest(key, ranges)}")
        elif type(value) not in {int, float}:
            yield _fault(where + key, wrong_type(value, (float,)))
        elif not low <= value <= high:
            yield _fault(where + key, f"{value} is not in [{low:g}, {high:g}]")
    yield from (_fault(where + key, "is missing") for key in needed if key not in data)


def _fault(where: str, message: str) -> Fault:
    return Fault(line=0, column=0, where=scrub(where), message=scrub(message))
