"""Compares the shipped scale of the embedded similarity judge with ratings that came after it.

    python tests/benchmarks/rate_later_pairs.py RESPONSES_FOLDER

`similarity_ratings_later.csv` rates pairs of models' answers that no weight was fitted to and no feature was chosen by: a
language model read each pair and followed the protocol of the others. RESPONSES_FOLDER as in `fit_similarity.py`. The
ratings hold less of the scale's ends than those that the weights were fitted to, which lowers every rank correlation.
"""

import csv
import sys
from pathlib import Path

from fit_similarity import read
from scipy.stats import spearmanr

from pytest_distillcheck.similarity import EmbeddedSimilarityJudge

RATINGS = Path(__file__).parent / "similarity_ratings_later.csv"


def main(folder: str) -> None:
    """Print rank correlation and mean absolute error by aspect."""
    answers = {
        path.name[:-9]: {str(row["id"]): row for row in read(path)}
        for path in Path(folder).glob("*/*.jsonl.gz")
    }
    judge = EmbeddedSimilarityJudge()
    with RATINGS.open(encoding="utf-8") as lines:
        rated = list(csv.DictReader(lines))
    ratings = []
    for row in rated:
        first, second = (answers[row[side]][row["id"]] for side in ("first", "second"))
        ratings.append(
            judge.rate(prompt=first["prompt"], reference=first["response"], response=second["response"])
        )
    for aspect in ("overall", "style", "logic", "content"):
        ours = [getattr(rating, aspect) for rating in ratings]
        theirs = [float(row[aspect]) for row in rated]
        error = sum(abs(a - b) for a, b in zip(ours, theirs, strict=True)) / len(ours)
        print(f"{aspect:8} Spearman {spearmanr(ours, theirs).statistic:.3f}  mean absolute error {error:.3f}")


if __name__ == "__main__":
    main(sys.argv[1])
