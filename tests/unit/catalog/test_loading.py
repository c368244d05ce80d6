import pathlib

import pytest

from pytest_distillcheck.catalog.loading import load_makers, load_places
from pytest_distillcheck.domain.makers import Family, Maker, Place
from pytest_distillcheck.errors import CatalogError

PLACES = (Place(name="Freedonia"), Place(name="Sylvania City", country="Freedonia"))

ACME = """\
acme:
  name: Acme AI
  country: Freedonia
  headquarters: [Sylvania City]
  aliases: [Acme, 艾克米]
  people: [Rufus T. Firefly]
  ambiguous: [Acme, Anvil]
  families:
    anvil: {name: Anvil, aliases: [铁砧], prefixes: [hammer]}
    anvil-fork: {name: Anvil Fork, lineage: [Anvil]}
"""


@pytest.fixture
def written(tmp_path):
    def write(text: str, name: str = "makers-test.yaml") -> pathlib.Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def faults_of(error: CatalogError) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.where, fault.message) for fault in error.faults]


def test_an_entry_becomes_a_maker(written):
    assert load_makers([written(ACME)], PLACES) == (
        Maker(
            id="acme",
            name="Acme AI",
            country="Freedonia",
            headquarters=("Sylvania City",),
            aliases=("Acme", "艾克米"),
            people=("Rufus T. Firefly",),
            ambiguous=("Acme", "Anvil"),
            families=(
                Family(id="anvil", name="Anvil", aliases=("铁砧",), prefixes=("hammer",)),
                Family(id="anvil-fork", name="Anvil Fork", lineage=("Anvil",)),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "where", "message"),
    [
        ("  people:", "  peple:", 6, "acme.peple", "unknown key; did you mean 'people'?"),
        (
            "prefixes:",
            "zzz:",
            9,
            "acme.families.anvil.zzz",
            "unknown key; known are name, aliases, prefixes, lineage",
        ),
        ("  name: Acme AI\n", "", 1, "acme", "'name' is missing; add it"),
        ("name: Anvil,", "", 9, "acme.families.anvil", "'name' is missing; add it"),
        ("Acme AI", "360", 2, "acme.name", "must be a text that is not empty; put a number in quotes"),
        ("Acme AI", '" "', 2, "acme.name", "must be a text that is not empty; put a number in quotes"),
        (
            "[Rufus",
            "[1.5, Rufus",
            6,
            "acme.people[0]",
            "must be a text that is not empty; put a number in quotes",
        ),
        ("[Rufus T. Firefly]", "Rufus", 6, "acme.people", "must be a list of texts"),
        (
            "[Acme, 艾克米]",
            "[Acme, Acme]",
            5,
            "acme.aliases[1]",
            "'Acme' stands in the list already; remove one",
        ),
        (
            "{name: Anvil, aliases: [铁砧], prefixes: [hammer]}",
            "Anvil",
            9,
            "acme.families.anvil",
            "must be a mapping",
        ),
        ("acme:", "Acme_1:", 1, "Acme_1", "'Acme_1' is no id; use a-z, 0-9 and single hyphens"),
        (
            "anvil-fork:",
            "anvil--fork:",
            10,
            "acme.families.anvil--fork",
            "'anvil--fork' is no id; use a-z, 0-9 and single hyphens",
        ),
        ("acme:", "unknown:", 1, "unknown", "the id 'unknown' is taken; choose another"),
        ("艾克米", '"🤗"', 5, "acme.aliases[1]", "'🤗' has neither letters nor digits; remove it"),
        ("hammer", "An-vil", 9, None, None),
        (
            "name: Anvil Fork",
            "name: ANVIL",
            10,
            "acme.families.anvil-fork.name",
            "'ANVIL' is a name of 'anvil' already; remove one",
        ),
        (
            "country: Freedonia",
            "country: Fredonia",
            3,
            "acme.country",
            "'Fredonia' is no country in the places; did you mean 'Freedonia'?",
        ),
        (
            "country: Freedonia",
            "country: Sylvania City",
            3,
            "acme.country",
            "'Sylvania City' is no country in the places",
        ),
        (
            "[Sylvania City]",
            "[Freedonia]",
            4,
            "acme.headquarters[0]",
            "'Freedonia' is no city in the places",
        ),
        (
            "ambiguous: [Acme,",
            "ambiguous: [Acne,",
            7,
            "acme.ambiguous[0]",
            "'Acne' is no name in this entry; did you mean 'Acme'?",
        ),
        (
            "lineage: [Anvil]",
            "lineage: [Llama]",
            10,
            "acme.families.anvil-fork.lineage[0]",
            "'Llama' is no family",
        ),
    ],
)
def test_each_kind_of_fault_is_found_with_its_place(written, old, new, line, where, message):
    assert ACME.count(old) >= 1
    path = written(ACME.replace(old, new, 1))
    if message is None:
        load_makers([path], PLACES)
        return
    with pytest.raises(CatalogError) as caught:
        load_makers([path], PLACES)
    assert caught.value.path == str(path)
    assert (line, where, message) in faults_of(caught.value)


def test_a_maker_without_a_family_is_refused(written):
    text = "acme: {name: Acme, country: Freedonia, families: {}}\n"
    with pytest.raises(CatalogError) as caught:
        load_makers([written(text)], PLACES)
    assert faults_of(caught.value) == [(1, "acme.families", "a maker has at least one family; add it")]


def test_all_faults_of_a_file_are_told_in_its_order(written):
    text = (
        ACME.replace("Acme AI", "7")
        .replace("people:", "peple:")
        .replace("lineage: [Anvil]", "lineage: Anvil")
    )
    with pytest.raises(CatalogError) as caught:
        load_makers([written(text)], PLACES)
    assert [line for line, _, _ in faults_of(caught.value)] == [2, 6, 10]


OTHER = """\
other:
  name: Other
  country: Freedonia
  aliases: [{alias}]
  families:
    {family}: {{name: Otherwise}}
"""


@pytest.mark.parametrize("alias", ["Acme", "ＡＣＭＥ", "acme-ai", "铁砧", "Hammer", "Rufus T Firefly"])
def test_a_name_belongs_to_one_maker_only(written, alias):
    files = [written(ACME, "a.yaml"), written(OTHER.format(alias=alias, family="o"), "b.yaml")]
    with pytest.raises(CatalogError) as caught:
        load_makers(files, PLACES)
    assert caught.value.path.endswith("b.yaml")
    assert faults_of(caught.value) == [
        (4, "other.aliases[0]", f"{alias!r} is a name of 'acme' already; remove one")
    ]


def test_a_family_id_belongs_to_one_maker_only(written):
    files = [written(ACME, "a.yaml"), written(OTHER.format(alias="Els", family="anvil"), "b.yaml")]
    with pytest.raises(CatalogError, match="'anvil' is a name of 'acme' already"):
        load_makers(files, PLACES)


def test_a_maker_id_in_two_files_is_refused(written):
    again = (
        ACME.replace("anvil", "bolt")
        .replace("Anvil", "Bolt")
        .replace("hammer", "nut")
        .replace("铁砧", "螺栓")
    )
    with pytest.raises(CatalogError, match="the id 'acme' is taken"):
        load_makers([written(ACME, "a.yaml"), written(again, "b.yaml")], PLACES)


def test_a_family_may_be_called_as_its_own_maker(written):
    text = "acme: {name: Acme, country: Freedonia, families: {acme: {name: Acme}}}\n"
    assert load_makers([written(text)], PLACES)[0].families[0].name == "Acme"


def test_a_file_that_is_no_mapping_is_refused(written):
    with pytest.raises(CatalogError, match="must be a mapping"):
        load_makers([written("[acme]\n")], PLACES)


def test_a_file_that_is_not_there_is_a_fault_of_the_catalogue(tmp_path):
    with pytest.raises(CatalogError, match="cannot be read"):
        load_places(tmp_path / "places.yaml")


def test_countries_come_with_their_cities(written):
    text = "Freedonia:\n  aliases: [自由国]\n  cities:\n    Sylvania: [西尔瓦尼亚]\n"
    assert load_places(written(text)) == (
        Place(name="Freedonia", aliases=("自由国",)),
        Place(name="Sylvania", aliases=("西尔瓦尼亚",), country="Freedonia"),
    )


def test_a_city_may_be_called_as_its_country(written):
    text = "Freedonia:\n  aliases: [自由国]\n  cities:\n    Freedonia: [自由国]\n"
    assert [place.country for place in load_places(written(text))] == [None, "Freedonia"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A: {aliases: [X]}\nB: {aliases: [x]}\n", (2, "B.aliases[0]", "'x' names A already; remove one")),
        (
            "A: {cities: {X: []}}\nB: {cities: {Y: [X]}}\n",
            (2, "B.cities.Y[0]", "'X' names X already; remove one"),
        ),
        ("A: {cities: {X: [], Y: [X]}}\n", (1, "A.cities.Y[0]", "'X' names X already; remove one")),
        ("A: {citys: {}}\n", (1, "A.citys", "unknown key; did you mean 'cities'?")),
        ("A: {cities: [X]}\n", (1, "A.cities", "must be a mapping")),
        ("A: {cities: {X: Y}}\n", (1, "A.cities.X", "must be a list of texts")),
    ],
)
def test_each_kind_of_fault_in_places_is_found(written, text, expected):
    with pytest.raises(CatalogError) as caught:
        load_places(written(text, "places.yaml"))
    assert faults_of(caught.value) == [expected]
