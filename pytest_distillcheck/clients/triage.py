"""Turns what went wrong in an attempt into one of our errors: try again, not this request, or not this endpoint."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

import httpx

from pytest_distillcheck.clients.attempts import Reply, ReplyTooLargeError
from pytest_distillcheck.clients.complaints import Complaint, Kind
from pytest_distillcheck.clients.connections import ForbiddenAddressError, HeadTooLargeError
from pytest_distillcheck.clients.documents import MalformedAnswerError
from pytest_distillcheck.clients.waits import reset_time, retry_after_s
from pytest_distillcheck.domain.endpoints import Endpoint
from pytest_distillcheck.domain.scrubbing import one_line
from pytest_distillcheck.errors import ClientError, EndpointError, RequestRefusedError, TransientError

# A longer wait is no pacing: the run would stand still without a word.
MAX_WAIT_S = 120.0

Consequence = Literal["again", "maybe_billed", "refused", "endpoint"]

# What follows from each exception of httpx; of a class that is not here, its nearest ancestor counts.
CONSEQUENCES: Mapping[type[Exception], Consequence] = {
    httpx.HTTPError: "again",
    httpx.RequestError: "again",
    httpx.TransportError: "again",
    httpx.TimeoutException: "maybe_billed",
    httpx.ConnectTimeout: "again",
    httpx.ReadTimeout: "maybe_billed",
    httpx.WriteTimeout: "maybe_billed",
    httpx.PoolTimeout: "again",
    httpx.NetworkError: "again",
    httpx.ConnectError: "again",
    ForbiddenAddressError: "endpoint",
    httpx.ReadError: "again",
    httpx.WriteError: "again",
    httpx.CloseError: "again",
    httpx.ProtocolError: "again",
    httpx.LocalProtocolError: "refused",
    httpx.RemoteProtocolError: "again",
    HeadTooLargeError: "refused",
    httpx.ProxyError: "endpoint",
    httpx.UnsupportedProtocol: "endpoint",
    httpx.DecodingError: "again",
    ReplyTooLargeError: "refused",
    httpx.TooManyRedirects: "refused",
    httpx.HTTPStatusError: "refused",
    httpx.InvalidURL: "endpoint",
    # Only a fault of our own raises what follows; it must not end the run as if pytest itself had failed.
    httpx.CookieConflict: "refused",
    httpx.StreamError: "refused",
    httpx.StreamConsumed: "refused",
    httpx.StreamClosed: "refused",
    httpx.ResponseNotRead: "refused",
    httpx.RequestNotRead: "refused",
}

_REQUEST_IDS = ("x-request-id", "request-id", "apim-request-id", "x-ds-trace-id")
_TOO_LONG = frozenset(
    {
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.REQUEST_URI_TOO_LONG,
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    }
)
_AGAIN: frozenset[Kind] = frozenset({"too_fast", "trouble"})
_ENDS: frozenset[Kind] = frozenset({"spent", "bad_key", "no_model"})
# A handshake that was cut off may succeed the next time; any other TLS error will not.
_CUT_OFF = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """Tells what follows from a failure at one endpoint. Messages say what to do and never hold the key.

    Attributes:
        mask: takes the key out of text that came from outside.
        wall: seconds since 1970.
        proxy: the address of what requests go through; None when they go straight.
    """

    endpoint: Endpoint
    mask: Callable[[str], str]
    wall: Callable[[], float]
    proxy: str | None = None

    def of_timeout(self, deadline_s: float) -> TransientError:
        """Return the error of an attempt whose request went out and whose answer did not come in time."""
        return TransientError(
            self._message(
                f"no whole answer within {deadline_s:g} s",
                "it may be billed; ask for less, or allow more time",
            ),
            maybe_billed=True,
        )

    def of_exception(self, error: Exception) -> ClientError:
        """Return the error of an attempt that ended in an exception of httpx."""
        told = self._quoted(f"{type(error).__name__}: {error}")
        if isinstance(error, httpx.ConnectError) and _is_lasting_tls(error):
            return EndpointError(
                self._message(f"no trusted connection: {told}", "mend its certificate or base_url")
            )
        if isinstance(error, httpx.ProxyError):
            # httpx says the status first. One of 5xx tells that the proxy cannot reach the endpoint just now.
            kind = TransientError if str(error).startswith("5") else EndpointError
            return kind(self._message(f"the proxy refuses: {told}", "check the proxy, its user and password"))
        consequence = next(CONSEQUENCES[kind] for kind in type(error).__mro__ if kind in CONSEQUENCES)
        match consequence:
            case "endpoint":
                return EndpointError(self._message(f"cannot be used: {told}", "check base_url"))
            case "refused":
                return RequestRefusedError(self._message(told, "this request is given up"))
            case "again" | "maybe_billed":
                what = "cannot be reached" if _is_before_sending(error) else "the answer was lost"
                return TransientError(
                    self._message(f"{what}: {told}", "check base_url and the network"),
                    maybe_billed=consequence == "maybe_billed",
                )

    def of_malformed(self, error: MalformedAnswerError, *, status: int) -> ClientError:
        """Return the error of a reply that cannot be read."""
        message = self._message(
            f"HTTP {status}, but {self._plain(str(error))}", "check base_url and the model"
        )
        return TransientError(message) if error.may_pass else RequestRefusedError(message)

    def of_another_model(self, returned: str) -> RequestRefusedError:
        """Return the error of an answer by a model of another maker."""
        return RequestRefusedError(
            self._message(
                f"asked for {self.endpoint.model!r}, and {self._quoted(returned)} answered, a model of another maker",
                "have the endpoint pass nothing on to other models, or name in the SPEC the one that answers",
            )
        )

    def of_complaint(self, complaint: Complaint, reply: Reply, *, sent_bytes: int) -> ClientError:
        """Return the error of a reply that says what is the matter."""
        kind = complaint.kind(self.endpoint.host)
        what = self._what(complaint, reply)
        message = self._message(what, self._advice(kind, complaint.status, sent_bytes))
        if kind in _ENDS:
            return EndpointError(message)
        if not _may_try_again(kind, reply.headers.get("x-should-retry", "").lower()):
            return RequestRefusedError(message)
        wall_s = self.wall()
        wait_s = retry_after_s(reply.headers, wall_s=wall_s)
        wait_s = complaint.wait_s if wait_s is None else wait_s
        if wait_s is not None and wait_s > MAX_WAIT_S:
            until = reset_time(wait_s, wall_s=wall_s)
            return EndpointError(
                self._message(what, f"its limits hold until {until}; run it then with --distill-resume")
            )
        return TransientError(message, rate_limited=kind == "too_fast", retry_after_s=wait_s)

    def _what(self, complaint: Complaint, reply: Reply) -> str:
        notes = [
            *(code for code in complaint.codes[:4] if code != str(reply.status)),
            *(f"request id {reply.headers[name]}" for name in _REQUEST_IDS if name in reply.headers),
        ]
        if "location" in reply.headers:
            notes.append(f"to {reply.headers['location']}")
        where = f" ({self._plain(', '.join(notes))})" if notes else ""
        words = f": {self._quoted(complaint.message)}" if complaint.message else ""
        return f"HTTP {reply.status}{where}{words}"

    def _advice(self, kind: Kind, status: int, sent_bytes: int) -> str:
        if status in _TOO_LONG:
            return f"shorten the prompt, a request of {sent_bytes:,} bytes"
        key = self.endpoint.key_env
        return {
            "filtered": "put it differently",
            "spent": f"top up the account of {key or 'the endpoint'} or raise its limit",
            "bad_key": f"{key} is not accepted by {self.endpoint.address}; check it"
            if key
            else "it wants a key; name its variable in key_env",
            "no_model": f"check the model {self.endpoint.model!r} and base_url",
            "too_fast": "ask more slowly, with a lower --distill-concurrency",
            "redirect": "redirects are never followed; set base_url to the address itself",
            "trouble": "try again later",
            "faulty": "check the parameters and the prompt",
        }[kind]

    def _message(self, what: str, advice: str) -> str:
        via = f" via {self.proxy}" if self.proxy else ""
        return f"{self.endpoint.name} at {self.endpoint.address}{via}: {what}; {advice}"

    def _plain(self, text: str) -> str:
        return one_line(self.mask(text), 200)

    def _quoted(self, text: str) -> str:
        return f'"{self._plain(text)}"'


def _may_try_again(kind: Kind, x_should_retry: str) -> bool:
    """Return whether another attempt makes sense; the server's own word wins, but cannot make a redirect an answer."""
    if x_should_retry in {"true", "false"} and kind != "redirect":
        return x_should_retry == "true"
    return kind in _AGAIN


def _is_lasting_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return not isinstance(error, _CUT_OFF)
        error = error.__cause__ or error.__context__
    return False


def _is_before_sending(error: Exception) -> bool:
    return isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
