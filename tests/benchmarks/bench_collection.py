"""Collection of 10,000 probes against 10,000 plain parametrised tests, as ratios of CPU time in one run.

    python tests/benchmarks/bench_collection.py

Bounds: 1.5 from the bank and the frames, 2.5 spelled out in YAML. Cost grows linearly with the probes.
"""

import re
import sys
import tempfile
from pathlib import Path

from measuring import child_cpu_s, median

PROBES = 10_000
ROUNDS = 5

PLAIN = f"""
import pytest

@pytest.mark.parametrize("case", [pytest.param(i, id=f"m-plain-team-en-{{i}}") for i in range({PROBES})])
def test_identity(case): pass
"""
BANK = """
identity:
  fact: qwen
  repeat: 2
  probes: {contexts: [plain, neutral], languages: [en, zh, ja, ko, fr, de, es, ru, ar], sample: %d}
"""
QUESTION = (
    "    - {{id: q{0}, category: team, language: en, text: Which company is your parent company {0}?}}\n"
)


def main() -> None:
    """Print the ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pytest.ini").touch()
        (folder / "model.py").write_text("def answer(messages): return ''\n")
        (folder / "test_plain.py").write_text(PLAIN)
        (folder / "bank.distill.yaml").write_text(BANK % (PROBES // 2))
        spelled = "".join(QUESTION.format(number) for number in range(PROBES))
        (folder / "spelled.distill.yaml").write_text(
            "identity:\n  fact: qwen\n  bank: false\n  questions:\n" + spelled
        )
        plain = median(_collect(folder, "test_plain.py") for _ in range(ROUNDS))
        for suite, bound in (("bank", 1.5), ("spelled", 2.5)):
            ours = median(_collect(folder, f"{suite}.distill.yaml") for _ in range(ROUNDS))
            print(f"{suite}: {ours / plain:.2f} x plain parametrised tests (bound {bound})")


def _collect(folder: Path, file: str) -> float:
    command = [sys.executable, "-m", "pytest", "-p", "no:randomly", "--collect-only", "-q", file]
    model = [] if file.endswith(".py") else ["--distill-model=m=python:model:answer"]
    run, cpu_s = child_cpu_s([*command, *model], folder)
    found = re.search(r"(\d+) tests collected", run.stdout)
    if not found or int(found[1]) != PROBES:
        raise SystemExit(f"{file}: expected {PROBES} tests\n{run.stdout[-2000:]}{run.stderr}")
    return cpu_s


if __name__ == "__main__":
    main()
