"""Ways to misbehave: the parts, and one of each row of the fault matrix that a single attempt meets, by its name."""

import asyncio
import gzip
import json
from collections.abc import Iterable, Mapping

from tests.faults.server import Fault, Seen, Wire

KEY_ENV = "DISTILLCHECK_TEST_KEY"


def document(seen: Seen, text: str = "I am Qwen.", model: str = "m-1") -> dict[str, object]:
    """Return a healthy answer in the dialect that the request is in."""
    if seen.path.endswith("/messages"):
        return {
            "type": "message",
            "model": model,
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 7, "output_tokens": 5},
        }
    if ":generateContent" in seen.path:
        return {
            "modelVersion": model,
            "candidates": [
                {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP", "index": 0}
            ],
            "usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 5, "totalTokenCount": 12},
        }
    return completion({"content": text}, model=model)


def completion(
    message: object, *, finish_reason: str | None = "stop", model: str = "m-1", **more: object
) -> dict[str, object]:
    """Return a chat completion around a message."""
    return {
        "id": "c-1",
        "object": "chat.completion",
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 5},
        **more,
    }


def answer(text: str = "I am Qwen.", model: str = "m-1") -> Fault:
    """Answer as a healthy server does."""

    async def fault(wire: Wire, seen: Seen) -> None:
        await wire.send(response(json.dumps(document(seen, text, model)).encode()))

    return fault


def response(
    body: bytes = b"",
    status: int = 200,
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    content_type: str = "application/json",
) -> bytes:
    """Return the bytes of a whole response."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    lines = "".join(f"{name}: {value}\r\n" for name, value in pairs)
    head = f"HTTP/1.1 {status} Told\r\ncontent-type: {content_type}\r\n{lines}content-length: {len(body)}\r\n\r\n"
    return head.encode("latin-1") + body


def raw(*parts: bytes, every_s: float = 0.0, hang_up: bool = False) -> Fault:
    """Send these bytes, one after the other."""

    async def fault(wire: Wire, _seen: Seen) -> None:
        for part in parts:
            await wire.send(part)
            if every_s:
                await asyncio.sleep(every_s)
        if hang_up:
            wire.hang_up()

    return fault


def body(value: object, **how: object) -> Fault:
    """Send a value as the JSON body of a response, or bytes as they are."""
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return raw(response(content, **how))


def error(status: int, code: str = "", message: str = "no", **headers: str) -> Fault:
    """Send an error in OpenAI's shape; underscores in header names become hyphens."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return body({"error": {"message": message, "type": code, "code": code}}, status=status, headers=told)


def silence(seconds: float = 30.0) -> Fault:
    """Take the request and say nothing."""

    async def fault(wire: Wire, _seen: Seen) -> None:
        await asyncio.sleep(seconds)
        wire.hang_up()

    return fault


def drip(head: bytes, byte: bytes, every_s: float = 0.02) -> Fault:
    """Send a head and then a byte now and then, for ever."""

    async def fault(wire: Wire, _seen: Seen) -> None:
        await wire.send(head)
        while not wire.writer.transport.is_closing():
            await wire.send(byte)
            await asyncio.sleep(every_s)
        wire.hang_up()

    return fault


def reset_after(*parts: bytes) -> Fault:
    """Send these bytes and reset the connection."""

    async def fault(wire: Wire, _seen: Seen) -> None:
        for part in parts:
            await wire.send(part)
            await asyncio.sleep(0.02)
        wire.reset()

    return fault


def echo_key() -> Fault:
    """Answer with the key that was sent, as text and as an error would."""

    async def fault(wire: Wire, seen: Seen) -> None:
        sent = seen.headers.get("authorization", "") or seen.headers.get("x-api-key", "")
        sent = sent or seen.headers.get("x-goog-api-key", "")
        await wire.send(response(json.dumps(document(seen, f"your key is {sent}", sent)).encode()))

    return fault


def chunked_forever(chunk: bytes) -> Fault:
    """Send an endless chunked body as fast as it is read."""

    async def fault(wire: Wire, _seen: Seen) -> None:
        await wire.send(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        while not wire.writer.transport.is_closing():
            await wire.send(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        wire.hang_up()

    return fault


def bomb(layers: int = 1) -> Fault:
    """Send 64 MB of blanks, compressed so many times."""

    async def fault(wire: Wire, _seen: Seen) -> None:
        content = b" " * (64 * 2**20)
        for _ in range(layers):
            content = gzip.compress(content, 1)
        encodings = ", ".join(["gzip"] * layers)
        await wire.send(response(content, headers={"content-encoding": encodings}))

    return fault


def events(*chunks: object, done: bool = True) -> Fault:
    """Answer with a stream of server-sent events."""
    lines = [f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in chunks] + (
        ["data: [DONE]\n\n"] if done else []
    )
    return body("".join(lines).encode(), content_type="text/event-stream")


def cut(keep: float = 0.5, *, told: bool = True) -> Fault:
    """Send the first part of a healthy answer and close; `told` says whether its length was announced."""

    async def fault(wire: Wire, seen: Seen) -> None:
        content = json.dumps(document(seen)).encode()
        length = f"content-length: {len(content)}\r\n" if told else "connection: close\r\n"
        await wire.send(f"HTTP/1.1 200 OK\r\n{length}\r\n".encode() + content[: int(len(content) * keep)])
        wire.hang_up()

    return fault


FAULTS: Mapping[str, Fault] = {
    "H01": error(400, "unsupported_parameter", "Unsupported parameter: 'seed'"),
    "H02": error(400, "content_filter", "The response was filtered"),
    "H03-401": error(401, "invalid_api_key", "Incorrect API key provided"),
    "H03-403": error(403, "access_denied"),
    "H04-402": error(402, "insufficient_balance"),
    "H04-429": error(429, "insufficient_quota", "You exceeded your current quota"),
    "H05": error(404, "model_not_found", "no such model"),
    "H06-408": error(408),
    "H06-409": error(409),
    "H07-413": error(413),
    "H07-414": error(414),
    "H07-431": error(431),
    "H08": error(422, "invalid_request_error"),
    "H09": error(429, "rate_limit_exceeded", retry_after="1"),
    "H10": error(429, "rate_limit_exceeded"),
    **{f"H11-{status}": error(status) for status in (500, 503, 504, 520, 521, 522, 523, 524, 529)},
    "H11-502": body(b"<html><h1>Bad gateway</h1></html>", status=502, content_type="text/html"),
    "H12-false": error(500, x_should_retry="false"),
    "H12-true": error(400, x_should_retry="true"),
    "N02-before-headers": reset_after(),
    "N02-after-headers": reset_after(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n"),
    "N02-mid-body": reset_after(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n", b'{"choices"'),
    "N03-headers": drip(b"HTTP/1.1 200 OK\r\nx-slow: ", b"a"),
    "N03-body": drip(b"HTTP/1.1 200 OK\r\ncontent-length: 999999\r\n\r\n{", b" "),
    "N03-empty-lines": drip(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", b"\n"),
    "N04": silence(),
    "N05-endless": chunked_forever(b" " * 65536),
    "N05-gzip-bomb": bomb(),
    "N05-nested-gzip-bomb": bomb(2),
    "N05-headers": raw(b"HTTP/1.1 200 OK\r\nx-long: " + b"a" * 400_000),
    "B01-length-told": cut(),
    "B01-length-not-told": cut(told=False),
    "B02-login-page": body(b"<html>Please log in</html>", content_type="text/html"),
    "B04-null": body({"choices": None}),
    "B04-empty": body({"choices": []}),
    "B04-missing": body({"id": "x"}),
    "B04-error": body({"error": {"code": 429, "message": "slow down"}, "choices": None}),
    "B05-refusal": body(completion({"content": None, "refusal": "I cannot help with that."})),
    "B05-filtered": body(completion({"content": None}, finish_reason="content_filter")),
    "B06": body(completion({"content": None, "tool_calls": [{"id": "t"}]}, finish_reason="tool_calls")),
    "B07": body(completion({"content": "", "reasoning_content": "I am GPT."}, finish_reason="length")),
    "B08-parts": body(completion({"content": [{"type": "text", "text": "I am "}, {"text": "Qwen."}]})),
    "B08-number": body(completion({"content": 7})),
    "B08-object": body(completion({"content": {"text": "I am Qwen."}})),
    "B09": events(
        {"model": "m-1", "choices": [{"index": 0, "delta": {"role": "assistant", "content": "I am "}}]},
        {"choices": [{"index": 0, "delta": {"content": "Qwen."}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 5}},
    ),
    "B09-cut": events(*[{"choices": [{"index": 0, "delta": {"content": "I am "}}]}] * 3, done=False),
    "B10-model": answer(model="another-model"),
    "B11-twice": body(b'{"choices": [], "choices": [{"message": {"content": "x"}}]}'),
    "B11-nan": body(b'{"choices": [{"message": {"content": "x"}, "logprobs": NaN}]}'),
    "B11-deep": body(b"[" * 100_000),
    "B11-digits": body(b'{"id": ' + b"9" * 5000 + b"}"),
    "B11-usage": body(completion({"content": "x"}) | {"usage": {"prompt_tokens": 1e308}}),
    "B12-1MB": answer("a" * 2**20),
    "B12-8MB": answer("a" * 8 * 2**20),
}
