"""Which probes a suite asks: the bank and the suite's questions, in contexts, as a sample."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from pytest_distillcheck.domain.exchanges import Message
from pytest_distillcheck.domain.probes import NEUTRAL, PLAIN, Frame, Probe, Question, Selection
from pytest_distillcheck.identity.bank import questions
from pytest_distillcheck.identity.frames import frames


def plan_probes(
    selection: Selection,
    *,
    own: Sequence[Question] = (),
    bank: bool = True,
    system: str | None = None,
    repeat: int = 1,
    seed: int = 0,
) -> tuple[Probe, ...]:
    """Return the probes of a suite, sorted by id.

    The suite's own questions are asked whatever the selection says of categories and languages. A frame that does
    not speak a question's language is left out for that question. A sample counts probes before they are repeated.

    Cost grows with the number of questions times contexts.
    """
    cells = list(_cells(selection, own, bank=bank))
    if selection.sample is not None and selection.sample < len(cells):
        cells = sorted(cells, key=lambda cell: _rank(seed, _id(*cell)))[: selection.sample]
    opening = (Message("system", system),) if system else ()
    probes = [
        Probe(
            id=_id(frame, question) + (f"-r{sample + 1}" if sample else ""),
            question=question,
            context=frame.id if frame else PLAIN,
            messages=opening + _put(frame, question),
            sample=sample,
        )
        for frame, question in cells
        for sample in range(repeat)
    ]
    return tuple(sorted(probes, key=lambda probe: probe.id))


def asks_anything(selection: Selection, *, own: Sequence[Question] = (), bank: bool = True) -> bool:
    """Return whether a suite has any probe."""
    return any(True for _ in _cells(selection, own, bank=bank))


def _cells(
    selection: Selection, own: Sequence[Question], *, bank: bool
) -> Iterator[tuple[Frame | None, Question]]:
    """Give every question in every context that speaks its language."""
    asked = [*_from_bank(selection), *own] if bank else own
    for frame in _contexts(selection.contexts):
        for question in asked:
            if frame is None or question.language in frame.turns:
                yield frame, question


def _from_bank(selection: Selection) -> Iterable[Question]:
    return (
        question
        for question in questions()
        if question.category in selection.categories and question.language in selection.languages
    )


def _contexts(names: Iterable[str]) -> list[Frame | None]:
    """Return the frames of a selection; None stands for plain."""
    by_id: dict[str, Frame | None] = {PLAIN: None, **{frame.id: frame for frame in frames()}}
    chosen: dict[str, Frame | None] = {}
    for name in names:
        chosen.update(
            {key: frame for key, frame in by_id.items() if frame} if name == NEUTRAL else {name: by_id[name]}
        )
    return list(chosen.values())


def _put(frame: Frame | None, question: Question) -> tuple[Message, ...]:
    turns = frame.put(question) if frame else (Message("user", question.text),)
    assert turns is not None, "cells hold only frames that speak the question's language"
    return turns


def _id(frame: Frame | None, question: Question) -> str:
    return f"{frame.id if frame else PLAIN}-{question.id}"


def _rank(seed: int, probe_id: str) -> bytes:
    # A rank of its own for each probe, and not a shuffle of the list: when the bank grows, most of a sample stays,
    # and with it most of a recording.
    return hashlib.sha256(f"{seed}:{probe_id}".encode()).digest()
