"""The broker as a worker in another process uses it."""

import os
import socket
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pytest_distillcheck.domain.exchanges import Response, digest
from pytest_distillcheck.errors import NotSentError
from pytest_distillcheck.running.codec import error_from_builtins, job_to_builtins, response_from_builtins
from pytest_distillcheck.running.jobs import Job
from pytest_distillcheck.running.wire import (
    ENOUGH_CHARACTERS,
    HEADER_BYTES,
    MAX_FRAME_BYTES,
    BrokerAddress,
    body_bytes,
    decode,
    encode,
)

_POLL_S = 0.25  # how long a waiting thread may be deaf to Ctrl-C on Windows
_CONNECT_S = 10.0


class RemoteBroker:
    """Plans and waits as `Broker` does. Threads wait side by side, each on a connection of its own."""

    def __init__(self, address: BrokerAddress) -> None:
        self._address = address
        self._connections: dict[tuple[int, int], socket.socket] = {}

    def add(self, names: Iterable[str]) -> None:
        """Let the run ask more live models, by the names that the user gave them.

        Raises:
            DistillcheckError: one of them cannot be had, or the run is over.
        """
        self._exchange({"models": list(names)})

    def plan(self, jobs: Iterable[Job], *, chained: bool = False) -> None:
        """Have these sent ahead of their tests; of many workers with the same plan one alone sends it.

        Args:
            jobs: of one model or of several.
            chained: they follow answers that are there, and go before all that is planned otherwise.

        Raises:
            ClientError: the run has no such model, or is over.
        """
        for part in _slices(jobs):
            plan = digest([job.key for job in part])
            if not self._exchange({"plan": plan})["known"]:
                told = [job_to_builtins(job) for job in part]
                self._exchange({"plan": plan, "jobs": told, "chained": chained})

    def settled(self, keys: Collection[str]) -> dict[str, Response | None]:
        """Return what has come of these jobs by now, by key; None where there will be no answer. It sends nothing.

        Raises:
            ClientError: the run is over.
        """
        told = self._exchange({"settled": list(keys)})["settled"]
        return {key: reply and _response(reply) for key, reply in told.items()}

    def result(self, job: Job) -> Response:
        """Return the answer; block until it is there.

        Raises:
            ClientError: there is none.
            StoreError: it could not be kept, and must not be judged.
        """
        return _response(self._exchange({"result": job_to_builtins(job)}))

    def close(self) -> None:
        """Close every connection."""
        while self._connections:
            self._connections.popitem()[1].close()

    def _exchange(self, message: dict[str, object]) -> dict[str, Any]:
        # A process that was forked must not share its parent's connections.
        mine = os.getpid(), threading.get_ident()
        try:
            connection = self._connections.get(mine) or self._connections.setdefault(mine, self._connect())
            connection.settimeout(None)
            connection.sendall(encode(message))
            reply = decode(_receive_frame(connection))
        except BaseException as error:
            # An exchange that was broken off must not leave its reply to the next one.
            if broken := self._connections.pop(mine, None):
                broken.close()
            if isinstance(error, OSError):
                raise NotSentError("not sent: the process that sends for the workers is gone") from error
            raise
        if "error" in reply:
            raise error_from_builtins(reply["error"])
        return reply

    def _connect(self) -> socket.socket:
        connection = socket.create_connection((self._address.host, self._address.port), _CONNECT_S)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(encode({"token": self._address.token}))
        except OSError:
            connection.close()
            raise
        return connection


def _response(reply: Mapping[str, Any]) -> Response:
    return response_from_builtins(reply["response"], source=reply["source"])


def _slices(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    """Cut a plan into parts that fit into a frame, every worker alike."""
    part: list[Job] = []
    characters = 0
    for job in jobs:
        part.append(job)
        characters += sum(len(message.content) for message in job.request.messages)
        if characters > ENOUGH_CHARACTERS:
            yield part
            part, characters = [], 0
    if part:
        yield part


def _receive_frame(connection: socket.socket) -> bytes:
    header = _receive(connection, HEADER_BYTES)
    return _receive(connection, body_bytes(header, most=MAX_FRAME_BYTES))


def _receive(connection: socket.socket, size: int) -> bytes:
    connection.settimeout(_POLL_S)
    received = bytearray()
    while len(received) < size:
        try:
            part = connection.recv(min(size - len(received), 2**16))
        except TimeoutError:
            continue
        if not part:
            raise ConnectionResetError("the connection was closed")
        received += part
    return bytes(received)
