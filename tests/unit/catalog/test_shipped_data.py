"""What the data files must hold; `makers` and `places` themselves refuse files with faults."""

import unicodedata

import pytest

from pytest_distillcheck.catalog import makers, places

REQUIRED = """
openai anthropic google meta microsoft mistral xai cohere amazon nvidia apple huggingface alibaba
deepseek zhipu bytedance moonshot tencent baidu 01ai minimax baichuan iflytek stepfun sensetime
shanghai-ai-lab xiaomi ibm ai21 tii databricks lg naver yandex sber eleutherai stability
"""


def test_the_shipped_files_have_no_fault():
    assert makers()
    assert places()


def test_every_maker_that_the_reference_names_is_there():
    assert set(REQUIRED.split()) <= {maker.id for maker in makers()}


def test_the_catalogue_is_read_once():
    assert makers() is makers()
    assert places() is places()


@pytest.mark.parametrize(
    ("maker_id", "city", "country"),
    [
        ("alibaba", "Hangzhou", "China"),
        ("deepseek", "Hangzhou", "China"),
        ("zhipu", "Beijing", "China"),
        ("tencent", "Shenzhen", "China"),
        ("minimax", "Shanghai", "China"),
        ("iflytek", "Hefei", "China"),
        ("sensetime", "Hong Kong", "China"),
        ("openai", "San Francisco", "United States"),
        ("microsoft", "Redmond", "United States"),
        ("ibm", "Armonk", "United States"),
        ("cohere", "Toronto", "Canada"),
        ("mistral", "Paris", "France"),
        ("stability", "London", "United Kingdom"),
        ("ai21", "Tel Aviv", "Israel"),
        ("tii", "Abu Dhabi", "United Arab Emirates"),
        ("lg", "Seoul", "South Korea"),
        ("naver", "Seongnam", "South Korea"),
        ("yandex", "Moscow", "Russia"),
    ],
)
def test_a_maker_is_at_home_where_it_is(maker_id, city, country):
    maker = next(maker for maker in makers() if maker.id == maker_id)
    assert city in maker.headquarters
    assert maker.country == country


def test_the_first_seat_of_a_maker_lies_in_its_country():
    countries = {place.name: place.country for place in places() if place.country}
    abroad = [
        maker.id
        for maker in makers()
        if maker.headquarters and countries[maker.headquarters[0]] != maker.country
    ]
    assert abroad == []


@pytest.mark.parametrize("script", ["CJK", "KATAKANA", "HANGUL", "CYRILLIC", "ARABIC"])
def test_every_country_is_spelled_in_every_script(script):
    unspelled = {
        place.name
        for place in places()
        if place.country is None and script not in _scripts("".join(place.aliases))
    }
    # Japanese writes these in kanji, as Chinese does.
    assert unspelled <= ({"China", "Taiwan", "Japan", "South Korea"} if script == "KATAKANA" else set())


@pytest.mark.parametrize(
    "name", ["Meta", "Apple", "Spark", "Gemini", "Claude", "Command", "Phi", "Yi", "Nova", "Titan"]
)
def test_an_ordinary_word_is_marked_as_ambiguous(name):
    assert any(name in maker.ambiguous for maker in makers())


def test_no_alias_is_so_short_that_it_is_met_by_chance():
    short = {
        alias
        for maker in makers()
        for alias in (
            maker.name,
            *maker.aliases,
            *(name for family in maker.families for name in family.aliases),
        )
        if alias.isascii() and len(alias) < 3 and alias not in maker.ambiguous
    }
    assert short == {"LG"}


def _scripts(text: str) -> set[str]:
    return {unicodedata.name(letter, "").split(" ")[0] for letter in text}
