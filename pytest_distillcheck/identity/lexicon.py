"""The words by which nine languages make a claim of identity, read from `data/lexicon/`.

Each file says, by kind, which words do what. A term is a word or several; `*` at the end of a word stands for
any ending. Words of scripts that only one or two of our languages use are known everywhere; of the languages
in Latin letters only those are listened for that a text shows signs of, since `die`, `son` or `on` mean
different things in them.
"""

import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from pytest_distillcheck.domain.probes import LANGUAGES
from pytest_distillcheck.errors import CatalogError
from pytest_distillcheck.resources import load_yaml

_FOLDER = pathlib.Path(__file__).parent / "data" / "lexicon"

LATIN_LANGUAGES = ("en", "fr", "de", "es")

KINDS = (
    "self",  # the speaker: I, me, this model
    "object",  # the speaker as the one to whom something is done: me
    "mine",  # my, our
    "you",  # you, your
    "am",  # copula
    "as",  # in the role of
    "name",  # called, named, my name is
    "made",  # what a maker does: developed, trained, provided
    "by",  # leads to the one who does it
    "org",  # a maker in general terms: company, developer, team
    "tech",  # what the speaker is made of: technology, platform, model
    "belong",  # part of, product of, work for
    "based",  # based on, a version of
    "seat",  # headquartered, located
    "policy",  # policies and guidelines that bind
    "product",  # products and projects
    "refuse",  # cannot, must, adhere
    "not",  # denies what it reaches
    "not_after",  # denies what stands before it, as verb-final languages do
    "affirm",  # looks like a denial and is none: not only
    "but",  # ends the reach of a denial
    "if",  # makes what it reaches unreal
    "pretend",  # plays, quotes or discusses a role
    "report",  # somebody else says so
    "plan",  # weighs, in reasoning, what to answer
    "truth",  # is sure, in reasoning, of what it says next
    "that",  # leads to a statement that something is said of
    "partner",  # a relation to somebody who is not the maker
    "third",  # turns to other things: about, such as, those
    "stop",  # no predicate noun follows the copula any more
    "vague",  # names nobody, though it may stand where a maker's name does
    "pronoun",  # it, they: what was spoken of last
    "fiction",  # describes a maker or a place that only a story has
    "being",  # somebody that no model is: a human, an animal, a creature of a story
)
"""Kinds of words; a word may be of several."""

MASK: Mapping[str, int] = {kind: 1 << position for position, kind in enumerate(KINDS)}
"""One bit a kind."""

LABELS = (
    "own_tag",  # [Classic]: marks the speaker's own voice in an answer of several voices
    "filler_tag",  # [... Response]: stands with the others and says nothing by itself
    "plain_tag",  # Note: marks no voice
    "field_name",  # Name: a field whose value is the speaker's name
    "field_maker",
    "field_seat",
    "field_base",
    "sign_off",  # Sincerely, before a signature
    "mention",  # beside a quotation: it is spoken of, not spoken
)
"""Kinds of labels that stand alone before a colon, in brackets or on a line."""

OTHERS = ("language_signs", "order", "introductions", "theatre", "places", "nationalities")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The words of one language.

    Attributes:
        kinds: terms by kind.
        labels: terms by kind of label.
        signs: words of which two show that a text is (also) in this language; empty when its script shows it.
        order: words by which a prompt orders a persona.
        introductions: what stands right before the name of a character in a prompt.
        theatre: words that only an acted answer uses.
        places: by English name of a country, forms of its name and of its regions' that the catalogue has not.
        nationalities: by English name of a country, its adjectives.
    """

    language: str
    kinds: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, tuple[str, ...]]
    signs: frozenset[str]
    order: tuple[str, ...]
    introductions: tuple[str, ...]
    theatre: tuple[str, ...]
    places: Mapping[str, tuple[str, ...]]
    nationalities: Mapping[str, tuple[str, ...]]

    def terms(self) -> Iterator[tuple[str, int]]:
        """Yield every term with the mask of its kind."""
        for kind, terms in self.kinds.items():
            for term in terms:
                yield term, MASK[kind] | (MASK["self"] if kind == "object" else 0)


@cache
def lexicon(language: str) -> Lexicon:
    """Return the words of one of our languages.

    Raises:
        CatalogError: its file has faults.
    """
    path = _FOLDER / f"{language}.yaml"
    document = load_yaml(path, CatalogError)
    data = document.data
    known = {*KINDS, *LABELS, *OTHERS}
    if faults := tuple(
        document.fault((key,), "no such kind of word", key=True) for key in data if key not in known
    ):
        raise CatalogError(str(path), faults)
    return Lexicon(
        language=language,
        kinds={kind: _terms(data.get(kind)) for kind in KINDS},
        labels={label: _terms(data.get(label)) for label in LABELS},
        signs=frozenset(_terms(data.get("language_signs"))),
        order=_terms(data.get("order")),
        introductions=_terms(data.get("introductions")),
        theatre=_terms(data.get("theatre")),
        places=_by_country(data.get("places")),
        nationalities=_by_country(data.get("nationalities")),
    )


def lexicons() -> tuple[Lexicon, ...]:
    """Return the words of all our languages."""
    return tuple(lexicon(language) for language in LANGUAGES)


def _by_country(value: object) -> Mapping[str, tuple[str, ...]]:
    return {country: _terms(terms) for country, terms in value.items()} if isinstance(value, dict) else {}


def _terms(value: object) -> tuple[str, ...]:
    return tuple(str(term) for term in value) if isinstance(value, list) else ()
