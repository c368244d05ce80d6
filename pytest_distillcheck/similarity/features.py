"""The features of a pair of texts: each is 1 for the same text twice and falls as the texts differ.

All are symmetric: which text is the reference does not matter, as the scale of the ratings does not ask it.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from pytest_distillcheck.similarity.lexicon import FUNCTION_WORDS, stem
from pytest_distillcheck.similarity.overlap import (
    bag_jaccard,
    common_order,
    containment,
    jaccard,
    nearness,
    weighted_jaccard,
)
from pytest_distillcheck.similarity.texts import Text

ORDERED_WORDS = 2_000
"""Words and lines whose order is compared: the measure is quadratic, and the order of an answer shows by then."""
_OPENING_WORDS = 25
_FUNCTION_WEIGHT = 0.4
_FULL_LENGTH = 8
"""Letters from which a word is as telling as any: the rarer a word, the longer it tends to be (Zipf)."""
_FUNCTION_STEMS = frozenset(stem(word) for word in FUNCTION_WORDS)


def features(reference: Text, response: Text, asked: Text) -> Mapping[str, float]:
    """Return the features of a pair by name, each in [0, 1].

    Args:
        reference: one text.
        response: the other.
        asked: the prompt: its terms are shared by any two answers and tell little.
    """
    return {
        **_content(reference, response, asked),
        **_logic(reference, response),
        **_style(reference, response),
    }


def _content(a: Text, b: Text, asked: Text) -> dict[str, float]:
    content_a, content_b = set(a.content), set(b.content)
    given = set(asked.content)
    return {
        "terms": weighted_jaccard(a.terms, b.terms, _term_weight),
        "long_terms": weighted_jaccard(a.terms, b.terms, _length_weight),
        "new_terms": jaccard(content_a - given, content_b - given),
        "covered_terms": containment(content_a, content_b),
        "content_phrases": jaccard(set(pairwise(a.content)), set(pairwise(b.content))),
        "phrases": jaccard(set(pairwise(a.words)), set(pairwise(b.words))),
    }


def _logic(a: Text, b: Text) -> dict[str, float]:
    return {
        "word_order": _order(a.words, b.words, max),
        "layout": _order(_merged(a.kinds), _merged(b.kinds), _mean),
        "list_kind": _agreement(_has(a, "N") == _has(b, "N"), _has(a, "B") == _has(b, "B")),
        "code": _agreement(_has(a, "C") == _has(b, "C")),
        "items": nearness(_listed(a), _listed(b), 1),
        "sentences": nearness(a.sentences, b.sentences, 1),
    }


def _style(a: Text, b: Text) -> dict[str, float]:
    return {
        "punctuation": bag_jaccard(a.punctuation, b.punctuation),
        "function_words": bag_jaccard(a.function, b.function),
        "function_share": 1 - abs(_share(a.function.total(), a) - _share(b.function.total(), b)),
        "length": nearness(len(a.words), len(b.words), 5),
        "word_length": nearness(_share(a.letters, a), _share(b.letters, b), 1),
        "paragraph_length": nearness(len(a.words) / a.paragraphs, len(b.words) / b.paragraphs, 3),
        "opening": jaccard(set(a.words[:_OPENING_WORDS]), set(b.words[:_OPENING_WORDS])),
        "first_line": jaccard(a.first_line, b.first_line),
        "last_line": jaccard(a.last_line, b.last_line),
        "refusal": _agreement(a.refuses == b.refuses),
    }


def _term_weight(term: str) -> float:
    # Numbers are left out: a table or a puzzle full of them would be similar to any other.
    return 0.0 if term[0].isdecimal() else _FUNCTION_WEIGHT if term in _FUNCTION_STEMS else 1.0


def _length_weight(term: str) -> float:
    return float(min(len(term), _FULL_LENGTH))


def _order(first: Sequence[str], second: Sequence[str], of: object) -> float:
    first, second = first[:ORDERED_WORDS], second[:ORDERED_WORDS]
    sizes = (len(first), len(second))
    whole = max(sizes) if of is max else sum(sizes) / 2
    return common_order(first, second) / whole if whole else 1.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _merged(kinds: Sequence[str]) -> list[str]:
    """Return the kinds of lines with every list item alike."""
    return ["N" if kind == "B" else kind for kind in kinds]


def _has(text: Text, kind: str) -> bool:
    return kind in text.kinds


def _listed(text: Text) -> int:
    return text.kinds.count("N") + text.kinds.count("B")


def _share(count: int, text: Text) -> float:
    return count / max(1, len(text.words))


def _agreement(*agreed: bool) -> float:
    return sum(agreed) / len(agreed)
