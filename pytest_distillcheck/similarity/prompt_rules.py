"""What a prompt must be so that it has a test id, and every interface takes it."""

import re
from collections.abc import Iterator, Sequence

from pytest_distillcheck.domain.exchanges import Message, Role
from pytest_distillcheck.domain.scrubbing import is_blank

_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_.-]*")
_ENDING_OF_OURS = re.compile("-[rt][0-9]+$")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPEAKERS: tuple[Role, Role] = ("user", "assistant")


def is_name(text: str) -> bool:
    """Return whether a text is ASCII letters, digits, dots, underscores and dashes, the first a letter or digit."""
    return _NAME.fullmatch(text) is not None


def is_prompt_id(text: str) -> bool:
    """Return whether a text can be a prompt's id: a name without the ending of a turn (-tN) or a repeat (-rN)."""
    return is_name(text) and not _ENDING_OF_OURS.search(text)


def turn_faults(turns: Sequence[Message]) -> Iterator[tuple[int, str]]:
    """Give what is wrong with the turns of a conversation: the index of the turn, and the message.

    A system message may come first; then the user and the assistant take turns, and the user has the last one.
    """
    opening = 1 if turns and turns[0].role == "system" else 0
    for index, turn in enumerate(turns):
        due = turn.role if index < opening else _SPEAKERS[(index - opening) % 2]
        if _SURROGATE.search(turn.content):
            yield index, "holds half of a surrogate pair, which cannot be sent; remove it"
        elif is_blank(turn.content):
            yield index, "is empty; write text"
        if turn.role != due:
            yield index, f"is the {turn.role}'s, where the {due}'s is due; user and assistant take turns"
            return
    if len(turns) == opening or turns[-1].role != "user":
        yield max(len(turns) - 1, 0), "is not the user's; end with what is to be answered"
