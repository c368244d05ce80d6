"""A model behind a network, asked once a call."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace

import httpx

from pytest_distillcheck.catalog.returned import is_as_asked, is_of_another_maker
from pytest_distillcheck.clients.anthropic import ANTHROPIC_MESSAGES
from pytest_distillcheck.clients.attempts import Limits, Reply, attempt
from pytest_distillcheck.clients.complaints import Complaint, complaint_in, complaint_of
from pytest_distillcheck.clients.connections import PooledTransport, ProxiedTransport
from pytest_distillcheck.clients.dialect import Dialect
from pytest_distillcheck.clients.documents import (
    MalformedAnswerError,
    decode_text,
    parse_json,
    stream_events,
)
from pytest_distillcheck.clients.gemini import GEMINI
from pytest_distillcheck.clients.keys import Secret
from pytest_distillcheck.clients.openai_chat import AZURE, OPENAI_CHAT
from pytest_distillcheck.clients.triage import CONSEQUENCES, Triage
from pytest_distillcheck.domain.endpoints import Endpoint, EndpointKind, is_loopback
from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.errors import RequestRefusedError, UsageError
from pytest_distillcheck.ports import Clock

DIALECTS: Mapping[EndpointKind, Dialect] = {
    "openai": OPENAI_CHAT,
    "anthropic": ANTHROPIC_MESSAGES,
    "gemini": GEMINI,
}

_HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "pytest-distillcheck",
}
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")
_HEADER_VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")
# Where a key could be sent elsewhere, or where two readers could see two requests.
_NOT_THE_USERS = frozenset({
    "authorization", "x-api-key", "api-key", "x-goog-api-key", "proxy-authorization", "cookie", "host",
    "connection", "content-length", "content-type", "transfer-encoding", "accept-encoding", "expect", "te", "upgrade",
})  # fmt: skip


class EndpointClient:
    """Asks one model at one endpoint; implements the port `LiveClient`.

    Args:
        endpoint: where and whom to ask.
        key: sent in the provider's own header, at that endpoint alone; None to send none.
        clock: to read dates in `Retry-After`.
        headers: sent as well; none that carries a key or frames the message.
        limits: of each attempt.
        transport: to send with, and closed with the client; by default one of its own that pools connections. The
            password of a proxy is kept out of everything as the key is.

    Raises:
        UsageError: a header may not be set.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        key: Secret | None,
        clock: Clock,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._dialect = DIALECTS[endpoint.kind]
        self._key = key
        self._answers_as = {endpoint.model}
        self._limits = limits or Limits()
        self._transport = transport or PooledTransport()
        proxy = transport.proxy if isinstance(transport, ProxiedTransport) else None
        self._secrets = (*([key] if key else []), *(proxy.secrets if proxy else ()))
        self._triage = Triage(
            endpoint=endpoint, mask=self._masked, wall=clock.wall, proxy=proxy.address if proxy else None
        )
        self._url = httpx.URL(self._dialect.url(endpoint))
        # Made once: at each request httpx would check and fold every name again.
        self._headers = httpx.Headers(
            {**_HEADERS, **self._dialect.headers, **_checked(endpoint.name, headers or {})}
        )

    async def ask(self, request: ModelRequest) -> Response:
        """Make one attempt and return the answer.

        What a content filter stopped is an answer too, an empty one with the finish reason `content_filter`. Errors
        come without their causes, whose frames hold what was read, where a server may have echoed the key.

        Raises:
            TransientError: another attempt may succeed.
            RequestRefusedError: this request will never be answered, or was by a model of another maker.
            EndpointError: nothing more may be sent to this endpoint.
        """
        body = self._body(request)
        try:
            reply = await attempt(self._transport, self._request(body), self._limits)
        except TimeoutError:
            raise self._triage.of_timeout(self._limits.deadline_s) from None
        except tuple(CONSEQUENCES) as error:
            raise self._triage.of_exception(error) from None
        try:
            found = self._read(reply)
        except MalformedAnswerError as error:
            raise self._triage.of_malformed(error, status=reply.status) from None
        if isinstance(found, Response):
            self._check_model(found.model)
            return found
        raise self._triage.of_complaint(found, reply, sent_bytes=len(body))

    async def close(self) -> None:
        """Close every connection."""
        await self._transport.aclose()

    def _body(self, request: ModelRequest) -> bytes:
        payload = self._dialect.payload(self._endpoint, request)
        try:
            # ASCII alone, so that a lone surrogate in a prompt can be sent too.
            return json.dumps(payload, allow_nan=False, separators=(",", ":")).encode("ascii")
        except (TypeError, ValueError) as error:
            raise RequestRefusedError(
                f"{self._endpoint.name}: the parameters are no JSON ({error}); mend them"
            ) from error

    def _request(self, body: bytes) -> httpx.Request:
        request = httpx.Request("POST", self._url, content=body, headers=self._headers)
        # The key is in no variable: a traceback with locals (pytest -l) would show it.
        request.headers.update(self._key_header())
        return request

    def _key_header(self) -> dict[str, str]:
        if self._key is None:
            return {}
        name, before = self._dialect.key_header(self._endpoint)
        return {name: before + self._key.reveal()}

    def _read(self, reply: Reply) -> Response | Complaint:
        text = self._masked(decode_text(reply.body))
        if reply.is_success:
            events = stream_events(text)
            document = parse_json(text) if events is None else self._dialect.join(events)
            complaint = complaint_in(document)
            if complaint is None:
                return self._without_key(self._dialect.read(document))
        else:
            complaint = complaint_of(reply.status, text)
        if complaint.kind(self._endpoint.host) == "filtered":
            return Response(text="", finish_reason="content_filter", source="live")
        return complaint

    def _check_model(self, returned: str) -> None:
        """Refuse what a gateway had another maker's model answer; any other difference is told at the end of the run.

        On this machine and at Azure names are the user's own: there they prove nothing.
        """
        if returned in self._answers_as:
            return
        asked, host = self._endpoint.model, self._endpoint.host
        proves_something = not is_loopback(host) and not host.endswith(AZURE)
        if proves_something and not is_as_asked(asked, returned) and is_of_another_maker(asked, returned):
            raise self._triage.of_another_model(returned)
        self._answers_as.add(returned)

    def _without_key(self, response: Response) -> Response:
        """Mask the key once more, where JSON spelled it differently: an answer is stored, shown and committed."""
        return replace(
            response,
            text=self._masked(response.text),
            reasoning=self._masked(response.reasoning),
            model=self._masked(response.model),
            finish_reason=self._masked(response.finish_reason),
        )

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = secret.mask_in(text)
        return text


def _checked(name: str, headers: Mapping[str, str]) -> Mapping[str, str]:
    for header, value in headers.items():
        if header.lower() in _NOT_THE_USERS or not _HEADER_NAME.fullmatch(header):
            raise UsageError(f"{name}: the header {header!r} cannot be set; leave it out")
        if not _HEADER_VALUE.fullmatch(value):
            raise UsageError(f"{name}: the header {header!r} holds what no header can; mend it")
    return headers
