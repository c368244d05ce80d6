"""What a probe prompt asks for: which characters it introduces, and what it wants to know about the model."""

import re
from collections.abc import Iterator
from functools import cache, cached_property, lru_cache

from pytest_distillcheck.domain.probes import LANGUAGES
from pytest_distillcheck.identity.folding import fold
from pytest_distillcheck.identity.kinds import BASED, MADE, NAME, ORG, PARTNER, REPORT, SEAT, TECH, YOU
from pytest_distillcheck.identity.lexicon import lexicons
from pytest_distillcheck.identity.names import catalogue_words
from pytest_distillcheck.identity.reading import Sentence, find_marks
from pytest_distillcheck.identity.tokens import term_tokens, tokens
from pytest_distillcheck.identity.vocabulary import vocabulary

_CAPITALISED = re.compile(r"\b[A-Z][^\W\d_]{2,23}")
_WORD = re.compile(r"[^\W\d_]+")
_QUESTION_MARK = re.compile("[?？؟]")
_SENTENCE_END = re.compile("[.!?。！？؟\n]")
_EVERY_LANGUAGE = frozenset(LANGUAGES)
_LONGEST_QUESTION = 300
_MOST_QUESTIONS = 12
"""Questions that are read in a prompt, the last ones: a template's own come before the question that it puts."""
_MOST_OCCURRENCES = 12
_ORNAMENTS = re.compile(r"[^\w\s\[(【:：\].!?'’)-]+")
_ECHO = 40
"""Characters from which on a sentence of the prompt that comes back is no coincidence."""
_INTRODUCTION = 24
"""Characters before a name in which a prompt says that it is one."""


class PromptView:
    """A probe prompt as the judge sees it; what costs time is found out when it is needed."""

    def __init__(self, prompt: str) -> None:
        self._prompt = prompt

    @cached_property
    def folded(self) -> str:
        """The folded prompt."""
        return fold(self._prompt).text

    @cached_property
    def asks(self) -> bool:
        """Whether it asks the model about its maker, name, seat or technology."""
        return bool(self._asked) and not any(mask & PARTNER for mask in self._asked)

    @cached_property
    def orders_role(self) -> bool:
        """Whether it orders a role, a mode or a piece of fiction."""
        return any(term in self.folded for term in _orders())

    @cached_property
    def _asked(self) -> tuple[int, ...]:
        """Kinds of words in each question about the model."""
        return tuple(
            mask
            for question in self._questions()
            if (mask := _kinds(question)) & (YOU | REPORT)
            and mask & (MADE | ORG | SEAT | NAME | TECH | BASED)
        )

    def _questions(self) -> Iterator[str]:
        ends = [match.end() for match in _QUESTION_MARK.finditer(self._prompt)]
        for end in ends[-_MOST_QUESTIONS:]:
            stretch = self._prompt[max(0, end - _LONGEST_QUESTION) : end - 1]
            yield _SENTENCE_END.split(stretch)[-1].strip()

    def characters(self, said: str) -> frozenset[str]:
        """Return the words of a folded text that name characters of the prompt; none unless it orders a role."""
        words = self._capitalised.intersection(_WORD.findall(said)) if self._capitalised else ()
        return (
            frozenset(word for word in words if self.introduces(word))
            if words and self.orders_role
            else frozenset()
        )

    @cached_property
    def _capitalised(self) -> set[str]:
        return {word.lower() for word in _CAPITALISED.findall(self._prompt)} - _nobody()

    def contains(self, sentence: str) -> bool:
        """Tell whether a folded sentence is repeated from it; short ones may be alike by chance."""
        return len(sentence) >= _ECHO and sentence in self.folded

    def introduces(self, name: str) -> bool:
        """Tell whether the prompt introduces somebody of this folded name, as a character or a voice."""
        return name in self._known or (
            bool(name) and name not in _common() and name in self.folded and self._introduced(name)
        )

    @cached_property
    def _known(self) -> set[str]:
        return set()

    def _introduced(self, name: str) -> bool:
        text = self.folded
        position = text.find(name)
        for _ in range(_MOST_OCCURRENCES):
            if position < 0:
                return False
            end = position + len(name)
            if self._is_name(position, end) and _is_introduction(text, position, end):
                self._known.add(name)
                return True
            position = text.find(name, end)
        return False

    def _is_name(self, start: int, end: int) -> bool:
        """Tell whether a stretch of the prompt is a word by itself and written as a name."""
        text = self.folded
        if text[start].isascii() and ((start and text[start - 1].isalnum()) or text[end : end + 1].isalnum()):
            return False
        same = len(text) == len(self._prompt)
        return (
            not same
            or not text[start].isascii()
            or not self._prompt[start].islower()
            or any(letter.isupper() for letter in self._prompt[start:end])
        )


@lru_cache(maxsize=256)
def prompt_view(prompt: str) -> PromptView:
    """Return the view of a prompt; it is kept, since a prompt is put more than once, and to more than one model."""
    return PromptView(prompt)


def _is_introduction(text: str, start: int, end: int) -> bool:
    """Tell whether what stands around a name makes it a character's: a tag, a label, or `you are`, `called`, `act as`."""
    before = _ORNAMENTS.sub("", text[max(0, start - _INTRODUCTION) : start])
    after = _ORNAMENTS.sub("", text[end : end + 3])[:1]
    lead = before.rstrip(" ")
    if lead[-1:] in {"[", "(", "【"}:
        return True
    if after in {":", "："} and lead[-1:] in {".", "!", "?", "\n", ""}:
        return True
    return lead.endswith(_introductions())


@cache
def _introductions() -> tuple[str, ...]:
    return tuple(fold(term).text for words in lexicons() for term in words.introductions)


@cache
def _nobody() -> frozenset[str]:
    """Words that name no character: those of labels, and of the catalogue's names."""
    kinds = ("own_tag", "filler_tag", "plain_tag", "field_name", "field_maker", "field_seat", "field_base")
    terms = (term for words in lexicons() for kind in kinds for term in words.labels[kind])
    return catalogue_words().union(*(term_tokens(fold(term).text) for term in terms))


@cache
def _common() -> frozenset[str]:
    """Labels that name nobody, so that `as an AI` introduces no character of that name."""
    return frozenset(
        " ".join(term_tokens(fold(term).text))
        for words in lexicons()
        for kind in ("own_tag", "filler_tag", "plain_tag")
        for term in words.labels[kind]
    )


@cache
def _orders() -> tuple[str, ...]:
    return tuple(sorted({fold(term).text for words in lexicons() for term in words.order}))


@lru_cache(maxsize=2048)
def _kinds(question: str) -> int:
    folded = fold(question)
    sentence = Sentence(folded, 0, len(folded.text), tokens(folded.text, 0, len(folded.text)))
    mask = 0
    for mark in find_marks(sentence, vocabulary(_EVERY_LANGUAGE, None)):
        mask |= mark.mask
    return mask


def plain_label(label: str) -> str:
    """Return a label folded and without ornaments."""
    return " ".join(term_tokens(fold(label).text))
