"""`distillcheck schema`: writes out a JSON Schema, for editors."""

import argparse
import pathlib
from typing import TYPE_CHECKING, Literal

from pytest_distillcheck.errors import UsageError
from pytest_distillcheck.reports import results_schema_text
from pytest_distillcheck.suites import schema_text

if TYPE_CHECKING:
    from pytest_distillcheck.cli.command import Commands

Of = Literal["suite", "config", "results"]


def add_command(commands: "Commands") -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "schema", help="write out the JSON Schema of suites, configuration or results.json"
    )
    parser.add_argument("of", nargs="?", choices=("suite", "config", "results"), default="suite")
    parser.add_argument("-o", "--output", type=pathlib.Path, metavar="FILE", help="default: standard output")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the schema."""
    of: Of = options.of
    text = results_schema_text() if of == "results" else schema_text(of)
    if options.output is None:
        print(text, end="")
        return 0
    try:
        options.output.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(
            f"{options.output}: cannot be written ({error.strerror}); choose another path"
        ) from error
    return 0
