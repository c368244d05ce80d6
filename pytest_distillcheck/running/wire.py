"""Frames between the broker and workers in other processes: four bytes of length, then one JSON object in ASCII."""

import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pytest_distillcheck.errors import ClientError

HEADER_BYTES = 4
MAX_FRAME_BYTES = 64 * 2**20
"""Enough for an answer of 8 MiB of which each character is spelled `\\uXXXX`."""

ENOUGH_CHARACTERS = 2**20
"""Of texts in one frame: it ends after the text that exceeds this, and more goes into the next."""

_HEADER = struct.Struct(">I")


class FrameError(ClientError):
    """What goes between two processes of a run is too large, or not what they agreed upon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where the broker is reached; a mapping of scalars once `to_builtins` has spelled it."""

    host: str
    port: int
    token: str = field(repr=False)

    def to_builtins(self) -> dict[str, Any]:
        """Return what `BrokerAddress(**data)` takes in another process."""
        return asdict(self)


def encode(message: Mapping[str, object]) -> bytes:
    """Return the frame of a message.

    Raises:
        FrameError: it is too large.
    """
    body = json.dumps(message).encode("ascii")
    if len(body) > MAX_FRAME_BYTES:
        raise FrameError(f"{len(body)} bytes do not go between the run's processes; run without -n")
    return _HEADER.pack(len(body)) + body


def body_bytes(header: bytes, *, most: int) -> int:
    """Return how many bytes follow a header.

    Raises:
        FrameError: more than `most`.
    """
    (size,) = _HEADER.unpack(header)
    if size > most:
        raise FrameError(f"a frame of {size} bytes, and {most} are the most")
    return int(size)


def decode(body: bytes) -> dict[str, Any]:
    """Return the message in the body of a frame.

    Raises:
        FrameError: it is no JSON object.
    """
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise FrameError("a frame that is no JSON") from error
    if not isinstance(message, dict):
        raise FrameError("a frame that is no JSON object")
    return message
