"""Another model than the one that was asked (B10): which answers are refused, and which are answers."""

import asyncio
import json

import httpx
import pytest

from pytest_distillcheck.clients import EndpointClient
from pytest_distillcheck.domain.endpoints import Endpoint
from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.errors import ClientError, RequestRefusedError
from tests.faults.asking import QUESTION, StoppedClock
from tests.faults.catalogue import completion


class Body(httpx.AsyncByteStream):
    """What comes from a network, and can be read once."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def __aiter__(self):
        yield self.content


def asked(model: str, *, returned: str, host: str = "models.example.org") -> Response | ClientError:
    """Ask a model on a host without a network, and say what came of it."""
    told = json.dumps(completion({"content": "hello"}, model=returned)).encode()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Body(told)))
    endpoint = Endpoint(name="qwen", kind="openai", base_url=f"https://{host}/v1", model=model)
    client = EndpointClient(endpoint, key=None, clock=StoppedClock(), transport=transport)
    try:
        return asyncio.run(client.ask(QUESTION))
    except ClientError as error:
        return error


def test_b10_an_answer_by_another_makers_model_is_no_answer():
    found = asked("qwen-max", returned="gpt-4o-2024-08-06")
    assert type(found) is RequestRefusedError
    assert str(found) == (
        "qwen at models.example.org: asked for 'qwen-max', and \"gpt-4o-2024-08-06\" answered, a model of another maker;"
        " have the endpoint pass nothing on to other models, or name in the SPEC the one that answers"
    )


@pytest.mark.parametrize(
    ("model", "returned"),
    [
        ("qwen-max", "qwen-max-2025-01-25"),
        ("qwen-max", "qwen-turbo"),
        ("qwen-max", ""),
        ("qwen-max", "router-7"),
        ("openai/gpt-4o", "gpt-4o-mini"),
        ("openrouter/auto", "anthropic/claude-3-haiku"),
    ],
)
def test_b10_what_may_be_the_model_that_was_asked_is_an_answer(model, returned):
    assert asked(model, returned=returned).model == returned


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "acme.openai.azure.com"])
def test_b10_where_the_user_names_the_models_their_names_prove_nothing(host):
    # llama.cpp answers whatever was asked for, and a deployment may have any name.
    assert asked("gpt-3.5-turbo", returned="/models/qwen2.5-7b.gguf", host=host).text == "hello"
    assert asked("gpt-4o", returned="claude-3-haiku", host=host).text == "hello"
