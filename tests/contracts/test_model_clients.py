"""What every `ModelClient` promises, whatever is behind it."""

import pytest

from pytest_distillcheck.clients import CallableClient, EntryClient, RecordedClient
from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response
from pytest_distillcheck.errors import ClientError, DistillcheckError
from pytest_distillcheck.stores import Exchange, read_recording, write_recording

ANSWERS = {
    "Who made you?": "Alibaba Cloud.",
    "Nothing?": "",
    "Hostile?": "\ud800\x1b[2J\x00</script>\u202e",
}
UNKNOWN = "What nobody answers?"


def request(text, *, sample=0, **parameters):
    return ModelRequest(messages=(Message("user", text),), parameters=parameters, sample=sample)


def recorded(folder):
    path = folder / "r.jsonl"
    exchanges = [
        Exchange(messages=request(text).messages, response=Response(text=answer, source="recording"))
        for text, answer in ANSWERS.items()
    ]
    write_recording(path, exchanges, about={})
    return RecordedClient(path="r.jsonl", find=read_recording(path).find)


def python(_folder):
    return CallableClient(path="m:f", function=lambda messages, **_: ANSWERS[messages[-1]["content"]])


def entry(folder):
    return EntryClient(client=python(folder), system="You are Qwen.", parameters={"top_p": 1})


@pytest.fixture(params=[recorded, python, entry])
def client(request, tmp_path):
    return request.param(tmp_path)


@pytest.mark.parametrize("text", ANSWERS)
def test_it_returns_the_answer_as_the_model_gave_it(client, text):
    assert client.ask(request(text)).text == ANSWERS[text]


def test_it_says_where_the_answer_was_taken_from(client):
    assert client.ask(request("Who made you?")).source in {"recording", "callable"}


def test_it_returns_exact_builtins(client):
    response = client.ask(request("Who made you?"))
    texts = (response.text, response.reasoning, response.model, response.finish_reason, response.source)
    assert {type(text) for text in texts} == {str}


def test_it_raises_a_client_error_when_there_is_no_answer(client):
    with pytest.raises(ClientError) as caught:
        client.ask(request(UNKNOWN))
    message = str(caught.value)
    assert "; " in message, "says not what to do"
    assert message.isprintable(), "is no safe line"


def test_it_answers_again_after_it_gave_no_answer(client):
    with pytest.raises(DistillcheckError):
        client.ask(request(UNKNOWN))
    assert client.ask(request("Who made you?")).text == "Alibaba Cloud."


def test_it_leaves_the_request_as_it_was(client):
    asked = request("Who made you?")
    before = asked.digest()
    client.ask(asked)
    assert asked.digest() == before


def test_equal_requests_get_equal_answers(client):
    assert client.ask(request("Who made you?")) == client.ask(request("Who made you?"))
