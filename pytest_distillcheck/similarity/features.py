"""The features of a pair of texts: each is 1 for the same text twice and falls as the texts differ.

All are symmetric: the scale of the ratings does not ask which text is the reference.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from pytest_distillcheck.similarity.lexicon import FUNCTION_WORDS, stem
from pytest_distillcheck.similarity.overlap import bag_jaccard, common_order, jaccard, nearness
from pytest_distillcheck.similarity.texts import Text

ORDERED = 2_000
"""Words and lines whose order is compared: the measure is quadratic, and an answer shows its order by then."""
_TELLING_LENGTH = 8
"""Letters from which a word is as telling as any: the rarer a word, the longer it tends to be (Zipf)."""
_NUMBER_WEIGHT = 0.6
_FUNCTION_WEIGHT = 0.25
_ASKED_WEIGHT = 0.5
_SMALLER = 0.65
"""How much the smaller of two bags counts in `covered_terms`: a short answer that a long one holds entirely
has most key points, yet not the same detail."""
_FUNCTION_STEMS = frozenset(map(stem, FUNCTION_WORDS))


def features(reference: Text, response: Text, asked: Text) -> Mapping[str, float]:
    """Return the features of a pair by name, each in [0, 1].

    Args:
        reference: one text.
        response: the other.
        asked: the prompt: any two answers share its terms, which tells little.
    """
    return {
        **_content(reference, response, frozenset(asked.content)),
        **_logic(reference, response),
        **_style(reference, response),
    }


def _content(a: Text, b: Text, asked: AbstractSet[str]) -> dict[str, float]:
    numbers_a, numbers_b = _numbers(a), _numbers(b)
    # Half a number that both have keeps texts without any from being the same as texts that agree on ten.
    shared_numbers = len(numbers_a & numbers_b) + 0.5
    return {
        "all_terms": _all_terms(a.terms, b.terms),
        "covered_terms": _covered_terms(a.terms, b.terms, asked),
        "new_terms": jaccard(set(a.content) - asked, set(b.content) - asked),
        "content_phrases": jaccard(set(pairwise(a.content)), set(pairwise(b.content))),
        "numbers": shared_numbers / (max(len(numbers_a), len(numbers_b)) + 0.5),
    }


def _logic(a: Text, b: Text) -> dict[str, float]:
    longer = max(len(a.words[:ORDERED]), len(b.words[:ORDERED]))
    lines = len(a.kinds[:ORDERED]) + len(b.kinds[:ORDERED])
    return {
        "word_order": _in_order(a.words, b.words) / longer if longer else 1.0,
        "layout": 2 * _in_order(_merged(a.kinds), _merged(b.kinds)) / lines if lines else 1.0,
        "list_kind": sum((kind in a.kinds) == (kind in b.kinds) for kind in "NB") / 2,
        "sentences": nearness(a.sentences, b.sentences, 1),
    }


def _style(a: Text, b: Text) -> dict[str, float]:
    return {
        "punctuation": bag_jaccard(a.punctuation, b.punctuation),
        "function_share": 1 - abs(a.per_word(a.function_words) - b.per_word(b.function_words)),
        "word_length": nearness(a.per_word(a.letters), b.per_word(b.letters), 1),
        "paragraph_length": nearness(len(a.words) / a.paragraphs, len(b.words) / b.paragraphs, 3),
        "first_line": jaccard(a.first_line, b.first_line),
        "last_line": jaccard(a.last_line, b.last_line),
        "refusal": float(a.refuses == b.refuses),
    }


def _all_terms(a: Counter[str], b: Counter[str]) -> float:
    """Return the Jaccard similarity of the terms, each by its length and the root of its frequency."""
    shared, weight_a, weight_b = _weights(a, b, lambda term: min(len(term), _TELLING_LENGTH))
    union = weight_a + weight_b - shared
    return shared / union if union else 1.0


def _covered_terms(a: Counter[str], b: Counter[str], asked: AbstractSet[str]) -> float:
    """Return how far either text covers the other's terms, after Tversky (1977)."""

    def weight(term: str) -> float:
        base = _NUMBER_WEIGHT if term[0].isdecimal() else min(len(term), _TELLING_LENGTH) / _TELLING_LENGTH
        base *= _FUNCTION_WEIGHT if term in _FUNCTION_STEMS else 1
        return base * _ASKED_WEIGHT if term in asked else base

    shared, *weights = _weights(a, b, weight)
    small, large = sorted(weights)
    return shared / (small**_SMALLER * large ** (1 - _SMALLER)) if small else float(not large)
