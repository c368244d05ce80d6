"""Compares a claim with the identity fact."""

from functools import lru_cache
from typing import Literal

from pytest_distillcheck.catalog import makers
from pytest_distillcheck.domain.facts import UNKNOWN_MAKER, IdentityFact
from pytest_distillcheck.identity.claims import Claim
from pytest_distillcheck.identity.folding import fold
from pytest_distillcheck.identity.names import Name

Comparison = Literal["true", "false", "open"]
"""`open`: the claim neither states the true identity nor contradicts it."""


def compare(claim: Claim, fact: IdentityFact) -> Comparison:
    """Return whether a claim is the true identity, cannot be true together with it, or leaves it open."""
    name = claim.name
    if claim.relation == "seat" or name.kind in {"place", "nationality"}:
        return _compare_place(name, fact)
    if name.true:
        return "open" if claim.relation == "policy" else "true"
    if name.maker == fact.maker_id != UNKNOWN_MAKER:
        return "true" if name.kind != "model" or name.family == fact.name else "open"
    if _in_lineage(claim, fact):
        return "open"
    return "false"


def _compare_place(name: Name, fact: IdentityFact) -> Comparison:
    if fact.country is None or not name.country:
        return "open"
    return "open" if fold(name.country).text == fold(fact.country).text else "false"


def _in_lineage(claim: Claim, fact: IdentityFact) -> bool:
    """A fine-tune may name the family that it is built on, and whose family that is, but not as itself."""
    lineage = lineage_of(fact)
    name = claim.name
    if name.kind == "model" and claim.relation in {"base", "name"}:
        return fold(name.family).text in lineage
    return name.kind == "maker" and claim.relation == "base" and name.maker in _lineage_makers(fact)


@lru_cache(maxsize=64)
def lineage_of(fact: IdentityFact) -> frozenset[str]:
    """Return the folded names of the families that a model may say it is built on."""
    named = {fold(family).text for family in fact.lineage}
    for maker in makers():
        for family in maker.families:
            if maker.id == fact.maker_id and family.name == fact.name:
                named.update(fold(parent).text for parent in family.lineage)
    return frozenset(named)


@lru_cache(maxsize=64)
def _lineage_makers(fact: IdentityFact) -> frozenset[str]:
    lineage = lineage_of(fact)
    return frozenset(
        maker.id for maker in makers() for family in maker.families if fold(family.name).text in lineage
    )
