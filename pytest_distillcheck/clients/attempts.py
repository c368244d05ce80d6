"""One attempt: a request out, a whole reply back, within its limits of time and size."""

import asyncio
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import cast

import httpx

_MAX_COMPLAINT_BYTES = 64 * 1024
_MAX_ENCODINGS = 3
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one attempt may take.

    Attributes:
        deadline_s: from the first byte out to the last byte in, connecting included; above 0.
        connect_s: of that, to connect; never more than half the deadline is used.
        body_bytes: of a decoded reply.
    """

    deadline_s: float = 300.0
    connect_s: float = 10.0
    body_bytes: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, the body whole and decoded; that of an error is left out when it cannot be had.

    Neither headers nor body are shown: a server may have echoed the key in them.
    """

    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return httpx.codes.is_success(self.status)


class ReplyTooLargeError(httpx.RequestError):
    """The decoded body passed its limit; the rest was not read."""


async def attempt(transport: httpx.AsyncBaseTransport, request: httpx.Request, limits: Limits) -> Reply:
    """Send a request once.

    Raises:
        TimeoutError: the deadline passed after the request went out.
        httpx.RequestError: nothing came back, nothing whole, or too much.
    """
    connect_s = min(limits.connect_s, limits.deadline_s / 2)
    request.extensions = {"timeout": {"connect": connect_s, "pool": connect_s}}
    async with asyncio.timeout(limits.deadline_s):
        response = await transport.handle_async_request(request)
        try:
            if httpx.codes.is_success(response.status_code):
                body = _decoded(await _read(response, limits.body_bytes), response.headers, limits.body_bytes)
            else:
                body = await _complaint(response)
        finally:
            await response.aclose()
    return Reply(status=response.status_code, headers=response.headers, body=body)


async def _read(response: httpx.Response, limit: int) -> bytes:
    parts, size = [], 0
    # Its type says no more than iterator; left half read, a generator must be closed.
    async with aclosing(cast("AsyncGenerator[bytes]", response.aiter_raw())) as stream:
        async for part in stream:
            parts.append(part)
            size += len(part)
            if size > limit:
                raise ReplyTooLargeError(f"the answer is larger than {limit} bytes")
    return b"".join(parts)


async def _complaint(response: httpx.Response) -> bytes:
    """Return what an error says; that it cannot be read must not hide the status."""
    try:
        wire = await _read(response, _MAX_COMPLAINT_BYTES)
        return _decoded(wire, response.headers, _MAX_COMPLAINT_BYTES)
    except httpx.RequestError:
        return b""


def _decoded(wire: bytes, headers: httpx.Headers, limit: int) -> bytes:
    """Undo the encodings, which we asked not to be used, one after the other and each within the limit."""
    named = [name.strip().lower() for name in headers.get("content-encoding", "").split(",")]
    encodings = [name for name in named if name not in {"", "identity"}]
    if len(encodings) > _MAX_ENCODINGS or not {"gzip", "x-gzip", "deflate"}.issuperset(encodings):
        raise httpx.DecodingError(f"cannot read the content-encoding {', '.join(encodings)[:60]!r}")
    for _encoding in encodings:
        wire = _inflated(wire, limit)
    return wire


def _inflated(wire: bytes, limit: int) -> bytes:
    stream = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        plain = stream.decompress(wire, limit + 1)
    except zlib.error as error:
        raise httpx.DecodingError(f"bad compressed data: {error}") from error
    if len(plain) > limit:
        raise ReplyTooLargeError(f"the decompressed answer is larger than {limit} bytes")
    if not stream.eof:
        raise httpx.DecodingError("the compressed data is cut short")
    return plain
