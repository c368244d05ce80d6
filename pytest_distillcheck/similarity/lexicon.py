"""The few words that similarity must know: function words, refusals and the endings of English words."""

from functools import lru_cache

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
    """.split()
)
"""English words that carry grammar, not content."""

FUNCTION_CHARACTERS = frozenset("的了是在和与及或也都就而但因为所以如果可以这那其之于对从被把给让会能要我你您他她它们一个不没有着过吗呢吧")
"""Chinese characters that carry grammar, not content."""

REFUSAL = (
    r"\bas an? (?:ai|artificial|language|large)\b"
    r"|\bi (?:cannot|can't|can not|am unable|am not able|don't have|do not have)\b"
    r"|\bi'm (?:unable|not able|sorry|afraid)\b|\bi am sorry\b|\bi apologi[sz]e\b"
    r"|作为一?[个款名]?(?:ai|人工智能|大?语言模型)|(?:我|很)?抱歉|我(?:无法|不能|没有办法|没办法)"
)
"""An opening that declines, or speaks of the speaker as a machine; on folded text."""

_ENDINGS = (
    *("ational", "ization", "fulness", "iveness", "ingly", "ments", "ation", "ities", "ment", "ness", "able"),
    *("ible", "ions", "ings", "ally", "ies", "ing", "ion", "ity", "ers", "ive", "ous", "ful", "ely"),
    *("ed", "es", "ly", "er", "al", "s", "e"),
)
_LONG = 5
_SHORT = 3
_STEM = 3


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return what a word shares with its inflections and near relations; rough, and only for English endings."""
    if len(word) > _LONG:
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= _STEM:
                word = word[: -len(ending)]
                break
    elif len(word) > _SHORT and word[-1] == "s" and word[-2] != "s":
        word = word[:-1]
    if len(word) > _STEM and word[-1] == word[-2] and word.isascii():
        word = word[:-1]
    return word
