"""How names are compared: without regard to case, width, signs and spaces."""

import re
import unicodedata

Key = tuple[str, ...]
"""The runs of letters and of digits in a folded name; empty when it has neither."""

_RUN = re.compile(r"[^\W\d_]+|\d+")


def key(name: str) -> Key:
    """Return what two spellings of one name have in common.

    `Qwen2.5-7B`, `qwen_2.5 7b` and `Ｑｗｅｎ2.5:7b` all give `("qwen", "2", "5", "7", "b")`. One name begins with
    another when its key does: `yi-34b` and `yi34b` begin with `yi`, `yield-7b` does not.
    """
    return tuple(_RUN.findall(unicodedata.normalize("NFKC", name).casefold()))
