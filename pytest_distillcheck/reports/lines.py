"""Lines of the terminal, and shares as they stand in them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pytest_distillcheck.domain.scores import Share
from pytest_distillcheck.domain.waivers import Waiver

Colour = Literal["", "green", "yellow", "red", "bold"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the section."""

    text: str
    colour: Colour = ""


def share_text(share: Share) -> str:
    """Return a share with its interval and its counts."""
    if share.value is None or share.low is None or share.high is None:
        return "no answer counts for it"
    interval = f"[{share.low:.3f}, {share.high:.3f}]"
    return f"{share.value:.3f} {interval}  {share.count}/{share.n} {share.method}"


def needless_lines(waivers: Iterable[Waiver]) -> Iterator[Line]:
    """Yield a line for each waiver that covers no finding."""
    for waiver in waivers:
        yield Line(f"  the waiver of {waiver.probe} by {waiver.owner} covers no finding; remove it", "yellow")
