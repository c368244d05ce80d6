"""The prompt bank, written for this project, and which prompts of it or of a user's file are asked."""

import hashlib
import pathlib
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from pytest_distillcheck.domain.prompts import Prompt, PromptSelection, PromptSet, Turns
from pytest_distillcheck.resources import read_text
from pytest_distillcheck.similarity.prompt_files import read_prompts

BANK_SETS = ("instructions", "math", "reasoning")
"""The prompt sets of the bank, after the three of Lee et al. (arXiv 2501.12619): ShareGPT, Numina, Arena-Hard."""

BANK_LANGUAGES = ("en", "zh")
"""ISO 639-1 codes of the languages that the prompt bank speaks."""

_FOLDER = pathlib.Path(__file__).parent / "data" / "prompts"


@cache
def bank_prompts() -> tuple[Prompt, ...]:
    """Return every prompt of the bank, sorted by id.

    Raises:
        SourceError: a data file of the package has faults.
    """
    files = (_FOLDER / f"{name}-{language}.jsonl" for name in BANK_SETS for language in BANK_LANGUAGES)
    prompts = (prompt for file in files for prompt in read_prompts(read_text(file), path=str(file)).prompts)
    return tuple(sorted(prompts, key=_id))


def select(prompts: Iterable[Prompt], selection: PromptSelection, *, seed: int = 0) -> tuple[Prompt, ...]:
    """Return the prompts that a selection names, sorted by id.

    A smaller sample lies within a larger one of the same seed.
    """
    named = [prompt for prompt in prompts if _is_named(prompt, selection)]
    if selection.sample is not None:
        named = [
            prompt
            for group in prompt_sets(named)
            for prompt in sorted(group.prompts, key=lambda prompt: _rank(seed, prompt))[: selection.sample]
        ]
    return tuple(sorted(named, key=_id))


def expand(prompts: Iterable[Prompt], turns: Turns) -> tuple[Prompt, ...]:
    """Return the requests of conversations, in their order.

    With `last`, each conversation is one request. With `every`, one with several turns of the user's becomes a request
    for each of them, whose ids end in `-tN`, N from 1; the history is always the data set's.
    """
    if turns == "last":
        return tuple(prompts)
    return tuple(request for prompt in prompts for request in _at_every_turn(prompt))


def prompt_sets(prompts: Iterable[Prompt]) -> tuple[PromptSet, ...]:
    """Return prompts grouped by their sets, sorted by name."""
    groups: dict[str, list[Prompt]] = {}
    for prompt in sorted(prompts, key=_id):
        groups.setdefault(prompt.set, []).append(prompt)
    return tuple(PromptSet(name=name, prompts=tuple(groups[name])) for name in sorted(groups))


def _is_named(prompt: Prompt, selection: PromptSelection) -> bool:
    return (
        (not selection.sets or prompt.set in selection.sets)
        and (not selection.languages or prompt.language in selection.languages)
        and (not selection.tags or not set(selection.tags).isdisjoint(prompt.tags))
    )


def _at_every_turn(prompt: Prompt) -> Iterable[Prompt]:
    ends = [end for end, turn in enumerate(prompt.turns, 1) if turn.role == "user"]
    if len(ends) == 1:
        return (prompt,)
    return (
        replace(prompt, id=f"{prompt.id}-t{number}", turns=prompt.turns[:end])
        for number, end in enumerate(ends, 1)
    )


def _id(prompt: Prompt) -> str:
    return prompt.id


def _rank(seed: int, prompt: Prompt) -> bytes:
    # A rank of its own for each prompt, and not a shuffle of the list: when a set grows, most of a sample stays, and
    # with it most of a recording.
    return hashlib.sha256(f"{seed}:{prompt.id}".encode()).digest()
