"""The vocabulary that a text is read with: the words of its languages, the catalogue's names and the fact's."""

from collections.abc import Iterable
from functools import cache, lru_cache

from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.identity.folding import fold
from pytest_distillcheck.identity.lexicon import LATIN_LANGUAGES, MASK, lexicon, lexicons
from pytest_distillcheck.identity.names import catalogue_names, fact_names
from pytest_distillcheck.identity.terms import TermIndex, build_index
from pytest_distillcheck.identity.tokens import term_tokens

_SIGNS_NEEDED = 2
_SPEAKING = MASK["self"] | MASK["mine"] | MASK["you"] | MASK["refuse"] | MASK["pronoun"]


@lru_cache(maxsize=64)
def vocabulary(languages: frozenset[str], fact: IdentityFact | None) -> TermIndex:
    """Return the index of what those languages in Latin letters, all others, the catalogue and a fact say."""
    heard = [words for words in lexicons() if words.language in languages or words.language not in LATIN_LANGUAGES]
    terms = [(term, mask) for words in heard for term, mask in words.terms()]
    names = list(catalogue_names())
    if fact is not None:
        names.extend(fact_names(fact))
    return build_index(
        [(tokens, mask) for term, mask in terms if not term.endswith("*") and (tokens := term_tokens(fold(term).text))],
        [(fold(term[:-1]).text, mask) for term, mask in terms if term.endswith("*")],
        names,
        _SPEAKING,
    )


@cache
def _signs() -> dict[str, frozenset[str]]:
    return {
        language: frozenset(fold(sign).text for sign in lexicon(language).signs) for language in LATIN_LANGUAGES
    }


def languages_of(words: Iterable[str]) -> frozenset[str]:
    """Return the languages in Latin letters that a text shows signs of; English when it shows none."""
    distinct = set(words)
    found = frozenset(
        language for language, signs in _signs().items() if len(distinct & signs) >= _SIGNS_NEEDED
    )
    return found or frozenset({"en"})
