"""Turns data files into makers and places."""

import pathlib
from collections.abc import Iterator, Sequence
from functools import cache

from pytest_distillcheck.catalog.checks import check_makers, check_places
from pytest_distillcheck.catalog.entries import Entry, read_entries
from pytest_distillcheck.domain.makers import Family, Maker, Place

_DATA = pathlib.Path(__file__).with_name("data")


@cache
def places() -> tuple[Place, ...]:
    """Return the countries and cities of the catalogue, each country before its cities.

    Raises:
        CatalogError: the data files have faults.
    """
    return load_places(_DATA / "places.yaml")


@cache
def makers() -> tuple[Maker, ...]:
    """Return the makers of the catalogue.

    Raises:
        CatalogError: the data files have faults.
    """
    return load_makers(sorted(_DATA.glob("makers-*.yaml")), places())


def load_places(file: pathlib.Path) -> tuple[Place, ...]:
    """Read a file of countries and cities; `data/places.yaml` explains its form.

    Raises:
        CatalogError: with every fault of form, or else every name that two places claim.
    """
    root = read_entries(file)
    found = [placed for entry in root.mappings() for placed in _country(entry)]
    root.refuse_faults()
    check_places(found)
    root.refuse_faults()
    return tuple(place for _, place in found)


def load_makers(files: Sequence[pathlib.Path], known_places: Sequence[Place]) -> tuple[Maker, ...]:
    """Read files of makers; `data/makers-americas.yaml` explains their form.

    Raises:
        CatalogError: with every fault of form of one file, or else everything in one file that does not agree
            with the other entries and with the places.
    """
    found: list[tuple[Entry, Maker]] = []
    roots = [read_entries(file) for file in files]
    for root in roots:
        found += [(entry, _maker(entry)) for entry in root.mappings()]
        root.refuse_faults()
    check_makers(found, known_places)
    for root in roots:
        root.refuse_faults()
    return tuple(maker for _, maker in found)


def _country(entry: Entry) -> Iterator[tuple[Entry, Place]]:
    entry.check_keys(optional=("aliases", "cities"))
    yield entry, Place(name=entry.id, aliases=entry.texts("aliases"))
    cities = entry.mapping("cities")
    for name in cities.values:
        yield cities, Place(name=name, aliases=cities.texts(name), country=entry.id)


def _maker(entry: Entry) -> Maker:
    entry.check_keys(
        required=("name", "country", "families"),
        optional=("headquarters", "aliases", "people", "ambiguous"),
    )
    return Maker(
        id=entry.id,
        name=entry.text("name"),
        country=entry.text("country"),
        aliases=entry.texts("aliases"),
        ambiguous=entry.texts("ambiguous"),
        families=tuple(_family(family) for family in entry.mapping("families").mappings()),
        headquarters=entry.texts("headquarters"),
        people=entry.texts("people"),
    )


def _family(entry: Entry) -> Family:
    entry.check_keys(required=("name",), optional=("aliases", "prefixes", "lineage"))
    return Family(
        id=entry.id,
        name=entry.text("name"),
        aliases=entry.texts("aliases"),
        prefixes=entry.texts("prefixes"),
        lineage=entry.texts("lineage"),
    )
