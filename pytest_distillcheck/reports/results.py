"""results.json: everything that a run measured, for machines. The schema is shipped beside this module."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from pytest_distillcheck.domain.scrubbing import scrubbed
from pytest_distillcheck.domain.summaries import RunSummary

RESULTS_SCHEMA = "distillcheck-results/1"


def results(summary: RunSummary) -> dict[str, Any]:
    """Return the content of results.json. Equal runs give equal content: it holds no time of day."""
    models: dict[str, Any] = {}
    for result in summary.results:
        suites = models.setdefault(result.model, {"suites": {}})["suites"]
        sections = suites.setdefault(result.suite, {})
        if result.reference is None:
            note = result.note.summary() if result.note else {}
            sections[result.kind] = {**result.scores.to_builtins(), **note}
        else:
            sections.setdefault(result.kind, {})[result.reference] = result.scores.to_builtins()
    for found in summary.nearest:
        models[found.model]["suites"][found.suite]["attribution"] = found.to_builtins()
    data: dict[str, Any] = {
        "schema": RESULTS_SCHEMA,
        "run": dict(summary.run),
        "models": models,
        "gates": [decision.to_builtins() for decision in summary.decisions],
        "undecided": dict(summary.undecided),
        "records": [record.to_builtins() for result in summary.results for record in result.records],
    }
    safe: dict[str, Any] = scrubbed(data)
    return safe


def write_results(folder: Path, summary: RunSummary) -> Path:
    """Write results.json into a folder, which is made if need be, and return its path.

    Raises:
        OSError: it cannot be written; an older file stays as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "results.json"
    # Written aside and moved: a reader never sees half a file.
    part = folder / "results.json.part"
    part.write_text(json.dumps(results(summary), indent=1) + "\n", "ascii")
    try:
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return path


def results_schema_text() -> str:
    """Return the JSON Schema of results.json, as it is shipped."""
    return (files(__package__) / "results.schema.json").read_text("utf-8")
