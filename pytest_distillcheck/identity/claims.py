"""What a speaker claims to be."""

from dataclasses import dataclass
from typing import Literal

from pytest_distillcheck.domain.facts import UNKNOWN_MAKER
from pytest_distillcheck.identity.names import Name
from pytest_distillcheck.identity.reading import Sentence

Relation = Literal["name", "maker", "base", "seat", "policy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim, and where it stands.

    Attributes:
        relation: how the speaker is tied to the name.
        name: the name.
        sentence: where it was found.
        start: index of the first token of the claim.
        end: index after its last token.
        elliptical: the speaker is not named; the question supplies it.
        fictional: the maker is not named but described as only a story would.
    """

    relation: Relation
    name: Name
    sentence: Sentence
    start: int
    end: int
    elliptical: bool = False
    fictional: bool = False


def is_unknown(claim: Claim) -> bool:
    """Tell whether a claim names nobody that the catalogue knows."""
    return claim.name.maker == UNKNOWN_MAKER and not claim.name.true
