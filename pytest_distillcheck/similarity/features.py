"""The features of a pair of texts: each is 1 for the same text twice and falls as the texts differ.

All are symmetric: the scale of the ratings does not ask which text is the reference.
"""

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice

from pytest_distillcheck.similarity.overlap import (
    aligned,
    bag_jaccard,
    common_order,
    jaccard,
    nearness,
    share,
)
from pytest_distillcheck.similarity.texts import Text

ORDERED = 2_000
"""Words and lines whose order is compared: the measure is quadratic, and an answer shows its order by then."""
_ALIGNED = 60
"""Sentences that are aligned, for the same reason."""
_LISTS = frozenset("NBH")
_LEVELS = 3


def features(reference: Text, response: Text, asked: AbstractSet[str]) -> Mapping[str, float]:
    """Return the features of a pair by name, each in [0, 1].

    Args:
        reference: one text.
        response: the other.
        asked: content terms of the prompt: any two answers share them, which tells little.
    """
    return {
        **_content(reference, response, asked),
        **_logic(reference, response, asked),
        **_style(reference, response),
    }


def _content(a: Text, b: Text, asked: AbstractSet[str]) -> dict[str, float]:
    """Return what is said in both.

    `covered_terms` asks how much each has of the other's terms, `kept_terms` how much of the shorter the longer
    has: fewer details are not other points.
    """
    # Exact sums do not depend on the order of a set, so that a pair gets the same rating in every process.
    weight_a, weight_b = math.fsum(a.terms.values()), math.fsum(b.terms.values())
    weight = math.fsum(min(a.terms[term], b.terms[term]) for term in a.terms.keys() & b.terms.keys())
    new_a, new_b = a.places.keys() - asked, b.places.keys() - asked
    shared = len(new_a & new_b)
    fewer, more = sorted((len(new_a), len(new_b)))
    return {
        "all_terms": share(weight, weight_a + weight_b - weight),
        "covered_terms": share(shared, math.sqrt(fewer * more) or more),
        "kept_terms": share(shared, fewer or more),
        "phrases": jaccard(a.phrases, b.phrases),
        # Half a number that both have makes one that differs weigh less where there are few. A text without
        # any contradicts none.
        "numbers": (len(a.numbers & b.numbers) + 0.5) / (min(len(a.numbers), len(b.numbers)) + 0.5),
    }


def _logic(a: Text, b: Text, asked: AbstractSet[str]) -> dict[str, float]:
    """Return how alike the layout is, and the order of what is said."""
    longer = max(len(a.words[:ORDERED]), len(b.words[:ORDERED]))
    lines = len(a.kinds[:ORDERED]) + len(b.kinds[:ORDERED])
    return {
        "word_order": share(_in_order(a.words, b.words), longer),
        "point_order": aligned(_points(a, asked), _points(b, asked)),
        "place": _same_place(a.places, b.places, asked),
        "layout": share(2 * _in_order(_merged(a.kinds), _merged(b.kinds)), lines),
        "lists": float(_LISTS.isdisjoint(a.kinds) == _LISTS.isdisjoint(b.kinds)),
        "hierarchy": 1 - abs(_levels(a) - _levels(b)) / _LEVELS,
        "lines": nearness(len(a.kinds), len(b.kinds), 1),
    }


def _style(a: Text, b: Text) -> dict[str, float]:
    """Return how alike the writing is."""
    return {
        "punctuation": bag_jaccard(a.punctuation, b.punctuation),
        "function_words": _same_use(a, b),
        "word_length": nearness(a.per_word(a.letters), b.per_word(b.letters), 1),
        "line_length": nearness(_mean(len(a.words), len(a.kinds)), _mean(len(b.words), len(b.kinds)), 3),
        "paragraph_length": nearness(len(a.words) / a.paragraphs, len(b.words) / b.paragraphs, 3),
        "list_kind": sum((kind in a.kinds) == (kind in b.kinds) for kind in "NB") / 2,
        "emphasis": float(a.emphasises == b.emphasises),
        "first_line": jaccard(a.first_line, b.first_line),
        "last_line": jaccard(a.last_line, b.last_line),
        "refusal": float(a.refuses == b.refuses),
    }


def _points(text: Text, asked: AbstractSet[str]) -> list[AbstractSet[str]]:
    points = (point - asked for point in text.points)
    return list(islice(filter(None, points), _ALIGNED))


def _same_place(a: Mapping[str, float], b: Mapping[str, float], asked: AbstractSet[str]) -> float:
    """Return how near the shared terms stand to the place that they have in the other text; 0 without any."""
    shared = (a.keys() & b.keys()) - asked
    if not shared:
        return float(a.keys() == b.keys())
    return 1 - math.fsum(abs(a[term] - b[term]) for term in shared) / len(shared)


def _same_use(a: Text, b: Text) -> float:
    """Return the overlap of how often function words are used; never over one use a word."""
    uses_a = max(1, len(a.words), a.function_words.total())
    uses_b = max(1, len(b.words), b.function_words.total())
    words = a.function_words.keys() | b.function_words.keys()
    return 1 - math.fsum(abs(a.function_words[w] / uses_a - b.function_words[w] / uses_b) for w in words) / 2


def _levels(text: Text) -> int:
    """Return how many levels of headings and lists there are."""
    return ("H" in text.kinds) + (not {"N", "B"}.isdisjoint(text.kinds)) + text.indents


def _mean(total: int, count: int) -> float:
    return total / max(1, count)


def _in_order(first: Sequence[str], second: Sequence[str]) -> int:
    return common_order(first[:ORDERED], second[:ORDERED])


def _merged(kinds: Sequence[str]) -> list[str]:
    """Return the kinds of lines with every list item alike; `list_kind` tells numbers from bullets."""
    return ["N" if kind == "B" else kind for kind in kinds]
