"""A model server on loopback that misbehaves as told.

Each route is a name; its faults are used one a request, the last again and again. What came in is kept for counting.
The server has a thread and an event loop of its own, so that tests of any kind can use it, those that start processes
too. Only sockets are used: a web framework would mend what is to be broken.
"""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it arrived."""

    route: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)


@dataclass(slots=True)
class Wire:
    """What a fault has to write with."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: "FaultServer"
    is_open: bool = True

    async def send(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            self.writer.write(data)
            self.server.sent_bytes += len(data)
            await self.writer.drain()

    def hang_up(self) -> None:
        """Close as a server does that is done."""
        self.is_open = False

    def reset(self) -> None:
        """Close with a reset, as a crash or a firewall does."""
        self.is_open = False
        self.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.writer.transport.abort()


Fault = Callable[[Wire, Seen], Awaitable[None]]


@dataclass(slots=True)
class FaultServer:
    """Serves until its `with` block ends.

    Args:
        tls: speak TLS so; plain otherwise.
    """

    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    sent_bytes: int = 0
    _routes: dict[str, list[Fault]] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def route(self, name: str, *faults: Fault) -> str:
        """Make a route and return the base URL under which clients find it."""
        self._routes[name] = list(faults)
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{self.host}:{self.port}/{name}"

    def count(self, name: str) -> int:
        """Return how many requests came to a route."""
        return sum(request.route == name for request in self.seen)

    def _serve(self, ready: threading.Event) -> None:
        try:
            self._loop.run_until_complete(self._run(ready))
        finally:
            self._loop.close()

    async def _run(self, ready: threading.Event) -> None:
        self._loop.set_exception_handler(self._note)
        server = await asyncio.start_server(self._talk, self.host, self.port, ssl=self.tls, limit=2**20)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stopping.wait()
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _note(self, _loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        if not isinstance(context.get("exception"), ssl.SSLError | ConnectionError):
            self._loop.default_exception_handler(context)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        wire = Wire(reader, writer, self)
        try:
            while wire.is_open:
                request = await _request(reader)
                self.seen.append(request)
                faults = self._routes[request.route]
                await (faults.pop(0) if len(faults) > 1 else faults[0])(wire, request)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        except asyncio.CancelledError:
            assert self._stopping.is_set()  # streams of Python 3.11 would print a traceback
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    path = head[0].split(" ")[1]
    return Seen(
        route=path.split("/")[1],
        path=path,
        headers=headers,
        body=await reader.readexactly(int(headers.get("content-length", "0"))),
    )
