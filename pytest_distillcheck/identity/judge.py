"""The embedded identity judge: text, folded, cut into voices and sentences, read for claims, compared with the fact."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.verdicts import Label, Verdict
from pytest_distillcheck.identity.acting import is_acted
from pytest_distillcheck.identity.claims import Claim, Setting, claims_in, is_unknown
from pytest_distillcheck.identity.comparison import compare
from pytest_distillcheck.identity.folding import Folded, fold
from pytest_distillcheck.identity.lexicon import MASK
from pytest_distillcheck.identity.prompts import PromptView, plain_label
from pytest_distillcheck.identity.reading import Sentence, sentences
from pytest_distillcheck.identity.terms import TermIndex
from pytest_distillcheck.identity.voices import Segment, segments
from pytest_distillcheck.identity.vocabulary import languages_of, vocabulary

MAX_QUOTES = 5
MAX_QUOTE = 300
"""Quotes and characters in a quote that a verdict carries at most: evidence for a reader, not a copy."""

_ECHO = 40
"""Characters from which on a sentence of the prompt that comes back is no coincidence."""

_MINE, _SELF, _YOU, _ORG, _MADE = (MASK[kind] for kind in ("mine", "self", "you", "org", "made"))
_LANGUAGE_SAMPLE = 20000
_WORD = re.compile(r"[^\W\d_]+")
_OPENING_SENTENCES = 3
"""Sentences of a voice that may answer a question without naming the speaker."""


@dataclass(slots=True)
class _Heard:
    """Claims of one voice."""

    false: list[Claim] = field(default_factory=list)
    fictional: list[Claim] = field(default_factory=list)
    true: list[Claim] = field(default_factory=list)


class EmbeddedIdentityJudge:
    """Judges without a model and without a network: the same text always gets the same verdict."""

    @property
    def name(self) -> str:
        """The name that reports show."""
        return "embedded"

    def judge(self, *, fact: IdentityFact, prompt: str, response: str) -> Verdict:
        """Return the verdict on a response; total, and linear in its length."""
        folded = fold(response)
        view = PromptView(prompt)
        index = vocabulary(languages_of(_WORD.findall(folded.text[:_LANGUAGE_SAMPLE])), fact)
        parts = segments(folded, view, _own_names(fact))
        own, persona = _Heard(), _Heard()
        for part in parts:
            if part.voice == "draft":
                continue
            heard = own if part.voice in {"own", "thinking"} else persona
            for claim in _claims(folded, part, view, index):
                if part.voice == "code" and is_unknown(claim):
                    continue
                if claim.fictional:
                    heard.fictional.append(claim)
                    continue
                comparison = compare(claim, fact)
                if comparison == "false":
                    heard.false.append(claim)
                elif comparison == "true":
                    heard.true.append(claim)
        untagged = [part for part in parts if part.voice == "own"]
        if (own.false or own.fictional) and not any(part.tagged for part in parts) and is_acted(folded, untagged, view, own.false):
            own, persona = _Heard(), own
        persona.false = [claim for claim in (*persona.false, *persona.fictional) if not _is_echo(claim, view)]
        return _verdict(own, persona)


@lru_cache(maxsize=64)
def _own_names(fact: IdentityFact) -> frozenset[str]:
    return frozenset(plain_label(name) for name in (fact.name, *fact.aliases))


def _claims(folded: Folded, part: Segment, prompt: PromptView, index: TermIndex) -> Iterator[Claim]:
    reasoning = part.voice == "thinking"
    topic = False
    for number, sentence in enumerate(sentences(folded, part.start, part.end, index)):
        answering = not reasoning and number < _OPENING_SENTENCES and prompt.asks
        setting = Setting(answering=answering, opening=not number, topic=topic, reasoning=reasoning)
        yield from claims_in(sentence, setting)
        topic = _speaks_of_maker(sentence)


def _speaks_of_maker(sentence: Sentence) -> bool:
    mask = 0
    for mark in sentence.marks:
        mask |= mark.mask
    return bool(mask & (_MINE | _SELF | _YOU) and mask & (_ORG | _MADE))


def _is_echo(claim: Claim, prompt: PromptView) -> bool:
    """Tell whether a sentence only repeats the prompt, as an answer does that rewrites the prompt's text."""
    sentence = claim.sentence
    text = sentence.folded.text[sentence.start : sentence.end]
    return len(text) >= _ECHO and text in prompt.folded


def _verdict(own: _Heard, persona: _Heard) -> Verdict:
    affirmed = bool(own.true)
    if own.true:
        own.false = [claim for claim in own.false if not claim.elliptical]
    label: Label = "contradiction" if own.false else "roleplay" if persona.false else "consistent"
    deciding = own.false or persona.false
    return Verdict(
        label=label,
        affirmed=affirmed,
        makers=tuple(sorted({claim.name.maker or "unknown" for claim in deciding})),
        quotes=tuple(_quotes(deciding)),
    )


def _quotes(claims: Iterable[Claim]) -> list[str]:
    quotes: dict[str, None] = {}
    for claim in claims:
        sentence = claim.sentence
        quote = sentence.folded.quote(sentence.start, sentence.end)
        if len(quote) > MAX_QUOTE:
            quote = sentence.original(claim.start, claim.end)[:MAX_QUOTE]
        quotes.setdefault(quote.strip())
        if len(quotes) == MAX_QUOTES:
            break
    return [quote for quote in quotes if quote]
