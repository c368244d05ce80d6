"""Takes a text apart once, into what the measures of similarity compare."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pytest_distillcheck.similarity.lexicon import FUNCTION_CHARACTERS, Term, refuses, term_of

_SYLLABIC = "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_WORD = re.compile(rf"[^\W{_SYLLABIC}]+(?:'[^\W{_SYLLABIC}]+)*|[{_SYLLABIC}]+")
_ASCII_WORD = re.compile(r"\w+(?:'\w+)*", re.ASCII)
"""The same on ASCII text, in half the time."""
_TOKEN = re.compile(rf"{_WORD.pattern}|[^\w\s]|\n+")
_SYLLABLES = re.compile(rf"[{_SYLLABIC}]")
_HUMP = re.compile(r"([a-z])(?=[A-Z])")
"""Where a compound such as a hashtag or an identifier joins two words."""
_SENTENCE_ENDS = (". ", "! ", "? ", '." ', ".) ", "。", "！", "？")
_REFUSAL_WITHIN = 400
"""Characters from the start in which a refusal is looked for: later it is a remark."""
_FOLDS = str.maketrans("’‘“”，：；（）\u3000\xa0", "''\"\",:;()  ")

_PARAGRAPH = re.compile(r"\n\s*\n")
_HEADING = re.compile(r"#{1,6}\s|\*\*[^*]+\*\*[:：]?\s*$")
_NUMBERED = re.compile(
    r"(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)]\s|\d{1,3}[.)、]|[一二三四五六七八九十]{1,3}[、.]|\(\d{1,2}\)"
)
_BULLETED = re.compile(r"[-*+•–▪●·]\s|[•▪●]")
_TABLE_BARS = 3

LineKind = str
"""`P` prose, `I` a line that introduces what follows, `N` numbered, `B` bulleted, `H` heading, `T` table,
`C` code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text taken apart.

    Attributes:
        words: folded words, numbers, and for Chinese, Japanese and Korean overlapping pairs of characters.
        terms: stems of the words, each with its weight: how telling it is, times the root of its frequency, so
            that no word that is said again and again outweighs all others.
        numbers: the bare numbers among the words.
        content: stems of the words that are neither function words nor bare numbers, in order.
        punctuation: punctuation characters with how often they occur.
        kinds: the kind of each line that is not blank.
        first_line: words of the first line, as a set.
        last_line: words of the last line, as a set.
        sentences: how many there are.
        paragraphs: how many there are.
        letters: length of the words together, in characters.
        function_words: how many function words and characters there are.
        refuses: whether the opening declines, or speaks of the speaker as a machine.
    """

    words: list[str]
    terms: Mapping[str, float]
    numbers: frozenset[str]
    content: list[str]
    punctuation: Counter[str]
    kinds: list[LineKind]
    first_line: frozenset[str]
    last_line: frozenset[str]
    sentences: int
    paragraphs: int
    letters: int
    function_words: int
    refuses: bool

    def per_word(self, count: int) -> float:
        """Return a count divided by the number of words; 0 for a text without words."""
        return count / max(1, len(self.words))


def take_apart(text: str) -> Text:
    """Return the parts of a text; total, and linear in its length."""
    plain = _HUMP.sub(r"\1 ", text if text.isascii() else text.translate(_FOLDS)).strip()
    folded = plain.lower()
    words = words_of(folded)
    counts = Counter(words)
    terms = {word: term_of(word) for word in counts}
    stems = {word: term.stem for word, term in terms.items() if term.kind == "content"}
    lines = [line for line in plain.split("\n") if line and not line.isspace()]
    return Text(
        words=words,
        terms=_weighted(counts, terms),
        numbers=frozenset(word for word, term in terms.items() if term.kind == "number"),
        content=[stems[word] for word in words if word in stems],
        punctuation=_punctuation(plain),
        kinds=list(_kinds(lines)),
        first_line=frozenset(words_of(lines[0].lower())) if lines else frozenset(),
        last_line=frozenset(words_of(lines[-1].lower())) if lines else frozenset(),
        sentences=len(lines) + sum(map(plain.count, _SENTENCE_ENDS)),
        paragraphs=len(_PARAGRAPH.findall(plain)) + 1,
        letters=sum(map(len, words)),
        function_words=_function_words(counts, terms, folded),
        refuses=refuses(folded[:_REFUSAL_WITHIN]),
    )


def content_terms(text: str) -> frozenset[str]:
    """Return the stems of the content words of a text."""
    folded = (text if text.isascii() else text.translate(_FOLDS)).lower()
    terms = map(term_of, set(words_of(folded)))
    return frozenset(term.stem for term in terms if term.kind == "content")


def _weighted(counts: Counter[str], terms: Mapping[str, Term]) -> dict[str, float]:
    frequencies: dict[str, int] = {}
    weights: dict[str, float] = {}
    for word, (stem, _, weight) in terms.items():
        frequencies[stem] = frequencies.get(stem, 0) + counts[word]
        weights[stem] = weight
    return {stem: weights[stem] * math.sqrt(count) for stem, count in frequencies.items()}


def _punctuation(text: str) -> Counter[str]:
    marks = Counter(text)
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


def _function_words(counts: Counter[str], terms: Mapping[str, Term], folded: str) -> int:
    found = sum(counts[word] for word, term in terms.items() if term.kind == "function")
    return found if folded.isascii() else found + sum(map(FUNCTION_CHARACTERS.__contains__, folded))


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
