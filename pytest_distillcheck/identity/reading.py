"""Reads folded text into sentences of marks: the words that matter to a claim, and where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pytest_distillcheck.identity.folding import Folded
from pytest_distillcheck.identity.kinds import MINE, SELF
from pytest_distillcheck.identity.names import Name
from pytest_distillcheck.identity.terms import TermIndex, longest
from pytest_distillcheck.identity.tokens import sentence_spans, stands_apart, token_starts, tokens

MAX_TOKENS = 160
"""Tokens after which a sentence is cut: no real one is longer, and a hostile one must not cost more than its length."""
OPENING_SENTENCES = 3
"""Sentences of a voice that may answer a question without naming the speaker."""
OVERLAP = 30
"""Tokens that the parts of a cut sentence share, so that no claim can be hidden in the cut."""

_PROPER = re.compile(r"[^\s.!?]\s+\W{0,3}(?!AI\b)[A-Z]\w|[\"“「『«]|[^\W\x00-\u02ff]")
"""Signs of a name that the catalogue may not know: a capital inside a sentence, a quotation, another script."""


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
    name: Name | None = None


@dataclass(slots=True)
class Sentence:
    """Tokens of one sentence with their marks.

    Attributes:
        folded: the text that it stands in.
        start: where it starts in the folded text.
        end: where it ends.
        words: folded tokens, punctuation included; the last one is what ends the sentence, if anything does.
        marks: in order, without overlap.
        number: from 0, in its voice.
        topic: the sentence before spoke of the speaker's maker.
        character: a character of the prompt speaks in it, of itself by its name.
    """

    folded: Folded
    start: int
    end: int
    words: list[str]
    marks: list[Mark] = field(default_factory=list)
    number: int = 0
    topic: bool = False
    character: bool = False
    _starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        """For each token where it starts in the folded text; found out when it is needed, which is seldom."""
        if self._starts is None:
            self._starts = token_starts(self.folded.text, self.start, self.end)
        return self._starts

    def may_name(self) -> bool:
        """Tell whether there are signs of a name that the catalogue may not know."""
        return _PROPER.search(self.folded.quote(self.start, self.end)) is not None

    def original(self, start: int, end: int) -> str:
        """Return the original text of some of the tokens."""
        return self.folded.quote(self.starts[start], self.starts[end - 1] + len(self.words[end - 1]))


def sentences(
    folded: Folded,
    start: int,
    end: int,
    index: TermIndex,
    *,
    characters: frozenset[str] = frozenset(),
    said: set[tuple[str, bool, bool]],
) -> Iterator[Sentence]:
    """Yield the sentences of a stretch of text that may claim something.

    One that is said again says nothing new: what `said` holds is passed over, and what is yielded is added to it.
    Characters are those that speak of themselves by their names.
    """
    text = folded.text
    topic = False
    for number, (begin, stop) in enumerate(sentence_spans(text, start, end)):
        words = tokens(text, begin, stop)
        sentence = Sentence(folded, begin, stop, words, number=number, topic=topic)
        sentence.character = not characters.isdisjoint(words)
        topic = not (index.speaking.isdisjoint(words) or index.makers.isdisjoint(words))
        if not (sentence.character or _worth_reading(sentence, index)):
            continue
        for piece in _pieces(sentence):
            shown = (text[piece.start : piece.end].strip(), number < OPENING_SENTENCES, sentence.topic)
            if shown in said:
                continue
            said.add(shown)
            piece.marks = find_marks(piece, index)
            if sentence.character:
                _let_speak(piece, characters)
            if piece.marks:
                yield piece


def marked_sentences(folded: Folded, index: TermIndex) -> Iterator[Sentence]:
    """Yield all sentences of a text that have any marks."""
    text = folded.text
    for begin, stop in sentence_spans(text, 0, len(text)):
        for piece in _pieces(Sentence(folded, begin, stop, tokens(text, begin, stop))):
            piece.marks = find_marks(piece, index)
            if piece.marks:
                yield piece


def _let_speak(sentence: Sentence, characters: frozenset[str]) -> None:
    """Take the first name of a character for the speaker, or, before `'s` or `的`, for its possessive."""
    words = sentence.words
    position = next((at for at, word in enumerate(words) if word in characters), -1)
    taken = any(mark.mask & (SELF | MINE) or mark.start <= position < mark.end for mark in sentence.marks)
    sentence.character = position >= 0 and not taken
    if sentence.character:
        owns = words[position + 1 : position + 2] in (["s"], ["的"])
        mark = Mark(MINE if owns else SELF, position, position + 1 + owns)
        rest = [other for other in sentence.marks if other.start != position + 1 or not owns]
        sentence.marks = sorted([*rest, mark], key=lambda mark: mark.start)


def _worth_reading(sentence: Sentence, index: TermIndex) -> bool:
    """Tell whether a sentence may claim something: it is cheaper to ask than to read.

    Past the opening, where an answer may leave the speaker out, nothing is claimed without a word of a speaker, of
    somebody who is bound or sure, or of a maker that was spoken of just before.
    """
    words = sentence.words
    named = not index.telling.isdisjoint(words)
    if not index.speaking.isdisjoint(words):
        return named or bool(index.stems) or sentence.may_name()
    return named and (
        sentence.number < OPENING_SENTENCES or sentence.topic or not index.holding.isdisjoint(words)
    )


def _pieces(sentence: Sentence) -> Iterator[Sentence]:
    words = sentence.words
    if len(words) <= MAX_TOKENS:
        yield sentence
        return
    starts = sentence.starts
    for first in range(0, len(words), MAX_TOKENS - OVERLAP):
        part, offsets = words[first : first + MAX_TOKENS], starts[first : first + MAX_TOKENS]
        yield Sentence(
            sentence.folded,
            offsets[0],
            offsets[-1] + len(part[-1]),
            part,
            number=sentence.number + first,
            topic=sentence.topic,
            _starts=offsets,
        )


def find_marks(sentence: Sentence, index: TermIndex) -> list[Mark]:
    """Return the terms in a sentence, longest first, without overlap."""
    words = sentence.words
    nodes = index.nodes(words)
    marks: list[Mark] = []
    free = 0
    for position, node in enumerate(nodes):
        if node is None or position < free:
            continue
        found, end = longest(node, words, position) if node.following else (node, position + 1)
        if found is None:
            continue
        name = found.name
        if name is not None and not _is_whole(sentence, position, end):
            name = None
            if not found.mask:
                continue
        marks.append(Mark(found.mask, position, end, name))
        free = end
    return marks


def _is_whole(sentence: Sentence, first: int, last: int) -> bool:
    """Tell whether a name is not a part of something longer: a katakana word, a Korean word, an address on the web."""
    text = sentence.folded.text
    start, end = sentence.starts[first], sentence.starts[last - 1] + len(sentence.words[last - 1])
    if text[start - 1 : start] in {"/", "@"} or (
        text[end : end + 1] == "." and text[end + 1 : end + 2].isalpha()
    ):
        return False
    return text[start].isascii() or stands_apart(text, start, end)
