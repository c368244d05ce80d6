"""What every live client promises, whichever provider's language it speaks."""

import asyncio
import json

import httpx
import pytest

from pytest_distillcheck.clients import Limits
from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response, Usage
from pytest_distillcheck.errors import EndpointError, RequestRefusedError, TransientError
from pytest_distillcheck.ports import LiveClient
from tests.faults.asking import KEY, QUESTION, client_for, outcome, outcomes
from tests.faults.catalogue import FAULTS, answer, body, document, error, silence
from tests.faults.server import FaultServer

KINDS = ["openai", "anthropic", "gemini"]
TALK = (
    Message("system", "Be brief."),
    Message("user", "Who are you?"),
    Message("assistant", "A model."),
    Message("user", "Made by whom?"),
)


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def server():
    with FaultServer() as running:
        yield running


def test_a_client_is_a_live_client(kind):
    client: LiveClient = client_for("https://example.org/v1", kind=kind)
    assert callable(client.ask)
    assert callable(client.close)


def test_an_answer_comes_back_with_everything_that_was_told(server, kind):
    assert outcome(server.route("route", answer("I am Qwen.", "m-2")), kind=kind) == Response(
        text="I am Qwen.",
        model="m-2",
        usage=Usage(prompt_tokens=7, completion_tokens=5),
        finish_reason="stop",
        source="live",
    )


@pytest.mark.parametrize("text", ["", "\ud83d", "通义千问", "\x00\x1b[2J\u202e"])
def test_text_comes_through_unchanged(server, kind, text):
    assert outcome(server.route("route", answer(text)), kind=kind).text == text


def test_a_lone_surrogate_in_a_prompt_is_sent(server, kind):
    request = ModelRequest(messages=(Message("user", "what is \ud83d?"),))
    assert isinstance(outcome(server.route("route", answer()), request, kind=kind), Response)
    assert rb"\ud83d" in server.seen[0].body


def test_one_ask_is_one_request(server, kind):
    for row in ("H11-503", "H09", "N02-mid-body", "B01-length-told", "B04-error"):
        outcome(server.route(row, FAULTS[row]), kind=kind)
        assert server.count(row) == 1


@pytest.mark.parametrize(
    ("fault", "kind_of_error"),
    [
        (error(400, "invalid_request_error"), RequestRefusedError),
        (error(401), EndpointError),
        (error(402), EndpointError),
        (error(403), EndpointError),
        (error(404), EndpointError),
        (error(422), RequestRefusedError),
        (error(429), TransientError),
        (error(500), TransientError),
        (error(529), TransientError),
        (body({}, status=302), RequestRefusedError),
        (body({}), TransientError),
        (body([]), RequestRefusedError),
        (body("text"), RequestRefusedError),
        (body({"error": {"code": 503}}), TransientError),
        (FAULTS["B11-twice"], RequestRefusedError),
        (FAULTS["B01-length-not-told"], TransientError),
        (FAULTS["N05-gzip-bomb"], RequestRefusedError),
    ],
)
def test_failures_mean_the_same_to_all(server, kind, fault, kind_of_error):
    found = outcome(server.route("route", fault), kind=kind)
    assert type(found) is kind_of_error
    assert str(found).startswith(f"qwen-max at 127.0.0.1:{server.port}: ")
    assert KEY not in str(found)


def test_a_filter_of_the_prompt_is_an_empty_answer(server, kind):
    found = outcome(server.route("route", error(400, "content_filter")), kind=kind)
    assert (found.text, found.finish_reason) == ("", "content_filter")


def test_silence_ends_at_the_deadline(server, kind):
    found = outcome(server.route("route", silence()), kind=kind, limits=Limits(deadline_s=0.2))
    assert found.maybe_billed


def test_an_ask_that_is_given_up_leaves_nothing_for_the_next(server, kind):
    url = server.route("route", silence(0.3), answer("second"))

    async def run() -> Response:
        client = client_for(url, kind=kind)
        try:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await client.ask(QUESTION)
            return await client.ask(QUESTION)
        finally:
            await client.close()

    assert asyncio.run(run()).text == "second"


def test_many_at_once_get_each_their_own_answer(server, kind):
    async def echo(wire, seen):
        text = str(seen.json()).count("x")
        await asyncio.sleep(0.01 * (text % 3))
        await answer(str(text))(wire, seen)

    url = server.route("route", echo)
    requests = [ModelRequest(messages=(Message("user", "x" * n),)) for n in range(1, 60)]
    idle = outcome(url, ModelRequest(messages=(Message("user", ""),)), kind=kind)

    async def run() -> list[Response]:
        client = client_for(url, kind=kind)
        try:
            return await asyncio.gather(*(client.ask(request) for request in requests))
        finally:
            await client.close()

    found = [int(response.text) - int(idle.text) for response in asyncio.run(run())]
    assert found == list(range(1, 60))


def closed_while_asking(url: str, kind: str) -> object:
    async def run() -> object:
        client = client_for(url, kind=kind)
        asking = asyncio.ensure_future(client.ask(QUESTION))
        await asyncio.sleep(0.1)
        await client.close()
        return (await asyncio.gather(asking, return_exceptions=True))[0]

    return asyncio.run(run())


def test_closing_ends_what_is_under_way(server, kind):
    assert type(closed_while_asking(server.route("route", silence()), kind)) is TransientError


def test_what_was_under_way_at_closing_is_never_taken_for_whole(server, kind):
    async def fault(wire, seen):
        await wire.send(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + json.dumps(document(seen)).encode())
        await silence()(wire, seen)

    assert type(closed_while_asking(server.route("route", fault), kind)) is TransientError


@pytest.mark.parametrize("name", ["model", "messages", "n"])
def test_what_the_client_sets_itself_cannot_be_a_parameter(server, kind, name):
    request = ModelRequest(messages=TALK, parameters={name: 1})
    found = outcome(server.route("route", answer()), request, kind=kind)
    assert type(found) is RequestRefusedError
    assert not server.seen


def sent(server: FaultServer, kind: str, parameters: dict[str, object], sample: int = 0, **how):
    request = ModelRequest(messages=TALK, parameters=parameters, sample=sample)
    outcomes(client_for(server.route("route", answer()), kind=kind, **how), request)
    return server.seen[-1]


ALL = {"temperature": 0, "top_p": 0.9, "max_tokens": 50, "seed": 7, "stop": "END", "top_k": 3}


def test_openai_gets_its_words(server):
    seen = sent(server, "openai", ALL)
    assert seen.path == "/route/chat/completions"
    assert seen.json() == {
        "model": "m-1",
        "messages": [turn.to_builtins() for turn in TALK],
        "temperature": 0,
        "top_p": 0.9,
        "max_tokens": 50,
        "seed": 7,
        "stop": "END",
        "top_k": 3,
    }


def written_to(base_url: str) -> httpx.Request:
    """Return what an OpenAI-compatible client writes to an address that is not there."""
    written = []

    def take(request: httpx.Request) -> httpx.Response:
        written.append(request)
        return httpx.Response(500)

    request = ModelRequest(messages=TALK, parameters={"max_tokens": 50})
    outcomes(client_for(base_url, transport=httpx.MockTransport(take)), request)
    return written[0]


def test_openais_own_models_get_its_new_name_for_the_limit_of_tokens():
    body = json.loads(written_to("https://api.openai.com/v1").content)
    assert body["max_completion_tokens"] == 50
    assert "max_tokens" not in body


@pytest.mark.parametrize("port", ["", ":443"])
def test_azure_gets_its_own_header_and_keeps_its_version(port):
    request = written_to(f"https://x.openai.azure.com{port}/openai/deployments/d?api-version=2024-10-21")
    assert request.headers["api-key"] == KEY
    assert "authorization" not in request.headers
    assert request.url.path == "/openai/deployments/d/chat/completions"
    assert request.url.query == b"api-version=2024-10-21"


def test_anthropic_gets_its_words(server):
    seen = sent(server, "anthropic", ALL)
    assert seen.path == "/route/messages"
    assert seen.headers["anthropic-version"] == "2023-06-01"
    assert seen.json() == {
        "model": "m-1",
        "system": "Be brief.",
        "messages": [turn.to_builtins() for turn in TALK[1:]],
        "temperature": 0,
        "top_p": 0.9,
        "max_tokens": 50,
        "stop_sequences": ["END"],
        "top_k": 3,
    }
    assert sent(server, "anthropic", {}).json()["max_tokens"] == 1024


def test_gemini_gets_its_words(server):
    seen = sent(server, "gemini", ALL | {"safetySettings": []}, model="gemini 2")
    assert seen.path == "/route/models/gemini%202:generateContent"
    assert seen.json() == {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "Who are you?"}]},
            {"role": "model", "parts": [{"text": "A model."}]},
            {"role": "user", "parts": [{"text": "Made by whom?"}]},
        ],
        "generationConfig": {
            "temperature": 0,
            "topP": 0.9,
            "maxOutputTokens": 50,
            "seed": 7,
            "stopSequences": ["END"],
            "topK": 3,
        },
        "safetySettings": [],
    }


def test_samples_of_one_seed_are_different_draws(server):
    assert [sent(server, "openai", {"seed": 7}, sample).json()["seed"] for sample in (0, 1, 2)] == [7, 8, 9]
    assert sent(server, "gemini", {"seed": 7}, 2).json()["generationConfig"]["seed"] == 9


def test_anthropic_thinking_and_refusal_are_told_apart(server):
    blocks = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "a"},
        {"type": "text", "text": "b"},
    ]
    told = {
        "content": blocks,
        "stop_reason": "refusal",
        "usage": {"input_tokens": 1, "cache_read_input_tokens": 2},
    }
    found = outcome(server.route("route", body(told)), kind="anthropic")
    assert (found.text, found.reasoning, found.finish_reason) == ("ab", "hm", "content_filter")
    assert found.usage == Usage(prompt_tokens=3, completion_tokens=0)


def test_gemini_thoughts_and_filters_are_told_apart(server):
    parts = [{"text": "hm", "thought": True}, {"text": "a"}, {"text": "b"}]
    usage = {"promptTokenCount": 1, "candidatesTokenCount": 2, "thoughtsTokenCount": 3}
    told = {
        "candidates": [{"content": {"parts": parts}, "finishReason": "MAX_TOKENS"}],
        "usageMetadata": usage,
    }
    found = outcome(server.route("route", body(told)), kind="gemini")
    assert (found.text, found.reasoning, found.finish_reason) == ("ab", "hm", "length")
    assert found.usage == Usage(prompt_tokens=1, completion_tokens=5)
    for filtered in (
        {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}},
        {"candidates": [{"finishReason": "SAFETY"}]},
    ):
        found = outcome(server.route("route", body(filtered)), kind="gemini")
        assert (found.text, found.finish_reason) == ("", "content_filter")
