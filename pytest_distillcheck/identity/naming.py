"""Tells which makers a text names, be it only in passing: what makes a probe prompt a misleading one."""

from pytest_distillcheck.identity.folding import fold
from pytest_distillcheck.identity.kinds import AM, AS, BY, MADE, NAME, ORG, REPORT, SELF, YOU
from pytest_distillcheck.identity.reading import Sentence, marked_sentences
from pytest_distillcheck.identity.vocabulary import DEFAULT_LANGUAGES, languages_of, vocabulary

_CUES = BY | ORG | MADE | SELF | YOU | AM | AS | NAME | REPORT
_NEAR = 2


def makers_named(text: str) -> frozenset[str]:
    """Return the catalogue ids of the makers that a text names, directly or through a model of theirs.

    A name that is also an ordinary word counts only in capitals and next to a cue, such as `made by Meta`.
    """
    folded = fold(text)
    index = vocabulary(languages_of(folded.text) or DEFAULT_LANGUAGES, None)
    return frozenset(maker for sentence in marked_sentences(folded, index) for maker in _makers(sentence))


def _makers(sentence: Sentence) -> set[str]:
    found: set[str] = set()
    marks = sentence.marks
    for position, mark in enumerate(marks):
        name = mark.name
        if name is None or not name.maker or name.kind == "person":
            continue
        if name.ambiguous and not _certain(sentence, position):
            continue
        found.add(name.maker)
    return found


def _certain(sentence: Sentence, position: int) -> bool:
    mark = sentence.marks[position]
    shown = sentence.original(mark.start, mark.start + 1)
    if shown[0].isascii() and not shown[0].isupper():
        return False
    around = sentence.marks[max(0, position - 1) : position + 2]
    return any(
        other.mask & _CUES and max(other.start - mark.end, mark.start - other.end) <= _NEAR
        for other in around
    )
