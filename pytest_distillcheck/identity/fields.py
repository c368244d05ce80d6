"""Finds claims that stand in forms instead of sentences: `Developer: ...`, a JSON field, a signature."""

import re
from collections.abc import Iterator

from pytest_distillcheck.identity.claims import Claim, Relation
from pytest_distillcheck.identity.folding import Folded
from pytest_distillcheck.identity.prompts import PromptView
from pytest_distillcheck.identity.reading import Sentence, find_marks
from pytest_distillcheck.identity.terms import TermIndex
from pytest_distillcheck.identity.tokens import term_tokens, tokens
from pytest_distillcheck.identity.voices import Segment, labels

_FIELD = re.compile(
    r"(?<![^\n{,|])[ \t>#*_~\-•\"']{0,8}([^\n:：|{},\"*]{1,40}?)[\"'*_ ]{0,4}[:：|][ *_\"'“]{0,6}([^\n|}\"”]{1,80})"
)
_FIELD_SIGNS = ":：|"
_SIGNATURE = re.compile(r"\n[ \t*_]*([^\n]{2,40}?)[,，、.!*_ \t]*\n\s*[-–—*_ ]*([^\n]{2,60})")
_KINDS: tuple[tuple[str, Relation], ...] = (
    ("field_name", "name"),
    ("field_maker", "maker"),
    ("field_seat", "seat"),
    ("field_base", "base"),
)
_LEAD = 1
"""Tokens that may stand in a field before the name that fills it."""


def field_claims(folded: Folded, part: Segment, index: TermIndex, prompt: PromptView) -> Iterator[Claim]:
    """Yield the claims of the fields and signatures of a stretch; fields count only when the model was asked about itself."""
    text = folded.text
    # Most stretches have no field: to look for what each must hold is far cheaper than to try the pattern everywhere.
    if any(text.find(sign, part.start, part.end) >= 0 for sign in _FIELD_SIGNS) and prompt.asks:
        for match in _FIELD.finditer(text, part.start, part.end):
            label = " ".join(term_tokens(match[1]))
            if relation := next((relation for kind, relation in _KINDS if label in labels(kind)), None):
                yield from _filled(folded, match.start(2), match.end(2), index, relation)
    for match in _SIGNATURE.finditer(text, part.start, part.end):
        if " ".join(term_tokens(match[1])) in labels("sign_off"):
            yield from _filled(folded, match.start(2), match.end(2), index, "name")


def _filled(folded: Folded, start: int, end: int, index: TermIndex, relation: Relation) -> Iterator[Claim]:
    sentence = Sentence(folded, start, end, tokens(folded.text, start, end))
    sentence.marks = find_marks(sentence, index)
    for mark in sentence.marks:
        if mark.start > _LEAD:
            return
        if mark.name and (mark.name.kind == "place") == (relation == "seat"):
            yield Claim(relation=relation, name=mark.name, sentence=sentence, start=mark.start, end=mark.end)
            return
