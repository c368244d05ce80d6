"""Measures what a request costs the client in processor time: `python -m tests.faults.measure_cpu`.

A server in another process answers after 20 ms. Our client is set beside httpx's own, with one pool and with pools of
four connections each; those two do no more than send, read and parse.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator

import httpx

from pytest_distillcheck.clients import EndpointClient, Secret
from pytest_distillcheck.domain.endpoints import Endpoint
from pytest_distillcheck.domain.exchanges import Message, ModelRequest
from tests.faults.asking import StoppedClock

REQUESTS = 2000
LATENCY_S = 0.02
PAYLOAD = {
    "model": "m",
    "messages": [{"role": "user", "content": "Which company made you? " * 5}],
    "temperature": 0,
}
Ask = Callable[[], Awaitable[object]]

SERVER = f"""
import asyncio, json
body = json.dumps({{"model": "m", "choices": [{{"index": 0, "finish_reason": "stop",
    "message": {{"role": "assistant", "content": "I am a model. " * 50}}}}],
    "usage": {{"prompt_tokens": 9, "completion_tokens": 99}}}}).encode()
answer = b"HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\nx-request-id: r\\r\\ncontent-length: %d\\r\\n\\r\\n%b"
class Answering(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.seen = transport, b""
    def data_received(self, data):
        self.seen += data
        head, end, rest = self.seen.partition(b"\\r\\n\\r\\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\\r\\n")[0]
        if end and len(rest) >= int(length):
            self.seen = b""
            loop.call_later({LATENCY_S}, self.transport.write, answer % (len(body), body))
async def main():
    global loop
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def ours(port: int, _concurrency: int) -> tuple[Ask, list[Callable[[], Awaitable[None]]]]:
    endpoint = Endpoint(name="m", kind="openai", base_url=f"http://127.0.0.1:{port}/v1", model="m")
    client = EndpointClient(endpoint, key=Secret("sk-0123456789abcdef0123"), clock=StoppedClock())
    messages = tuple(Message(**turn) for turn in PAYLOAD["messages"])
    request = ModelRequest(messages=messages, parameters={"temperature": 0})
    return (lambda: client.ask(request)), [client.close]


def pooled(port: int, concurrency: int, connections: int) -> tuple[Ask, list[Callable[[], Awaitable[None]]]]:
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    context = httpx.create_ssl_context()
    clients = [
        httpx.AsyncClient(verify=context, trust_env=False, limits=limits, timeout=60)
        for _ in range(-(-concurrency // connections))
    ]
    free = [client for client in clients for _ in range(connections)]

    async def ask() -> object:
        client = free.pop()
        try:
            reply = await client.post(
                f"http://127.0.0.1:{port}/v1/chat/completions",
                content=json.dumps(PAYLOAD),
                headers={
                    "Content-Type": "application/json",
                    "Authorization": "Bearer sk-0123456789abcdef0123",
                },
            )
            return json.loads(reply.content)
        finally:
            free.append(client)

    return ask, [client.aclose for client in clients]


def measure(make: Callable[[], tuple[Ask, list[Callable[[], Awaitable[None]]]]], concurrency: int) -> str:
    async def run() -> str:
        ask, closers = make()
        numbers: Iterator[int] = iter(range(REQUESTS))

        async def worker() -> None:
            for _ in numbers:
                await ask()

        wall, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(worker() for _ in range(concurrency)))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        for close in closers:
            await close()
        floor = REQUESTS * LATENCY_S / concurrency
        return f"{cpu * 1000 / REQUESTS:6.2f} ms of processor a request, {wall / floor:5.2f} x the limit"

    return asyncio.run(run())


def main() -> None:
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as server:
        port = int(server.stdout.readline())
        for concurrency in (32, 64):
            for name, make in {
                "ours": lambda: ours(port, concurrency),  # noqa: B023
                "httpx, pools of 4": lambda: pooled(port, concurrency, 4),  # noqa: B023
                "httpx, one pool": lambda: pooled(port, concurrency, concurrency),  # noqa: B023
            }.items():
                sys.stdout.write(f"{concurrency} at once, {name:18}: {measure(make, concurrency)}\n")
        server.terminate()


if __name__ == "__main__":
    main()
