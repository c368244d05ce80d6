"""Cuts folded text into sentences, and these into tokens.

Tokens are words of alphabets, runs of digits, single characters of Chinese, Japanese and Korean, and the punctuation
that ends sentences or clauses.
"""

import re
from collections.abc import Iterator

_SYLLABIC = "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_SENTENCE_END = r"[.!?]+(?=[\s\"'”’)\]*_<]|$)|[。！？؟…;；]"
_BOUNDARY = re.compile(_SENTENCE_END + r"|\n\s*\n")
_TOKEN = re.compile(
    rf"[^\W\d_{_SYLLABIC}]+|\d+|[{_SYLLABIC}]|{_SENTENCE_END}"
    r"|[\n,，、،:：—–()（）\"“”«»「」『』|]|(?<=\s)-(?=\s)"  # clauses
)
_WORD = re.compile(rf"[^\W\d_{_SYLLABIC}]+|\d+|[{_SYLLABIC}]")
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_ABBREVIATION = re.compile(r"(?:^|[\s(.])(?:inc|co|ltd|corp|mrs?|ms|dr|st|no|vs|e\.g|i\.e|[a-z])\.$")
_LONGEST_ABBREVIATION = 6

CLAUSE_ENDS = frozenset('-,，、،:：—–()（）"“”«»「」『』|\n')
QUESTION_MARKS = "?？؟"


def sentence_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of a stretch start and end. A single line break ends none: lines are wrapped."""
    begin = start
    for match in _BOUNDARY.finditer(text, start, end):
        stop = match.end()
        if match[0] == "." and _ABBREVIATION.search(text, max(begin, stop - _LONGEST_ABBREVIATION), stop):
            continue
        yield begin, stop
        begin = stop
    if begin < end:
        yield begin, end


def tokens(text: str, start: int, end: int) -> list[str]:
    """Return the tokens of a stretch of folded text."""
    return _TOKEN.findall(text, start, end)


def token_starts(text: str, start: int, end: int) -> list[int]:
    """Return where each token of a stretch of folded text starts."""
    return [match.start() for match in _TOKEN.finditer(text, start, end)]


def term_tokens(term: str) -> tuple[str, ...]:
    """Return the word tokens of a folded term."""
    return tuple(_WORD.findall(term))


def stands_apart(text: str, start: int, end: int) -> bool:
    """Tell whether a katakana or Hangul stretch is a word of its own, not the inside of a longer one.

    Korean hangs particles on the end of a word; nothing is hung on its beginning.
    """
    before, first, last, after = text[start - 1 : start], text[start], text[end - 1], text[end : end + 1]
    if _KATAKANA.match(first) and _KATAKANA.match(before):
        return False
    if _KATAKANA.match(last) and _KATAKANA.match(after):
        return False
    return not (_HANGUL.match(first) and _HANGUL.match(before))
