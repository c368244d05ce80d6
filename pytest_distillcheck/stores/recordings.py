"""Recordings: JSONL files of exchanges that are committed and replayed offline.

A line is one exchange,

    {"digest", "finish_reason", "messages", "model", "parameters", "reasoning", "response", "sample", "usage"}

of which `messages` and `response` must be there, or the short form `{"prompt", "response"}` that other tools write.
The first line may instead be `{"recording": {...}}` and say what the file is. Blank lines are passed over.

Messages and parameters are what the suite asks. The short form answers its prompt whatever system prompt and
parameters the suite sets, and so does, for parameters, a line that states none. Lines that ask the same without
stating a sample are its samples in their order.
"""

import json
import pathlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, get_args

from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response, Role, Usage, digest
from pytest_distillcheck.errors import Fault, RecordingError
from pytest_distillcheck.resources import ReadError, nearest, read_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One line of a recording.

    Attributes:
        parameters: None when the line states none; then it answers a request with any.
        sample: None when the line states none.
    """

    messages: tuple[Message, ...]
    response: Response
    parameters: Mapping[str, object] | None = None
    sample: int | None = None

    def to_builtins(self) -> dict[str, object]:
        """Return the line's data with its digest."""
        response = self.response
        data: dict[str, object] = {
            "messages": [message.to_builtins() for message in self.messages],
            "parameters": dict(self.parameters or {}),
            "sample": self.sample or 0,
            "response": response.text,
            "model": response.model,
            "finish_reason": response.finish_reason,
            "usage": {
                "prompt_tokens": response.usage.prompt_tokens,
                "completion_tokens": response.usage.completion_tokens,
            }
            if response.usage
            else None,
        }
        if response.reasoning:
            data["reasoning"] = response.reasoning
        return {**data, "digest": digest(data)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording that was read.

    Attributes:
        about: what the file says of itself.
        exchanges: in the order of the file, each with its sample.
    """

    about: Mapping[str, object]
    exchanges: tuple[Exchange, ...]
    _index: Mapping[tuple[str, str | None, int], Response] = field(repr=False)

    def find(self, request: ModelRequest) -> Response | None:
        """Return the recorded answer to a request, or None. Takes constant time."""
        exact = _messages_key(request.messages)
        parameters = digest(dict(request.parameters))
        users = [message for message in request.messages if message.role == "user"]
        short = _prompt_key(users[0].content) if len(users) == 1 else exact
        for key in ((exact, parameters), (exact, None), (short, None)):
            if response := self._index.get((*key, request.sample)):
                return response
        return None


def read_recording(path: pathlib.Path, *, shown: str | None = None) -> Recording:
    """Read a recording.

    Raises:
        RecordingError: with every fault of the file.
    """
    name = shown or str(path)
    try:
        lines = read_text(path, max_bytes=None).split("\n")
    except ReadError as problem:
        raise RecordingError(name, problem.faults) from None
    about: Mapping[str, object] = {}
    faults: list[Fault] = []
    index: dict[tuple[str, str | None, int], Response] = {}
    exchanges: list[Exchange] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = _parse(line)
            if number == 1 and set(data) == {"recording"}:
                about = data["recording"]
                continue
            exchanges.append(_add(index, data))
        except _LineError as fault:
            faults.append(Fault(line=number, column=fault.column, where=fault.where, message=str(fault)))
    if not faults and not exchanges:
        faults.append(Fault(line=0, column=0, where="", message="holds no exchange; record again"))
    if faults:
        raise RecordingError(name, faults)
    return Recording(about=about, exchanges=tuple(exchanges), _index=index)


def write_recording(
    path: pathlib.Path, exchanges: Iterable[Exchange], *, about: Mapping[str, object]
) -> None:
    """Write a recording that diffs well: sorted, one exchange a line, ASCII only, keys sorted, with digests."""
    rows = [exchange.to_builtins() for exchange in exchanges]
    # By what was asked, not by the line: a changed answer changes its line and moves no other.
    rows.sort(key=lambda row: json.dumps([row["messages"], row["parameters"], row["sample"]], sort_keys=True))
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row, sort_keys=True) for row in ({"recording": dict(about)}, *rows)]
    path.write_text("\n".join(lines) + "\n", "ascii")


class _LineError(Exception):
    """One line is at fault."""

    def __init__(self, message: str, *, where: str = "", column: int = 0) -> None:
        self.where, self.column = where, column
        super().__init__(message)


def _parse(line: str) -> dict[str, Any]:
    try:
        data = json.loads(line, object_pairs_hook=_no_repeats, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise _LineError(
            f"not JSON: {error.msg.lower()}; the line may be truncated", column=error.colno
        ) from None
    except (RecursionError, ValueError) as error:
        raise _LineError(f"not JSON that we read: {error}") from None
    if not isinstance(data, dict):
        raise _LineError("not a JSON object; write one exchange a line")
    return data


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise _LineError("a key stands twice in one object; remove one")
    return data


def _no_constant(name: str) -> None:
    raise _LineError(f"{name} is no JSON")


_KEYS: Mapping[str, tuple[type, ...]] = {
    "messages": (list,),
    "prompt": (str,),
    "response": (str,),
    "parameters": (dict,),
    "sample": (int,),
    "reasoning": (str,),
    "model": (str, type(None)),
    "finish_reason": (str, type(None)),
    "usage": (dict, type(None)),
    "digest": (str,),
}


def _add(index: dict[tuple[str, str | None, int], Response], data: dict[str, Any]) -> Exchange:
    """Enter one line into the index and return its exchange."""
    _check_shape(data)
    if "digest" in data and data["digest"] != digest({k: v for k, v in data.items() if k != "digest"}):
        raise _LineError("the digest does not fit: the line was changed; record it again", where="digest")
    exchange = _exchange(data)
    asked = _prompt_key(data["prompt"]) if "prompt" in data else _messages_key(exchange.messages)
    parameters = None if exchange.parameters is None else digest(dict(exchange.parameters))
    sample = exchange.sample
    if sample is None:
        sample = next(n for n in count() if (asked, parameters, n) not in index)
    elif (asked, parameters, sample) in index:
        raise _LineError("answers a request that an earlier line has answered; remove one", where="sample")
    index[asked, parameters, sample] = exchange.response
    return replace(exchange, sample=sample)


def _check_shape(data: dict[str, Any]) -> None:
    for key, value in data.items():
        if key not in _KEYS:
            raise _LineError(f"unknown key {key!r}{nearest(key, _KEYS)}", where=key)
        # A bool is an int to Python, and none of our fields is a bool.
        if not isinstance(value, _KEYS[key]) or isinstance(value, bool):
            raise _LineError(f"is of the wrong type ({type(value).__name__})", where=key)
    if "response" not in data:
        raise _LineError("the field 'response' is missing", where="response")
    if ("messages" in data) == ("prompt" in data):
        raise _LineError("needs either 'messages' or 'prompt'", where="messages")


def _exchange(data: dict[str, Any]) -> Exchange:
    if "prompt" in data:
        messages: tuple[Message, ...] = (Message("user", data["prompt"]),)
    else:
        messages = tuple(_message(entry, n) for n, entry in enumerate(data["messages"]))
    return Exchange(
        messages=messages,
        parameters=data.get("parameters"),
        sample=data.get("sample"),
        response=Response(
            text=data["response"],
            reasoning=data.get("reasoning", ""),
            model=data.get("model") or "",
            usage=_usage(data.get("usage")),
            finish_reason=data.get("finish_reason") or "",
            source="recording",
        ),
    )


def _message(entry: object, number: int) -> Message:
    match entry:
        case {"role": str(role), "content": str(content)} if role in get_args(Role):
            return Message(role, content)  # type: ignore[arg-type]  # the guard has checked the role
    raise _LineError(
        "needs a 'role' of system, user or assistant, and a 'content' that is text",
        where=f"messages[{number}]",
    )


def _usage(data: Mapping[str, object] | None) -> Usage | None:
    match data:
        case None:
            return None
        case {"prompt_tokens": int(prompt), "completion_tokens": int(completion)}:
            return Usage(prompt_tokens=prompt, completion_tokens=completion)
    raise _LineError("needs whole numbers 'prompt_tokens' and 'completion_tokens'", where="usage")


def _messages_key(messages: Iterable[Message]) -> str:
    return digest([message.to_builtins() for message in messages])


def _prompt_key(prompt: str) -> str:
    return digest({"prompt": prompt})
