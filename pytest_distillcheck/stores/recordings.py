"""Recordings: JSONL files of exchanges that are committed and replayed offline.

A line is one exchange,

    {"digest", "finish_reason", "messages", "model", "parameters", "reasoning", "response", "sample", "usage"}

of which `messages` and `response` must be there, or the short form `{"prompt", "response"}` that other tools write.
The first line may instead be `{"recording": {...}}` and say what the file is. Blank lines are passed over.

Messages and parameters are what the suite asks. The short form answers its prompt whatever system prompt the suite
sets, and a line that states no parameters answers whatever parameters it sets. Lines that ask the same without stating
a sample are its samples in their order. The line that says more of a request wins, its messages before its parameters.

A line may also say which probe it answers and how somebody has judged it; neither is replayed:

    "probe": {"category", "context", "language", "question"}, "labels": {"loose", "strict"}
"""

import json
import pathlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from types import NoneType
from typing import Any, get_args

from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response, Role, Usage, digest
from pytest_distillcheck.domain.probes import CATEGORIES
from pytest_distillcheck.errors import Fault, RecordingError
from pytest_distillcheck.resources import ReadError, nearest, read_text, wrong_type
from pytest_distillcheck.stores.origins import Labels, Origin

_Key = tuple[str, str | None]
"""What a line answers: the digest of its messages or its prompt, and that of its parameters, None for any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One line of a recording; either `messages` or `prompt` is set.

    Attributes:
        messages: the whole conversation.
        prompt: the one turn of the user's, after any system prompt.
        parameters: None when the line states none; then it answers a request with any.
        sample: None when the line states none; then it is the next one of its request.
        origin: the line's `probe`.
        labels: the verdict that came with the line.
    """

    response: Response
    messages: tuple[Message, ...] = ()
    prompt: str | None = None
    parameters: Mapping[str, object] | None = None
    sample: int | None = None
    origin: Origin | None = None
    labels: Labels | None = None

    def to_builtins(self) -> dict[str, object]:
        """Return the line's data with its digest; what it does not state of the request is left out."""
        response = self.response
        stated = {"prompt": self.prompt, "parameters": self.parameters, "sample": self.sample}
        data: dict[str, object] = {
            **{key: value for key, value in stated.items() if value is not None},
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
        if self.prompt is None:
            data["messages"] = [message.to_builtins() for message in self.messages]
        if response.reasoning:
            data["reasoning"] = response.reasoning
        for key, part in (("probe", self.origin), ("labels", self.labels)):
            if part is not None:
                data[key] = part.to_builtins()
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
    _answers: Mapping[tuple[_Key, int], Response] = field(repr=False)

    def find(self, request: ModelRequest) -> Response | None:
        """Return the recorded answer to a request, or None. Takes constant time."""
        exact = _messages_key(request.messages)
        parameters = digest(dict(request.parameters))
        users = [message for message in request.messages if message.role == "user"]
        short = _prompt_key(users[0].content) if len(users) == 1 else exact
        for key in ((exact, parameters), (exact, None), (short, parameters), (short, None)):
            if response := self._answers.get((key, request.sample)):
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
    index = _Index()
    exchanges: list[Exchange] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = _parse(line)
            if number == 1 and set(data) == {"recording"}:
                about = _about(data["recording"])
                continue
            exchanges.append(index.add(_exchange(data)))
        except _LineError as fault:
            faults.append(Fault(line=number, column=fault.column, where=fault.where, message=str(fault)))
    if not faults and not exchanges:
        faults.append(Fault(line=0, column=0, where="", message="holds no exchange; record again"))
    if faults:
        raise RecordingError(name, faults)
    return Recording(about=about, exchanges=tuple(exchanges), _answers=index.answers)


def parse_exchange(line: str) -> Exchange:
    """Return the exchange of one line.

    Raises:
        RecordingError: the line is none.
    """
    try:
        return _exchange(_parse(line))
    except _LineError as fault:
        faults = [Fault(line=1, column=fault.column, where=fault.where, message=str(fault))]
        raise RecordingError("exchange", faults) from None


def write_recording(
    path: pathlib.Path, exchanges: Iterable[Exchange], *, about: Mapping[str, object]
) -> None:
    """Write a recording that diffs well: sorted, one exchange a line, ASCII only, keys sorted, with digests."""
    rows = [exchange.to_builtins() for exchange in sorted(exchanges, key=_place)]
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(row, sort_keys=True) for row in ({"recording": dict(about)}, *rows)]
    path.write_text("\n".join(lines) + "\n", "ascii")


def _place(exchange: Exchange) -> tuple[str, bool, int]:
    # By what was asked, not by the line: a changed answer changes its line and moves no other. Lines without a sample
    # keep their order, after those that state one, among which they fill the gaps.
    messages = [message.to_builtins() for message in exchange.messages]
    asked = json.dumps([exchange.prompt, messages, exchange.parameters], sort_keys=True)
    return asked, exchange.sample is None, exchange.sample or 0


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


def _about(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _LineError("must be an object that says what the file is", where="recording")
    return value


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise _LineError("a key stands twice in one object; remove one")
    return data


def _no_constant(name: str) -> None:
    raise _LineError(f"{name} is no JSON")


_Kinds = Mapping[str, tuple[type, ...]]
"""By key, the types that its value may have."""

_KEYS: _Kinds = {
    "messages": (list,),
    "prompt": (str,),
    "response": (str,),
    "parameters": (dict,),
    "sample": (int,),
    "reasoning": (str,),
    "model": (str, NoneType),
    "finish_reason": (str, NoneType),
    "usage": (dict, NoneType),
    "digest": (str,),
    "probe": (dict,),
    "labels": (dict,),
}
_ORIGIN: _Kinds = {"category": (str, NoneType), "context": (str,), "language": (str,), "question": (str,)}
_LABELS: _Kinds = {"loose": (bool,), "strict": (bool, NoneType)}


@dataclass(slots=True)
class _Index:
    """Answers by what was asked and which sample of it they are."""

    answers: dict[tuple[_Key, int], Response] = field(default_factory=dict)
    # By key the samples that are still to be tried for a line that states none: each is tried once.
    untried: defaultdict[_Key, Iterator[int]] = field(default_factory=lambda: defaultdict(count))

    def add(self, exchange: Exchange) -> Exchange:
        """Enter an exchange and return it with its sample."""
        key, sample = _key(exchange), exchange.sample
        if sample is None:
            sample = next(n for n in self.untried[key] if (key, n) not in self.answers)
        elif (key, sample) in self.answers:
            raise _LineError(
                "answers a request that an earlier line has answered; remove one", where="sample"
            )
        self.answers[key, sample] = exchange.response
        return replace(exchange, sample=sample)


def _check_kinds(data: Mapping[str, Any], kinds: _Kinds, where: str = "") -> None:
    for key, value in data.items():
        if key not in kinds:
            raise _LineError(f"unknown key {key!r}{nearest(key, kinds)}", where=where + key)
        # By its very type: a bool is an int to Python.
        if type(value) not in kinds[key]:
            raise _LineError(wrong_type(value, kinds[key]), where=where + key)


def _check(data: Mapping[str, Any]) -> None:
    _check_kinds(data, _KEYS)
    if data.get("sample", 0) < 0:
        raise _LineError("must be 0 or more", where="sample")
    if "response" not in data:
        raise _LineError("the field 'response' is missing", where="response")
    if ("messages" in data) == ("prompt" in data):
        raise _LineError("needs either 'messages' or 'prompt'", where="messages")
    if not data.get("messages", True):
        raise _LineError("holds no message; write the prompt", where="messages")
    if "digest" in data and data["digest"] != digest({k: v for k, v in data.items() if k != "digest"}):
        raise _LineError("the digest does not fit: the line was changed; record it again", where="digest")


def _exchange(data: dict[str, Any]) -> Exchange:
    _check(data)
    return Exchange(
        messages=tuple(_message(entry, n) for n, entry in enumerate(data.get("messages", ()))),
        prompt=data.get("prompt"),
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
        origin=_origin(data["probe"]) if "probe" in data else None,
        labels=_labels(data["labels"]) if "labels" in data else None,
    )


def _message(entry: object, number: int) -> Message:
    match entry:
        case {"role": str(role), "content": str(content)} if role in get_args(Role):
            return Message(role, content)  # type: ignore[arg-type]  # the guard has checked the role
    raise _LineError(
        "needs a 'role' of system, user or assistant, and a 'content' that is text",
        where=f"messages[{number}]",
    )


def _origin(data: Mapping[str, Any]) -> Origin:
    whole = {**dict.fromkeys(_ORIGIN), **data}
    _check_kinds(whole, _ORIGIN, "probe.")
    if whole["category"] not in {None, *CATEGORIES}:
        raise _LineError(f"unknown category{nearest(whole['category'], CATEGORIES)}", where="probe.category")
    return Origin(**whole)


def _labels(data: Mapping[str, Any]) -> Labels:
    whole = {**dict.fromkeys(_LABELS), **data}
    _check_kinds(whole, _LABELS, "labels.")
    if whole["strict"] and not whole["loose"]:
        raise _LineError("cannot be true where 'loose' is false", where="labels.strict")
    return Labels(**whole)


def _usage(data: Mapping[str, Any] | None) -> Usage | None:
    if data is None:
        return None
    tokens: dict[str, Any] = {key: data.get(key) for key in ("prompt_tokens", "completion_tokens")}
    if any(type(value) is not int or value < 0 for value in tokens.values()):
        raise _LineError(
            "needs whole numbers 'prompt_tokens' and 'completion_tokens', 0 or more", where="usage"
        )
    return Usage(**tokens)


def _key(exchange: Exchange) -> _Key:
    prompt, parameters = exchange.prompt, exchange.parameters
    asked = _messages_key(exchange.messages) if prompt is None else _prompt_key(prompt)
    return asked, None if parameters is None else digest(dict(parameters))


def _messages_key(messages: Iterable[Message]) -> str:
    return digest([message.to_builtins() for message in messages])


def _prompt_key(prompt: str) -> str:
    return digest({"prompt": prompt})
