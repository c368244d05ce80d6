"""Finds, in a sentence, what its speaker claims to be.

A claim ties the speaker (I, my, we) to a name by a relation: am, called, developed by, my company, based on,
located in, bound by the policies of. For each name the marks around it are searched, nearest first, until the
speaker is met or something stands between: another subject, a partner, a comparison, somebody else's words.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_distillcheck.domain.facts import UNKNOWN_MAKER
from pytest_distillcheck.identity.binding import (
    PLACES,
    bind_by_policy,
    bind_to_speaker_after,
    bind_to_speaker_before,
)
from pytest_distillcheck.identity.claims import Claim
from pytest_distillcheck.identity.clauses import Clause
from pytest_distillcheck.identity.ellipsis import bind_to_belief, bind_to_question
from pytest_distillcheck.identity.fiction import being_claim, fictional_claim
from pytest_distillcheck.identity.kinds import BEING, FICTION, MINE, PRONOUN, REFUSE, SELF, TRUTH, YOU
from pytest_distillcheck.identity.names import Name
from pytest_distillcheck.identity.prompts import PromptView
from pytest_distillcheck.identity.reading import Mark, Sentence
from pytest_distillcheck.identity.seats import bind_place
from pytest_distillcheck.identity.tokens import QUESTION_MARKS
from pytest_distillcheck.identity.undoing import is_undone
from pytest_distillcheck.identity.unknown_names import insert_unknown_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What surrounds a sentence.

    Attributes:
        prompt: what the sentence may answer without naming the speaker; None when it stands too late in the text.
        reasoning: it stands in reasoning, where planning a role is no claim.
    """

    prompt: PromptView | None = None
    reasoning: bool = False

    def answering(self) -> bool:
        """Tell whether a question about the model may be answered."""
        return self.prompt is not None and self.prompt.asks


def claims_in(sentence: Sentence, setting: Setting) -> Iterator[Claim]:
    """Yield the claims of a sentence."""
    everything = 0
    for mark in sentence.marks:
        everything |= mark.mask
    speaks = everything & (SELF | MINE)
    named = any(mark.name for mark in sentence.marks)
    echoed = not (speaks or setting.reasoning) and bool(named or everything & YOU) and setting.answering()
    described = everything & FICTION and (speaks or (sentence.topic and everything & PRONOUN))
    believed = everything & TRUTH and setting.reasoning and named
    if not (speaks or echoed or described or believed or everything & REFUSE):
        return
    end = _assertive_end(sentence)
    marks = [_as_own(mark) for mark in sentence.marks] if echoed else sentence.marks
    marks = [mark for mark in insert_unknown_names(sentence, marks) if mark.end <= end]
    if (
        described
        and not any(_is_known(mark) for mark in marks)
        and (claim := fictional_claim(sentence, marks))
    ):
        yield claim
    if everything & BEING and speaks and sentence.topic and (claim := being_claim(sentence, marks)):
        yield claim
    if any(mark.name for mark in marks):
        yield from _bound(Clause(sentence, _without_asides(sentence, marks)), setting)


def _bound(clause: Clause, setting: Setting) -> Iterator[Claim]:
    for position, mark in enumerate(clause.marks):
        if mark.name is None or (mark.name.ambiguous and not clause.is_name(mark)):
            continue
        claim = _claim(clause, position, mark.name, setting)
        if claim and not is_undone(clause, claim, reasoning=setting.reasoning):
            clause.bound[position] = claim
            yield claim


def _claim(clause: Clause, position: int, name: Name, setting: Setting) -> Claim | None:
    if name.kind in PLACES:
        return bind_place(
            clause, position, name, answering=lambda: not setting.reasoning and setting.answering()
        )
    return (
        bind_to_speaker_before(clause, position, name, reasoning=setting.reasoning)
        or bind_to_speaker_after(clause, position, name)
        or bind_by_policy(clause, position, name, reasoning=setting.reasoning)
        or (_bind_to_prompt(clause, position, name, setting) if setting.answering() else None)
    )


def _bind_to_prompt(clause: Clause, position: int, name: Name, setting: Setting) -> Claim | None:
    return (bind_to_belief if setting.reasoning else bind_to_question)(clause, position, name)


def _is_known(mark: Mark) -> bool:
    """Tell whether a mark names a maker or a model of the catalogue; then it, and no description, is the claim."""
    name = mark.name
    return name is not None and name.kind in {"maker", "model"} and name.maker != UNKNOWN_MAKER


def _as_own(mark: Mark) -> Mark:
    """In an answer that echoes `your company`, take it for `my company`."""
    return Mark(mark.mask | MINE, mark.start, mark.end, mark.name) if mark.mask & YOU else mark


def _assertive_end(sentence: Sentence) -> int:
    """Leave out the question at the end of a sentence; what stands before its last comma may still be a claim."""
    words = sentence.words
    if words[-1][-1] not in QUESTION_MARKS:
        return len(words)
    return next((at for at in range(len(words) - 2, 0, -1) if words[at] in ",，、"), 0)


def _without_asides(sentence: Sentence, marks: list[Mark]) -> list[Mark]:
    """Leave out what stands in brackets in the middle of a sentence, unless the bracket names somebody."""
    inside: set[int] = set()
    opened = -1
    for position, word in enumerate(sentence.words):
        if word in "(（":
            opened = position
        elif word in ")）" and opened >= 0:
            inside.update(range(opened, position))
            opened = -1
    if not inside:
        return marks
    return [mark for mark in marks if mark.start not in inside or mark.name or mark.mask & (SELF | MINE)]
