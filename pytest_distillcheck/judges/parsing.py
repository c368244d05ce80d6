"""Reads a judge's reply, strictly: what it says must be the rating, the whole rating and nothing but the rating.

A judge that quotes the text it judges could say anything that the text makes it say. So nothing is looked for in a
reply: it is one JSON object as a whole, or it is no rating.
"""

import json
import re
from collections.abc import Iterable, Iterator

from pytest_distillcheck.domain.ratings import ASPECTS, RANGES, Aspect, Rating
from pytest_distillcheck.domain.scrubbing import one_line
from pytest_distillcheck.errors import JudgeError

_EXCERPT = 120
_CODE_FENCE = re.compile(r"```(?:json)?[ \t]*\n(.*)\n[ \t]*```", re.DOTALL | re.IGNORECASE)
_FLAT_OBJECT = re.compile(
    r"\{[^{}]{43,}+\}"
)  # the shortest rating has 45 characters; a text may be full of `{}`


def parse_rating(reply: str) -> Rating:
    """Return the rating that a reply consists of.

    The reply is one JSON object with exactly the keys of a rating, each a number within its range; white space or one
    Markdown code fence may surround it, and nothing else.

    Raises:
        JudgeError: it is anything else; the message says what, with the beginning of the reply on one scrubbed line.
    """
    try:
        return _rating(_load(_unfenced(reply.strip())))
    except (ValueError, RecursionError) as fault:
        said = one_line(reply, _EXCERPT)
        raise JudgeError(f"the reply is no rating: {_told(fault)}; it begins {said!r}") from fault


def quotes_rating(rating: Rating, texts: Iterable[str]) -> bool:
    """Return whether one of the texts holds this very rating as a JSON object, so that a reply may be its echo."""
    return any(rating == written for text in texts for written in _written_ratings(text))


def _written_ratings(text: str) -> Iterator[Rating]:
    for written in _FLAT_OBJECT.finditer(text):
        try:
            yield _rating(_load(written[0]))
        except (ValueError, RecursionError):
            continue


def _unfenced(reply: str) -> str:
    fence = _CODE_FENCE.fullmatch(reply)
    return fence[1] if fence else reply


def _load(text: str) -> object:
    return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError("a key stands in it twice")
    return data


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _rating(data: object) -> Rating:
    if not isinstance(data, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - a fault of the reply, as all others here
    if missing := RANGES.keys() - data.keys():
        raise ValueError(f"it has no {', '.join(sorted(missing))}")
    if len(data) > len(RANGES):
        raise ValueError("it has more keys than the rating's")
    return Rating(**{aspect: _level(aspect, data[aspect]) for aspect in ASPECTS})


def _level(aspect: Aspect, value: object) -> float:
    # JSON's `true` is a number to Python.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{aspect} is no number")  # noqa: TRY004 - likewise
    low, high = RANGES[aspect]
    if not low <= value <= high:
        raise ValueError(f"{aspect} is not from {low:g} to {high:g}")
    return float(value)


def _told(fault: Exception) -> str:
    match fault:
        case json.JSONDecodeError(msg="Extra data"):
            return "more stands behind the JSON"
        case json.JSONDecodeError():
            return "it is not JSON alone"
        case RecursionError():
            return "it is nested too deep"
    return str(fault)
