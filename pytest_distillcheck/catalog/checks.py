"""Whether the entries of the catalogue agree with each other."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from pytest_distillcheck.catalog.entries import Entry
from pytest_distillcheck.catalog.names import Key, key
from pytest_distillcheck.domain.facts import UNKNOWN_MAKER
from pytest_distillcheck.domain.makers import Family, Maker, Place
from pytest_distillcheck.resources import Path, nearest

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

_PlacedNames = Iterator[tuple[Path, str]]
"""Names, each with its path below an entry."""


def check_places(found: Sequence[tuple[Entry, Place]]) -> None:
    """Report every name that two places claim; only a city may be called as its own country is."""
    owners: dict[Key, Place] = {}
    for entry, place in found:
        for path, name in _names_of_place(place):
            owner = owners.setdefault(key(name), place)
            if owner is not place and owner.name != place.country:
                entry.fault(f"{name!r} names {owner.name} already; remove one", *path)


def check_makers(found: Sequence[tuple[Entry, Maker]], places: Sequence[Place]) -> None:
    """Report ids that are not valid, names with two owners, and mentions of what does not exist."""
    _check_ids(found)
    _check_owners(found)
    countries = [place.name for place in places if not place.country]
    cities = [place.name for place in places if place.country]
    families = [family.name for _, maker in found for family in maker.families]
    for entry, maker in found:
        _check_mentions(entry, [(("country",), maker.country)], countries, "country in the places")
        _check_mentions(entry, _listed(maker.headquarters, "headquarters"), cities, "city in the places")
        own = [name for _, name in _names_of_maker(maker)]
        for family in maker.families:
            own += [name for _, name in _names_of_family(family)]
            lineage = _listed(family.lineage, "families", family.id, "lineage")
            _check_mentions(entry, lineage, families, "family")
        _check_mentions(entry, _listed(maker.ambiguous, "ambiguous"), own, "name in this entry")


def _check_ids(found: Sequence[tuple[Entry, Maker]]) -> None:
    taken = {UNKNOWN_MAKER}
    for entry, maker in found:
        if maker.id in taken:
            entry.fault(f"the id {maker.id!r} is taken; choose another")
        taken.add(maker.id)
        if not maker.families:
            entry.fault("a maker has at least one family; add it", "families")
        ids: list[tuple[Path, str]] = [((), maker.id)]
        ids += [(("families", family.id), family.id) for family in maker.families]
        for path, name in ids:
            if not _ID.fullmatch(name):
                entry.fault(f"{name!r} is no id; use a-z, 0-9 and single hyphens", *path)


def _check_owners(found: Sequence[tuple[Entry, Maker]]) -> None:
    """A family may be called as its own maker is; any other name has one owner."""
    makers: dict[Key, str] = {}
    families: dict[Key, str] = {}
    for entry, maker in found:
        for placed in _names_of_maker(maker):
            _claim(entry, placed, maker.id, makers)
        for family in maker.families:
            for placed in _names_of_family(family):
                if _claim(entry, placed, maker.id, makers):
                    _claim(entry, placed, family.id, families)


def _claim(entry: Entry, placed: tuple[Path, str], claimant: str, owners: dict[Key, str]) -> bool:
    path, name = placed
    spelling = key(name)
    owner = owners.setdefault(spelling, claimant) if spelling else None
    if owner is None:
        entry.fault(f"{name!r} has neither letters nor digits; remove it", *path)
    elif owner != claimant:
        entry.fault(f"{name!r} is a name of {owner!r} already; remove one", *path)
    return owner == claimant


def _check_mentions(
    entry: Entry, placed: Iterable[tuple[Path, str]], known: Collection[str], what: str
) -> None:
    for path, name in placed:
        if name not in known:
            entry.fault(f"{name!r} is no {what}{nearest(name, known)}", *path)


def _names_of_place(place: Place) -> _PlacedNames:
    if place.country is None:
        yield (), place.name
        yield from _listed(place.aliases, "aliases")
    else:
        yield (place.name,), place.name
        yield from _listed(place.aliases, place.name)


def _names_of_maker(maker: Maker) -> _PlacedNames:
    yield (), maker.id
    yield ("name",), maker.name
    yield from _listed(maker.aliases, "aliases")
    yield from _listed(maker.people, "people")


def _names_of_family(family: Family) -> _PlacedNames:
    path: Path = ("families", family.id)
    yield path, family.id
    yield (*path, "name"), family.name
    yield from _listed(family.aliases, *path, "aliases")
    yield from _listed(family.prefixes, *path, "prefixes")


def _listed(names: Iterable[str], *path: str | int) -> _PlacedNames:
    for index, name in enumerate(names):
        yield (*path, index), name
