"""Cuts folded text into tokens: words of alphabets, runs of digits, single characters of Chinese, Japanese and
Korean, and the punctuation that ends sentences or clauses."""

import re

_SYLLABIC = "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_TOKEN = re.compile(
    rf"[^\W\d_{_SYLLABIC}]+|\d+|[{_SYLLABIC}]"
    r"|[.!?]+(?=[\s\"'”’)\]*_<]|$)|[。！？؟…;；]|\n\s*\n|\n"  # sentences
    r"|[,，、،:：—–()（）\"“”«»「」『』|]"|(?<=\s)[-–](?=\s)  # clauses
)
_WORD = re.compile(rf"[^\W\d_{_SYLLABIC}]+|\d+|[{_SYLLABIC}]")
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")

CLAUSE_ENDS = frozenset("-,，、،:：—–()（）\"“”«»「」『』|\n")
QUESTION_MARKS = "?？؟"


def is_sentence_end(token: str) -> bool:
    """Tell whether a punctuation token ends a sentence. A single line break does not: lines are wrapped."""
    return token[0] in ".!?。！？؟…;；" or (token[0] == "\n" and len(token) > 1)


def is_word(token: str) -> bool:
    """Tell words, digits and characters from punctuation."""
    return token[0].isalnum() or token[0] == "ー"


def tokenize(text: str, start: int, end: int) -> tuple[list[str], list[int]]:
    """Return the tokens of a stretch of folded text and where each starts."""
    words: list[str] = []
    starts: list[int] = []
    for match in _TOKEN.finditer(text, start, end):
        words.append(match[0])
        starts.append(match.start())
    return words, starts


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

