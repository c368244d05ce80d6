"""Takes a text apart once, into what the measures of similarity compare."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from pytest_distillcheck.similarity.lexicon import FUNCTION_CHARACTERS, FUNCTION_WORDS, REFUSAL, stem

_SYLLABIC = "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_WORD = re.compile(rf"[^\W\d_{_SYLLABIC}]+(?:'[^\W\d_{_SYLLABIC}]+)*|\d+(?:[.,]\d+)*|[{_SYLLABIC}]+")
_TOKEN = re.compile(rf"{_WORD.pattern}|[^\w\s]|\n+")
_SYLLABLES = re.compile(rf"[{_SYLLABIC}]")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a compound such as a hashtag or an identifier joins two words."""
_PUNCTUATION = re.compile(r"[^\w\s]")
_SENTENCE_END = re.compile(r"[.!?]+(?=[\"')\]*]*\s)|[。！？]|\n+")
_PARAGRAPH = re.compile(r"\n\s*\n")
_REFUSAL = re.compile(REFUSAL)
_REFUSAL_WITHIN = 400
"""Characters from the start in which a refusal is looked for: later it is a remark."""
_FOLDS = str.maketrans("’‘“”，：；（）！？、\u3000\xa0", "''\"\",:;()!?,  ")

_HEADING = re.compile(r"#{1,6}\s|\*\*[^*]+\*\*[:：]?\s*$")
_NUMBERED = re.compile(r"(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,4})[.)]\s|\d{1,3}[.)、]|[一二三四五六七八九十]{1,3}[、.]|[(（]\d{1,2}[)）]")
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
        terms: stems of the words with how often they occur.
        content: stems of the words that are neither function words nor bare numbers, in order.
        function: function words and characters with how often they occur.
        punctuation: punctuation characters with how often they occur.
        kinds: the kind of each line that is not blank.
        first_line: words of the first line, as a set.
        last_line: words of the last line, as a set.
        sentences: how many there are.
        paragraphs: how many there are.
        letters: length of the words together, in characters.
        refuses: whether the opening declines, or speaks of the speaker as a machine.
    """

    words: list[str]
    terms: Counter[str]
    content: list[str]
    function: Counter[str]
    punctuation: Counter[str]
    kinds: list[LineKind]
    first_line: frozenset[str]
    last_line: frozenset[str]
    sentences: int
    paragraphs: int
    letters: int
    refuses: bool


def take_apart(text: str) -> Text:
    """Return the parts of a text; total, and linear in its length."""
    plain = _HUMP.sub(" ", text.translate(_FOLDS))
    folded = plain.lower()
    words = words_of(folded)
    terms: Counter[str] = Counter()
    for word, count in Counter(words).items():
        terms[stem(word)] += count
    lines = [line for line in plain.split("\n") if line and not line.isspace()]
    return Text(
        words=words,
        terms=terms,
        content=[stem(word) for word in words if word not in FUNCTION_WORDS and not word[0].isdecimal()],
        function=_function_words(words, folded),
        punctuation=Counter(_PUNCTUATION.findall(plain)),
        kinds=list(_kinds(lines)),
        first_line=frozenset(words_of(lines[0].lower())) if lines else frozenset(),
        last_line=frozenset(words_of(lines[-1].lower())) if lines else frozenset(),
        sentences=len(_SENTENCE_END.findall(plain.strip())) + 1,
        paragraphs=len(_PARAGRAPH.findall(plain.strip())) + 1,
        letters=sum(map(len, words)),
        refuses=bool(_REFUSAL.search(folded[:_REFUSAL_WITHIN])),
    )


def words_of(folded: str) -> list[str]:
    """Return the words of folded text; runs of Chinese, Japanese or Korean become pairs of characters."""
    return _paired(_WORD.findall(folded), folded)


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


def _function_words(words: list[str], folded: str) -> Counter[str]:
    found = Counter(word for word in words if word in FUNCTION_WORDS)
    if not folded.isascii():
        found.update(character for character in folded if character in FUNCTION_CHARACTERS)
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
