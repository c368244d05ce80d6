"""The words that similarity must know: function words, refusals and the endings of English words."""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

Kind = Literal["content", "function", "number"]

FUNCTION_WORDS = frozenset(
    """
    a about above after again all also although am an and any are aren't as at be became because been before
    being below between both but by can can't cannot could couldn't did didn't do does doesn't doing don't down
    during each few for from further had hadn't has hasn't have haven't having he her here here's hers herself
    him himself his how however i i'd i'll i'm i've if in into is isn't it it's its itself just let let's many
    may me might more most much must my myself no nor not now of off on once one only onto or other our ours
    ourselves out over own same shall she should so some such than that that's the their theirs them themselves
    then there there's therefore these they they're this those though through thus to too toward towards two
    under until up upon very was wasn't we we're were what when where whether which while who whom whose why
    will with within without won't would yet you you're your yours yourself across against
    """.split()  # noqa: SIM905 - two hundred quoted words would hide which they are
)
"""English words that carry grammar, not content."""

FUNCTION_CHARACTERS = frozenset(
    "的了是在和与及或也都就而但因为所以如果可以这那其之于对从被把给让会能要我你您他她它们一个不没有着过吗呢吧"
)
"""Chinese characters that carry grammar, not content."""

_ENDINGS = (
    *("ational", "ization", "fulness", "iveness", "ingly", "ments", "ation", "ities", "ment", "ness", "able"),
    *("ible", "ions", "ings", "ally", "ies", "ing", "ion", "ity", "ers", "ive", "ous", "ful", "ely"),
    *("ed", "es", "ly", "er", "al", "s", "e"),
)
_LONG = 5
_SHORT = 3
_STEM = 3
"""Letters from which an ending is taken off, or an `s` alone, and that must be left."""

_TELLING_LENGTH = 8
"""Letters from which a word is as telling as any: the rarer a word, the longer it tends to be (Zipf)."""
_LONGEST = 40
"""Letters after which a word is no word but data, and is cut: what was met once stays in memory."""
_FIRST_CHARACTER = "\u2e80"
"""Where the blocks of Chinese, Japanese and Korean begin."""
_PAIR = 2
_CHARACTERS_WEIGHT = 0.75
_NUMBER_WEIGHT = 0.6
_FUNCTION_WEIGHT = 0.4

_REFUSAL = re.compile(
    r"\b(?:as an? (?:ai|artificial|language|large)\b|i(?: (?:cannot|can't|can not|am unable|am not able|don't have"
    r"|do not have|am sorry|apologi[sz]e)\b|'m (?:unable|not able|sorry|afraid)\b))"
)
_CHINESE_REFUSAL = re.compile(
    r"作为一?[个款名]?(?:ai|人工智能|大?语言模型)|(?:我|很)?抱歉|我(?:无法|不能|没有办法|没办法)"
)


class Term(NamedTuple):
    """What a word stands for.

    Attributes:
        stems: what it shares with its inflections and near relations. A pair of Chinese, Japanese or Korean
            characters has itself and each of the two, for one in two pairs holds parts of two words: then texts
            share as much in these languages as their translations do in English.
        kind: `content`, `function` or `number`.
        weight: how telling it is, in (0, 1].
    """

    stems: tuple[str, ...]
    kind: Kind
    weight: float


def term_of(word: str) -> Term:
    """Return the term of a folded word, or of one or two Chinese, Japanese or Korean characters."""
    if len(word) <= _PAIR and word[0] >= _FIRST_CHARACTER:
        # There are millions of pairs; they would drive the words out of the cache.
        return _term_of_characters(word)
    return _term(word[:_LONGEST])


def _term_of_characters(characters: str) -> Term:
    telling = tuple(character for character in characters if character not in FUNCTION_CHARACTERS)
    return Term((characters, *telling) if len(telling) == _PAIR else telling, "content", _CHARACTERS_WEIGHT)


@lru_cache(maxsize=65_536)
def _term(word: str) -> Term:
    if word in FUNCTION_WORDS:
        return Term((word,), "function", _FUNCTION_WEIGHT)
    if word[0].isdecimal():
        return Term((word,), "number", _NUMBER_WEIGHT)
    stem = _stem(word)
    return Term((stem,), "content", min(len(stem), _TELLING_LENGTH) / _TELLING_LENGTH)


def _stem(word: str) -> str:
    """Return a word without its ending; rough, and only for English endings."""
    if len(word) > _LONG:
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= _STEM:
                word = word[: -len(ending)]
                break
    elif len(word) > _SHORT and word[-1] == "s" and word[-2] != "s":
        word = word[:-1]
    if len(word) > _STEM and word[-1] == word[-2]:
        word = word[:-1]
    return word


def refuses(folded: str) -> bool:
    """Tell whether an opening declines, or speaks of the speaker as a machine."""
    if _REFUSAL.search(folded):
        return True
    return not folded.isascii() and bool(_CHINESE_REFUSAL.search(folded))
