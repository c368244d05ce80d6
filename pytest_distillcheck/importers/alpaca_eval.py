"""Model outputs of AlpacaEval: a JSON list of `instruction`, `output` and `generator` (the model)."""

import pathlib

from pytest_distillcheck.importers.lines import Imported
from pytest_distillcheck.importers.reading import Source, check


def import_alpaca_eval(outputs: pathlib.Path) -> Imported:
    """Read a file of model outputs.

    Raises:
        SourceError: with every fault of the file.
    """
    source = Source(outputs)
    lines = tuple(
        {
            "prompt": source.text(row, "instruction"),
            "response": source.text(row, "output"),
            "model": source.text(row, "generator") if row.data.get("generator") is not None else None,
        }
        for row in source.objects()
    )
    check(source)
    return Imported(lines=lines)
