"""Whether an answer comes from the model that was asked, by the model string that came with it.

Endpoints seldom return the very string that they were asked by: they put the dated name for the plain one
(`qwen-max`, `qwen-max-2025-01-25`), leave the organisation out or add it, or tell the file that they have loaded.
"""

import re

from pytest_distillcheck.catalog.facts import identity_fact
from pytest_distillcheck.catalog.names import key
from pytest_distillcheck.errors import UnknownFactError

_FOLDERS = re.compile(r".*[/\\]", re.DOTALL)
# Words that make another model of a name: who asks for `gpt-4o` and gets `gpt-4o-mini` has not got what was asked.
_SIZES = frozenset({"mini", "nano", "micro", "tiny", "small", "lite", "flash", "turbo", "air"})


def is_as_asked(asked: str, returned: str) -> bool:
    """Return whether a returned model string may stand for the model that was asked.

    That is when one of the two contains the other, whatever their case, separators and organisations, and what one has
    more names no other size. A dated name contains the plain one; two dates of one name contain neither.
    """
    names = [[word for word in key(_FOLDERS.sub("", name)) if word != "latest"] for name in (asked, returned)]
    shorter, longer = sorted(map("".join, names), key=len)
    sizes = [_SIZES.intersection(name) for name in names]
    return shorter in longer and sizes[0] == sizes[1]


def is_of_another_maker(asked: str, returned: str) -> bool:
    """Return whether the catalogue knows both model strings, and that different makers make them."""
    try:
        makers = {identity_fact(name).maker_id for name in (asked, returned)}
    except UnknownFactError:
        return False
    return len(makers) > 1
