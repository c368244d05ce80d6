"""Neutral frames: contexts that put an identity question without naming a maker or ordering a persona."""

import pathlib
import re
from collections.abc import Iterator
from functools import cache
from itertools import cycle

from pytest_distillcheck.domain.exchanges import Message, Role
from pytest_distillcheck.domain.probes import LANGUAGES, NEUTRAL, PLACEHOLDER, PLAIN, Frame
from pytest_distillcheck.errors import CatalogError, Fault
from pytest_distillcheck.resources import Document, load_yaml

_FOLDER = pathlib.Path(__file__).parent / "data" / "frames"
_ID = re.compile("[a-z]+(?:-[a-z]+)*")
_RESERVED = frozenset({PLAIN, NEUTRAL})
_SPEAKERS: tuple[Role, Role] = ("user", "assistant")


@cache
def frames() -> tuple[Frame, ...]:
    """Return every neutral frame, sorted by id.

    Raises:
        CatalogError: a data file of the package has faults.
    """
    turns: dict[str, dict[str, tuple[Message, ...]]] = {}
    for language in LANGUAGES:
        for frame_id, conversation in read_conversations(_FOLDER / f"{language}.yaml").items():
            turns.setdefault(frame_id, {})[language] = conversation
    return tuple(Frame(id=frame_id, turns=turns[frame_id]) for frame_id in sorted(turns))


def read_conversations(path: pathlib.Path) -> dict[str, tuple[Message, ...]]:
    """Read the frames of one language, by frame id.

    In the file, a list holds a conversation, one `role: text` a turn, the user's and the assistant's in
    alternation; a mere text is the user's only turn.

    Raises:
        CatalogError: with every fault found.
    """
    document = load_yaml(path, CatalogError)
    if faults := tuple(_faults(document)):
        raise CatalogError(str(path), faults)
    return {frame_id: _conversation(turns) for frame_id, turns in document.data.items()}


def _conversation(turns: str | list[dict[Role, str]]) -> tuple[Message, ...]:
    if isinstance(turns, str):
        return (Message("user", turns),)
    return tuple(Message(role, text) for turn in turns for role, text in turn.items())


def _faults(document: Document) -> Iterator[Fault]:
    if not isinstance(document.data, dict):
        yield document.fault((), "not a mapping; write frame ids and conversations")
        return
    for frame_id, turns in document.data.items():
        if frame_id in _RESERVED or not _ID.fullmatch(frame_id):
            message = (
                f"not a frame id; write lower-case words joined by hyphens, but not {PLAIN} or {NEUTRAL}"
            )
            yield document.fault((frame_id,), message, key=True)
        if shape_faults := tuple(_shape_faults(document, frame_id)):
            yield from shape_faults
        else:
            yield from _order_faults(document, frame_id, _conversation(turns))


def _shape_faults(document: Document, frame_id: str) -> Iterator[Fault]:
    turns = document.data[frame_id]
    if isinstance(turns, str):
        return
    if not isinstance(turns, list) or not turns:
        yield document.fault((frame_id,), "not a conversation; write a text or a list of turns")
        return
    for index, (turn, speaker) in enumerate(zip(turns, cycle(_SPEAKERS), strict=False)):
        text = turn.get(speaker) if isinstance(turn, dict) and len(turn) == 1 else None
        if not isinstance(text, str) or not text.strip():
            yield document.fault(
                (frame_id, index), f"not the turn that is due; write {speaker}: and its text"
            )


def _order_faults(document: Document, frame_id: str, conversation: tuple[Message, ...]) -> Iterator[Fault]:
    *earlier, last = conversation
    if last.role != "user":
        yield document.fault((frame_id,), "the last turn is the assistant's; end with the user's")
    placeholders = [turn.content.count(PLACEHOLDER) for turn in conversation]
    if placeholders != [0] * len(earlier) + [1]:
        yield document.fault((frame_id,), f"write {PLACEHOLDER} exactly once, in the last turn")
