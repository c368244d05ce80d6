"""The folder of each run that asked live models, so that one that broke off can be continued."""

import json
from collections.abc import Mapping
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
        self._path = root / STATE_FOLDER / "runs" / run_id
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
            part.write_text(json.dumps({**self._note.to_builtins(), "finished": finished}), "ascii")
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
    """Return the id of the newest run like this one that broke off, or None. Ids sort by time."""
    wanted = {**note.to_builtins(), "finished": False}
    runs = root / STATE_FOLDER / "runs"
    if not runs.is_dir():
        return None
    for folder in sorted(runs.iterdir(), reverse=True):
        try:
            if json.loads((folder / "run.json").read_text("ascii")) == wanted:
                return folder.name
        except (OSError, ValueError):
            continue  # half a folder of a run that was killed while it began
    return None
