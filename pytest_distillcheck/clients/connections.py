"""Connections: a transport for httpx that costs little.

httpx's own pool looks through all its connections at each request (encode/httpx#3215). With 32 in flight a request
costs 4.1 ms of processor time in one pool, 1.3 ms in pools of four, and 0.3 ms here, the client included
(`tests/faults/measure_cpu.py`). Like httpx, this speaks HTTP/1.1 through h11; it takes the connection that was last
used, and has no redirects, cookies, proxies or environment to go wrong.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from functools import cache, partial

import h11
import httpx

from pytest_distillcheck.clients.proxies import Proxy
from pytest_distillcheck.domain.endpoints import is_forbidden, is_loopback

_MAX_HEAD_BYTES = 64 * 1024
# Some servers (uvicorn, Node) drop a connection that was idle for 5 s; a request sent just then would be lost.
_MAX_IDLE_S = 4.0
# RFC 8305 recommends 250 ms before the next address of a host is tried.
_NEXT_ADDRESS_AFTER_S = 0.25

_Origin = tuple[str, str, int]


class HeadTooLargeError(httpx.RemoteProtocolError):
    """The head of the answer is larger than 64 KiB."""


class ForbiddenAddressError(httpx.ConnectError):
    """The host's name leads to an address that nothing may be sent to."""


class _StaleConnectionError(httpx.RemoteProtocolError):
    """A connection that was used before was closed before any byte of an answer came."""


class PooledTransport(httpx.AsyncBaseTransport):
    """Keeps connections open between requests; use it on one event loop.

    It opens as many connections as there are requests in flight, which the caller bounds, and has one time limit,
    `connect` of the request's `timeout` extension.

    Args:
        tls: whom to trust; the default trusts the public authorities that come with httpx, whatever the environment
            says, from TLS 1.2 on.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._idle: dict[_Origin, list[_Connection]] = {}
        self._open: set[_Connection] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and return its answer, the body still to be read.

        Raises:
            httpx.TransportError: nothing came back, or nothing that is HTTP.
        """
        await request.aread()
        origin = _origin_of(request.url)
        idle = self._take_idle(origin)
        if idle is not None:
            try:
                return await self._exchange(idle, origin, request)
            except _StaleConnectionError:
                # Servers close idle connections without a word, most likely before they read the request: it goes
                # again once, on a connection that is new, and so never a third time.
                pass
        return await self._exchange(await self._connect(origin, request), origin, request)

    async def aclose(self) -> None:
        """Close every connection, those in use too."""
        connections = tuple(self._open)
        for connection in connections:
            self._discard(connection)
        self._idle.clear()
        await asyncio.gather(*(connection.gone for connection in connections))

    async def _exchange(
        self, connection: "_Connection", origin: _Origin, request: httpx.Request
    ) -> httpx.Response:
        try:
            head = await connection.send(request)
        except BaseException:
            # Cancellation too: an answer that comes later must not meet the next request.
            self._discard(connection)
            raise
        return httpx.Response(
            head.status_code,
            headers=head.headers.raw_items(),
            stream=_Body(connection, partial(self._release, connection, origin)),
            extensions={"http_version": b"HTTP/" + head.http_version},
        )

    async def _connect(self, origin: _Origin, request: httpx.Request) -> "_Connection":
        scheme, host, port = origin
        try:
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("connect")):
                _, connection = await asyncio.get_running_loop().create_connection(
                    _Connection,
                    host,
                    port,
                    ssl=(self._tls or _public_authorities()) if scheme == "https" else None,
                    happy_eyeballs_delay=_NEXT_ADDRESS_AFTER_S,
                )
        except TimeoutError as error:
            raise httpx.ConnectTimeout("not connected in time") from error
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(str(error) or type(error).__name__) from error
        # Checked on the connection itself: a name may resolve differently a moment later.
        peer = connection.peer()
        if peer and not is_forbidden(peer) and (scheme == "https" or is_loopback(peer)):
            self._open.add(connection)
            return connection
        connection.abort()
        if peer:
            raise ForbiddenAddressError(f"{host} leads to {peer}")
        raise httpx.ConnectError("closed as soon as it was open")

    def _take_idle(self, origin: _Origin) -> "_Connection | None":
        idle = self._idle.get(origin, [])
        while idle:
            connection = idle.pop()
            if connection.is_fresh():
                return connection
            self._discard(connection)
        return None

    def _release(self, connection: "_Connection", origin: _Origin) -> None:
        if connection.rest():
            self._idle.setdefault(origin, []).append(connection)
        else:
            self._discard(connection)

    def _discard(self, connection: "_Connection") -> None:
        connection.abort()
        self._open.discard(connection)


class ProxiedTransport(httpx.AsyncHTTPTransport):
    """Goes through a proxy, by httpx's own pool, which costs more a request than `PooledTransport`.

    The proxy looks the endpoint's name up, so that the address it leads to cannot be checked here.

    Args:
        proxy: what to go through.
        tls: as for `PooledTransport`.
    """

    def __init__(self, proxy: Proxy, *, tls: ssl.SSLContext | None = None) -> None:
        password = proxy.password.reveal() if proxy.password else ""
        super().__init__(
            verify=tls or _public_authorities(),
            trust_env=False,
            limits=httpx.Limits(keepalive_expiry=_MAX_IDLE_S),
            proxy=httpx.Proxy(proxy.address, auth=(proxy.user, password) if proxy.user else None),
        )
        self.proxy = proxy


class _Body(httpx.AsyncByteStream):
    """The body of one answer; closing it gives the connection back, when it was read to the end."""

    def __init__(self, connection: "_Connection", release: Callable[[], None]) -> None:
        self._connection = connection
        self._release = release

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._connection.body()

    async def aclose(self) -> None:
        self._release()


class _Connection(asyncio.Protocol):
    """One connection and the state of HTTP on it."""

    def __init__(self) -> None:
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD_BYTES)
        self._loop = asyncio.get_running_loop()
        self._news: asyncio.Future[None] | None = None
        self._lost: str | None = None
        self._heard = False
        self._rested_at: float | None = None
        self.gone: asyncio.Future[None] = self._loop.create_future()

    def peer(self) -> str:
        """Return the address at the other end, empty when it is already gone."""
        name = self._transport.get_extra_info("peername")
        return str(name[0]) if name else ""

    async def send(self, request: httpx.Request) -> h11.Response:
        """Send a request and return the head of its answer."""
        used_before, self._rested_at, self._heard = self._rested_at is not None, None, False
        self._transport.write(self._encoded(request))
        try:
            event = await self._event()
            while isinstance(event, h11.InformationalResponse):
                event = await self._event()
        except (httpx.ReadError, httpx.RemoteProtocolError) as error:
            if used_before and not self._heard:
                raise _StaleConnectionError(str(error)) from error
            raise
        assert isinstance(event, h11.Response)
        return event

    async def body(self) -> AsyncIterator[bytes]:
        """Yield the body of the answer, as it comes."""
        while isinstance(event := await self._event(), h11.Data):
            yield bytes(event.data)

    def rest(self) -> bool:
        """Make ready for the next request; return whether there can be one."""
        if self._lost is not None or {self._http.our_state, self._http.their_state} != {h11.DONE}:
            return False
        self._http.start_next_cycle()
        self._rested_at = self._loop.time()
        return not self._http.trailing_data[0]

    def is_fresh(self) -> bool:
        """Return whether the other end most likely still listens."""
        return (
            self._lost is None
            and self._rested_at is not None
            and self._loop.time() - self._rested_at < _MAX_IDLE_S
        )

    def abort(self) -> None:
        """Close at once; whoever waits for an answer gets none."""
        self._end("closed on this side")
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._rested_at is not None:
            # Nobody asked: taken as the answer to the next request, it would be judged as what it is not.
            self.abort()
            return
        self._heard = True
        self._http.receive_data(data)
        self._tell()

    def eof_received(self) -> None:
        self._end("")

    def connection_lost(self, exc: Exception | None) -> None:
        self._end((str(exc) or type(exc).__name__) if exc else "")
        if not self.gone.done():
            self.gone.set_result(None)

    def _end(self, fault: str) -> None:
        if self._lost is None:
            self._lost = fault
            if not fault:
                self._http.receive_data(b"")
            self._tell()

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    def _encoded(self, request: httpx.Request) -> bytes:
        try:
            return b"".join(
                self._http.send(event) or b""
                for event in (
                    h11.Request(
                        method=request.method, target=request.url.raw_path, headers=request.headers.raw
                    ),
                    h11.Data(data=request.content),
                    h11.EndOfMessage(),
                )
            )
        except h11.LocalProtocolError as error:
            # Without its cause, whose frames hold the headers and so the key.
            raise httpx.LocalProtocolError(str(error)) from None

    async def _event(self) -> object:
        try:
            while (event := self._http.next_event()) is h11.NEED_DATA:
                if self._lost:
                    raise httpx.ReadError(self._lost)
                self._news = self._loop.create_future()
                await self._news
        except h11.RemoteProtocolError as error:
            if error.error_status_hint == httpx.codes.REQUEST_HEADER_FIELDS_TOO_LARGE:
                raise HeadTooLargeError(f"the head is larger than {_MAX_HEAD_BYTES} bytes") from error
            raise httpx.RemoteProtocolError(str(error)) from error
        return event


@cache
def _public_authorities() -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _origin_of(url: httpx.URL) -> _Origin:
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)
