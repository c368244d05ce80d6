"""The B rows of the fault matrix: successful replies whose bodies are odd, wrong or hostile."""

import gzip
import json
import zlib

import pytest

from pytest_distillcheck.domain.exchanges import Response, Usage
from pytest_distillcheck.errors import RequestRefusedError, TransientError
from tests.faults.asking import outcome
from tests.faults.catalogue import FAULTS, answer, body, completion, events, raw, response
from tests.faults.server import FaultServer


def ask(server: FaultServer, fault):
    return outcome(server.route("route", FAULTS[fault] if isinstance(fault, str) else fault))


@pytest.mark.parametrize("row", ["B01-length-told", "B01-length-not-told", "B02-login-page", "B09-cut"])
def test_b01_b02_b09_what_is_cut_short_or_no_json_may_pass(server, row):
    assert type(ask(server, row)) is TransientError


def test_b01_an_empty_body_may_pass(server):
    found = ask(server, body(b""))
    assert type(found) is TransientError
    assert "empty" in str(found)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_b02_json_is_read_by_its_bytes_whatever_its_type_says(server, encoding):
    content = json.dumps(completion({"content": "通义千问"}), ensure_ascii=False).encode(encoding)
    assert ask(server, body(content, content_type="text/html; charset=latin-1")).text == "通义千问"


@pytest.mark.parametrize(
    "text",
    ["\ud83d alone", "nul \x00", "esc \x1b[31m", "c1 \x9b", "bidi \u202e", "tag \U000e0041", "line \u2028"],
)
def test_b03_every_character_comes_through(server, text):
    assert ask(server, answer(text)).text == text


def test_b03_bytes_that_are_no_utf8_are_kept_as_lone_surrogates(server):
    content = b'{"choices": [{"message": {"content": "caf\xe9 \xed\xa0\xbd"}}]}'
    text = ask(server, body(content)).text
    assert text.encode("utf-8", "surrogateescape") == b"caf\xe9 \xed\xa0\xbd"


def test_b03_a_control_character_that_json_would_escape_is_kept(server):
    assert ask(server, body(b'{"choices": [{"message": {"content": "a\x12b\n"}}]}')).text == "a\x12b\n"


@pytest.mark.parametrize("row", ["B04-null", "B04-empty", "B04-missing"])
def test_b04_an_answer_without_choices_may_pass(server, row):
    assert type(ask(server, row)) is TransientError


@pytest.mark.parametrize(
    ("told", "kind", "rate_limited"),
    [
        ({"code": 429, "message": "slow down"}, "TransientError", True),
        ({"code": "rate_limit_exceeded"}, "TransientError", True),
        ({"code": 502, "message": "upstream"}, "TransientError", False),
        ({"type": "server_error"}, "TransientError", False),
        ("something went wrong", "TransientError", False),
        ({"type": "invalid_request_error", "message": "bad"}, "RequestRefusedError", None),
        ({"code": 400, "message": "bad"}, "RequestRefusedError", None),
        ({"code": 401, "message": "no"}, "EndpointError", None),
        ({"code": "insufficient_quota"}, "EndpointError", None),
        ({"code": "model_not_found"}, "EndpointError", None),
    ],
)
@pytest.mark.parametrize("place", ["on top", "in the choice", "in a list"])
def test_b04_an_error_in_a_successful_reply_is_read_from_the_body(server, told, kind, rate_limited, place):
    document = {
        "on top": {"choices": None, "error": told},
        "in the choice": {"choices": [{"error": told, "message": {"content": ""}}]},
        "in a list": [{"error": told}],
    }[place]
    found = ask(server, body(document))
    assert type(found).__name__ == kind
    if rate_limited is not None:
        assert found.rate_limited is rate_limited


def test_b05_a_refusal_is_what_the_model_answered(server):
    assert ask(server, "B05-refusal").text == "I cannot help with that."


def test_b05_a_filtered_answer_is_kept_with_what_there_is_of_it(server):
    assert ask(server, "B05-filtered").finish_reason == "content_filter"
    partial = ask(server, body(completion({"content": "I am"}, finish_reason="content_filter")))
    assert (partial.text, partial.finish_reason) == ("I am", "content_filter")


def test_b06_tool_calls_alone_are_an_empty_answer(server):
    found = ask(server, "B06")
    assert (found.text, found.finish_reason) == ("", "tool_calls")


def test_b07_thinking_is_kept_apart_from_the_answer(server):
    found = ask(server, "B07")
    assert (found.text, found.reasoning, found.finish_reason) == ("", "I am GPT.", "length")
    assert ask(server, body(completion({"content": "x", "reasoning": "y"}))).reasoning == "y"
    assert ask(server, answer("<think>a</think>b")).text == "<think>a</think>b"


def test_b08_parts_are_joined_and_thinking_parts_kept_apart(server):
    assert ask(server, "B08-parts").text == "I am Qwen."
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "x"},
        "y",
    ]
    found = ask(server, body(completion({"content": parts})))
    assert (found.text, found.reasoning) == ("xy", "hm")


@pytest.mark.parametrize("row", ["B08-number", "B08-object"])
def test_b08_content_that_is_no_text_is_refused(server, row):
    assert type(ask(server, row)) is RequestRefusedError


def test_b09_a_stream_that_nobody_asked_for_is_read(server):
    found = ask(server, "B09")
    assert found == Response(
        text="I am Qwen.",
        model="m-1",
        usage=Usage(prompt_tokens=7, completion_tokens=5),
        finish_reason="stop",
        source="live",
    )


def test_b09_an_error_in_a_stream_is_an_error(server):
    found = ask(
        server, events({"choices": [{"index": 0, "delta": {"content": "I"}}]}, {"error": {"code": 503}})
    )
    assert type(found) is TransientError


def test_b09_thinking_in_a_stream_is_kept_apart(server):
    found = ask(
        server,
        events(
            {"choices": [{"index": 0, "delta": {"reasoning_content": "h "}}]},
            {"choices": [{"index": 0, "delta": {"content": "I am\u2028Qwen", "reasoning_content": None}}]},
        ),
    )
    assert (found.text, found.reasoning) == ("I am\u2028Qwen", "h ")


def test_b10_the_first_choice_is_taken_and_the_model_told_is_kept(server):
    choices = [{"index": 1, "message": {"content": "one"}}, {"index": 0, "message": {"content": "zero"}}]
    assert ask(server, body({"choices": choices})).text == "zero"
    assert ask(server, "B10-model").model == "another-model"


@pytest.mark.parametrize("row", ["B11-twice", "B11-nan", "B11-deep", "B11-digits", "B11-usage"])
def test_b11_json_that_readers_differ_on_is_refused(server, row):
    assert type(ask(server, row)) is RequestRefusedError


@pytest.mark.parametrize("told", [{}, None, {"total_tokens": 3}])
def test_b11_usage_that_is_not_told_is_none(server, told):
    assert ask(server, body(completion({"content": "x"}) | {"usage": told})).usage is None


@pytest.mark.parametrize("told", [-1, "7", True, 1.5, 1.5e308, {}])
def test_b11_usage_that_is_no_count_is_refused(server, told):
    document = completion({"content": "x"}) | {"usage": {"prompt_tokens": told, "completion_tokens": 1}}
    assert type(ask(server, body(document))) is RequestRefusedError


def test_b12_a_megabyte_is_an_answer_and_more_than_eight_are_not(server):
    assert len(ask(server, "B12-1MB").text) == 2**20
    assert type(ask(server, "B12-8MB")) is RequestRefusedError


@pytest.mark.parametrize("compress", [gzip.compress, zlib.compress])
def test_compressed_answers_are_read_though_we_ask_for_none(server, compress):
    content = compress(json.dumps(completion({"content": "x"})).encode())
    found = ask(server, body(content, headers={"content-encoding": "gzip"}))
    assert found.text == "x"
    assert server.seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "content", [b"no gzip at all", gzip.compress(b'{"choices": []}')[:-9]], ids=["none", "cut"]
)
def test_bad_compression_may_pass(server, content):
    found = ask(server, body(content, headers={"content-encoding": "gzip"}))
    assert type(found) is TransientError
    assert "compressed data" in str(found)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br"])
def test_an_encoding_that_we_cannot_read_is_no_answer(server, encoding):
    assert type(ask(server, body(b"{}", headers={"content-encoding": encoding}))) is TransientError


@pytest.mark.parametrize("layers", [1, 3, 4])
def test_no_more_than_three_layers_of_compression_are_undone(server, layers):
    content = json.dumps(completion({"content": "x"})).encode()
    for _ in range(layers):
        content = gzip.compress(content)
    encoding = ", ".join(["gzip"] * layers)
    found = ask(server, body(content, headers={"content-encoding": encoding}))
    assert isinstance(found, Response) == (layers <= 3)


@pytest.mark.parametrize(
    "head",
    [b"I am no HTTP\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", b"HTTP/1.1 999999 X\r\n\r\n"],
)
def test_what_is_no_http_may_pass(server, head):
    assert type(ask(server, raw(head, hang_up=True))) is TransientError


def test_a_server_may_think_aloud_before_it_answers(server):
    early = b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
    content = json.dumps(completion({"content": "x"})).encode()
    assert ask(server, raw(early, early, response(content))).text == "x"


@pytest.mark.parametrize("told", ["insufficient_system_resource", "error", "network_error", "abort"])
def test_an_answer_that_the_provider_broke_off_may_pass(server, told):
    assert type(ask(server, body(completion({"content": "I am"}, finish_reason=told)))) is TransientError
