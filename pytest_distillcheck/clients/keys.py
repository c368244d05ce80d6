"""Keys that cannot be shown by accident."""

import base64
import json
import re
from itertools import takewhile
from urllib.parse import quote

from pytest_distillcheck.errors import UsageError

MASK = "**********"

# Providers' own fixed beginnings are shorter than this, so what is left of a cut key still hides.
_TELLTALE = 12
_SENDABLE = re.compile(r"[!-~]+")


class Secret:
    """A key: whatever prints, formats, copies or pickles it gets a mask.

    Raises:
        UsageError: the key is empty or cannot stand in a header; the message does not show it.
    """

    __slots__ = ("_forms", "_value")

    def __init__(self, value: str) -> None:
        # Keys read from files and variables often carry the line's end.
        self._value = value.strip()
        if not _SENDABLE.fullmatch(self._value):
            raise UsageError(
                "the key is empty or holds a space, a control or a non-ASCII character; copy it again"
            )
        self._forms = _forms_of(self._value)

    def reveal(self) -> str:
        """Return the key itself, for the header that carries it."""
        return self._value

    def mask_in(self, text: str) -> str:
        """Return the text with the key masked, plain, URL-encoded, JSON-escaped, in base64, or cut after 12 characters.

        A key shorter than that is a stand-in such as `EMPTY` or `ollama`, which an answer may well hold, and stays.
        """
        for form in self._forms:
            text = _mask(text, form)
        return text

    def __repr__(self) -> str:
        return f"Secret({MASK!r})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return (str, (MASK,))


def _forms_of(value: str) -> tuple[str, ...]:
    if len(value) < _TELLTALE:
        return ()
    encoded = base64.b64encode(value.encode("ascii")).decode("ascii").rstrip("=")
    return tuple(dict.fromkeys((value, quote(value, safe=""), json.dumps(value)[1:-1], encoded)))


def _mask(text: str, form: str) -> str:
    """Mask every beginning of `form` that is at least as long as the telltale."""
    telltale, start = form[:_TELLTALE], 0
    parts: list[str] = []
    while (at := text.find(telltale, start)) >= 0:
        parts += (text[start:at], MASK)
        pairs = zip(form, text[at : at + len(form)], strict=False)
        start = at + sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return "".join((*parts, text[start:]))
