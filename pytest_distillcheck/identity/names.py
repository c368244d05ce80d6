"""Names that a claim may name: makers, model families, people and places, out of the catalogue and the fact."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pytest_distillcheck.catalog import makers, places
from pytest_distillcheck.domain.facts import UNKNOWN_MAKER, IdentityFact
from pytest_distillcheck.domain.makers import Maker
from pytest_distillcheck.identity.folding import fold
from pytest_distillcheck.identity.lexicon import lexicons
from pytest_distillcheck.identity.tokens import term_tokens

NameKind = Literal["maker", "model", "person", "place", "nationality"]

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LEET = (("o", "0"), ("i", "1"), ("l", "1"), ("e", "3"), ("a", "4"), ("s", "5"), ("t", "7"))
_TELLING = 4
"""Letters that a part of a disguised name must have, so that it is not found all over a text."""
_DISTINCTIVE = 6
"""Letters from which on a name is unlikely to be met by chance when it is split, joined or disguised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a name in a text stands for.

    Attributes:
        maker: catalogue id of the maker that the name points to, `unknown` for an invented one; empty for places.
        family: name of the model family, for a model.
        country: English name, for a place or a nationality.
        city: English name, for a city.
        ambiguous: also an ordinary word; it counts only next to a clear cue.
        true: it is a name of the fact itself.
    """

    kind: NameKind
    maker: str = ""
    family: str = ""
    country: str = ""
    city: str = ""
    ambiguous: bool = False
    true: bool = False


@cache
def catalogue_names() -> tuple[tuple[tuple[str, ...], Name], ...]:
    """Return the spellings, as tokens, of every name that the catalogue knows."""
    return tuple((tokens, name) for alias, name in _catalogue_aliases() for tokens in spellings(alias))


@cache
def catalogue_words() -> frozenset[str]:
    """Return the words of all names that the catalogue knows."""
    return frozenset(word for tokens, _ in catalogue_names() for word in tokens)


def fact_names(fact: IdentityFact) -> Iterator[tuple[tuple[str, ...], Name]]:
    """Yield the spellings of the names that the fact itself states."""
    maker = fact.maker_id
    for alias in (fact.maker, *fact.maker_aliases):
        yield from ((tokens, Name(kind="maker", maker=maker, true=True)) for tokens in spellings(alias))
    for alias in (fact.name, *fact.aliases):
        name = Name(kind="model", maker=maker, family=fact.name, true=True)
        yield from ((tokens, name) for tokens in spellings(alias))


def spellings(alias: str) -> Iterator[tuple[str, ...]]:
    """Yield the token sequences by which a name is written: as it stands, split, joined and with digits for letters."""
    plain = term_tokens(fold(alias).text)
    if len(plain) > 1 and plain[0] == "the":
        plain = plain[1:]
    if not plain:
        return
    split = term_tokens(fold(_CAMEL.sub(" ", alias)).text)
    joined = "".join(plain)
    letters = joined.isascii() and joined.isalpha()
    variants = {plain}
    if len(joined) >= _DISTINCTIVE and letters:
        variants |= {split, (joined,)}
        variants |= {
            term_tokens(joined.replace(letter, digit)) for letter, digit in _LEET if letter in joined
        }
    yield from sorted(
        variant for variant in variants if variant == plain or len(max(variant, key=len)) >= _TELLING
    )


def _catalogue_aliases() -> Iterator[tuple[str, Name]]:
    for maker in makers():
        yield from _maker_aliases(maker)
    for place in places():
        country = place.country or place.name
        city = place.name if place.country else ""
        for alias in (place.name, *place.aliases):
            yield alias, Name(kind="place", country=country, city=city)
    for lexicon in lexicons():
        for country, terms in lexicon.places.items():
            yield from ((term, Name(kind="place", country=country)) for term in terms)
        for country, terms in lexicon.nationalities.items():
            yield from ((term, Name(kind="nationality", country=country)) for term in terms)


def _maker_aliases(maker: Maker) -> Iterator[tuple[str, Name]]:
    ambiguous = {alias.casefold() for alias in maker.ambiguous}

    def named(aliases: Iterable[str], kind: NameKind, family: str = "") -> Iterator[tuple[str, Name]]:
        for alias in aliases:
            yield (
                alias,
                Name(kind=kind, maker=maker.id, family=family, ambiguous=alias.casefold() in ambiguous),
            )

    yield from named((maker.name, *maker.aliases, *maker.ambiguous), "maker")
    for family in maker.families:
        yield from named((family.name, *family.aliases), "model", family.name)
    yield from named(maker.people, "person")


def is_invented(name: Name) -> bool:
    """Tell whether the catalogue knows nobody of this name."""
    return name.maker == UNKNOWN_MAKER and not name.true
