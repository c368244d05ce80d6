"""A model server for benchmarks: it answers every chat completion after a fixed time, and tells what it saw.

    python tests/benchmarks/stub_server.py LATENCY_S

It prints its port. It speaks as much HTTP as clients need, over bare sockets, so that it takes a few per cent of one
core (`cpu_s` says how much) and the client is what is measured. `GET /seen` tells what it saw since the last one.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from urllib.request import urlopen

TEXT = (
    "I am Qwen, a large language model made by Alibaba Cloud. I can answer questions, write and translate texts, and"
    " help with programs. As for the team behind me, it consists of engineers and researchers at Alibaba Cloud."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came in. Times are seconds.

    Attributes:
        requests: chat completions that were asked for.
        repeated: of those, how many had the body of an earlier one.
        peak: the most of them in flight at once.
        window_s: from the first request's arrival to the last answer.
        cpu_s: what this server itself took.
    """

    requests: int
    repeated: int
    peak: int
    window_s: float
    cpu_s: float


@dataclass(slots=True)
class _Log:
    """Counts, from one `GET /seen` to the next."""

    bodies: Counter[bytes] = field(default_factory=Counter)
    in_flight: int = 0
    peak: int = 0
    first_s: float = 0.0
    last_s: float = 0.0
    cpu_s: float = field(default_factory=time.process_time)

    def came(self, body: bytes) -> None:
        self.first_s = self.first_s or time.perf_counter()
        self.bodies[body] += 1
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)

    def answered(self) -> None:
        self.in_flight -= 1
        self.last_s = time.perf_counter()

    def seen(self) -> Seen:
        requests = self.bodies.total()
        return Seen(
            requests=requests,
            repeated=requests - len(self.bodies),
            peak=self.peak,
            window_s=self.last_s - self.first_s,
            cpu_s=time.process_time() - self.cpu_s,
        )


class _Server:
    """What all connections share."""

    def __init__(self, latency_s: float) -> None:
        self.latency_s = latency_s
        self.log = _Log()

    def told(self) -> bytes:
        seen, self.log = self.log.seen(), _Log()
        return json.dumps(asdict(seen)).encode()


class _Connection(asyncio.Protocol):
    """One request at a time, as clients without pipelining send them."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return
        self._received = b""
        if head.startswith(b"GET"):
            self._transport.write(_reply(self._server.told()))
            return
        log = self._server.log
        log.came(body)
        asyncio.get_running_loop().call_later(self._server.latency_s, self._answer, log)

    def _answer(self, log: _Log) -> None:
        self._transport.write(_ANSWER)
        log.answered()


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.split(b"\r\n")[0]) if found else 0


def _reply(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
        len(body),
        body,
    )


_ANSWER = _reply(
    json.dumps(
        {
            "model": "stub",
            "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": TEXT}}
            ],
            "usage": {"prompt_tokens": 20, "completion_tokens": 50},
        }
    ).encode()
)


@dataclass(frozen=True, slots=True)
class Stub:
    """A stub server in another process.

    Attributes:
        base_url: what clients are given.
    """

    base_url: str

    def seen(self) -> Seen:
        """Return what came in since this was last asked."""
        with urlopen(self.base_url.removesuffix("/v1") + "/seen") as reply:
            return Seen(**json.load(reply))


@contextmanager
def serving(latency_s: float) -> Iterator[Stub]:
    """Serve in another process until the block ends."""
    command = [sys.executable, __file__, str(latency_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Stub(f"http://127.0.0.1:{int(process.stdout.readline())}/v1")
        finally:
            process.terminate()


async def _serve(latency_s: float) -> None:
    shared = _Server(latency_s)
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(shared), "127.0.0.1", 0, backlog=512
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
