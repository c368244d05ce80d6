"""Which mutants are fit to be asked."""

from collections.abc import Sequence

from pytest_distillcheck.domain.probes import PLACEHOLDER
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.domain.templates import Mutation
from pytest_distillcheck.identity import makers_named

MOST_CHARACTERS = 8_000
"""Longest mutant that is asked, in characters: expansion and crossover would grow without end."""


def mutant_fault(text: str, mutation: Mutation) -> str | None:
    """Return why a mutator's text is not fit to be asked, or None.

    Makers that the parents name may stay: a user's templates may name some on purpose.
    """
    if len(text) > MOST_CHARACTERS:
        return "too long"
    parents = [parent.text for parent in (mutation.template, mutation.partner) if parent]
    return _fault_of_form(text, parents) or ("names a maker" if _new_makers(text, parents) else None)


def _fault_of_form(text: str, parents: Sequence[str]) -> str | None:
    placeholders = text.count(PLACEHOLDER)
    # Ours have one. A user's may have more, but their number must not grow with the generations.
    most = max(parent.count(PLACEHOLDER) for parent in parents)
    faults = (
        (not text.strip(), "empty"),
        (not placeholders, "placeholder lost"),
        (placeholders > most, "placeholder repeated"),
        (not any(map(str.isalpha, text.replace(PLACEHOLDER, ""))), "nothing but the question"),
        (scrub(text) != text, "unsafe characters"),
    )
    return next((reason for found, reason in faults if found), None)


def _new_makers(text: str, parents: Sequence[str]) -> frozenset[str]:
    return makers_named(text) - frozenset[str]().union(*map(makers_named, parents))
