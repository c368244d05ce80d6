"""Reads folded text into sentences of marks: the words that matter to a claim, and where they stand."""

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_distillcheck.identity.folding import Folded
from pytest_distillcheck.identity.names import Name
from pytest_distillcheck.identity.terms import TermIndex, longest
from pytest_distillcheck.identity.tokens import is_sentence_end, stands_apart, tokenize

MAX_TOKENS = 160
"""Tokens after which a sentence is cut: no real one is longer, and a hostile one must not cost more than its length."""

_ABBREVIATIONS = frozenset({"inc", "co", "ltd", "corp", "mr", "mrs", "ms", "dr", "st", "no", "vs", "e", "g", "i", "u", "s"})


@dataclass(slots=True)
class Mark:
    """A term found in a sentence.

    Attributes:
        mask: kinds of word, see `lexicon.MASK`.
        start: index of the first token.
        end: index after the last token.
        name: the name that the term is, if it is one.
    """

    mask: int
    start: int
    end: int
    name: Name | None


@dataclass(slots=True)
class Sentence:
    """Tokens of one sentence with their marks.

    Attributes:
        folded: the text that it stands in.
        words: folded tokens, punctuation included; the last one is what ends the sentence, if anything does.
        starts: for each token where it starts in the folded text.
        marks: in order, without overlap.
    """

    folded: Folded
    words: list[str]
    starts: list[int]
    marks: list[Mark]

    @property
    def start(self) -> int:
        """Where the sentence starts in the folded text."""
        return self.starts[0]

    @property
    def end(self) -> int:
        """Where the sentence ends in the folded text."""
        return self.starts[-1] + len(self.words[-1])

    def original(self, start: int, end: int) -> str:
        """Return the original text of some of the tokens."""
        return self.folded.quote(self.starts[start], self.starts[end - 1] + len(self.words[end - 1]))


def sentences(folded: Folded, start: int, end: int, index: TermIndex) -> Iterator[Sentence]:
    """Yield the sentences of a stretch of text that have any marks."""
    words, starts = tokenize(folded.text, start, end)
    begin = 0
    for position, word in enumerate(words):
        if not word[0].isalnum() and is_sentence_end(word):
            if word == "." and position and words[position - 1] in _ABBREVIATIONS:
                continue
        elif position - begin < MAX_TOKENS:
            continue
        yield from _sentence(folded, words[begin : position + 1], starts[begin : position + 1], index)
        begin = position + 1
    yield from _sentence(folded, words[begin:], starts[begin:], index)


def _sentence(folded: Folded, words: list[str], starts: list[int], index: TermIndex) -> Iterator[Sentence]:
    marks = find_marks(folded.text, words, starts, index)
    if marks:
        yield Sentence(folded, words, starts, marks)


def find_marks(text: str, words: list[str], starts: list[int], index: TermIndex) -> list[Mark]:
    """Return the terms in a sequence of tokens, longest first, without overlap."""
    marks: list[Mark] = []
    first, starting = index.first, index.starting
    stems = bool(index.stems)
    free = 0
    for position, word in enumerate(words):
        if position < free or (word not in first and not stems):
            continue
        node = starting(word)
        if node is None:
            continue
        found, end = longest(node, words, position)
        if found is None:
            continue
        name = found.name
        if name is not None and not word.isascii() and not stands_apart(
            text, starts[position], starts[end - 1] + len(words[end - 1])
        ):
            if not found.mask:
                continue
            name = None
        marks.append(Mark(found.mask, position, end, name))
        free = end
    return marks
