"""Which mutants are fit to be asked."""

import hashlib

from pytest_distillcheck.domain.probes import PLACEHOLDER
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.domain.templates import Mutation
from pytest_distillcheck.identity import makers_named

MOST_CHARACTERS = 8_000
"""Longest mutant that is asked, in characters: expansion and crossover would grow without end."""


def mutant_id(text: str) -> str:
    """Return the id of a mutant, which its text alone decides: `m-` and 12 hexadecimal digits."""
    return "m-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def mutant_fault(text: str, mutation: Mutation) -> str | None:
    """Return why a mutator's text is not fit to be asked, or None.

    The parents' own makers may stay: a user's templates may name some on purpose.
    """
    if not text.strip():
        return "empty"
    if len(text) > MOST_CHARACTERS:
        return "too long"
    if text.count(PLACEHOLDER) != 1:
        return "placeholder lost" if PLACEHOLDER not in text else "placeholder repeated"
    if not any(letter.isalpha() for letter in text.replace(PLACEHOLDER, "")):
        return "nothing but the question"
    if scrub(text) != text:
        return "unsafe characters"
    parents = mutation.template.text + "\n" + (mutation.partner.text if mutation.partner else "")
    if makers_named(text) - makers_named(parents):
        return "names a maker"
    return None
