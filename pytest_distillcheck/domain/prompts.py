"""Prompts whose answers are compared, and the sets that they are scored in."""

from dataclasses import dataclass
from typing import Literal, get_args

from pytest_distillcheck.domain.exchanges import Message, digest

Turns = Literal["last", "every"]
TURNS: tuple[Turns, ...] = get_args(Turns)
"""Which of the user's turns of a conversation are answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A conversation that every model is asked to continue.

    Attributes:
        id: permanent and ASCII, such as `math-zh-07`; it is part of test ids.
        set: name of the prompt set that it is scored in, such as `math`.
        turns: the last one is the user's. The assistant's come from the data set: models that each continued a
            history of their own would differ by more than the answer that is compared.
        language: ISO 639-1 code; None when its file does not say.
        tags: what a suite may select it by.
    """

    id: str
    set: str
    turns: tuple[Message, ...]
    language: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSet:
    """Prompts that share a mean; the score of a suite is the unweighted mean over its sets.

    Attributes:
        prompts: at least one, sorted by id.
    """

    name: str
    prompts: tuple[Prompt, ...]

    def digest(self) -> str:
        """Return the SHA-256 of what is asked under which ids, in hexadecimal; tags and languages do not count."""
        return digest({p.id: [turn.to_builtins() for turn in p.turns] for p in self.prompts})


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSelection:
    """Which prompts a suite asks; an empty tuple selects by nothing.

    Attributes:
        sets: names of prompt sets.
        languages: ISO 639-1 codes.
        tags: a prompt with any of them is asked.
        sample: how many conversations to draw from each set, by seed; None for all of them.
    """

    sets: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    sample: int | None = None
