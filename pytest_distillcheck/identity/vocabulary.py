"""The vocabulary that a text is read with: the words of its languages, the catalogue's names and the fact's."""

import re
from functools import cache, lru_cache
from threading import Lock

from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.identity.folding import fold
from pytest_distillcheck.identity.lexicon import LATIN_LANGUAGES, lexicon
from pytest_distillcheck.identity.names import catalogue_names, fact_names
from pytest_distillcheck.identity.terms import TermIndex, build_index
from pytest_distillcheck.identity.tokens import term_tokens

_SIGNS_NEEDED = 2
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = (
    (frozenset({"zh", "ja"}), re.compile("[\u3041-\u30ff\u4e00-\u9fff]")),
    (frozenset({"ko"}), re.compile("[\uac00-\ud7a3]")),
    (frozenset({"ru"}), re.compile("[\u0400-\u04ff]")),
    (frozenset({"ar"}), re.compile("[\u0620-\u06ff]")),
)
DEFAULT_LANGUAGES = frozenset({"en"})
"""What a text that shows no sign of any language is read as."""
_SAMPLE = 20000
"""Characters by which the languages in Latin letters are told."""
_BUILDING = Lock()


def vocabulary(languages: frozenset[str], fact: IdentityFact | None) -> TermIndex:
    """Return the index of what those languages, the catalogue and a fact say."""
    with _BUILDING:  # a campaign's threads begin at once, and each would build the same one
        return _vocabulary(languages, fact)


@lru_cache(maxsize=64)
def _vocabulary(languages: frozenset[str], fact: IdentityFact | None) -> TermIndex:
    terms = [(term, mask) for language in sorted(languages) for term, mask in lexicon(language).terms()]
    names = list(catalogue_names())
    if fact is not None:
        names.extend(fact_names(fact))
    return build_index(
        [
            (tokens, mask)
            for term, mask in terms
            if not term.endswith("*") and (tokens := term_tokens(fold(term).text))
        ],
        [(fold(term[:-1]).text, mask) for term, mask in terms if term.endswith("*")],
        names,
    )


@cache
def _signs() -> dict[str, frozenset[str]]:
    return {
        language: frozenset(fold(sign).text for sign in lexicon(language).signs)
        for language in LATIN_LANGUAGES
    }


def languages_of(text: str) -> frozenset[str]:
    """Return the languages that a folded text shows signs of; may be empty.

    Those are the languages of each script, and of those in Latin letters the ones of which several words occur, else
    the one of which most do.
    """
    distinct = set(_WORD.findall(text, 0, _SAMPLE))
    signs = {language: len(distinct & signs) for language, signs in _signs().items()}
    most = max(signs.values())
    latin = frozenset(
        language for language, count in signs.items() if count and count >= min(most, _SIGNS_NEEDED)
    )
    if text.isascii():
        return latin
    return latin.union(*(languages for languages, script in _SCRIPTS if script.search(text)))
