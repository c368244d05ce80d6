"""No key in anything that a user sees, whatever goes wrong."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response
from pytest_distillcheck.errors import ClientError, UsageError
from tests.faults.asking import KEY, QUESTION, client_for, outcome, outcomes
from tests.faults.catalogue import FAULTS, body, drip, echo_key, error, raw, silence

PARTS = (KEY, KEY[:12])
ROOT = Path(__file__).parents[2]
FAILING = """
import asyncio, os
import pytest
from tests.faults.asking import QUESTION, client_for

@pytest.mark.parametrize("route", {routes})
def test_ask(route):
    client = client_for(os.environ["URL"] + route, key=os.environ["KEY"], kind="anthropic", deadline_s=0.3)
    try:
        asyncio.run(client.ask(QUESTION))
    finally:
        asyncio.run(client.close())
"""


@pytest.mark.parametrize("kind", ["openai", "anthropic", "gemini"])
@pytest.mark.parametrize(
    "fault",
    [
        error(401, "invalid_api_key", f"Incorrect API key provided: {KEY}", x_request_id=KEY),
        error(401, KEY, f"Incorrect API key provided: {KEY[:14]}***"),
        body(f"<p>{KEY}</p>".encode(), status=500),
        body(b"", status=307, headers={"location": f"https://evil.example/?{KEY}"}),
        body({"choices": [{"message": {"content": {KEY: 1}}, "finish_reason": "error"}]}),
        raw(f"HTTP/1.1 200 {KEY}\r\n{KEY}\r\n\r\n".encode(), hang_up=True),
        silence(),
    ],
)
def test_an_error_never_holds_the_key(server, kind, fault, caplog):
    caplog.set_level(logging.DEBUG)
    found = outcome(server.route("route", fault), kind=kind, deadline_s=0.3)
    assert isinstance(found, ClientError)
    assert not any(part in str(found) + caplog.text for part in PARTS)


@pytest.mark.parametrize("kind", ["openai", "anthropic", "gemini"])
def test_an_answer_that_says_the_key_is_masked(server, kind):
    found = outcome(server.route("route", echo_key()), kind=kind)
    assert isinstance(found, Response)
    assert found.text.startswith("your key is ")
    assert not any(part in repr(found) for part in PARTS)


@pytest.mark.parametrize(
    ("kind", "header", "value"),
    [
        ("openai", "authorization", f"Bearer {KEY}"),
        ("anthropic", "x-api-key", KEY),
        ("gemini", "x-goog-api-key", KEY),
    ],
)
def test_the_key_goes_in_its_header_and_nowhere_else(server, kind, header, value):
    client = client_for(server.route("route", FAULTS["H11-500"]), kind=kind)
    outcomes(client, QUESTION)
    (seen,) = server.seen
    assert seen.headers.pop(header) == value
    assert KEY not in repr(seen)
    assert KEY not in repr(vars(client))


def test_no_key_is_sent_when_there_is_none(server):
    outcome(server.route("route", FAULTS["H11-500"]), key=None)
    assert not {"authorization", "x-api-key", "api-key"} & server.seen[0].headers.keys()


def test_a_traceback_with_all_its_variables_does_not_show_the_key(server, tmp_path):
    rows = ["H03-401", "N02-mid-body", "N04", "N05-headers", "B11-deep"]
    base = server.route("start", FAULTS["N04"]).removesuffix("start")
    for row in rows:
        server.route(row, FAULTS[row])
    echoed = f'{{"error": "{KEY}'.encode()
    server.route("echo-cut", raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n", echoed, hang_up=True))
    server.route("echo-slow", drip(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + echoed, b" "))
    server.route("echo-malformed", body(echoed))
    server.route("echo-error", body(echoed + b'"}', status=500, headers={"x-request-id": KEY}))
    rows += ["echo-cut", "echo-slow", "echo-malformed", "echo-error"]
    (tmp_path / "test_failing.py").write_text(FAILING.format(routes=rows))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-lvv", "--tb=long", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "URL": base, "KEY": KEY},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert f"{len(rows)} failed" in done.stdout
    assert "client     = <" in done.stdout
    assert not any(part in done.stdout + done.stderr for part in PARTS)


@pytest.mark.parametrize(
    "name", ["Authorization", "X-API-Key", "Host", "Cookie", "Content-Length", "bad name", "a\r\nb"]
)
def test_a_header_that_frames_the_message_or_carries_a_key_cannot_be_set(name):
    with pytest.raises(UsageError, match="cannot be set"):
        client_for("https://example.org/v1", headers={name: "x"})


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\0", " ", "é"])
def test_a_header_value_that_no_header_can_hold_is_refused(value):
    with pytest.raises(UsageError, match="mend it"):
        client_for("https://example.org/v1", headers={"X-Title": value})


def test_a_header_of_the_users_is_sent(server):
    outcome(server.route("route", FAULTS["H11-500"]), headers={"X-Title": "distillcheck run"})
    assert server.seen[0].headers["x-title"] == "distillcheck run"


def test_a_parameter_that_is_no_json_is_refused_before_anything_is_sent(server):
    request = ModelRequest(messages=(Message("user", "x"),), parameters={"temperature": float("nan")})
    found = outcome(server.route("route", FAULTS["H11-500"]), request)
    assert "no JSON" in str(found)
    assert not server.seen
