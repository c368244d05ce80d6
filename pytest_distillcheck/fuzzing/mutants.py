"""Which mutants are fit to be asked."""

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
    placeholders = text.count(PLACEHOLDER)
    faults = (
        (not text.strip(), "empty"),
        (len(text) > MOST_CHARACTERS, "too long"),
        (not placeholders, "placeholder lost"),
        (placeholders > 1, "placeholder repeated"),
        (not any(map(str.isalpha, text.replace(PLACEHOLDER, ""))), "nothing but the question"),
        (scrub(text) != text, "unsafe characters"),
    )
    fault = next((reason for found, reason in faults if found), None)
    # Last, and only when all else is well: it reads the text, whereas the rest only counts.
    return fault or ("names a maker" if _new_makers(text, mutation) else None)


def _new_makers(text: str, mutation: Mutation) -> frozenset[str]:
    parents = (mutation.template, mutation.partner)
    known = frozenset[str]().union(*(makers_named(parent.text) for parent in parents if parent))
    return makers_named(text) - known
