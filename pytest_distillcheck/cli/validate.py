"""`distillcheck validate`: checks suite files without pytest and without asking a model."""

import argparse
import json
import pathlib
from dataclasses import asdict
from typing import TYPE_CHECKING

from pytest_distillcheck.errors import SuiteError, UsageError
from pytest_distillcheck.suites import load_suite

if TYPE_CHECKING:
    from pytest_distillcheck.cli.command import Commands


def add_command(commands: "Commands") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("validate", help="check suite files; exit 1 when one has faults")
    parser.add_argument(
        "paths", nargs="+", type=pathlib.Path, metavar="PATH", help="a suite file, or a folder of them"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check the files and print every fault."""
    faulty: list[SuiteError] = []
    files = [file for path in options.paths for file in _suite_files(path)]
    for file in files:
        try:
            load_suite(file)
        except SuiteError as error:
            faulty.append(error)
    if options.json:
        print(json.dumps([{"path": e.path, **asdict(fault)} for e in faulty for fault in e.faults], indent=1))
    else:
        print(*faulty, sep="\n", end="\n" if faulty else "")
        print(f"{len(files)} {'suite' if len(files) == 1 else 'suites'}, {len(faulty)} with faults")
    return 1 if faulty else 0


def _suite_files(path: pathlib.Path) -> list[pathlib.Path]:
    if path.is_dir():
        found = sorted(path.rglob("*.distill.yaml"))
        if not found:
            raise UsageError(f"{path}: no *.distill.yaml below it; name a suite file")
        return found
    if not path.exists():
        raise UsageError(f"{path}: no such file or folder; check the path")
    return [path]
