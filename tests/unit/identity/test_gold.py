"""Agreement with labelled answers of real models, where a folder with them is given by DISTILLCHECK_ICE_DATA."""

import gzip
import json
import os
import pathlib
from collections.abc import Iterator

import pytest

from pytest_distillcheck.catalog import identity_fact
from pytest_distillcheck.domain.verdicts import Verdict
from pytest_distillcheck.identity import EmbeddedIdentityJudge

DATA = os.environ.get("DISTILLCHECK_ICE_DATA", "")
SHOWN = 3000
"""Characters of a response that its readers saw."""
STRICT = {"openai", "anthropic"}
LEAST = {"own voice": 0.80, "any voice": 0.80, "strict": 0.85}

pytestmark = pytest.mark.skipif(
    not DATA, reason="DISTILLCHECK_ICE_DATA names no folder with labelled answers"
)


def test_the_judge_agrees_with_careful_readers() -> None:
    pairs = {score: [] for score in LEAST}
    for gold, verdict in judged():
        contradicts = gold["label"] == "contradiction"
        found = verdict.label == "contradiction"
        pairs["own voice"].append((contradicts, found))
        pairs["any voice"].append((gold["label"] != "consistent", verdict.label != "consistent"))
        pairs["strict"].append(
            (contradicts and gold["vendor"] in STRICT, found and bool(STRICT & {*verdict.makers}))
        )
    agreement = {score: kappa(pair) for score, pair in pairs.items()}
    assert {score: value for score, value in agreement.items() if value < LEAST[score]} == {}


def judged() -> Iterator[tuple[dict[str, str], Verdict]]:
    folder = pathlib.Path(DATA)
    gold = [json.loads(line) for line in (folder / "gold.jsonl").read_text("utf-8").splitlines()]
    judge = EmbeddedIdentityJudge()
    for model in sorted({row["id"].split("#")[0] for row in gold}):
        lines = gzip.decompress((folder / f"{model}.jsonl.gz").read_bytes()).decode("utf-8").splitlines()
        answers = {answer["id"]: answer for answer in map(json.loads, lines)}
        for row in gold:
            if row["id"].split("#")[0] == model:
                answer = answers[row["id"]]
                yield (
                    row,
                    judge.judge(
                        fact=identity_fact(model), prompt=prompt(answer), response=answer["response"][:SHOWN]
                    ),
                )


def prompt(answer: dict[str, str]) -> str:
    template, question = answer["template"], answer["question"]
    return template.replace("{query}", question) if "{query}" in template else template + question


def kappa(pairs: list[tuple[bool, bool]]) -> float:
    observed = sum(one == other for one, other in pairs) / len(pairs)
    one, other = (sum(pair[side] for pair in pairs) / len(pairs) for side in (0, 1))
    chance = one * other + (1 - one) * (1 - other)
    return (observed - chance) / (1 - chance)
