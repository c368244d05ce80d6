"""Tells an answer that is acted from beginning to end from one in the model's own voice.

A prompt may order a role, and the answer keep it up without any tag. No single sign of that is safe; two
different ones are: it calls itself by the name of the role, it repeats the words of the prompt, it speaks as on a stage.
"""

import re
from functools import cache

from pytest_distillcheck.identity.claims import Claim
from pytest_distillcheck.identity.folding import Folded, fold
from pytest_distillcheck.identity.lexicon import lexicons
from pytest_distillcheck.identity.names import catalogue_words
from pytest_distillcheck.identity.prompts import PromptView
from pytest_distillcheck.identity.tokens import term_tokens
from pytest_distillcheck.identity.voices import Segment

ENOUGH = 2
_WORDS = re.compile(r"\w+")
_STAGE_DIRECTION = re.compile(r"(?<!\*)\*[^*\n]{3,80}\*(?!\*)")
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")
_AS = re.compile(
    r"(?:^|[\n.!?,。！？，；;(*:：]\s*|\b(?:and|but|so|since|now that) )(?:as (?:an? |the )?|since i'm |i'm |i am |作为(?:一个)?|我是|身为|既然我是)"
)
_REFUSAL = re.compile(
    r"^\W*(?:i'm sorry|i am sorry|sorry|i apologi[sz]e|很?抱歉|对不起)|(?:\bnot|n't|cannot|unable to|不会|不能|无法|不想)\W{0,3}(?:\w+\W+){0,3}?"
    r"(?:role-?play|pretend|adopt|act as|impersonate|take on|engage in|扮演|模拟|假装|采用)"
)
_SHINGLE = 5
_ECHOES = 3
_EXCLAMATIONS = 3
_SAMPLE = 4000
"""Characters of the prompt and of the response that are compared: a role shows from the beginning."""


@cache
def _theatre() -> frozenset[str]:
    return frozenset(" ".join(term_tokens(fold(term).text)) for words in lexicons() for term in words.theatre)


def is_acted(
    folded: Folded, parts: list[Segment], prompt: PromptView, claims: list[Claim], *, described: bool
) -> bool:
    """Tell whether the untagged parts of a response are acted; linear in the text."""
    text = _own_words(folded.text, parts, prompt)
    echoes = _echoes(text, prompt)
    if _REFUSAL.search(text) or not (prompt.orders_role or echoes == ENOUGH):
        return False
    return (
        2 * _speaks_as(text, prompt) + _names_itself(prompt, claims) + echoes + _stage(text) + described
        >= ENOUGH
    )


def refuses(folded: Folded, part: Segment) -> bool:
    """Tell whether a stretch of a response refuses to play a role."""
    return _REFUSAL.search(folded.text, part.start, min(part.end, part.start + _SAMPLE)) is not None


def _own_words(text: str, parts: list[Segment], prompt: PromptView) -> str:
    """Return the beginning of what is said, without whole lines of the prompt: to copy them is not to act them."""
    lines = "\n".join(text[part.start : part.end] for part in parts)[:_SAMPLE].split("\n")
    return "\n".join(line for line in lines if not prompt.contains(line.strip()))


def _names_itself(prompt: PromptView, claims: list[Claim]) -> int:
    roles = {claim_text(claim) for claim in claims if not claim.name.maker or claim.name.maker == "unknown"}
    return 2 * any(prompt.introduces(role) or prompt.introduces(role.split(" ")[0]) for role in roles if role)


def claim_text(claim: Claim) -> str:
    """Return the folded last words of a claim: the name that was given."""
    words = claim.sentence.words[claim.start : claim.end]
    marks = [mark for mark in claim.sentence.marks if mark.end <= claim.end and mark.start >= claim.start]
    first = max((mark.end for mark in marks), default=claim.start)
    return " ".join(words[first - claim.start :])


def _speaks_as(text: str, prompt: PromptView) -> bool:
    """Tell whether the speaker says, at the start of a clause, that it speaks as somebody whom the prompt introduces."""
    for match in _AS.finditer(text):
        words = term_tokens(text[match.end() : match.end() + 40])
        if _is_role(words, prompt, 3):
            return True
    return _is_role(term_tokens(text[:40]), prompt, 2)


def _is_role(words: tuple[str, ...], prompt: PromptView, most: int) -> bool:
    """Tell whether the first words name a character of the prompt; a real model's name plays no part, it is a claim."""
    if not words or words[0] in catalogue_words():
        return False
    return any(prompt.introduces(" ".join(words[:count])) for count in range(1, most + 1))


def _echoes(text: str, prompt: PromptView) -> int:
    said = _WORDS.findall(text)
    asked = _WORDS.findall(prompt.folded[:_SAMPLE])
    known = set(zip(*(asked[shift:] for shift in range(_SHINGLE)), strict=False))
    shared = known.intersection(zip(*(said[shift:] for shift in range(_SHINGLE)), strict=False))
    return (len(shared) >= _ECHOES) + (len(shared) >= 3 * _ECHOES)


def _stage(text: str) -> int:
    words = _WORDS.findall(text)
    played = len(_theatre().intersection(words))
    return (
        min(played, 2)
        + bool(_STAGE_DIRECTION.search(text))
        + bool(_EMOJI.search(text))
        + (text.count("!") >= _EXCLAMATIONS)
    )
