"""What the embedded mutators know of a language: synonyms, scenes, remarks, as data files of the package."""

import pathlib
import re
from dataclasses import dataclass
from functools import cache
from random import Random

from pytest_distillcheck.errors import CatalogError
from pytest_distillcheck.resources import load_yaml

_FOLDER = pathlib.Path(__file__).parent / "data" / "rules"
_SLOT = re.compile("<([a-z]+)>")
_FALLBACK = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The tables of one language.

    Attributes:
        synonyms: groups of expressions of the same meaning.
        kinds: groups of words of one kind, with different meanings.
        scenes: sentences with slots such as `<place>`.
        words: by slot, what may stand in it.
        remarks: sentences that ask for the model's own answer.
        fillers: what a shorter template can do without.
    """

    synonyms: tuple[tuple[str, ...], ...]
    kinds: tuple[tuple[str, ...], ...]
    scenes: tuple[str, ...]
    words: dict[str, tuple[str, ...]]
    remarks: tuple[str, ...]
    fillers: tuple[str, ...]

    def scene(self, rng: Random, sentences: int) -> list[str]:
        """Return different sentences that set a scene, each ready for the next to follow.

        No word is used twice, so there are at least as many words for each slot as sentences.
        """
        words = {slot: rng.sample(choices, k=len(choices)) for slot, choices in self.words.items()}
        filled = (
            _SLOT.sub(lambda slot: words[slot[1]].pop(), sentence)
            for sentence in rng.sample(self.scenes, k=sentences)
        )
        return [_followed(sentence[0].upper() + sentence[1:]) for sentence in filled]


def _followed(sentence: str) -> str:
    return sentence if sentence.endswith("。") else sentence + " "


@cache
def rules(language: str) -> Rules:
    """Return the tables of a language, or the English ones when it has none.

    Raises:
        CatalogError: a data file of the package has faults.
    """
    path = _FOLDER / f"{language}.yaml"
    data = load_yaml(path if path.exists() else _FOLDER / f"{_FALLBACK}.yaml", CatalogError).data
    return Rules(
        synonyms=tuple(map(tuple, data["synonyms"])),
        kinds=tuple(map(tuple, data["kinds"])),
        scenes=tuple(data["scenes"]),
        words={slot: tuple(words) for slot, words in data["words"].items()},
        remarks=tuple(data["remarks"]),
        fillers=tuple(data["fillers"]),
    )
