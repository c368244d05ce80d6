"""The numbers of Lee et al. (ACL 2025), out of their own answers and verdicts.

Their data has no licence and is not here: `DISTILLCHECK_ICE_DATA` names a folder of MODEL.jsonl.gz with the fields
`template`, `question`, `response`, `loose`, `strict`. They are turned into the layout of the published files first, so
that what is tried is the way a user takes.
"""

import csv
import gzip
import json
import os
import pathlib

import pytest

from pytest_distillcheck.cli import main

# loose, strict and hard out of 1000
COUNTS = {
    "glm-4-plus": (418, 297, 158),
    "deepseek-r1": (442, 292, 55),
    "qwen-max-0919": (342, 248, 102),
    "deepseek-chat": (339, 219, 70),
    "qwen2.5-72b": (529, 211, 151),
    "qwen2.5-14b": (446, 171, 38),
    "Phi4": (217, 137, 19),
    "llama3.1-70b-instruct": (313, 97, 0),
    "gemini-2.0-flash-exp": (240, 35, 0),
    "doubao-pro-32k": (39, 6, 1),
    "claude-3-5-sonnet-20241022": (7, 2, 2),
    "qwen2.5-7b-instruct": (170, 1, 0),
    "qwen2.5-14b-instruct": (79, 0, 0),
    "qwen2.5-72b-instruct": (28, 0, 0),
}
CATEGORIES = ("team", "cooperation", "industry", "technology", "geography")
# strict by category
BY_CATEGORY = {
    "claude-3-5-sonnet-20241022": (1, 0, 1, 0, 0),
    "doubao-pro-32k": (3, 0, 1, 1, 0),
    "llama3.1-70b-instruct": (35, 4, 23, 20, 7),
    "Phi4": (31, 13, 21, 30, 28),
    "deepseek-chat": (86, 5, 45, 54, 17),
    "qwen-max-0919": (71, 15, 61, 46, 31),
    "glm-4-plus": (100, 7, 64, 63, 40),
}


@pytest.fixture(params=COUNTS)
def model(request):
    return request.param


@pytest.fixture
def rows(model):
    folder = os.environ.get("DISTILLCHECK_ICE_DATA")
    if not folder:
        pytest.skip("DISTILLCHECK_ICE_DATA names no folder with the paper's answers")
    path = pathlib.Path(folder) / f"{model}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"DISTILLCHECK_ICE_DATA has no {path.name}")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def published(row):
    return {
        "jailbreak_prompt": row["template"],
        "query": row["question"],
        "target_responses": [row["response"]],
        "eval_results": row["loose"],
    }


def test_the_published_numbers_come_out(model, rows, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    attack, table = pathlib.Path("attack.jsonl"), pathlib.Path("strict.csv")
    attack.write_text("".join(json.dumps(published(row)) + "\n" for row in rows), "utf-8")
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*published(rows[0]), "re_judge"])
        writer.writeheader()
        writer.writerows({**published(row), "re_judge": True} for row in rows if row["strict"])
    told = any(row["strict"] is not None for row in rows)
    strict = ["--strict", str(table)] if told else []
    assert main(["import", "easyjailbreak", str(attack), *strict, "-o", "out.jsonl"]) == 0
    capsys.readouterr()
    assert main(["score", "out.jsonl", "--fact", model, "--profile", "paper", "--judge", "recorded"]) == 0
    scores = json.loads(capsys.readouterr().out)
    loose, *others = COUNTS[model]
    assert (scores["n"], scores["loose"]["count"]) == (len(rows), loose)
    if not told:
        assert scores["strict"] is scores["hard"] is None
        return
    assert [scores[name]["count"] for name in ("strict", "hard")] == others
    assert {scores[name]["n"] for name in ("loose", "strict", "hard")} == {len(rows)}
    if model in BY_CATEGORY:
        counted = tuple(scores["by_category"][category]["strict"]["count"] for category in CATEGORIES)
        assert counted == BY_CATEGORY[model]
