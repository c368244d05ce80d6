"""`distillcheck import`: makes a recording of another tool's result file."""

import argparse
import contextlib
import json
import os
import pathlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from pytest_distillcheck.errors import UsageError
from pytest_distillcheck.importers import (
    Imported,
    import_alpaca_eval,
    import_arena_hard,
    import_easyjailbreak,
)
from pytest_distillcheck.stores import Exchange, parse_exchange, write_recording

if TYPE_CHECKING:
    from pytest_distillcheck.cli.command import Commands


def add_command(commands: "Commands") -> None:
    """Add the subcommand, with one of its own for each layout."""
    parser = commands.add_parser("import", help="make a recording of another tool's result file")
    layouts = parser.add_subparsers(metavar="LAYOUT", dest="layout", required=True)
    attack = _layout(layouts, "easyjailbreak", import_easyjailbreak, "attack results: JSON lines")
    attack.add_argument(
        "--strict", type=pathlib.Path, metavar="STRICT.csv", dest="beside", help="the strict rows"
    )
    _layout(layouts, "alpaca-eval", import_alpaca_eval, "model outputs: a JSON list")
    arena = _layout(layouts, "arena-hard", import_arena_hard, "model answers: JSON lines")
    arena.add_argument(
        "--questions",
        type=pathlib.Path,
        metavar="QUESTION.jsonl",
        dest="beside",
        help="what answers in the old layout are to",
    )


def _layout(
    layouts: "Commands", name: str, read: Callable[..., Imported], holds: str
) -> argparse.ArgumentParser:
    parser = layouts.add_parser(name, help=holds)
    parser.add_argument("path", type=pathlib.Path, metavar="FILE", help=holds)
    parser.add_argument("-o", "--output", type=pathlib.Path, metavar="OUT.jsonl", required=True)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run, read=read, beside=None)
    return parser


def run(options: argparse.Namespace) -> int:
    """Read everything, then write the recording, or nothing when there is a fault."""
    files = [path for path in (options.path, options.beside) if path is not None]
    if any(_same_file(options.output, path) for path in files):
        raise UsageError(f"{options.output}: is the file that is read; write to another one")
    imported: Imported = options.read(*files)
    exchanges = [parse_exchange(json.dumps(line)) for line in imported.lines]
    _write(options.output, exchanges, {"layout": options.layout, "files": [path.name for path in files]})
    for note in imported.notes:
        print(note, file=sys.stderr)
    counted = _counted(exchanges)
    if options.json:
        print(json.dumps({"output": str(options.output), **counted}, indent=1))
    else:
        told = ", ".join(f"{count} {name}" for name, count in counted.items() if count is not None)
        print(f"{options.output}: {told}")
    return 0


def _same_file(output: pathlib.Path, path: pathlib.Path) -> bool:
    return output.exists() and path.exists() and output.samefile(path)


def _write(path: pathlib.Path, exchanges: list[Exchange], about: dict[str, object]) -> None:
    """Write the recording beside its place first: nobody may find half of it there."""
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; name a file in it")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write_recording(part, exchanges, about=about)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise UsageError(f"{path}: cannot be written ({error.strerror}); choose another path") from error


def _counted(exchanges: list[Exchange]) -> dict[str, int | None]:
    labels = [exchange.labels for exchange in exchanges if exchange.labels]
    strict = [label.strict for label in labels]
    return {
        "exchanges": len(exchanges),
        "loose": sum(label.loose for label in labels) if labels else None,
        "strict": None if None in strict or not strict else sum(map(bool, strict)),
    }
