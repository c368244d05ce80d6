"""Lets workers in other processes use the broker, over TCP with a token."""

import asyncio
import hmac
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.errors import DistillcheckError, NotSentError
from pytest_distillcheck.running.broker import Broker
from pytest_distillcheck.running.codec import error_to_builtins, job_from_builtins, response_to_builtins
from pytest_distillcheck.running.wire import (
    ENOUGH_CHARACTERS,
    HEADER_BYTES,
    MAX_FRAME_BYTES,
    BrokerAddress,
    FrameError,
    body_bytes,
    decode,
    encode,
)

_HELLO_BYTES = 1024
_HELLO_S = 10.0


class BrokerServer:
    """Listens on the broker's own event loop, from when it is made until `close`, which must come before the broker's.

    A connection begins with the token; one without it hears nothing. Then each message has one reply, in order:

        {"models": [NAME, ...]} -> {} once the run asks these live models too, or {"error": {...}}
        {"plan": DIGEST} -> {"known": whether a plan with this digest was sent already}
        {"plan": DIGEST, "jobs": [...], "chained": ...} -> {"known": true}
        {"result": JOB} -> {"response": {...}, "source": ...} or {"error": {...}}
        {"settled": [KEY, ...]} -> {"settled": {KEY: {"response": {...}, "source": ...} or null, ...}}

    Args:
        broker: the run's.
        add: lets the run ask more live models, by the names that the user gave them; may raise DistillcheckError.
            Without it, what the broker has is all.
        host: the interface to listen on; loopback unless workers are on other hosts.
    """

    def __init__(
        self,
        broker: Broker,
        *,
        add: Callable[[Sequence[str]], object] | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self._broker = broker
        self._add = add or _refuse
        self._token = secrets.token_hex(16)
        self._plans: set[str] = set()
        self._connections: set[asyncio.Task[Any]] = set()
        self._server = broker.wait(broker.submit(lambda: asyncio.start_server(self._serve, host, 0)))
        port = self._server.sockets[0].getsockname()[1]
        self.address = BrokerAddress(host=host, port=port, token=self._token)

    def close(self) -> None:
        """End every connection; workers that wait are told that the run is over."""
        self._broker.wait(self._broker.submit(self._shut))

    async def _shut(self) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._connections.add(task)
        try:
            async with asyncio.timeout(_HELLO_S):
                hello = await _read(reader, most=_HELLO_BYTES)
            while self._is_ours(hello):
                message = await _read(reader, most=MAX_FRAME_BYTES)
                writer.write(await self._reply(message))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError, FrameError):
            pass  # a worker that died, or nobody of ours
        except asyncio.CancelledError:
            pass  # the end; Python 3.11's streams would print a task that was cancelled as an error
        finally:
            self._connections.discard(task)
            writer.close()

    def _is_ours(self, hello: dict[str, Any]) -> bool:
        token = str(hello.get("token")).encode("ascii", "replace")
        return hmac.compare_digest(token, self._token.encode())

    async def _reply(self, message: dict[str, Any]) -> bytes:
        try:
            return encode(await self._answer(message))
        except DistillcheckError as error:
            return encode({"error": error_to_builtins(error)})

    async def _answer(self, message: dict[str, Any]) -> dict[str, object]:
        try:
            match message:
                case {"models": [*names]}:
                    self._add([str(name) for name in names])
                    return {}
                case {"plan": str(digest), "jobs": [*jobs]}:
                    self._broker.plan(map(job_from_builtins, jobs), chained=message.get("chained") is True)
                    self._plans.add(digest)
                    return {"known": True}
                case {"plan": str(digest)}:
                    return {"known": digest in self._plans}
                case {"result": job}:
                    return _told(await self._broker.ask(job_from_builtins(job), demanded=True))
                case {"settled": [*keys]}:
                    return {"settled": dict(_as_fits(self._broker.settled(map(str, keys))))}
        except ValueError as error:
            raise FrameError(f"a message that says nothing ({error})") from error
        raise FrameError("a message of an unknown kind")


def _refuse(names: Sequence[str]) -> None:
    raise NotSentError(f"the run asks no more models, {', '.join(names)} neither")


def _told(response: Response) -> dict[str, object]:
    return {"response": response_to_builtins(response), "source": response.source}


def _as_fits(settled: Mapping[str, Response | None]) -> Iterator[tuple[str, dict[str, object] | None]]:
    """Yield at least one outcome, and no more once they are enough for a frame."""
    characters = 0
    for key, response in settled.items():
        yield key, _told(response) if response else None
        characters += len(response.text) + len(response.reasoning) if response else 0
        if characters > ENOUGH_CHARACTERS:
            return


async def _read(reader: asyncio.StreamReader, *, most: int) -> dict[str, Any]:
    size = body_bytes(await reader.readexactly(HEADER_BYTES), most=most)
    return decode(await reader.readexactly(size))
