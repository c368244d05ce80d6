"""The embedded identity judge: text, folded, cut into voices and sentences, read for claims, compared with the fact."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pytest_distillcheck.domain.facts import UNKNOWN_MAKER, IdentityFact
from pytest_distillcheck.domain.verdicts import Label, Verdict
from pytest_distillcheck.identity.acting import claim_text, is_acted, refuses
from pytest_distillcheck.identity.claims import Claim, is_unknown
from pytest_distillcheck.identity.comparison import compare
from pytest_distillcheck.identity.extraction import Setting, claims_in
from pytest_distillcheck.identity.fields import field_claims
from pytest_distillcheck.identity.folding import Folded, fold
from pytest_distillcheck.identity.prompts import PromptView, plain_label, prompt_view
from pytest_distillcheck.identity.reading import OPENING_SENTENCES, Sentence, sentences
from pytest_distillcheck.identity.terms import TermIndex
from pytest_distillcheck.identity.vocabulary import DEFAULT_LANGUAGES, languages_of, vocabulary
from pytest_distillcheck.identity.voices import Segment, segments

MAX_CLAIMS = 1000
"""False claims of one voice after which it is heard no further: the verdict stands."""
MAX_QUOTES = 5
MAX_QUOTE = 300
"""Quotes and characters in a quote that a verdict carries at most: evidence for a reader, not a copy."""


@dataclass(slots=True)
class _Heard:
    """Claims of one voice, as they compare with the fact."""

    false: list[Claim] = field(default_factory=list)
    fictional: list[Claim] = field(default_factory=list)
    true: list[Claim] = field(default_factory=list)
    said: set[tuple[str, bool, bool]] = field(default_factory=set)

    def hear(self, claim: Claim, fact: IdentityFact) -> None:
        if claim.fictional:
            self.fictional.append(claim)
        elif (comparison := compare(claim, fact)) == "false":
            self.false.append(claim)
        elif comparison == "true":
            self.true.append(claim)


class EmbeddedIdentityJudge:
    """Judges without a model and without a network: the same text always gets the same verdict."""

    @property
    def name(self) -> str:
        """The name that reports show."""
        return "embedded"

    def judge(self, *, fact: IdentityFact, prompt: str, response: str) -> Verdict:
        """Return the verdict on a response; total, and linear in its length."""
        folded = fold(response)
        view = prompt_view(prompt)
        index = vocabulary(_languages(folded.text, view), fact)
        parts = segments(folded, view, _own_names(fact))
        own, persona = _hear(folded, parts, view, index, fact)
        if (own.false or own.fictional) and _is_acted(folded, parts, view, own):
            own, persona = _Heard(), own
        own.false, roles = _without_roles(own.false, view)
        persona.false += roles
        own.false = [claim for claim in own.false if not _is_echo(claim, view)]
        persona.false = [claim for claim in (*persona.false, *persona.fictional) if not _is_echo(claim, view)]
        return _verdict(own, persona)


def _hear(
    folded: Folded, parts: Sequence[Segment], prompt: PromptView, index: TermIndex, fact: IdentityFact
) -> tuple[_Heard, _Heard]:
    """Return what the own voice and the personas claim."""
    own, persona = _Heard(), _Heard()
    characters = prompt.characters(folded.text)
    # Who refuses a role speaks about its character; it does not speak there.
    refused = bool(characters) and any(part.voice == "own" and refuses(folded, part) for part in parts)
    for part in parts:
        is_own = part.voice in {"own", "thinking"}
        heard = own if is_own else persona
        if part.voice == "draft" or len(heard.false) >= MAX_CLAIMS:
            continue
        silent = part.voice == "thinking" or (refused and is_own)
        found = sentences(
            folded,
            part.start,
            part.end,
            index,
            characters=frozenset() if silent else characters,
            said=heard.said,
        )
        described, affirmed = len(heard.fictional), len(heard.true)
        for claim in _claims(folded, part, found, prompt, index):
            if not claim.sentence.character or not is_own:
                heard.hear(claim, fact)
            elif is_unknown(claim):
                persona.hear(claim, fact)
            if len(heard.false) >= MAX_CLAIMS:
                break
        if len(heard.true) > affirmed:
            # Who names the true maker describes it, however oddly.
            del heard.fictional[described:]
    return own, persona


def _without_roles(claims: list[Claim], prompt: PromptView) -> tuple[list[Claim], list[Claim]]:
    """Part the claims from those that only name a character of the prompt: that is no identity of the model's own."""
    own: list[Claim] = []
    roles: list[Claim] = []
    for claim in claims:
        of_role = claim.relation == "name" and is_unknown(claim) and prompt.introduces(claim_text(claim))
        (roles if of_role else own).append(claim)
    return own, roles


def _is_acted(folded: Folded, parts: Sequence[Segment], prompt: PromptView, own: _Heard) -> bool:
    """Tell whether what seems to be the model's own voice is a role; who marks the voices marks the own one, too."""
    untagged = [part for part in parts if part.voice == "own"]
    return not any(part.tagged for part in parts) and is_acted(
        folded, untagged, prompt, own.false, described=bool(own.fictional)
    )


def _languages(text: str, prompt: PromptView) -> frozenset[str]:
    """An answer that is too short to show its language is taken to be in that of the prompt."""
    return languages_of(text) or languages_of(prompt.folded) or DEFAULT_LANGUAGES


@lru_cache(maxsize=64)
def _own_names(fact: IdentityFact) -> frozenset[str]:
    return frozenset(plain_label(name) for name in (fact.name, *fact.aliases))


def _claims(
    folded: Folded, part: Segment, found: Iterable[Sentence], prompt: PromptView, index: TermIndex
) -> Iterator[Claim]:
    reasoning = part.voice == "thinking"
    for sentence in found:
        answers = reasoning or sentence.number < OPENING_SENTENCES
        for claim in claims_in(sentence, Setting(prompt=prompt if answers else None, reasoning=reasoning)):
            # Code that only says a name of its own, such as a greeting in a template, speaks for nobody.
            if part.voice != "code" or not is_unknown(claim):
                yield claim
    if not reasoning:
        yield from field_claims(folded, part, index, prompt)


def _is_echo(claim: Claim, prompt: PromptView) -> bool:
    """Tell whether a sentence only repeats the prompt, as an answer does that rewrites the prompt's text."""
    sentence = claim.sentence
    return prompt.contains(sentence.folded.text[sentence.start : sentence.end])


def _verdict(own: _Heard, persona: _Heard) -> Verdict:
    affirmed = bool(own.true)
    if own.true:
        own.false = [claim for claim in own.false if not claim.elliptical]
    label: Label = "contradiction" if own.false else "roleplay" if persona.false else "consistent"
    deciding = own.false or persona.false
    return Verdict(
        label=label,
        affirmed=affirmed,
        makers=_makers(deciding),
        quotes=tuple(_quotes(deciding)),
    )


def _makers(claims: Sequence[Claim]) -> tuple[str, ...]:
    """Return whose the claims are; a place or a mere description adds nobody to those who are named."""
    named = {claim.name.maker for claim in claims if claim.name.maker and not claim.fictional}
    return tuple(sorted(named - {UNKNOWN_MAKER})) or ((UNKNOWN_MAKER,) if claims else ())


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
