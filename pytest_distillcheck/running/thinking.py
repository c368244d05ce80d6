"""Tells a model's thinking from its answer, when both come in one text."""

import re
from dataclasses import dataclass

_OPEN = re.compile(r"\s*<think>", re.IGNORECASE)
_CLOSE = re.compile(r"</think>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thinking:
    """A response in its two parts; either may be empty."""

    reasoning: str
    answer: str


def split_thinking(text: str) -> Thinking:
    """Split a text that begins with `<think>`; one that is never closed is thinking to its end.

    Some servers cut the opening tag off: then what stands before a closing tag is thinking.
    """
    opening = _OPEN.match(text)
    start = opening.end() if opening else 0
    closing = _CLOSE.search(text, start)
    if closing:
        return Thinking(reasoning=text[start : closing.start()].strip(), answer=text[closing.end() :])
    if opening:
        return Thinking(reasoning=text[start:].strip(), answer="")
    return Thinking(reasoning="", answer=text)
