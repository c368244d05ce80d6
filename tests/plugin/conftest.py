"""A small project to run the plugin in: suites, models and recordings."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from xdist import workermanage

from tests.faults.catalogue import answer
from tests.faults.server import Fault, FaultServer, Seen, Wire

TRUE = "I am Qwen, made by Alibaba Cloud."
FALSE = "I am ChatGPT, a large language model trained by OpenAI."

MODELS = '''
"""Models under test. A question's text says its number: "Question 07: who made you?"."""
import os, re, signal

TRUE = "I am Qwen, made by Alibaba Cloud."
FALSE = "I am ChatGPT, a large language model trained by OpenAI."

def number(messages):
    return int(re.search(r"Question ([0-9]+)", messages[-1]["content"])[1])

def honest(messages, **parameters):
    return TRUE

def impostor(messages, **parameters):
    return FALSE

def vague(messages, **parameters):
    return "I like tea."

def silent(messages, **parameters):
    return ""

def one_slip(messages, **parameters):
    return FALSE if number(messages) == 1 else TRUE

def one_empty(messages, **parameters):
    return "" if number(messages) == 1 else TRUE

def mixed(messages, **parameters):
    return (TRUE, FALSE, "", "I like tea.")[number(messages) % 4]

def raising(messages, **parameters):
    raise RuntimeError("the model is out")

def one_outage(messages, **parameters):
    return raising(messages) if number(messages) == 1 else TRUE

def one_slip_and_one_outage(messages, **parameters):
    return one_slip(messages) if number(messages) != 2 else raising(messages)

def wrong_type(messages, **parameters):
    return 42

def counted(messages, **parameters):
    with open("asked.log", "a") as log:
        log.write(messages[-1]["content"] + chr(10))
    return TRUE

def killed_always(messages, **parameters):
    if number(messages) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return TRUE

def killed_once(messages, **parameters):
    if number(messages) == 1 and not os.path.exists("killed.mark"):
        open("killed.mark", "w").close()
        os._exit(3)
    return TRUE

def every_worker_killed(messages, **parameters):
    os._exit(3)

TEXT = "not text"
'''


# Other plugins of this environment cost more than the whole run: Hypothesis a second.
QUIET = [f"-pno:{name}" for name in ("randomly", "hypothesispytest", "anyio", "syrupy", "rerunfailures")]


@dataclass(frozen=True)
class Run:
    """What one run of pytest came to."""

    code: int
    text: str
    counts: Mapping[str, int]

    def line_with(self, *parts: str) -> str:
        """Return the first line of the output that holds every part."""
        lines = [line for line in self.text.splitlines() if all(part in line for part in parts)]
        assert lines, f"no line with {parts} in\n{self.text}"
        return lines[0]


@dataclass(frozen=True)
class Project:
    """A folder with a `models.py`; questions are numbered and say their number."""

    pytester: pytest.Pytester

    @property
    def path(self) -> Path:
        return self.pytester.path

    def suite(
        self, name: str = "a", *, n: int = 3, top: Mapping[str, Any] | None = None, **identity: Any
    ) -> str:
        """Write `NAME.distill.yaml` with n questions of its own, and return its file name; None takes a key away."""
        section = {"fact": "qwen", "bank": False, "questions": [question(i) for i in range(1, n + 1)]}
        section = {key: value for key, value in {**section, **identity}.items() if value is not None}
        data = {"identity": section, **(top or {})}
        # JSON is YAML, and needs no dumper.
        return self.write(f"{name}.distill.yaml", json.dumps(data, indent=1, ensure_ascii=False))

    def recording(self, *answers: str, name: str = "recorded.jsonl") -> str:
        """Write a recording that answers question 1 with the first text, and so on; return a SPEC."""
        lines = [
            json.dumps({"prompt": question(i)["text"], "response": text}) for i, text in enumerate(answers, 1)
        ]
        return f"recorded:{self.write(name, chr(10).join(lines))}"

    def write(self, name: str, text: str | bytes) -> str:
        """Write a file, and return its name."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def run(self, *args: str, model: str | Sequence[str] = (), apart: bool = False) -> Run:
        """Run pytest, in this process unless `apart`; a model without a SPEC is a function of `models.py`.

        With workers this process is pytest-xdist's controller, and only they are processes of their own.
        """
        chosen = [model] if isinstance(model, str) else model
        specs = [m if "=" in m else f"qwen-max=python:models:{m}" for m in chosen]
        shown = [] if "-pno:terminal" in args else ["-ra"]  # the terminal's own option
        given = [*QUIET, *shown, *(f"--distill-model={spec}" for spec in specs), *args]
        method = self.pytester.runpytest_subprocess if apart else self.pytester.runpytest_inprocess
        result = method(*given)
        text = result.stdout.str() + "\n" + result.stderr.str()
        try:
            counts = result.parseoutcomes()
        except ValueError:
            counts = {}
        return Run(code=int(result.ret), text=text, counts=counts)

    def start(self, *args: str, model: str) -> subprocess.Popen[str]:
        """Start pytest in a process of its own."""
        command = [sys.executable, "-m", "pytest", *QUIET, f"--distill-model={model}", *args]
        return subprocess.Popen(
            command, cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def results(self, folder: str = "out") -> Any:
        """Return the content of results.json."""
        return json.loads((self.path / folder / "results.json").read_text("ascii"))

    def asked(self) -> int:
        """Return how often the model `counted` was asked."""
        log = self.path / "asked.log"
        return len(log.read_text().splitlines()) if log.exists() else 0


def question(number: int) -> dict[str, str]:
    """Return one of a suite's own questions."""
    return {
        "id": f"q{number:02}",
        "category": "team",
        "language": "en",
        "text": f"Question {number:02}: who made you?",
    }


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where processes that tests start keep compiled modules: each would compile all of ours anew."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, bytecode: Path) -> Project:
    """An empty project with models."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(bytecode))
    pytester.makepyfile(models=MODELS)
    pytester.syspathinsert()
    # pytest-xdist gives its workers the path that it found when this process started.
    monkeypatch.setattr(workermanage, "_sys_path", list(sys.path))
    # What this run, or a worker of it, would tell the runs inside it.
    for variable in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "COLUMNS"):
        monkeypatch.delenv(variable, raising=False)
    return Project(pytester)


@dataclass
class LiveStub:
    """A live model on loopback, and what it was asked.

    Attributes:
        peak: the most requests that it had in flight at once.
    """

    server: FaultServer
    peak: int = 0
    _in_flight: int = 0

    def answering(self, *faults: Fault, latency_s: float = 0.0) -> str:
        """Answer truly, or misbehave in the given ways first and last in the last; return NAME=SPEC."""
        timed = [self._timed(fault, latency_s) for fault in faults or (answer(TRUE),)]
        return f"qwen-max=openai:m-1@{self.server.route('v1', *timed)}"

    @property
    def prompts(self) -> list[str]:
        """What was asked, in the order in which it came."""
        return [seen.json()["messages"][-1]["content"] for seen in self.server.seen]

    @property
    def keys(self) -> set[str]:
        """The keys that were sent; the empty one for none."""
        return {seen.headers.get("authorization", "") for seen in self.server.seen}

    def wait_for(self, requests: int) -> None:
        """Wait until so many requests came."""
        deadline = time.monotonic() + 60
        while len(self.server.seen) < requests:
            assert time.monotonic() < deadline, f"{len(self.server.seen)} of {requests} requests came"
            time.sleep(0.005)

    def _timed(self, fault: Fault, latency_s: float) -> Fault:
        async def timed(wire: Wire, seen: Seen) -> None:
            self._in_flight += 1
            self.peak = max(self.peak, self._in_flight)
            await asyncio.sleep(latency_s)
            self._in_flight -= 1
            await fault(wire, seen)

        return timed


@pytest.fixture
def stub() -> Iterator[LiveStub]:
    """A model server that no test has asked anything yet."""
    with FaultServer() as server:
        yield LiveStub(server)
