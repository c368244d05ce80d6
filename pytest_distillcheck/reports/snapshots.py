"""What differs from a snapshot, for a person: which judgement became which, and what was said then and now."""

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from pytest_distillcheck.domain.ratings import Aspect, Rating
from pytest_distillcheck.domain.scrubbing import one_line, scrub
from pytest_distillcheck.domain.snapshots import (
    KeptAnswer,
    SnapshotEntry,
    changes,
    judgement_text,
)
from pytest_distillcheck.reports.lines import Line
from pytest_distillcheck.reports.quantities import counted

WIDTH = 800
_EXCERPT = 120
_SHOWN = 3
_COMMON = 60
_ALIKE = 0.4
"""How much of two answers must be common for their difference to be easier to read than both."""

# A character of a script without spaces is a word.
_WORD = re.compile(r"[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|\s+|.", re.DOTALL)


def difference_lines(
    before: SnapshotEntry | None, after: SnapshotEntry, tolerance: Mapping[Aspect, float]
) -> Iterator[str]:
    """Yield what has changed in one line, then how the answer did; every line scrubbed.

    Args:
        before: the snapshot's; None when it holds nothing of the test.
        after: this run's.
        tolerance: how far a rating may move, by aspect.
    """
    if before is None:
        yield scrub(f"not in the snapshot yet: {judgement_text(after.judgement)}")
        return
    yield scrub("; ".join(map(str, changes(before, after, tolerance))))
    yield from _answer_lines(before, after)


def rewording(before: KeptAnswer, after: KeptAnswer) -> str:
    """Return on one line what was said before and is said now."""
    if before.text == after.text:
        return _tail(before, after)
    return f"was “{one_line(before.text, _EXCERPT)}”, now “{one_line(after.text, _EXCERPT)}”"


def rewording_lines(reworded: Mapping[str, str]) -> Iterator[Line]:
    """Yield how many answers are worded otherwise than their snapshots and judged the same, with a few of them.

    Args:
        reworded: by test id, what `rewording` says.
    """
    yield Line(
        f"{counted(len(reworded), 'answer')} worded otherwise than in the snapshot, and judged the same:"
    )
    for test, told in list(reworded.items())[:_SHOWN]:
        yield Line(f"  {scrub(test)}: {told}")
    if len(reworded) > _SHOWN:
        yield Line(f"  and {len(reworded) - _SHOWN:,} more; -rP shows all")


def word_difference(before: str, after: str) -> str | None:
    """Return both texts in one, as `git diff --word-diff` does; None when they have too little in common."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    matcher = SequenceMatcher(None, old, new)
    if matcher.ratio() < _ALIKE:
        return None
    parts = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        removed, added = "".join(old[i1:i2]), "".join(new[j1:j2])
        if tag == "equal":
            parts.append(_middle_cut(removed))
        else:
            parts += [f"[-{removed}-]"] * bool(removed) + [f"{{+{added}+}}"] * bool(added)
    return one_line("".join(parts), WIDTH)


def _answer_lines(before: SnapshotEntry, after: SnapshotEntry) -> Iterator[str]:
    old, new = before.answer, after.answer
    if old is None or new is None:
        return
    if old == new:
        yield f"  answer:   the same, word for word{_cause(before, after)}"
    elif old.text == new.text:
        yield f"  answer:   {_tail(old, new)}"
    elif difference := word_difference(old.text, new.text):
        yield f"  answer:   {difference}{_sizes(old, new)}"
    else:
        yield f"  was:      {one_line(old.text, WIDTH)}{_size(old)}"
        yield f"  now:      {one_line(new.text, WIDTH)}{_size(new)}"


def _cause(before: SnapshotEntry, after: SnapshotEntry) -> str:
    if not isinstance(after.judgement, Rating):
        return "; the judge or the identity fact changed"
    if before.reference_digest == after.reference_digest:
        return "; the judge changed"
    return f"; the reference {after.reference} answered otherwise"


def _tail(before: KeptAnswer, after: KeptAnswer) -> str:
    return f"differs after the first {len(before.text):,} characters{_sizes(before, after)}"


def _sizes(before: KeptAnswer, after: KeptAnswer) -> str:
    if before.digest or after.digest:
        return f" (of {before.size:,} characters then and {after.size:,} now)"
    return ""


def _size(answer: KeptAnswer) -> str:
    return f" ({answer.size:,} characters)" if answer.digest else ""


def _middle_cut(text: str) -> str:
    return text if len(text) <= _COMMON else f"{text[: _COMMON // 2]} … {text[-_COMMON // 2 :]}"
