"""From the state of a run to the summary that reports are made of."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_distillcheck.assembly import ModelUnderTest, describe
from pytest_distillcheck.domain.summaries import RunSummary
from pytest_distillcheck.stores import parse_exchange, write_recording

if TYPE_CHECKING:
    from pytest_distillcheck.plugin.main import Main


def summarise(run: "Main") -> RunSummary:
    """Return what the run came to so far."""
    return RunSummary(
        run={
            "version": version("pytest-distillcheck"),
            "models": dict(describe(run.models)),
            "judge": "embedded",
            "seed": run.settings.seed,
        },
        results=tuple(
            plan.result(run.records) for _, file in sorted(run.suites.items()) for plan in file.plans
        ),
        decisions=run.decided,
        undecided=run.undecided,
        traffic=run.traffic,
    )


def write_recordings(
    folder: Path, exchanges: Mapping[str, Sequence[str]], models: Iterable[ModelUnderTest]
) -> None:
    """Write the answers of each model as FOLDER/ID.jsonl, each request once.

    Raises:
        OSError: a file cannot be written.
    """
    for model in models:
        lines = dict.fromkeys(exchanges.get(model.name, ()))
        if lines:
            about = {"name": model.name, "spec": model.spec}
            write_recording(folder / f"{model.id}.jsonl", map(parse_exchange, lines), about=about)
