"""The `distillcheck` command: one module for each subcommand.

Exits: 0 done, 1 a finding or a difference, 4 wrong usage.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from pytest_distillcheck.cli import imports, models, schema, score, validate
from pytest_distillcheck.errors import DistillcheckError

EXIT_DONE = 0
EXIT_USAGE = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = _Parser(prog="distillcheck", description="Gates for releases of language models, beside pytest.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in (imports, models, schema, score, validate):
        module.add_command(commands)
    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except DistillcheckError as error:
        print(error, file=sys.stderr)
        return EXIT_USAGE
    except BrokenPipeError:
        # Whoever reads, such as `head`, has enough. Python would flush once more when it ends, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    return code


class _Parser(argparse.ArgumentParser):
    """Ends with pytest's exit code for wrong usage."""

    def error(self, message: str) -> None:  # type: ignore[override]  # argparse says NoReturn, and so it is
        self.print_usage(sys.stderr)
        self.exit(EXIT_USAGE, f"{self.prog}: {message}\n")
