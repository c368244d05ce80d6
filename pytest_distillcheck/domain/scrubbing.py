"""Makes text from outside safe to print, to store and to send between processes.

A model's answer may hold escape codes that rewrite the terminal, bidirectional overrides that hide what it says,
and lone surrogates, which end a pytest-xdist worker in the middle of a report and can turn a failed gate into exit
code 0 (pytest-dev/pytest-xdist#843).
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

_UNSAFE_CHARACTERS = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and newline
    "\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # invisible, bidirectional, separators
    "\ufff9-\ufffb\ufffe\uffff"  # interlinear marks and noncharacters, which XML refuses
    "\ud800-\udfff"  # lone surrogates
    "\U000e0000-\U000e0fff"  # tags and variation selectors that hide text
)
_UNSAFE = re.compile(f"[{_UNSAFE_CHARACTERS}]")
_SHOWN = re.compile(
    rf"[^\s{_UNSAFE_CHARACTERS}"
    # Fillers and selectors: what Unicode calls default ignorable (DerivedCoreProperties.txt) and is not unsafe.
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\u2800\ufffc\ufffd"  # a blank Braille cell, and what stands for something that is not there
    "]"
)


def scrub(text: str) -> str:
    r"""Return the text with every unsafe character spelled out, such as `\x1b` or `\u{202e}`.

    Each character is treated alone, so `scrub(a + b) == scrub(a) + scrub(b)`, and what was a substring stays one.
    """
    return _UNSAFE.sub(_spell, text)


def scrubbed(value: Any) -> Any:
    """Return plain data with every text in it scrubbed, keys too, and every tuple a list."""
    match value:
        case str():
            return scrub(value)
        case None | int() | float():
            return value
        case list() | tuple():
            return [scrubbed(item) for item in value]
        # A dictionary is a Mapping too, but that is a slow question.
        case dict() | Mapping():
            return {scrubbed(key): scrubbed(item) for key, item in value.items()}
    return value


def is_blank(text: str) -> bool:
    """Return whether a reader sees nothing of a text: it is empty, or white space, marks and fillers without a glyph."""
    return _SHOWN.search(text) is None


def one_line(text: str, width: int) -> str:
    """Return the scrubbed text on one line of at most `width` characters, the cut marked by an ellipsis."""
    # Only the beginning is looked at: an answer may be megabytes long.
    flat = " ".join(scrub(text[: 4 * width]).split())
    if len(flat) <= width and len(text) <= 4 * width:
        return flat
    return flat[: width - 1].rstrip() + "…"


def error_line(error: BaseException, width: int = 300) -> str:
    """Return an exception's type, and its text if it has one, on one scrubbed line of at most `width` characters."""
    try:
        text = str(error)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - it may raise anything when it is asked what it is, and even end the test
        text = "an exception that cannot tell what it is"
    name = type(error).__name__
    return one_line(f"{name}: {text}" if text else name, width)


def slug(name: str) -> str:
    """Return the id of a model's name: lower case, `[a-z0-9-]`, any other character an underscore."""
    return re.sub(r"[^a-z0-9-]", "_", unicodedata.normalize("NFKC", name).lower())


def _spell(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:x}}}"  # noqa: PLR2004
