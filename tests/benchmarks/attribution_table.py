"""Which teacher `attribute` names for each student whose teachers are documented, and what that costs.

    python tests/benchmarks/attribution_table.py FOLDER [--prompts N] [--seed N] [--repeats N] [--whole-references] [--references-too]

FOLDER holds `teachers/NAME.jsonl.gz`, `students/NAME.jsonl.gz` (`{"id", "response"}` a line) and
`students/teachers.json` (the documented teachers by student; none: nobody may be named). A sample of
prompts is asked of students and references alike, with `--whole-references` of students alone. With `--references-too`
each reference is also taken as a student of the others; whether a name is right is then for the reader to say.
"""

import argparse
import gzip
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_distillcheck.similarity import Attribution, attribute

Answers = Mapping[str, str]


def main() -> None:
    """Print a table for each sample of prompts, then how often each outcome came."""
    arguments = _arguments()
    teachers: dict[str, list[str]] = json.loads((arguments.folder / "students/teachers.json").read_text())
    references = dict(_models(arguments.folder / "teachers"))
    students = dict(_models(arguments.folder / "students"))
    right = accused = ranked = 0
    for seed in range(arguments.seed, arguments.seed + arguments.repeats):
        kept = _sample(references, arguments.prompts, seed)
        print(
            f"\n{len(kept)} prompts, seed {seed}\n{_row('student', 'documented', 'first', 'second', *HEADS)}"
        )
        asked = references if arguments.whole_references else _cut(references, kept)
        for name, documented in teachers.items():
            found = _attributed(name, students[name], asked, kept, documented)
            right += bool(documented) and found.nearest in documented
            ranked += found.ranking[0][0] in documented
            accused += not documented and found.nearest is not None
        for name in references if arguments.references_too else ():
            others = {other: answers for other, answers in asked.items() if other != name}
            _attributed(name, references[name], others, kept, None)
    taught = sum(map(bool, teachers.values())) * arguments.repeats
    untaught = len(teachers) * arguments.repeats - taught
    print(f"\nnamed a documented teacher: {right} of {taught}; ranked one first: {ranked} of {taught}")
    print(f"named somebody for a student without one: {accused} of {untaught}")


HEADS = ("score", "p", "nearest", "", "CPU s")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prompts", type=int, help="size of the sample; default: all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=1, help="samples, with seeds from the first on")
    parser.add_argument("--whole-references", action="store_true")
    parser.add_argument("--references-too", action="store_true")
    return parser.parse_args()


def _models(folder: Path) -> Iterator[tuple[str, Answers]]:
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield (
                path.name.removesuffix(".jsonl.gz"),
                {str(row["id"]): row["response"] for row in map(json.loads, lines)},
            )


def _sample(references: Mapping[str, Answers], prompts: int | None, seed: int) -> Sequence[str]:
    common = sorted(set.intersection(*map(set, references.values())))
    return common if prompts is None else random.Random(seed).sample(common, min(prompts, len(common)))


def _cut(models: Mapping[str, Answers], kept: Sequence[str]) -> Mapping[str, Answers]:
    return {name: {prompt: answers[prompt] for prompt in kept} for name, answers in models.items()}


def _attributed(
    name: str,
    answers: Answers,
    references: Mapping[str, Answers],
    kept: Sequence[str],
    documented: Sequence[str] | None,
) -> Attribution:
    start = time.process_time()
    found = attribute({prompt: answers[prompt] for prompt in kept}, references)
    seconds = time.process_time() - start
    (first, score), (second, _) = found.ranking[:2]
    right = found.nearest in documented if documented else found.nearest is None
    verdict = "?" if documented is None else "right" if right else "wrong"
    teachers = "?" if documented is None else "/".join(documented) or "none"
    figures = (f"{score:.2f}", f"{found.p_value:.2g}", found.nearest or "none", verdict, f"{seconds:.1f}")
    print(_row(name, teachers, first, second, *figures), flush=True)
    return found


def _row(*cells: str) -> str:
    widths = (26, 26, 26, 26, 6, 8, 26, 6, 5)
    return "  ".join(cell[:width].ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


if __name__ == "__main__":
    main()
