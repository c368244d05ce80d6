"""What stands where in a sentence: distances, ends of clauses, the names and the speaker around a mark."""

import re
from collections.abc import Iterator

from pytest_distillcheck.identity.claims import Claim, Relation
from pytest_distillcheck.identity.kinds import AM, BUT, BY, MINE, NOT, NOT_AFTER, SELF, THAT, THIRD
from pytest_distillcheck.identity.names import Name
from pytest_distillcheck.identity.reading import Mark, Sentence
from pytest_distillcheck.identity.tokens import CLAUSE_ENDS

MAX_STEPS = 14
"""Marks that a search passes at most, so that the work is linear in the text."""
MAX_GAP = 9
"""Words without a meaning of their own that may stand between two marks of one claim."""
NEAR = 5
"""Words that may stand between marks that belong closely together."""
NEXT = 2
"""Words that may stand between marks of which one opens the other, as an adverb does in `I really am`."""

_VERB_FINAL = re.compile(r"[\u3041-\u309f\uac00-\ud7a3]")
_CONJUNCTIONS = frozenset({"but", "and", "that", "so", "however", "because"})
_FOLLOWING = 3
_STOPGAPS = NOT | NOT_AFTER | BUT | AM | BY


class Clause:
    """The assertive part of a sentence, with its marks.

    Attributes:
        sentence: where it stands.
        marks: its marks, unknown names among them.
        bound: claims found so far, by the position of their name's mark.
        verb_final: it is Japanese or Korean, where relations and denials stand behind the name.
    """

    def __init__(self, sentence: Sentence, marks: list[Mark]) -> None:
        self.sentence = sentence
        self.marks = marks
        self._of_kinds: dict[int, list[Mark]] = {}
        self.bound: dict[int, Claim] = {}
        self.verb_final = _VERB_FINAL.search(sentence.folded.text, sentence.start, sentence.end) is not None

    def of_kinds(self, kinds: int) -> list[Mark]:
        """Return the marks of any of some kinds."""
        found = self._of_kinds.get(kinds)
        if found is None:
            found = self._of_kinds[kinds] = [mark for mark in self.marks if mark.mask & kinds]
        return found

    def claim(
        self, relation: Relation, first: int, last: int, name: Name, *, elliptical: bool = False
    ) -> Claim:
        """Return the claim that reaches from one mark to another."""
        return Claim(
            relation=relation,
            name=name,
            sentence=self.sentence,
            start=self.marks[first].start,
            end=self.marks[last].end,
            elliptical=elliptical,
        )

    def before(self, position: int) -> Iterator[tuple[int, Mark]]:
        """Yield the marks before one, nearest first, as far as they hang together."""
        nearest = self.marks[position]
        for index in range(position - 1, max(-1, position - 1 - MAX_STEPS), -1):
            mark = self.marks[index]
            if self.gap(mark.end, nearest.start) > MAX_GAP:
                return
            yield index, mark
            nearest = mark

    def after(self, position: int) -> Iterator[tuple[int, Mark]]:
        """Yield the marks after one, nearest first, as far as they hang together."""
        nearest = self.marks[position]
        for index in range(position + 1, min(len(self.marks), position + 1 + MAX_STEPS)):
            mark = self.marks[index]
            if self.gap(nearest.end, mark.start) > MAX_GAP:
                return
            yield index, mark
            nearest = mark

    def gap(self, start: int, end: int) -> int:
        """Return how far apart two places are, in words: a word is about two Chinese or Japanese characters."""
        gap = end - start
        if gap <= NEXT:
            return gap
        between = self.sentence.words[start:end]
        return gap - sum(not word.isascii() and len(word) == 1 for word in between) // 2

    def follows(self, position: int) -> int:
        """Return the kinds of the marks that follow a name closely: where the verb comes last, its relation."""
        mask = 0
        nearest = self.marks[position]
        for mark in self.marks[position + 1 : position + 1 + _FOLLOWING]:
            far = mark.start - nearest.end > NEAR or mark.mask & (SELF | BUT | THIRD)
            if far or self.sentence.words[mark.start - 1] in CLAUSE_ENDS:
                break
            mask |= mark.mask
            nearest = mark
        return mask

    def speaker_follows(self, position: int) -> bool:
        """Tell whether the speaker stands soon after a name: `made by X, I`."""
        for mark in self.marks[position + 1 : position + 1 + _FOLLOWING]:
            if mark.mask & (SELF | MINE):
                return mark.start - self.marks[position].end <= MAX_GAP
        return False

    def opens(self, mark: Mark) -> bool:
        """Tell whether a clause begins with a mark."""
        before = self.sentence.words[mark.start - 1] if mark.start else ","
        return before in CLAUSE_ENDS or before in _CONJUNCTIONS or not before[0].isascii()

    def apposed(self, start: int, end: int) -> bool:
        """Tell whether nothing stands between two places but stopgaps of a copula: `I, X`, `я не Y, а X`."""
        if end - start > MAX_GAP:
            return False
        covered = {
            at
            for mark in self.marks
            if mark.start >= start and mark.end <= end and (mark.name or mark.mask & _STOPGAPS)
            for at in range(mark.start, mark.end)
        }
        words = self.sentence.words
        return all(at in covered or words[at] in CLAUSE_ENDS for at in range(start, end))

    def ended(self, start: int, end: int) -> bool:
        """Tell whether a clause ends between two places, other than by leading on: `it is false, that`, `X, Y`."""
        words = self.sentence.words
        return any(
            words[at] in CLAUSE_ENDS
            and not any(mark.start == at + 1 and (mark.mask & THAT or mark.name) for mark in self.marks)
            for at in range(start, end)
        )

    def is_name(self, mark: Mark) -> bool:
        """Tell a name from the ordinary word that it also is: it is in capitals, and no part of a longer name."""
        sentence = self.sentence
        shown = sentence.original(mark.start, mark.start + 1)
        if not shown[0].isascii():
            return True
        if not shown[0].isupper():
            return False
        if mark.end >= len(sentence.words) or any(other.start == mark.end for other in self.marks):
            return True
        following = sentence.original(mark.end, mark.end + 1)
        spaced = (
            sentence.starts[mark.end] - sentence.starts[mark.end - 1] - len(sentence.words[mark.end - 1]) == 1
        )
        return (
            not following[0].isalpha() or not following.isascii() or (spaced and not following[0].isupper())
        )
