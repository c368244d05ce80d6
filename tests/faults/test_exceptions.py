"""Every exception of httpx has a consequence of its own."""

import ssl

import httpx
import pytest

from pytest_distillcheck.clients.triage import CONSEQUENCES
from pytest_distillcheck.errors import ClientError, EndpointError, RequestRefusedError, TransientError
from tests.faults.asking import QUESTION, client_for, outcomes

EXCEPTIONS = [
    value
    for name in httpx.__all__
    if isinstance(value := getattr(httpx, name), type) and issubclass(value, Exception)
]
EXPECTED = {
    "again": TransientError,
    "maybe_billed": TransientError,
    "refused": RequestRefusedError,
    "endpoint": EndpointError,
}


class Failing(httpx.AsyncBaseTransport):
    """A transport that raises one exception."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise self.error


def an(kind: type[Exception]) -> Exception:
    """Make an exception without regard to what its class wants to know."""
    made = kind.__new__(kind)
    Exception.__init__(made, "boom")
    return made


def test_httpx_has_exceptions_to_map():
    assert len(EXCEPTIONS) > 25


@pytest.mark.parametrize("kind", EXCEPTIONS, ids=lambda kind: kind.__name__)
def test_an_exception_of_httpx_is_mapped_and_becomes_one_of_ours(kind):
    assert kind in CONSEQUENCES
    client = client_for("https://example.org/v1", transport=Failing(an(kind)))
    (found,) = outcomes(client, QUESTION)
    assert isinstance(found, ClientError)
    assert type(found) is EXPECTED[CONSEQUENCES[kind]]
    assert "boom" in str(found)
    assert getattr(found, "maybe_billed", False) == (CONSEQUENCES[kind] == "maybe_billed")


def connect_error_from(cause: Exception) -> httpx.ConnectError:
    error = httpx.ConnectError("x")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (ssl.SSLCertVerificationError("x"), EndpointError),
        (ssl.SSLError("x"), EndpointError),
        (ssl.SSLEOFError("x"), TransientError),
        (ConnectionResetError("x"), TransientError),
    ],
)
def test_a_handshake_may_pass_only_when_it_was_cut_off(cause, expected):
    client = client_for("https://example.org/v1", transport=Failing(connect_error_from(cause)))
    assert type(outcomes(client, QUESTION)[0]) is expected


def test_an_exception_that_a_later_httpx_adds_is_taken_as_its_ancestor():
    class NewError(httpx.ReadTimeout):
        pass

    (found,) = outcomes(client_for("https://example.org/v1", transport=Failing(NewError("x"))), QUESTION)
    assert found.maybe_billed
