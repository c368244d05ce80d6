"""Folds text so that spellings of one name become equal, and keeps the way back to the original.

Folding lowers case, takes full-width and styled letters to plain ones, drops accents, vowel points, zero-width and
other invisible characters and the escape sequences of terminals, and inside a word that mixes scripts takes
look-alike letters to Latin ones.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

_DROPPED = "\ue000"
"""Stands for a character that is left out; a private-use character in the input becomes a space first."""

_SPECIAL = {
    # NFKD leaves these apart although readers and writers do not.
    **dict.fromkeys("أإآٱ", "ا"),
    "ى": "ي",
    "ة": "ه",
    "ـ": _DROPPED,
    "ё": "е",
    # Umlauts are letters of their own: wurde is a fact, würde a condition.
    **{letter: letter for letter in "äöü"},
    "ß": "s",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ı": "i",
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "′": "'",
    "\u2010": "-",
    "\u2011": "-",
    "。": "。",
    "\u3000": " ",
    "\xa0": " ",
}

_LOOKALIKES = str.maketrans(
    "авекмнорстухіѕјԁԛԝѵһӏαβεικνορτυχγωηϲоАΑ",
    "abekmhopctyxisjdqwvhlabeiknoptuxywncoaa",
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_CONTROLS = re.compile(
    r"(?:(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    # A string of the terminal's; what opens another ends it unheard, so that every character is passed only once.
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[()*+][0-9A-B]"
    rf"|{_CONTROL.pattern})+"
)
_CURSOR = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[A-Za-ln-z]")
_INVISIBLE = "\u200b"
"""Takes the place of each control character before folding, so that places in the text stay what they are."""
_MIXED = re.compile(r"[a-z][\u0370-\u052f]|[\u0370-\u052f][a-z]")
_MIXED_WORD = re.compile(r"[a-z\u0370-\u052f]+")
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_DECOMPOSED = re.compile(r"[\u1100-\u11ff\u3099\u309a]")
_CLUSTER = re.compile(
    r"[\u1100-\u115f][\u1160-\u11a7][\u11a8-\u11ff]?|[^\n][\u0300-\u036f\u3099\u309a]+|.", re.DOTALL
)
_UNMARKED_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC")


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text and where its characters came from.

    Attributes:
        text: the folded text.
        original: the text before folding.
        origins: for each folded character the index of its original one, and one more for the end;
            None when both texts have the same length, character by character.
    """

    text: str
    original: str
    origins: tuple[int, ...] | None = None

    def quote(self, start: int, end: int) -> str:
        """Return the original text of a stretch of the folded one, invisible characters included."""
        if self.origins is not None:
            start, end = self.origins[start], self.origins[end]
        return self.original[start:end]


class _Table(dict[int, str]):
    """Folds one character; filled as characters are met, so that a rare script costs nothing until it is read."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


@lru_cache(maxsize=1)
def _table() -> _Table:
    return _Table()


def fold(text: str) -> Folded:
    """Return the folded text; linear in its length, and total: any string at all can be folded."""
    if _CONTROL.search(text):
        return replace(_fold(_CONTROLS.sub(_hidden, text)), original=text)
    return _fold(text)


def _hidden(controls: re.Match[str]) -> str:
    """Return what control characters and sequences show: nothing, or a gap when they move the cursor or clear."""
    return (" " if _CURSOR.search(controls[0]) else "").ljust(len(controls[0]), _INVISIBLE)


def _fold(text: str) -> Folded:
    if text.isascii():
        return Folded(text.lower(), text)
    table = _table()
    lower = text.lower()
    # Lowering lengthens a letter or two of all Unicode; then every character is folded by itself.
    folded = (
        _FOREIGN.sub(lambda run: run[0].translate(table), lower)
        if len(lower) == len(text)
        else text.translate(table)
    )
    origins: tuple[int, ...] | None = None
    if len(folded) != len(text) or _DECOMPOSED.search(text):
        folded, origins = _fold_clusters(text)
    elif _DROPPED in folded:
        origins = (*(place for place, character in enumerate(folded) if character != _DROPPED), len(text))
        folded = folded.replace(_DROPPED, "")
    if _MIXED.search(folded):
        folded = _MIXED_WORD.sub(_unmask, folded)
    return Folded(folded, text, origins)


def _fold_clusters(text: str) -> tuple[str, tuple[int, ...]]:
    clusters = _CLUSTER.findall(text)
    table = _table()
    pieces = [
        (cluster if len(cluster) == 1 else unicodedata.normalize("NFC", cluster[:3]))
        .translate(table)
        .replace(_DROPPED, "")
        for cluster in clusters
    ]
    starts = accumulate((len(cluster) for cluster in clusters), initial=0)
    origins = [start for piece, start in zip(pieces, starts, strict=False) for _ in piece]
    return "".join(pieces), (*origins, len(text))


def _fold_character(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    category = unicodedata.category(character)
    if category == "Co":
        return " "
    if category in {"Cf", "Mn", "Me"} or character == "\u115f":
        return _DROPPED
    folded = unicodedata.normalize("NFKC", character).lower()
    if folded in _SPECIAL:
        return _SPECIAL[folded]
    if len(folded) > 3:  # noqa: PLR2004 - a ligature of a whole phrase, such as U+FDFA, names nobody
        return " "
    return "".join(_bare(part) for part in folded) or _DROPPED


def _bare(character: str) -> str:
    """Drop the accent of an alphabetic letter; kana and Hangul keep their marks, which are other letters."""
    character = _SPECIAL.get(character, character)
    if character.isascii() or not unicodedata.name(character, "").startswith(_UNMARKED_SCRIPTS):
        return "" if unicodedata.category(character) in {"Mn", "Cf"} else character
    return unicodedata.normalize("NFD", character)[0]


def _unmask(word: re.Match[str]) -> str:
    text = word[0]
    # A word of one script keeps its letters: only a mixture is a disguise.
    return text.translate(_LOOKALIKES) if _MIXED.search(text) else text
