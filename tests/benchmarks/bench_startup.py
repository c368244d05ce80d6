"""CPU that the installed but unused plugin adds to a run of one test, over the given dependencies' own.

    python tests/benchmarks/bench_startup.py

Bound: 60 ms. The runs alternate, so that a slow spell of the machine strikes both.
"""

import sys
import tempfile
from pathlib import Path

from measuring import child_cpu_s, median

ROUNDS = 20


def main() -> None:
    """Print the medians and their difference."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pytest.ini").touch()
        (folder / "test_one.py").write_text("def test_one(): pass\n")
        with_plugin, without = [], []
        for _ in range(ROUNDS):
            with_plugin.append(_run(folder))
            without.append(_run(folder, "-p", "no:distillcheck"))
        added_ms = 1000 * (median(with_plugin) - median(without))
        print(
            f"median of {ROUNDS}: {added_ms:.0f} ms CPU added (bound 60), on {1000 * median(without):.0f} ms"
        )


def _run(folder: Path, *options: str) -> float:
    run, cpu_s = child_cpu_s(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options], folder
    )
    if run.returncode:
        raise SystemExit(run.stdout + run.stderr)
    return cpu_s


if __name__ == "__main__":
    main()
