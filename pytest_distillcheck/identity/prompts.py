"""What a probe prompt asks for: which personas it orders, and what it wants to know about the model."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from pytest_distillcheck.identity.folding import fold
from pytest_distillcheck.identity.lexicon import MASK, lexicons
from pytest_distillcheck.identity.reading import find_marks
from pytest_distillcheck.identity.tokens import term_tokens, tokenize
from pytest_distillcheck.identity.vocabulary import languages_of, vocabulary

_BRACKETED = re.compile(r"[\[【(]([^\[\]【】()\n]{1,40})[\]】)]")
_LINE_LABEL = re.compile(r"^[ \t>#*_\-]*([^\W\d_][^\n:：\"“”.!?]{0,30})[*_]*[:：]", re.MULTILINE)
_INTRODUCED = re.compile(
    r"(?:\b(?:named|called|dubbed|nicknamed|codenamed|as|being|of|like|prefix|embody|become|simulate|persona|character|"
    r"you are|you're|you’re|i am|i'm|i’m|i am now|i'm now|you are now|mode|speak as|act as|stay as)"
    r"\s+(?:an?\s+|the\s+)?|名为|叫做|名叫|扮演|你是|我是|作为|という名前の|という)"
    r"[\"“‘'「《*]*([A-Z][\w-]{1,24}(?:[ .][A-Z][\w-]{1,24}){0,2})",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[^.!?。！？؟\n]{1,400}[?？؟]")
_YOU, _MADE, _ORG, _SEAT, _NAME, _TECH, _AM, _PARTNER, _BASED = (
    MASK[kind] for kind in ("you", "made", "org", "seat", "name", "tech", "am", "partner", "based")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptView:
    """What matters of a probe prompt.

    Attributes:
        personas: folded names of the characters and voices that it introduces, real models among them.
        orders_role: whether it orders a role, a mode or a piece of fiction.
        asks: whether it asks the model about its maker, name, seat or technology.
        asks_partner: whether what it asks is about partners, openness or standards.
        folded: its folded text.
    """

    personas: frozenset[str]
    orders_role: bool
    asks: bool
    asks_partner: bool
    folded: str


@cache
def _order_pattern() -> re.Pattern[str]:
    terms = sorted({fold(term).text for words in lexicons() for term in words.order}, key=len, reverse=True)
    return re.compile("|".join(re.escape(term) for term in terms))


@lru_cache(maxsize=512)
def view_prompt(prompt: str) -> PromptView:
    """Return what matters of a probe prompt; linear in its length."""
    folded = fold(prompt)
    asks, partner = _asked(prompt)
    return PromptView(
        personas=_personas(prompt),
        orders_role=bool(_order_pattern().search(folded.text)),
        asks=asks,
        asks_partner=partner,
        folded=folded.text,
    )


def _personas(prompt: str) -> frozenset[str]:
    names = [match[1] for match in _BRACKETED.finditer(prompt)]
    names += [match[1] for match in _LINE_LABEL.finditer(prompt)]
    names += [match[1] for match in _INTRODUCED.finditer(prompt) if match[1][0].isupper()]
    return frozenset(label for name in names if (label := plain_label(name)))


def plain_label(label: str) -> str:
    """Return a label folded and without ornaments."""
    return " ".join(term_tokens(fold(label).text))


def _asked(prompt: str) -> tuple[bool, bool]:
    asks = partner = False
    for match in _QUESTION.finditer(prompt):
        folded = fold(match[0])
        words, starts = tokenize(folded.text, 0, len(folded.text))
        mask = 0
        for mark in find_marks(folded.text, words, starts, vocabulary(languages_of(words), None)):
            mask |= mark.mask
        if mask & _YOU and mask & (_MADE | _ORG | _SEAT | _NAME | _TECH | _BASED):
            asks = True
            partner = partner or bool(mask & _PARTNER)
    return asks, partner
