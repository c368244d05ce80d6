"""The figures on data that is not in the repository, given by two environment variables.

`DISTILLCHECK_RSE_DATA` is a folder with `gold.jsonl.gz`: rated pairs. `DISTILLCHECK_RESPONSES_DATA` is one with
`teachers/` and `students/`: answers by model, and `students/teachers.json`: the documented teachers.

The weights were fitted to these ratings; `tests/benchmarks/fit_similarity.py` gives the cross-validated figures.
"""

import gzip
import json
import os
import random
from pathlib import Path
from statistics import fmean

import pytest

from pytest_distillcheck.similarity import Attribution, EmbeddedSimilarityJudge, attribute
from pytest_distillcheck.statistics import spearman

RSE = os.environ.get("DISTILLCHECK_RSE_DATA")
RESPONSES = os.environ.get("DISTILLCHECK_RESPONSES_DATA")

NAMED_AT_TWO_HUNDRED = 10
"""Students of 13 whose teacher must be named with 200 prompts; 12.0 to 12.6 are on average."""

with_ratings = pytest.mark.skipif(not RSE, reason="DISTILLCHECK_RSE_DATA names no folder")
with_answers = pytest.mark.skipif(not RESPONSES, reason="DISTILLCHECK_RESPONSES_DATA names no folder")


def read(path: Path) -> list[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@with_ratings
@pytest.mark.parametrize(
    ("aspect", "least"), [("overall", 0.9), ("style", 0.85), ("logic", 0.78), ("content", 0.72)]
)
def test_ratings_rank_pairs_as_people_do(aspect, least):
    rows = [row for row in read(Path(RSE, "gold.jsonl.gz")) if row["kind"] != "shuffled"]
    judge = EmbeddedSimilarityJudge()
    given = [
        getattr(judge.rate(**{key: row[key] for key in ("prompt", "reference", "response")}), aspect)
        for row in rows
    ]
    assert spearman(given, [row[aspect] for row in rows]) >= least


@with_ratings
def test_overall_ratings_are_near_those_of_people():
    rows = read(Path(RSE, "gold.jsonl.gz"))
    judge = EmbeddedSimilarityJudge()
    errors = [
        abs(
            judge.rate(**{key: row[key] for key in ("prompt", "reference", "response")}).overall
            - row["overall"]
        )
        for row in rows
    ]
    assert fmean(errors) <= 0.33


def answers(path: Path) -> dict[str, str]:
    return {str(row["id"]): row["response"] for row in read(path)}


def attributed(prompts: int | None, seed: int = 0) -> dict[str, tuple[Attribution, list[str]]]:
    """Return each student's attribution and its documented teachers, on a seeded sample of prompts."""
    folder = Path(RESPONSES)
    references = {path.name[:-9]: answers(path) for path in sorted(folder.glob("teachers/*.gz"))}
    common = sorted(next(iter(references.values())))
    kept = set(random.Random(seed).sample(common, prompts or len(common)))
    found = {}
    for student, teachers in json.loads((folder / "students" / "teachers.json").read_text()).items():
        written = answers(folder / "students" / f"{student}.jsonl.gz")
        model = {prompt: text for prompt, text in written.items() if prompt in kept}
        found[student] = attribute(model, references), teachers
    return found


@with_answers
def test_every_documented_teacher_is_found_and_nobody_else_accused():
    found = attributed(None)
    assert {
        student
        for student, (result, teachers) in found.items()
        if teachers and result.nearest not in teachers
    } == set()
    assert {
        student for student, (result, teachers) in found.items() if not teachers and result.nearest
    } == set()


@with_answers
@pytest.mark.parametrize("seed", [0, 1])
def test_two_hundred_prompts_rank_the_teacher_first_but_once(seed):
    found = [(result, teachers) for result, teachers in attributed(200, seed).values() if teachers]
    assert sum(result.ranking[0][0] in teachers for result, teachers in found) >= len(found) - 1
    assert [result.nearest for result, teachers in found if result.nearest not in {*teachers, None}] == []
    assert sum(result.nearest in teachers for result, teachers in found) >= NAMED_AT_TWO_HUNDRED
