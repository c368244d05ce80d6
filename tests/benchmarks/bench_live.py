"""Live probes against a server with a fixed latency, beside other ways to ask it, as ratios to the ideal.

    python tests/benchmarks/bench_live.py [ROUNDS]

The ideal is N x latency / concurrency: no client can be faster. `window` is from the first request's arrival to the
last answer, at the server; `process` from its start to its end, so that Python's and pytest's own start count.

Bounds for `pytest --distill-model`: window 1.10 and process 1.5 at 50 ms and 32 in flight, 1.10 and 1.2 at 200 ms and
64. The ways take turns, and the best of all rounds counts: the others were disturbed by what else the machine did, or
compiled the modules that later rounds find compiled. On a busy machine a higher priority helps: `nice -n -20 python ...`.
"""

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measuring import child_cpu_s
from stub_server import Seen, Stub, serving

PROBES = 2000
ONE_BY_ONE = 100
"""Probes of the way that asks one after the other; it would take minutes for all, and time grows linearly."""
ROUNDS = 5

QUESTION = (
    "    - {{id: q{0:04}, category: team, language: en, text: 'Question {0}: which company made you?'}}\n"
)
SUITE = "identity:\n  fact: qwen\n  bank: false\n  questions:\n"

PLAIN = f"""
import httpx, os, pytest

@pytest.fixture(scope="session")
def client():
    with httpx.Client(trust_env=False) as client:
        yield client

@pytest.mark.parametrize("number", range({ONE_BY_ONE}))
def test_identity(client, number):
    question = f"Question {{number}}: which company made you?"
    body = {{"model": "stub", "messages": [{{"role": "user", "content": question}}]}}
    answer = client.post(os.environ["STUB"] + "/chat/completions", json=body).json()
    assert "Alibaba" in answer["choices"][0]["message"]["content"]
"""
GATHER = f"""
import asyncio, httpx, os

async def main():
    concurrency = int(os.environ["CONCURRENCY"])
    slots = asyncio.Semaphore(concurrency)
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    async with httpx.AsyncClient(trust_env=False, limits=limits, timeout=60) as client:
        async def ask(number):
            question = f"Question {{number}}: which company made you?"
            body = {{"model": "stub", "messages": [{{"role": "user", "content": question}}]}}
            async with slots:
                answer = (await client.post(os.environ["STUB"] + "/chat/completions", json=body)).json()
            assert "Alibaba" in answer["choices"][0]["message"]["content"]
        await asyncio.gather(*map(ask, range({PROBES})))

asyncio.run(main())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One latency and concurrency, with the bounds of the ratios."""

    latency_s: float
    concurrency: int
    window: float
    process: float

    def ideal_s(self, probes: int) -> float:
        """Return the least time that so many probes can take."""
        return probes * self.latency_s / self.concurrency


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to ask the questions."""

    name: str
    command: Sequence[str]
    probes: int = PROBES
    is_bounded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One run of one way."""

    wall_s: float
    cpu_s: float
    seen: Seen


SETTINGS = (
    Setting(latency_s=0.05, concurrency=32, window=1.10, process=1.5),
    Setting(latency_s=0.2, concurrency=64, window=1.10, process=1.2),
)


def main(rounds: int = ROUNDS) -> None:
    """Print a table for each setting; exit with 1 when a bound is broken."""
    broken = False
    for setting in SETTINGS:
        print(
            f"{PROBES} probes at {1000 * setting.latency_s:.0f} ms, {setting.concurrency} in flight:"
            f" ideal {setting.ideal_s(PROBES):.3f} s; bounds {setting.window:.2f} and {setting.process:.2f};"
            f" best of {rounds}"
        )
        with tempfile.TemporaryDirectory() as folder, serving(setting.latency_s) as stub:
            ways = _ways(stub, setting)
            _write_files(Path(folder))
            runs = {way.name: [] for way in ways}
            for _ in range(rounds):
                for way in ways:
                    runs[way.name].append(_measure(way, stub, setting, Path(folder)))
        for way in ways:
            broken |= _print_line(way, setting, runs[way.name])
    sys.exit(broken)


def _ways(stub: Stub, setting: Setting) -> list[Way]:
    # Plugins that come with our own tests, and not with the plugin.
    pytest = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        *(f"-pno:{name}" for name in ("randomly", "hypothesispytest", "rerunfailures")),
    ]
    model = f"--distill-model=m=openai:stub@{stub.base_url}"
    ours = [*pytest, "suite.distill.yaml", model, f"--distill-concurrency={setting.concurrency}"]
    return [
        Way(name="asyncio + httpx gather", command=[sys.executable, "gather.py"]),
        Way(name="pytest --distill-model", command=ours, is_bounded=True),
        Way(name="the same, -n 8", command=[*ours, "-n8"]),
        Way(name="pytest + httpx, one by one", command=[*pytest, "test_plain.py"], probes=ONE_BY_ONE),
    ]


def _write_files(folder: Path) -> None:
    (folder / "pytest.ini").touch()
    (folder / "gather.py").write_text(GATHER)
    (folder / "test_plain.py").write_text(PLAIN)
    questions = "".join(QUESTION.format(number) for number in range(PROBES))
    (folder / "suite.distill.yaml").write_text(SUITE + questions)


def _measure(way: Way, stub: Stub, setting: Setting, folder: Path) -> Measured:
    os.environ |= {"STUB": stub.base_url, "CONCURRENCY": str(setting.concurrency)}
    start = time.perf_counter()
    run, cpu_s = child_cpu_s(way.command, folder, bytecode=folder / "bytecode")
    wall_s = time.perf_counter() - start
    seen = stub.seen()
    if run.returncode or seen.requests != way.probes or seen.repeated:
        raise SystemExit(f"{way.name}: {seen}\n{run.stdout[-2000:]}{run.stderr}")
    return Measured(wall_s=wall_s, cpu_s=cpu_s, seen=seen)


def _print_line(way: Way, setting: Setting, runs: Sequence[Measured]) -> bool:
    """Print the best of the rounds, and return whether it breaks a bound."""
    ideal_s = setting.ideal_s(way.probes)
    window = min(run.seen.window_s for run in runs) / ideal_s
    process = min(run.wall_s for run in runs) / ideal_s
    cpu_ms = 1000 * min(run.cpu_s for run in runs) / way.probes
    peak = max(run.seen.peak for run in runs)
    broken = way.is_bounded and (window > setting.window or process > setting.process)
    print(
        f"  {way.name:27} {way.probes:4} probes  window {window:6.3f} x  process {process:6.3f} x"
        f"  CPU {cpu_ms:5.2f} ms a probe  at most {peak} in flight{'  TOO SLOW' if broken else ''}",
        flush=True,
    )
    return broken


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
