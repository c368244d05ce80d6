"""Takes a text apart once, into what the measures of similarity compare."""

import math
import re
import string
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise
from operator import itemgetter

from pytest_distillcheck.similarity.lexicon import FUNCTION_CHARACTERS, Term, refuses, term_of

_SYLLABIC = "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_WORD = re.compile(rf"[^\W{_SYLLABIC}]+(?:'[^\W{_SYLLABIC}]+)*|[{_SYLLABIC}]+")
_ASCII_WORD = re.compile(r"\w+(?:'\w+)*", re.ASCII)
"""The same on ASCII text, in half the time."""
_TOKEN = re.compile(rf"{_WORD.pattern}|[^\w\s]|\n+")
_SYLLABLES = re.compile(rf"[{_SYLLABIC}]")
_HUMP = re.compile(r"[A-Z](?<=[a-z][A-Z])")
"""The capital where a compound such as a hashtag or an identifier joins two words."""
_POINT_END = re.compile(r"[.!?\n。！？](?<![.!?](?=\w))")
"""Where a point of an answer ends: with its sentence or its line, but not within `2.5` or `example.org`."""
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
_REFUSAL_WITHIN = 400
"""Characters from the start in which a refusal is looked for: later it is a remark."""
_NO_PUNCTUATION = dict.fromkeys(map(ord, string.ascii_letters + string.digits + string.whitespace))
_FOLDS = str.maketrans("’‘“”，：；（）\u3000\xa0", "''\"\",:;()  ")

_PARAGRAPH = re.compile(r"\n\s*\n")
_HEADING = re.compile(r"#{1,6}\s|\*\*[^*]+\*\*[:：]?\s*$")
_NUMBERED = re.compile(
    r"(?:[a-zA-Z]|[ivxIVX]{1,4})[.)]\s|\d{1,3}(?:[.)](?!\d)|、)|[一二三四五六七八九十]{1,3}[、.]|\(\d{1,2}\)"
)
_BULLETED = re.compile(r"[-*+•–▪●·]\s|[•▪●]")
_TABLE_BARS = 3

LineKind = str
"""`P` prose, `I` a line that introduces what follows, `N` numbered, `B` bulleted, `H` heading, `T` table,
`C` code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text taken apart. The numbers of its list items are layout, not words.

    Attributes:
        words: folded words, numbers, and for Chinese, Japanese and Korean overlapping pairs of characters.
        terms: stems of the words, each with its weight: how telling it is, times the root of its frequency, so
            that no word that is said again and again outweighs all others.
        phrases: pairs of neighbours among the words that are neither function words nor bare numbers, stemmed.
        places: where each stem of such a word first stands, from 0 for the first to nearly 1 for the last.
        points: the sets of these stems in each sentence, in order.
        numbers: the numbers, without separators of thousands.
        punctuation: punctuation characters with how often they occur.
        function_words: function words and characters with how often they occur.
        kinds: the kind of each line that is not blank.
        indents: whether a list stands within another.
        emphasises: whether anything is bold.
        first_line: words of the first line, as a set.
        last_line: words of the last line, as a set.
        paragraphs: how many there are.
        letters: length of the words together, in characters.
        refuses: whether the opening declines, or speaks of the speaker as a machine.
    """

    words: list[str]
    terms: Mapping[str, float]
    phrases: frozenset[tuple[str, str]]
    places: Mapping[str, float]
    points: list[frozenset[str]]
    numbers: frozenset[str]
    punctuation: Counter[str]
    function_words: Counter[str]
    kinds: list[LineKind]
    indents: bool
    emphasises: bool
    first_line: frozenset[str]
    last_line: frozenset[str]
    paragraphs: int
    letters: int
    refuses: bool

    def per_word(self, count: int) -> float:
        """Return a count divided by the number of words; 0 for a text without words."""
        return count / max(1, len(self.words))


def take_apart(text: str) -> Text:
    """Return the parts of a text; total, and linear in its length."""
    plain = text if text.isascii() else text.translate(_FOLDS)
    folded = _HUMP.sub(r" \g<0>", plain).lower().strip()
    lines = [line for line in folded.split("\n") if line and not line.isspace()]
    kinds = list(_kinds(lines))
    bodies = list(map(_unnumbered, lines, kinds))
    body = "\n".join(bodies)
    sentences = [words_of(sentence) for sentence in _POINT_END.split(body)]
    words = [word for sentence in sentences for word in sentence]
    counts = Counter(words)
    terms = {word: term_of(word) for word in counts}
    stems = {word: term.stems for word, term in terms.items() if term.kind == "content" and term.stems}
    said = [[stems[word] for word in sentence if word in stems] for sentence in sentences]
    content = list(chain.from_iterable(said))
    return Text(
        words=words,
        terms=_weighted(counts, terms),
        phrases=frozenset(pairwise(map(itemgetter(0), content))),
        places=_places(list(chain.from_iterable(content))),
        points=[frozenset(chain.from_iterable(point)) for point in said if point],
        numbers=frozenset(number.replace(",", "") for number in _NUMBER.findall(body)),
        punctuation=_punctuation(folded),
        function_words=_function_words(counts, terms, folded),
        kinds=kinds,
        indents=any(kind in "NB" and line[0].isspace() for kind, line in zip(kinds, lines, strict=True)),
        emphasises="**" in folded,
        first_line=frozenset(words_of(bodies[0])) if bodies else frozenset(),
        last_line=frozenset(words_of(bodies[-1])) if bodies else frozenset(),
        paragraphs=len(_PARAGRAPH.findall(folded)) + 1,
        letters=sum(map(len, words)),
        refuses=refuses(folded[:_REFUSAL_WITHIN]),
    )


def content_terms(text: str) -> frozenset[str]:
    """Return the stems of the content words of a text."""
    folded = (text if text.isascii() else text.translate(_FOLDS)).lower()
    terms = map(term_of, set(words_of(folded)))
    return frozenset(stem for term in terms if term.kind == "content" for stem in term.stems)


def _weighted(counts: Counter[str], terms: Mapping[str, Term]) -> dict[str, float]:
    squares: dict[str, float] = {}
    for word, (stems, _, weight) in terms.items():
        square = counts[word] * weight * weight
        for stem in stems:
            squares[stem] = squares.get(stem, 0.0) + square
    return {stem: math.sqrt(square) for stem, square in squares.items()}


def _punctuation(text: str) -> Counter[str]:
    # Most characters are taken out the fast way, and others one by one.
    marks = Counter(text.translate(_NO_PUNCTUATION))
    for character in list(marks):
        if character.isalnum() or character.isspace():
            del marks[character]
    return marks


def words_of(folded: str) -> list[str]:
    """Return the words of folded text; runs of Chinese, Japanese or Korean become pairs of characters."""
    return _ASCII_WORD.findall(folded) if folded.isascii() else _paired(_WORD.findall(folded), folded)


def tokens_of(text: str) -> list[str]:
    """Return the folded words, punctuation marks and line breaks of a text, in order."""
    folded = text.lower().replace("’", "'")
    return _paired(_TOKEN.findall(folded), folded)


def _paired(found: list[str], folded: str) -> list[str]:
    if folded.isascii() or not _SYLLABLES.search(folded):
        return found
    return [part for word in found for part in _pairs(word)]


def _pairs(word: str) -> list[str]:
    if len(word) == 1 or not _SYLLABLES.match(word):
        return [word]
    return [word[i : i + 2] for i in range(len(word) - 1)]


def _unnumbered(line: str, kind: LineKind) -> str:
    number = _NUMBERED.match(line.lstrip()) if kind == "N" else None
    return line.lstrip()[number.end() :] if number else line


def _places(stems: list[str]) -> dict[str, float]:
    # Backwards, so that the first of several is what stays.
    last = len(stems) - 1
    return {stem: (last - index) / len(stems) for index, stem in enumerate(reversed(stems))}


def _function_words(counts: Counter[str], terms: Mapping[str, Term], folded: str) -> Counter[str]:
    found = Counter({word: counts[word] for word, term in terms.items() if term.kind == "function"})
    if not folded.isascii():
        found.update(filter(FUNCTION_CHARACTERS.__contains__, folded))
    return found


def _kinds(lines: list[str]) -> Iterator[LineKind]:
    in_code = False
    for line in lines:
        bare = line.lstrip()
        if bare.startswith("```"):
            in_code = not in_code
            yield "C"
        else:
            yield "C" if in_code else _kind(bare)


def _kind(line: str) -> LineKind:
    if _HEADING.match(line):
        return "H"
    if _NUMBERED.match(line):
        return "N"
    if _BULLETED.match(line):
        return "B"
    if line.count("|") >= _TABLE_BARS:
        return "T"
    return "I" if line.rstrip().endswith((":", "：")) else "P"
