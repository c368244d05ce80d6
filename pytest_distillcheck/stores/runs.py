"""The folder of each run that asked live models, so that one that broke off can be continued."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pytest_distillcheck.errors import StoreError

STATE_FOLDER = ".distillcheck"
"""At the rootdir: the response store and the runs; it ignores itself in git."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunNote:
    """What makes two runs the same, for `--distill-resume`.

    Attributes:
        models: SPEC by name.
        paths: the suites' files or folders, as the run was told.
        seed: of samples.
    """

    models: Mapping[str, str]
    paths: tuple[str, ...]
    seed: int

    def to_builtins(self) -> dict[str, Any]:
        """Return the note as it stands in run.json."""
        return {**asdict(self), "models": dict(self.models), "paths": list(self.paths)}


class RunFolder:
    """`runs/ID` below the state folder.

    Raises:
        StoreError: it cannot be written.
    """

    def __init__(self, root: Path, run_id: str, note: RunNote) -> None:
        self.id = run_id
        self._note = note
        runs = root / STATE_FOLDER / "runs"
        self._path = runs / run_id
        # Ids tell the time of a clock that somebody may have set back since.
        self._order = 1 + max((_order(run) for run in _read_all(runs).values()), default=0)
        self._write(finished=False)

    def finish(self) -> None:
        """Note that nothing is left to continue.

        Raises:
            StoreError: it cannot be written.
        """
        self._write(finished=True)

    def _write(self, *, finished: bool) -> None:
        try:
            _make(self._path)
            part = self._path / "run.json.part"
            told = {**self._note.to_builtins(), "order": self._order, "finished": finished}
            part.write_text(json.dumps(told), "ascii")
            part.replace(self._path / "run.json")
        except OSError as error:
            raise StoreError(
                f"{self._path}: cannot be written ({error.strerror or error}); make it writable"
            ) from error


def write_frozen(root: Path, run_id: str, text: str) -> Path:
    """Write what a search froze into the run's folder, which is made if need be, and return the file's path.

    Raises:
        OSError: it cannot be written.
    """
    folder = root / STATE_FOLDER / "runs" / run_id
    _make(folder)
    path = folder / "frozen.jsonl"
    path.write_text(text, "ascii")
    return path


def _make(folder: Path) -> None:
    """Make the folder of a run, in a state folder that git does not see."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ignore = folder.parent.parent / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", "ascii")


def newest_unfinished(root: Path, note: RunNote) -> str | None:
    """Return the id of the newest run like this one that broke off, or None."""
    wanted = {**note.to_builtins(), "finished": False}
    runs = _read_all(root / STATE_FOLDER / "runs")
    alike = (
        (_order(run), run_id) for run_id, run in runs.items() if {**wanted, "order": run.get("order")} == run
    )
    return max(alike, default=(0, None))[1]


def _read_all(runs: Path) -> dict[str, dict[str, Any]]:
    """Return what every run.json says, by run."""
    found = {}
    for folder in runs.iterdir() if runs.is_dir() else ():
        # Left out: half a folder of a run that was killed while it began, or one that holds templates alone.
        with suppress(OSError, ValueError):
            told = json.loads((folder / "run.json").read_text("ascii"))
            if isinstance(told, dict):
                found[folder.name] = told
    return found


def _order(run: Mapping[str, Any]) -> int:
    """Return a run's place among those at its rootdir, from 1; 0 when it does not tell."""
    order = run.get("order")
    return order if isinstance(order, int) else 0
