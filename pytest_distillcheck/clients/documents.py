"""Reads JSON that strangers wrote: strictly where it decides, lossless where it is text."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from typing import NoReturn

_STREAM = re.compile(r"\s*+(?:data|event|id|retry)?:")
_LINE_END = re.compile(r"\r\n|\n|\r")  # str.splitlines knows more ends, which may stand inside an event
_DONE = "[DONE]"
_MAX_TOKENS = 10**12


class MalformedAnswerError(Exception):
    """An answer came that cannot be read.

    Attributes:
        may_pass: whether another attempt may bring a readable one: this one was cut short, or is no JSON at all.
    """

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


def parse_json(text: str) -> object:
    """Return the JSON value of a text.

    A key given twice, `NaN`, `Infinity`, a number of thousands of digits and bottomless nesting are refused, since
    readers differ on what they mean. Lone surrogates and control characters in strings stay as they are.

    Raises:
        MalformedAnswerError: with the reason.
    """
    try:
        return json.loads(text, strict=False, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        fault = f"no whole JSON ({error.msg} at character {error.pos})" if text.strip() else "empty"
        raise MalformedAnswerError(f"the answer is {fault}", may_pass=True) from error
    except RecursionError as error:
        raise MalformedAnswerError("the answer is nested too deeply") from error
    except ValueError as error:
        raise MalformedAnswerError(f"the answer's JSON is out of bounds: {error}") from error


def decode_text(body: bytes) -> str:
    """Return the text of a body in UTF-8, UTF-16 or UTF-32, told apart as RFC 4627 says; content types often lie.

    Bytes that are no UTF-8 become lone surrogates, so that none is lost.

    Raises:
        MalformedAnswerError: it is none of these.
    """
    encoding = json.detect_encoding(body[:64])
    if encoding.startswith("utf-8"):
        return body.removeprefix(BOM_UTF8).decode("utf-8", "surrogateescape")
    try:
        return body.decode(encoding, "surrogatepass")
    except UnicodeDecodeError as error:
        raise MalformedAnswerError(f"the answer is cut short or no {encoding}", may_pass=True) from error


def stream_events(text: str) -> tuple[object, ...] | None:
    """Return the events of a server-sent stream that ended as OpenAI's do, or None when the text is no stream.

    Raises:
        MalformedAnswerError: the stream stops before its end.
    """
    if not _STREAM.match(text):
        return None
    data = [line.removeprefix("data:").strip() for line in _LINE_END.split(text) if line.startswith("data:")]
    if data[-1:] != [_DONE]:
        raise MalformedAnswerError("the stream stopped before its end", may_pass=True)
    return tuple(parse_json(event) for event in data[:-1])


def as_object(value: object, where: str) -> Mapping[str, object]:
    """Return a JSON object.

    Raises:
        MalformedAnswerError: it is something else.
    """
    return value if isinstance(value, dict) else _wrong(value, where, "an object")


def as_list(value: object, where: str) -> Sequence[object]:
    """Return a JSON list, an empty one for null.

    Raises:
        MalformedAnswerError: it is something else.
    """
    if value is None:
        return ()
    return value if isinstance(value, list) else _wrong(value, where, "a list")


def as_text(value: object, where: str) -> str:
    """Return a JSON string, an empty one for null.

    Raises:
        MalformedAnswerError: it is something else.
    """
    if value is None:
        return ""
    return value if isinstance(value, str) else _wrong(value, where, "a string")


def as_tokens(value: object, where: str) -> int:
    """Return a count of tokens, 0 for null.

    Raises:
        MalformedAnswerError: it is no whole number from 0 to 10^12.
    """
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _wrong(value, where, "a count")
    if not (0 <= value <= _MAX_TOKENS and value == int(value)):
        raise MalformedAnswerError(f"{where} is {value:g}, not a count")
    return int(value)


def _wrong(value: object, where: str, wanted: str) -> NoReturn:
    raise MalformedAnswerError(f"{where} is {_kind(value)}, not {wanted}")


def _kind(value: object) -> str:
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), "null")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
