"""Cuts a response into the voices that speak in it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from pytest_distillcheck.identity.folding import Folded, fold
from pytest_distillcheck.identity.lexicon import lexicons
from pytest_distillcheck.identity.prompts import PromptView
from pytest_distillcheck.identity.tokens import term_tokens

Voice = Literal["own", "thinking", "persona", "code"]

_THINK = re.compile(r"<(/?)(?:think|thinking|reasoning|thought)>")
_LINE = re.compile(r"[^\n]+")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_RULE = re.compile(r"\s*(?:[-*_=~] ?){3,}\s*$|\s*</?[a-z]+>\s*$")
_ORNAMENT = r"[ \t>#*_~`•\-]{0,12}"
_BRACKET = re.compile(
    _ORNAMENT + r"[\[【(（<]([^\[\]【】()（）<>\n]{1,48})[\]】)）>][ *_]*[:：]?[ *_]*(?![(\[])"
)
_INLINE = re.compile(r"(?<=[\s.!?。！？])[\[【(]([^\[\]【】()\n]{1,48})[\]】)]")
_COLON = re.compile(_ORNAMENT + r"([^\s:：*_#][^:：\n]{0,40}?)[ *_]{0,4}[:：](?!//)[ *_]{0,4}")
_HEADING = re.compile(r"[ \t]*(?:#{1,6}[ \t]+|\*\*|__)([^\n*_]{1,60}?)[ *_:：]{0,6}$")
_LETTER = re.compile(r"\s*([\u0391-\u03c9])[ \t]")
_SHORT_LABEL = 4
_LONG_LABEL = 8


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of folded text in one voice.

    Attributes:
        start: in the folded text.
        end: in the folded text.
        voice: whose words they are; `code` stands in a fence or another mark-up of mere text.
        tagged: an explicit tag gave the voice.
    """

    start: int
    end: int
    voice: Voice
    tagged: bool = False


@cache
def labels(kind: str) -> frozenset[str]:
    """Return the folded labels of a kind, of all languages."""
    return frozenset(
        " ".join(term_tokens(fold(term).text)) or fold(term).text
        for words in lexicons()
        for term in words.labels[kind]
    )


@dataclass(frozen=True, slots=True)
class _Tag:
    label: str
    shown: str
    end: int
    form: Literal["bracket", "colon", "heading", "letter"]


def segments(folded: Folded, prompt: PromptView, own_names: frozenset[str]) -> tuple[Segment, ...]:
    """Return the voices of a response in order.

    Args:
        folded: the response.
        prompt: what was asked; a character that it introduces needs no other sign to be one.
        own_names: folded names of the model itself, whose tag is its own voice.
    """
    found: list[Segment] = []
    for start, end, voice in _thoughts(folded.text):
        if voice == "thinking":
            found.append(Segment(start, end, voice))
            continue
        found.extend(_lines(folded, start, end, voice, _Speakers.of(folded, start, end, prompt, own_names)))
    return tuple(_merged(found))


def _thoughts(text: str) -> Iterator[tuple[int, int, Voice]]:
    position = 0
    thinking = False
    for match in _THINK.finditer(text):
        closing = bool(match[1])
        if position < match.start():
            yield position, match.start(), "thinking" if thinking or closing else "own"
        thinking = not closing
        position = match.end()
    if position < len(text):
        yield position, len(text), "thinking" if thinking else "own"


@dataclass(frozen=True, slots=True)
class _Speakers:
    """Decides which labels of a response name speakers."""

    prompt: PromptView
    own_names: frozenset[str]
    repeated: frozenset[str]

    @classmethod
    def of(cls, folded: Folded, start: int, end: int, prompt: PromptView, own_names: frozenset[str]) -> "_Speakers":
        """Count the labels first: what stands before several lines in turn is a name in a dialogue."""
        counts: Counter[str] = Counter()
        text = folded.text
        if text.find(":", start, end) >= 0 or text.find("：", start, end) >= 0:
            for line in _LINE.finditer(text, start, end):
                if match := _COLON.match(text, line.start(), min(line.end(), line.start() + 64)):
                    counts[" ".join(term_tokens(match[1]))] += 1
        return cls(prompt, own_names, frozenset(label for label, count in counts.items() if count > 1))

    def voice(self, tag: _Tag) -> Voice | None:
        """Return the voice that a tag announces, or None when it announces none."""
        label = tag.label
        words = label.split()
        if not words or len(words) > _LONG_LABEL:
            return None
        own = labels("own_tag")
        if label in self.own_names:
            return "own"
        if label in own or (words[0] in own and tag.form != "colon"):
            return "own"
        if any(word in own for word in words) and not self._introduced(label, words) and tag.form != "heading":
            return "own"
        if self._introduced(label, words):
            return None if self._ordinary(label) else "persona"
        if tag.form == "letter":
            return "persona"
        return "persona" if self._looks_named(tag, words) else None

    def _introduced(self, label: str, words: list[str]) -> bool:
        personas = self.prompt.personas
        return label in personas or any(word in personas for word in words)

    def _ordinary(self, label: str) -> bool:
        return any(label in labels(kind) for kind in ("plain_tag", "field_name", "field_maker", "field_seat", "field_base"))

    def _looks_named(self, tag: _Tag, words: list[str]) -> bool:
        if len(words) > _SHORT_LABEL or self._ordinary(tag.label) or words[0] in labels("plain_tag"):
            return False
        shown = tag.shown.strip(" *_#")
        if not shown[:1].isupper() and shown[:1].isascii():
            return False
        if tag.form == "bracket":
            return "gpt" not in tag.label and "claude" not in tag.label
        return tag.form == "colon" and tag.label in self.repeated and len(words) <= 2  # noqa: PLR2004 - a full name


def _tag(folded: Folded, start: int, end: int) -> _Tag | None:
    text = folded.text
    for form, pattern in (("bracket", _BRACKET), ("colon", _COLON), ("heading", _HEADING), ("letter", _LETTER)):
        match = pattern.match(text, start, end)
        if match:
            shown = folded.quote(match.start(1), match.end(1))
            label = " ".join(term_tokens(match[1])) or match[1].strip()
            return _Tag(label, shown, match.end(), form)  # type: ignore[arg-type]
    return None


def _lines(folded: Folded, start: int, end: int, base: Voice, speakers: _Speakers) -> Iterator[Segment]:
    text = folded.text
    current = Segment(start, start, base)
    fenced = False
    for line in _LINE.finditer(text, start, end):
        if _FENCE.match(text, line.start(), line.end()):
            fenced = not fenced
            continue
        if fenced:
            yield Segment(line.start(), line.end(), "code")
            continue
        if _RULE.match(text, line.start(), line.end()):
            current = Segment(start, start, base)
            continue
        for piece_start, piece_end in _pieces(text, line.start(), line.end()):
            tag = _tag(folded, piece_start, piece_end)
            voice = speakers.voice(tag) if tag else None
            begin = piece_start
            if tag and voice:
                current = Segment(0, 0, base if voice == "own" else voice, tagged=True)
                begin = tag.end if tag.form != "colon" or voice == "persona" else piece_start
            if begin < piece_end:
                yield replace(current, start=begin, end=piece_end)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a line before each tag inside it."""
    position = start
    for match in _INLINE.finditer(text, start + 1, end):
        yield position, match.start()
        position = match.start()
    yield position, end


def _merged(found: list[Segment]) -> Iterator[Segment]:
    current: Segment | None = None
    for segment in found:
        if current and (current.voice, current.tagged) == (segment.voice, segment.tagged):
            current = replace(current, end=segment.end)
        else:
            if current:
                yield current
            current = segment
    if current:
        yield current
