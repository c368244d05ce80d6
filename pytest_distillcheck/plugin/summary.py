"""From the state of a run to the summary that reports are made of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_distillcheck.assembly import ModelUnderTest, Plan, describe
from pytest_distillcheck.domain.campaigns import CampaignNote, CampaignScores
from pytest_distillcheck.domain.records import Record, RecordKind
from pytest_distillcheck.domain.scores import IdentityScores
from pytest_distillcheck.domain.similarities import NearestReference
from pytest_distillcheck.domain.summaries import RunSummary, SectionResult
from pytest_distillcheck.identity.scores import identity_scores
from pytest_distillcheck.plugin.answering import asked_of
from pytest_distillcheck.stores import parse_exchange, write_frozen, write_recording

if TYPE_CHECKING:
    from pytest_distillcheck.plugin.main import Main


def summarise(run: "Main") -> RunSummary:
    """Return what the run came to so far."""
    return RunSummary(
        run={
            "version": version("pytest-distillcheck"),
            "models": dict(describe(run.models)),
            "references": dict(describe(_references(run))),
            "judge": "embedded",
            "seed": run.settings.seed,
        },
        results=(
            *(_result(run, plan) for _, file in sorted(run.suites.items()) for plan in file.plans),
            *_python_results(run),
        ),
        decisions=(*run.decided, *run.python_decisions),
        undecided=run.undecided,
        traffic=run.traffic,
        frozen=run.frozen,
        nearest=_nearest(run),
    )


def write_found(notes: Iterable[Mapping[str, object]], root: Path, run_id: str) -> str | None:
    """Freeze every template in which a search of the run found something, each once.

    Args:
        notes: what campaigns told.
        root: the rootdir.
        run_id: whose folder gets the file.

    Returns:
        The file's path, relative to the rootdir; None when nothing was found.

    Raises:
        OSError: it cannot be written.
    """
    told = [CampaignNote.from_builtins(note) for note in notes]
    found = {node.id: node for note in told if note.search for node in note.search.found}
    if not found:
        return None
    # A run without a search ends faster without its modules.
    from pytest_distillcheck.fuzzing import freeze

    return write_frozen(root, run_id, freeze(found.values())).relative_to(root).as_posix()


def _result(run: "Main", plan: Plan) -> SectionResult:
    result = replace(plan.result(run.records), asked=asked_of(plan.model))
    if plan.kind != "campaign":
        return result
    (name,) = plan.test_names()
    note = run.notes.get(f"{plan.suite.path}::{name}")
    return replace(result, note=CampaignNote.from_builtins(note)) if note else result


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


def _references(run: "Main") -> list[ModelUnderTest]:
    """Return the models that answers were compared with, each once."""
    plans = [plan for file in run.suites.values() for plan in file.plans if plan.reference]
    return [model for plan in plans for model in plan.others if model.name == plan.reference]


def _nearest(run: "Main") -> tuple[NearestReference, ...]:
    plans = [plan for _, file in sorted(run.suites.items()) for plan in file.plans]
    if not any(plan.kind == "similarity" for plan in plans):
        return ()
    # A run without such a section ends faster without its modules.
    from pytest_distillcheck.assembly.attribution import nearest_references
    from pytest_distillcheck.assembly.comparisons import SimilarityPlan

    return nearest_references([plan for plan in plans if isinstance(plan, SimilarityPlan)], run.records)


def _python_results(run: "Main") -> Iterator[SectionResult]:
    """Yield what tests written in Python measured; each call of theirs is a suite of its own."""
    groups: dict[tuple[str, str, RecordKind], list[Record]] = {}
    for _, record in sorted(run.records.items()):
        if record.suite not in run.suites:
            groups.setdefault((record.suite, record.model, record.kind), []).append(record)
    for (suite, model, kind), records in groups.items():
        note = run.notes.get(suite) if kind == "campaign" else None
        yield SectionResult(
            kind=kind,
            suite=suite,
            model=model,
            planned=len(records),
            scores=_scores(kind, records),
            records=tuple(records),
            note=CampaignNote.from_builtins(note) if note else None,
        )


def _scores(kind: RecordKind, records: Sequence[Record]) -> IdentityScores | CampaignScores:
    if kind != "campaign":
        return identity_scores(records)
    # A run without a campaign ends faster without its modules.
    from pytest_distillcheck.identity.campaigns import campaign_scores

    return campaign_scores(records)
