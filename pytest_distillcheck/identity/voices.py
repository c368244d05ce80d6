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

Voice = Literal["own", "thinking", "draft", "persona", "quoted", "code"]

_THINK = re.compile(r"<(/?)(?:think|thinking|reasoning|thought)>")
_LINE = re.compile(r"\S[^\n]*")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_RULE = re.compile(r"\s*(?:[-*_=~] ?){3,}\s*$|\s*</?[a-z]+>\s*$")
_ORNAMENT = r"[ \t>#*_~`•\-]{0,12}"
_BRACKET = re.compile(
    _ORNAMENT + r"[\[【(（<]([^\[\]【】()（）<>\n]{1,48})[\]】)）>][ *_]*[:：]?[ *_]*(?![(\[])"
)
_INLINE = re.compile(r"(?<=[\s.!?。！？])[\[【]([^\[\]【】()\n]{1,48})[\]】]")
_COLON = re.compile(_ORNAMENT + r"([^\s:：*_#][^:：\n]{0,40}?)[ *_]{0,4}[:：](?!//)[ *_]{0,4}")
_HEADING = re.compile(r"[ \t]*(?:#{1,6}[ \t]+|\*\*|__)([^\n*_]{1,60}?)[ *_:：]{0,6}$")
_BARE = re.compile(_ORNAMENT + r"([^\W_]{2,24})[ *_]{1,4}(?=[^\s])")
_LETTER = re.compile(r"\s*([\u0391-\u03c9])[ \t]")
_QUOTATION = re.compile(
    r"“[^“”\n]{12,}”|「[^「」\n]{6,}」|『[^『』\n]{6,}』|«[^«»\n]{12,}»|„[^„“\n]{12,}“|\"[^\"\n]{12,}\""
)
_SPEECH = re.compile(
    r"\b(?:i|i'm|my|me|we|our|je|mon|ma|mi|yo|soy|ich|mein|meine|я|мой|мною|меня|انا)\b|我|私|僕|저는|제가|나는"
)
_WORDED = re.compile(r"\w")
_WHOLE = 0.8
_SIGN = re.compile(r"[\[【(（<:：#*_\u0391-\u03c9]")
_TAG_ROOM = 80
_PREAMBLE = 12
"""Characters of reasoning before a voice's tag that are none: the tag opens the answer, which was put in the wrong place."""
_BESIDE = 40
"""Characters beside a quotation in which it may be said to be no more than mentioned."""
_SHORT_LABEL = 4
_LONG_LABEL = 8


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of folded text in one voice.

    Attributes:
        start: in the folded text.
        end: in the folded text.
        voice: whose words they are. `draft` is nobody's: reasoning tries it out, or a quotation is only spoken of.
            `quoted` is speech in quotation marks, `code` what stands in a fence.
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


Form = Literal["bracket", "parenthesis", "colon", "heading", "letter"]
_FORMS: tuple[tuple[Form, re.Pattern[str]], ...] = (
    ("bracket", _BRACKET),
    ("colon", _COLON),
    ("heading", _HEADING),
    ("letter", _LETTER),
)


@dataclass(frozen=True, slots=True)
class _Tag:
    label: str
    shown: str
    end: int
    form: Form


def segments(folded: Folded, prompt: PromptView, own_names: frozenset[str]) -> tuple[Segment, ...]:
    """Return the voices of a response in order.

    Args:
        folded: the response.
        prompt: what was asked; a character that it introduces needs no other sign to be one.
        own_names: folded names of the model itself, whose tag is its own voice.
    """
    found: list[Segment] = []
    for start, end, voice in _thoughts(folded.text):
        found.extend(_lines(folded, start, end, voice, _Speakers.of(folded, start, end, prompt, own_names)))
    return tuple(
        piece
        for segment in _merged(folded.text, _as_answer(found))
        for piece in _quotations(folded.text, segment)
    )


def _as_answer(found: list[Segment]) -> list[Segment]:
    """Take code that is all of the answer for the answer itself, as when JSON was asked for."""
    code = sum(segment.end - segment.start for segment in found if segment.voice == "code")
    if code <= _WHOLE * sum(segment.end - segment.start for segment in found):
        return found
    return [replace(segment, voice="own") if segment.voice == "code" else segment for segment in found]


def _quotations(text: str, segment: Segment) -> Iterator[Segment]:
    """Cut out what a voice quotes: speech in quotation marks, unless all that is said stands in them."""
    if segment.voice not in {"own", "thinking"}:
        yield segment
        return
    position = segment.start
    for match in _QUOTATION.finditer(text, segment.start, segment.end):
        inside = match.end() - match.start()
        if not _SPEECH.search(text, match.start(), match.end()) or inside > _WHOLE * (
            segment.end - segment.start
        ):
            continue
        yield replace(segment, start=position, end=match.start())
        tried = segment.voice == "thinking" or _is_mention(text, match.start(), match.end())
        yield replace(segment, start=match.start(), end=match.end(), voice="draft" if tried else "quoted")
        position = match.end()
    yield replace(segment, start=position)


def _thoughts(text: str) -> Iterator[tuple[int, int, Voice]]:
    """Cut out the reasoning. One that opens after another has closed and never closes is an answer that repeats the tag."""
    tags = list(_THINK.finditer(text))
    closed = [tag.end() for tag in tags if tag[1]]
    last_close = closed[-1] if closed else -1
    position = 0
    thinking = False
    for tag in tags:
        if position < tag.start():
            yield position, tag.start(), "thinking" if thinking or tag[1] else "own"
        thinking = not tag[1] and (tag.start() < last_close or last_close < 0)
        position = tag.end()
    if position < len(text):
        yield position, len(text), "thinking" if thinking else "own"


@cache
def _mentions() -> re.Pattern[str]:
    return re.compile(
        "|".join(re.escape(fold(term).text) for words in lexicons() for term in words.labels["mention"])
    )


def _is_mention(text: str, start: int, end: int) -> bool:
    beside = re.split(r"[.!?。！？\n]", text[max(0, start - _BESIDE) : start])[-1]
    beyond = re.split(r"[.!?。！？\n]", text[end : end + _BESIDE])[0]
    return bool(_mentions().search(beside + " " + beyond))


@dataclass(frozen=True, slots=True)
class _Speakers:
    """Decides which labels of a response name speakers."""

    prompt: PromptView
    own_names: frozenset[str]
    repeated: frozenset[str]
    known: dict[tuple[str, str], Voice | None]

    @classmethod
    def of(
        cls, folded: Folded, start: int, end: int, prompt: PromptView, own_names: frozenset[str]
    ) -> "_Speakers":
        """Count the labels first: what stands before several lines in turn is a name in a dialogue."""
        counts: Counter[str] = Counter()
        text = folded.text
        if text.find(":", start, end) >= 0 or text.find("：", start, end) >= 0:
            for line in _LINE.finditer(text, start, end):
                if match := _COLON.match(text, line.start(), min(line.end(), line.start() + 64)):
                    counts[match[1]] += 1
        repeated = frozenset(" ".join(term_tokens(label)) for label, count in counts.items() if count > 1)
        return cls(prompt, own_names, repeated, {})

    def voice(self, tag: _Tag) -> Voice | None:
        """Return the voice that a tag announces, or None when it announces none."""
        key = (tag.shown, tag.form)
        if key not in self.known:
            self.known[key] = self._voice(tag)
        return self.known[key]

    def _voice(self, tag: _Tag) -> Voice | None:
        label = tag.label
        words = label.split()
        if not words or len(words) > _LONG_LABEL:
            return None
        fillers = labels("filler_tag")
        telling = [word for word in _words_of(words, fillers) if word not in fillers]
        if not telling:
            return None
        if label in self.own_names or all(word in labels("own_tag") for word in telling):
            return "own"
        if self._introduced(words):
            return None if self._ordinary(label) else "persona"
        if tag.form == "letter":
            return "persona"
        return "persona" if self._looks_named(tag, words) else None

    def announced(
        self, folded: Folded, start: int, end: int, *, first: bool
    ) -> tuple[_Tag | None, Voice | None]:
        """Return the tag at the beginning of a piece of text and the voice that it announces."""
        signed = _SIGN.search(folded.text, start, min(end, start + _TAG_ROOM))
        tag = _tag(folded, start, end) if signed else None
        if tag is None and first:
            tag = self.bare(folded, start, end)
        return tag, self.voice(tag) if tag else None

    def bare(self, folded: Folded, start: int, end: int) -> _Tag | None:
        """Return the name of a character that opens a line without any sign, in front of what it says."""
        match = _BARE.match(folded.text, start, end)
        if not match or not self.prompt.introduces(match[1]):
            return None
        shown = folded.quote(match.start(1), match.end() + 1)
        if not shown[0].isupper() or not (shown[-1].isupper() or not shown[-1].isascii() or shown[-1] == "*"):
            return None
        return _Tag(match[1], shown, match.end(), "bracket")

    def _introduced(self, words: list[str]) -> bool:
        """Tell whether a label holds a name that the prompt introduces."""
        return any(
            self.prompt.introduces(" ".join(words[first:last]))
            for first in range(len(words))
            for last in range(first + 1, len(words) + 1)
        )

    def _ordinary(self, label: str) -> bool:
        return any(
            label in labels(kind)
            for kind in ("plain_tag", "field_name", "field_maker", "field_seat", "field_base")
        )

    def _looks_named(self, tag: _Tag, words: list[str]) -> bool:
        if len(words) > _SHORT_LABEL or self._ordinary(tag.label) or words[0] in labels("plain_tag"):
            return False
        shown = tag.shown.strip(" *_#")
        if not shown[:1].isupper() and shown[:1].isascii():
            return False
        if tag.form == "bracket":
            return "gpt" not in tag.label and "claude" not in tag.label
        return tag.form == "colon" and tag.label in self.repeated and len(words) <= 2  # noqa: PLR2004 - a full name


def _words_of(words: list[str], fillers: frozenset[str]) -> list[str]:
    """Join the characters of a Chinese or Japanese label to the words that our lists know."""
    text = "".join(words)
    if text.isascii():
        return words
    known = sorted(fillers | labels("own_tag"), key=len, reverse=True)
    found = []
    for term in known:
        joined = term.replace(" ", "")
        if joined and not joined.isascii() and joined in text:
            text = text.replace(joined, "")
            found.append(term)
    return [*found, *([text] if text else [])]


def _tag(folded: Folded, start: int, end: int) -> _Tag | None:
    text = folded.text
    for form, pattern in _FORMS:
        match = pattern.match(text, start, end)
        if match:
            shown = folded.quote(match.start(1), match.end(1))
            label = " ".join(term_tokens(match[1])) or match[1].strip()
            rounded = form == "bracket" and text[match.start(1) - 1] in "(（<"
            return _Tag(label, shown, match.end(), "parenthesis" if rounded else form)
    return None


def _lines(folded: Folded, start: int, end: int, base: Voice, speakers: _Speakers) -> Iterator[Segment]:
    """Cut a stretch into the voices of its lines: a voice goes on until another is announced or a rule is drawn."""
    current = Segment(start, start, base)
    first, alone = True, False
    for kind, line_start, line_end in _blocks(folded.text, start, end):
        if kind == "code":
            yield Segment(line_start, line_end, "code")
            continue
        if kind == "rule":
            current = Segment(start, start, base)
            continue
        for piece_start, piece_end in _pieces(folded.text, line_start, line_end):
            tag, voice = speakers.announced(folded, piece_start, piece_end, first=first)
            first = False
            if voice and piece_start - start <= _PREAMBLE:
                base = "own"
            if base == "thinking":
                # A tag alone on its line announces the next one.
                current = Segment(0, 0, "draft" if voice or (alone and current.voice == "draft") else base)
            elif voice:
                current = Segment(0, 0, base if voice == "own" else voice, tagged=True)
            skipped = tag and voice and (tag.form != "colon" or voice == "persona")
            begin = tag.end if tag and skipped else piece_start
            alone = begin >= piece_end
            if begin < piece_end:
                yield Segment(begin, piece_end, current.voice, current.tagged)


def _blocks(text: str, start: int, end: int) -> Iterator[tuple[Literal["code", "rule", "text"], int, int]]:
    """Yield the lines that are not blank, with what they are."""
    fenced = False
    for line in _LINE.finditer(text, start, end):
        if _FENCE.match(text, line.start(), line.end()):
            fenced = not fenced
        elif fenced:
            yield "code", line.start(), line.end()
        else:
            yield "rule" if _RULE.match(text, line.start(), line.end()) else "text", line.start(), line.end()


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a line before each tag inside it."""
    position = start
    for match in _INLINE.finditer(text, start + 1, end):
        yield position, match.start()
        position = match.start()
    yield position, end


def _merged(text: str, found: list[Segment]) -> Iterator[Segment]:
    """Join what follows in one voice; a tag between two stretches belongs to neither and keeps them apart."""
    current: Segment | None = None
    for segment in found:
        if (
            current
            and (current.voice, current.tagged) == (segment.voice, segment.tagged)
            and not _WORDED.search(text, current.end, segment.start)
        ):
            current = Segment(current.start, segment.end, current.voice, current.tagged)
        else:
            if current:
                yield current
            current = segment
    if current:
        yield current
