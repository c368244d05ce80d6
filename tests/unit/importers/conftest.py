import csv
import json

import pytest

from pytest_distillcheck.errors import DistillcheckError

COLUMNS = ("jailbreak_prompt", "query", "target_responses", "eval_results")


@pytest.fixture
def lines(tmp_path):
    """Write a file of JSON lines: texts as they stand, anything else as JSON."""

    def lines(*rows, name="answers.jsonl"):
        path = tmp_path / name
        path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in rows), "utf-8")
        return path

    return lines


@pytest.fixture
def strict(tmp_path):
    """Write a strict file as pandas does, of attack rows."""

    def strict(*rows, name="strict.csv", columns=COLUMNS):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(columns)
            table.writerows([str(row[column]) for column in columns] for row in rows)
        return path

    return strict


@pytest.fixture
def faults():
    """Return what a reader complains of, a line each, without the folder."""

    def faults(read, *paths):
        with pytest.raises(DistillcheckError) as caught:
            read(*paths)
        return str(caught.value).replace(f"{paths[0].parent}/", "").splitlines()

    return faults
