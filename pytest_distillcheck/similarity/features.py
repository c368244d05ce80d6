"""The features of a pair of texts: each is 1 for the same text twice and falls as the texts differ.

All are symmetric: the scale of the ratings does not ask which text is the reference.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from pytest_distillcheck.similarity.overlap import bag_jaccard, common_order, jaccard, nearness
from pytest_distillcheck.similarity.texts import Text

ORDERED = 2_000
"""Words and lines whose order is compared: the measure is quadratic, and an answer shows its order by then."""
_SMALLER = 0.65
"""How much the smaller of two bags counts in `covered_terms`: a short answer that a long one holds entirely
has most key points, yet not the same detail."""


def features(reference: Text, response: Text, asked: AbstractSet[str]) -> Mapping[str, float]:
    """Return the features of a pair by name, each in [0, 1].

    Args:
        reference: one text.
        response: the other.
        asked: content terms of the prompt: any two answers share them, which tells little.
    """
    return {
        **_content(reference, response, asked),
        **_logic(reference, response),
        **_style(reference, response),
    }


def _content(a: Text, b: Text, asked: AbstractSet[str]) -> dict[str, float]:
    weight_a, weight_b = sum(a.terms.values()), sum(b.terms.values())
    shared = sum(min(a.terms[term], b.terms[term]) for term in a.terms.keys() & b.terms.keys())
    # Half a number that both have keeps texts without any from being the same as texts that agree on ten.
    shared_numbers = len(a.numbers & b.numbers) + 0.5
    return {
        "all_terms": _share(shared, weight_a + weight_b - shared),
        "covered_terms": _share(shared, _between(weight_a, weight_b)),
        "new_terms": jaccard(set(a.content) - asked, set(b.content) - asked),
        "content_phrases": jaccard(set(pairwise(a.content)), set(pairwise(b.content))),
        "numbers": shared_numbers / (max(len(a.numbers), len(b.numbers)) + 0.5),
    }


def _logic(a: Text, b: Text) -> dict[str, float]:
    longer = max(len(a.words[:ORDERED]), len(b.words[:ORDERED]))
    lines = len(a.kinds[:ORDERED]) + len(b.kinds[:ORDERED])
    return {
        "word_order": _share(_in_order(a.words, b.words), longer),
        "layout": _share(2 * _in_order(_merged(a.kinds), _merged(b.kinds)), lines),
        "list_kind": sum((kind in a.kinds) == (kind in b.kinds) for kind in "NB") / 2,
        "sentences": nearness(a.sentences, b.sentences, 1),
    }


def _style(a: Text, b: Text) -> dict[str, float]:
    return {
        "punctuation": bag_jaccard(a.punctuation, b.punctuation),
        "function_share": 1 - abs(_function_share(a) - _function_share(b)),
        "word_length": nearness(a.per_word(a.letters), b.per_word(b.letters), 1),
        "paragraph_length": nearness(len(a.words) / a.paragraphs, len(b.words) / b.paragraphs, 3),
        "first_line": jaccard(a.first_line, b.first_line),
        "last_line": jaccard(a.last_line, b.last_line),
        "refusal": float(a.refuses == b.refuses),
    }


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 1.0


def _between(first: float, second: float) -> float:
    """Return a mean of two sizes that is nearer to the smaller."""
    small, large = sorted((first, second))
    return small**_SMALLER * large ** (1 - _SMALLER) if small else large


def _function_share(text: Text) -> float:
    # Two characters of Chinese make one word here, and both may be function characters.
    return min(1.0, text.per_word(text.function_words))


def _in_order(first: Sequence[str], second: Sequence[str]) -> int:
    return common_order(first[:ORDERED], second[:ORDERED])


def _merged(kinds: Sequence[str]) -> list[str]:
    """Return the kinds of lines with every list item alike; `list_kind` tells numbers from bullets."""
    return ["N" if kind == "B" else kind for kind in kinds]
