"""`distillcheck score`: the identity scores of a recording, without pytest and without asking a model."""

import argparse
import json
import pathlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from pytest_distillcheck.catalog import identity_fact
from pytest_distillcheck.domain.exchanges import Message, ModelRequest
from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.probes import Category, Probe, Question
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scores import IdentityScores, ScoreName, Share
from pytest_distillcheck.domain.verdicts import Label, Verdict
from pytest_distillcheck.errors import UsageError
from pytest_distillcheck.identity import EmbeddedIdentityJudge
from pytest_distillcheck.identity.scores import identity_scores
from pytest_distillcheck.importers import TEACHERS, paper_scores, place_of_messages
from pytest_distillcheck.running import Examination, examine
from pytest_distillcheck.stores import Exchange, Labels, read_recording

if TYPE_CHECKING:
    from pytest_distillcheck.cli.command import Commands

_UNCATEGORISED = cast("Category", "other")
"""The category of a question that is in none: the domain knows the five, and scores by category leave it out."""

_NEVER_LABELLED = frozenset({"roleplay", "affirmed", "no_claim"})


def add_command(commands: "Commands") -> None:
    """Add the subcommand."""
    parser = commands.add_parser("score", help="print the identity scores of a recording as JSON")
    parser.add_argument(
        "path", type=pathlib.Path, metavar="RECORDING", help="lines of prompt and response suffice"
    )
    parser.add_argument("--fact", required=True, metavar="NAME", help="what the model is: a maker or a model")
    parser.add_argument(
        "--profile",
        choices=("default", "paper"),
        default="default",
        help="paper: the definitions of Lee et al. (ACL 2025), every answer in n",
    )
    parser.add_argument(
        "--judge",
        choices=("embedded", "recorded"),
        default="embedded",
        help="recorded: the labels that an imported file brought",
    )
    parser.add_argument("--json", action="store_true", help="accepted everywhere; the output is always JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the scores."""
    fact = identity_fact(options.fact)
    exchanges = read_recording(options.path).exchanges
    labels = _labels(exchanges, options.path) if options.judge == "recorded" else None
    paper: bool = options.profile == "paper"
    examination = Examination(
        suite=options.path.name,
        model=options.path.stem,
        fact=fact,
        judge=EmbeddedIdentityJudge() if labels is None else _Unheard(),
        teachers=TEACHERS if paper else None,
    )
    records = [_record(examination, exchange) for exchange in exchanges]
    if labels is not None:
        records = [_labelled(record, label) for record, label in zip(records, labels, strict=True)]
    scores = paper_scores(records) if paper else identity_scores(records)
    print(json.dumps(_printed(scores, _unknown(labels)), indent=1))
    return 0


def _labels(exchanges: tuple[Exchange, ...], path: pathlib.Path) -> list[Labels]:
    labels = [exchange.labels for exchange in exchanges if exchange.labels]
    if without := len(exchanges) - len(labels):
        raise UsageError(
            f"{path}: {without} of {len(exchanges)} lines have no 'labels'; import them, or give --judge embedded"
        )
    return labels


def _record(examination: Examination, exchange: Exchange) -> Record:
    messages = exchange.messages or (Message("user", exchange.prompt or ""),)
    origin = exchange.origin or place_of_messages(messages)
    question = Question(
        id=origin.question,
        category=origin.category or _UNCATEGORISED,
        language=origin.language,
        text=messages[-1].content,
    )
    name = f"{origin.context}-{origin.question}"
    sample = exchange.sample or 0
    return examine(
        examination,
        probe=Probe(id=name, question=question, context=origin.context, messages=messages, sample=sample),
        request=ModelRequest(messages=messages, parameters=exchange.parameters or {}, sample=sample),
        response=exchange.response,
        test_id=name,
    )


class _Unheard:
    """Stands where a judge is expected whose verdicts are replaced by labels."""

    name = "recorded"

    def judge(self, *, fact: IdentityFact, prompt: str, response: str) -> Verdict:
        return Verdict(label="consistent")


def _labelled(record: Record, labels: Labels) -> Record:
    label: Label = "contradiction" if labels.loose else "consistent"
    return replace(record, label=label, rival=labels.strict is True)


def _unknown(labels: Iterable[Labels] | None) -> frozenset[str]:
    """Return the scores that the labels cannot give."""
    if labels is None:
        return frozenset()
    strict_told = all(label.strict is not None for label in labels)
    return _NEVER_LABELLED if strict_told else _NEVER_LABELLED | {"strict", "hard"}


def _printed(scores: IdentityScores, unknown: frozenset[str]) -> dict[str, object]:
    """Return the output; a share of something that nobody knows is null."""

    def shares(of: Mapping[ScoreName, Share]) -> dict[str, object]:
        return {name: None if name in unknown else share.to_builtins() for name, share in of.items()}

    return {
        "n": scores.overall["loose"].n,
        **shares(scores.overall),
        "by_category": {key: shares(of) for key, of in scores.by_category.items() if key != _UNCATEGORISED},
        "by_language": {key: shares(of) for key, of in scores.by_language.items()},
        "by_maker": {maker: share.to_builtins() for maker, share in scores.by_maker.items()},
    }
