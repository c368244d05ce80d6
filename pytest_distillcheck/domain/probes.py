"""Identity questions, the contexts they are put in, and the probes that come of both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from pytest_distillcheck.domain.exchanges import Message

Category = Literal["team", "cooperation", "industry", "technology", "geography"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
"""The five categories of the paper (Lee et al., ACL 2025)."""

LANGUAGES = ("en", "zh", "ja", "ko", "fr", "de", "es", "ru", "ar")
"""ISO 639-1 codes of the languages that the question bank speaks."""

PLAIN = "plain"
"""The context of a question that is asked as it stands."""

NEUTRAL = "neutral"
"""In a selection of contexts: every neutral frame."""

PLACEHOLDER = "{question}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One identity question.

    Attributes:
        id: permanent and ASCII, such as `team-zh-03`; it is part of test ids.
        language: an ISO 639-1 code.
    """

    id: str
    category: Category
    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A neutral way to put a question: it names no maker and orders no persona.

    Attributes:
        id: permanent and ASCII, such as `translation`; it is part of test ids.
        turns: by language of the question, the conversation; the placeholder `{question}` stands
            once in it, in the last turn, which is the user's.
    """

    id: str
    turns: Mapping[str, tuple[Message, ...]]

    def put(self, question: Question) -> tuple[Message, ...] | None:
        """Return the conversation that puts the question; None when the frame does not speak its language."""
        turns = self.turns.get(question.language)
        if turns is None:
            return None
        return tuple(Message(turn.role, turn.content.replace(PLACEHOLDER, question.text)) for turn in turns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One question in one context, put to one model.

    Attributes:
        id: `CONTEXT-QUESTION`, with `-rN` from the second repeat on.
        context: `plain` or a frame's id.
        messages: what is sent, the suite's system prompt included.
        sample: from 0; which repeat this is.
    """

    id: str
    question: Question
    context: str
    messages: tuple[Message, ...]
    sample: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which probes of the bank and the frames a suite asks.

    Attributes:
        categories: of the bank's questions.
        languages: of the bank's questions.
        contexts: `plain`, `neutral` (every neutral frame), or a frame's id.
        sample: how many probes to draw, by seed; None for all of them.
    """

    categories: tuple[Category, ...] = CATEGORIES
    languages: tuple[str, ...] = ("en", "zh")
    contexts: tuple[str, ...] = (PLAIN,)
    sample: int | None = None
