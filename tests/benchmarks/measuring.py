"""How benchmarks measure: CPU time of child processes, since wall time on a busy machine says little."""

import os
import resource
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path


def child_cpu_s(
    command: Sequence[str], folder: Path, *, bytecode: Path | None = None
) -> tuple[subprocess.CompletedProcess[str], float]:
    """Run a command in a folder and return it with the CPU seconds that it took.

    Without a folder for bytecode none is written, and pytest compiles its plugins anew each time.
    """
    before = _cpu_of_children_s()
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    # Empty is as if it were not set.
    environment["PYTHONDONTWRITEBYTECODE"] = "" if bytecode else "1"
    environment["PYTHONPYCACHEPREFIX"] = str(bytecode or "")
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return run, _cpu_of_children_s() - before


def median(values: Iterable[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def _cpu_of_children_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
