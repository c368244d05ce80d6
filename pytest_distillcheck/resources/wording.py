"""Words for messages about what somebody mistyped."""

import difflib
from collections.abc import Collection, Iterable
from types import NoneType

_WIDTH = 60
_TYPE_NAMES = {
    str: "text",
    dict: "a mapping",
    list: "a list",
    float: "a number",
    int: "a whole number",
    bool: "true or false",
    NoneType: "nothing",
}


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'X'?` for the known name nearest to a mistyped one, or nothing."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1)
    return f"; did you mean {by_folded[close[0]]!r}?" if close else ""


def wrong_type(value: object, wanted: Collection[type]) -> str:
    """Return what was expected and what was found instead, for data out of YAML or JSON.

    Args:
        value: what was found.
        wanted: the types that are allowed, among those of JSON values; float stands for any number.
    """
    expected = " or ".join(_TYPE_NAMES[kind] for kind in wanted)
    advice = "; put it in quotes" if str in wanted and isinstance(value, bool | int | float) else ""
    return f"expected {expected}, found {_shown(value)}{advice}"


def _shown(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case str():
            # Cut, since it may be a whole answer.
            return f"the text {value if len(value) <= _WIDTH else value[: _WIDTH - 1] + '…'!r}"
    return _TYPE_NAMES[type(value)]
