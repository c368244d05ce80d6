"""Fits the scale of the embedded similarity judge, and says by cross-validation how well it does.

    python tests/benchmarks/fit_similarity.py RSE_FOLDER RESPONSES_FOLDER [--write]

RSE_FOLDER holds `gold.jsonl.gz` (prompt, reference, response and their ratings), RESPONSES_FOLDER models'
answers to one set of prompts, in `teachers/` and `students/`. Needs numpy and scipy.
"""

import argparse
import gzip
import json
import pathlib
import random
import sys

import numpy as np
from scipy.optimize import nnls
from scipy.stats import spearmanr

from pytest_distillcheck.similarity.features import features
from pytest_distillcheck.similarity.scale import RANGES, settled
from pytest_distillcheck.similarity.texts import content_terms, take_apart

UNRELATED_PAIRS = 3_000
RIDGE = 30.0
"""Penalty in units of squared rating a squared standard step; anything from 15 to 120 does as well."""
BEYOND = 1.6
"""What a curve reaches for the same text twice, where unrelated answers end at 1."""
QUANTILES = (0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
FOLDS, REPEATS = 10, 10
SCALE = pathlib.Path(__file__).parents[2] / "pytest_distillcheck" / "similarity" / "data" / "scale.yaml"


def read(path: pathlib.Path) -> list[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def measured(prompt: str, first: str, second: str) -> dict[str, float]:
    return dict(features(take_apart(first), take_apart(second), content_terms(prompt)))


def unrelated(folder: pathlib.Path) -> list[dict[str, float]]:
    """Return the features of two models' answers to one prompt, for random models and prompts."""
    models = [read(path) for path in sorted(folder.glob("*/*.jsonl.gz"))]
    rng = random.Random(0)
    pairs = []
    for _ in range(UNRELATED_PAIRS):
        first, second = rng.sample(models, 2)
        place = rng.randrange(len(first))
        pairs.append(measured(first[place]["prompt"], first[place]["response"], second[place]["response"]))
    return pairs


def curve(values: np.ndarray) -> list[list[float]]:
    """Return the points that take a value to its rank among `values`, from -1 to 1."""
    heights = 2 * np.array(QUANTILES) - 1
    inputs = np.quantile(values, QUANTILES).round(4)
    points = [[float(x), round(float(heights[inputs == x].mean()), 4)] for x in np.unique(inputs)]
    return points if points[-1][0] >= 1 else [*points, [1.0, BEYOND]]


def placed(curves: dict[str, list[list[float]]], pairs: list[dict[str, float]]) -> np.ndarray:
    columns = [
        np.interp([pair[name] for pair in pairs], *zip(*points, strict=True))
        for name, points in curves.items()
    ]
    return np.column_stack(columns)


def fit(steps: np.ndarray, ratings: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, float]:
    """Return non-negative ridge weights and the intercept."""
    scaled = steps / spread
    centre = scaled.mean(axis=0)
    penalty = np.sqrt(RIDGE) * np.eye(len(centre))
    target = np.concatenate([ratings - ratings.mean(), np.zeros(len(centre))])
    weights = nnls(np.vstack([scaled - centre, penalty]), target)[0]
    return weights / spread, float(ratings.mean() - centre @ weights)


def folds(count: int, seed: int) -> list[np.ndarray]:
    return np.array_split(np.random.default_rng(seed).permutation(count), FOLDS)


def cross_validated(steps: np.ndarray, ratings: np.ndarray, spread: np.ndarray, seed: int) -> np.ndarray:
    """Return predictions for rows that the weights were not fitted to; every row has its own prompt."""
    predicted = np.zeros(len(ratings))
    for held in folds(len(ratings), seed):
        kept = np.setdiff1d(np.arange(len(ratings)), held)
        weights, intercept = fit(steps[kept], ratings[kept], spread)
        predicted[held] = steps[held] @ weights + intercept
    return predicted


def render(curves: dict, fitted: dict[str, tuple[np.ndarray, float]]) -> str:
    lines = [
        "# Written by tests/benchmarks/fit_similarity.py.",
        "",
        "# By feature: a value, and its rank among unrelated answers to one prompt, from -1 to 1 and beyond.",
        "curves:",
        *(f"  {name}: {json.dumps(points)}" for name, points in curves.items()),
        "",
        "# By aspect: what each step of a curve adds.",
        "aspects:",
    ]
    for aspect, (weights, intercept) in fitted.items():
        lines += [f"  {aspect}:", f"    intercept: {intercept:.4f}", "    weights:"]
        lines += [
            f"      {name}: {weight:.4f}"
            for name, weight in zip(curves, weights, strict=True)
            if weight > 0.00005
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rse", type=pathlib.Path)
    parser.add_argument("responses", type=pathlib.Path)
    parser.add_argument("--write", action="store_true", help="replace the scale of the package")
    given = parser.parse_args()
    gold = read(given.rse / "gold.jsonl.gz")
    null = unrelated(given.responses)
    curves = {name: curve(np.array([pair[name] for pair in null])) for name in null[0]}
    spread = placed(curves, null).std(axis=0)
    steps = placed(curves, [measured(row["prompt"], row["reference"], row["response"]) for row in gold])
    same = np.array([row["kind"] != "shuffled" for row in gold])
    fitted = {}
    for aspect in RANGES:
        ratings = np.array([row[aspect] for row in gold], dtype=float)
        raw = [cross_validated(steps, ratings, spread, seed) for seed in range(REPEATS)]
        runs = [np.array([settled(aspect, value) for value in run]) for run in raw]
        ranks = [spearmanr(run[same], ratings[same]).statistic for run in runs]
        errors = [np.abs(run - ratings).mean() for run in runs]
        sys.stdout.write(
            f"{aspect:8} Spearman {np.mean(ranks):.3f}  mean absolute error {np.mean(errors):.3f}\n"
        )
        fitted[aspect] = fit(steps, ratings, spread)
    if given.write:
        SCALE.write_text(render(curves, fitted), encoding="utf-8")


if __name__ == "__main__":
    main()
