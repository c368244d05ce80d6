import pathlib
from datetime import date

import pytest

from pytest_distillcheck.catalog import LiveModel, live_model, live_models
from pytest_distillcheck.catalog.endpoints import load_live_models
from pytest_distillcheck.domain.endpoints import Endpoint
from pytest_distillcheck.domain.prices import Price
from pytest_distillcheck.errors import CatalogError, UnknownModelError

PROVIDERS = """\
acme:
  name: Acme AI
  kind: anthropic
  base_url: https://api.acme.test/v1
  key_env: ACME_API_KEY
  requests_per_minute: 60
other:
  name: Other
  kind: openai
  base_url: https://other.test/v1
  key_env: OTHER_API_KEY
  currency: CNY
"""

MODELS = """\
acme:
  anvil-2: {price: {input: 0.5, output: 2, as_of: 2026-11-09}}
  anvil-1: {}
other:
  anvil-2@other: {model: Acme/Anvil-2, price: {input: 6.8, output: 68, as_of: 2026-01-31}}
  bolt@other: {}
"""


@pytest.fixture
def load(tmp_path):
    def write(text: str, name: str) -> pathlib.Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    def load(providers: str = PROVIDERS, models: str = MODELS) -> tuple[LiveModel, ...]:
        return load_live_models(write(providers, "providers.yaml"), write(models, "models.yaml"))

    return load


def test_a_model_has_the_address_the_key_and_the_rate_of_its_provider(load):
    assert load()[0] == LiveModel(
        endpoint=Endpoint(
            name="anvil-2",
            kind="anthropic",
            base_url="https://api.acme.test/v1",
            model="anvil-2",
            key_env="ACME_API_KEY",
        ),
        provider="Acme AI",
        price=Price(input_usd_per_mtok=0.5, output_usd_per_mtok=2, as_of=date(2026, 11, 9)),
        requests_per_minute=60,
    )


def test_models_come_in_the_order_of_the_file(load):
    assert [model.name for model in load()] == ["anvil-2", "anvil-1", "anvil-2@other", "bolt@other"]


def test_a_provider_may_call_a_model_otherwise(load):
    assert [model.endpoint.model for model in load()] == ["anvil-2", "anvil-1", "Acme/Anvil-2", "bolt"]


def test_a_model_without_a_price_is_unpriced_and_not_free(load):
    assert load()[1].price is None


def test_a_provider_without_a_rate_has_no_limit(load):
    assert load()[2].requests_per_minute is None


def test_a_price_in_another_currency_is_converted(load):
    price = load()[2].price
    assert price.input_usd_per_mtok == pytest.approx(1)
    assert price.output_usd_per_mtok == pytest.approx(10)
    assert price.as_of == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("old", "new", "line", "where", "message"),
    [
        ("  kind: anthropic\n", "", 1, "acme", "'kind' is missing; add it"),
        ("  base_url: https://api.acme.test/v1\n", "", 1, "acme", "'base_url' is missing; add it"),
        ("currency:", "curency:", 12, "other.curency", "unknown key; did you mean 'currency'?"),
        (
            "anthropic",
            "antropic",
            3,
            "acme.kind",
            "'antropic' is none of openai, anthropic, gemini; did you mean 'anthropic'?",
        ),
        ("CNY", "EUR", 12, "other.currency", "'EUR' is none of USD, CNY"),
        (
            "https://api.acme.test/v1",
            "http://api.acme.test/v1",
            4,
            "acme.base_url",
            "base_url at api.acme.test is plain http, which is for loopback alone; use https",
        ),
        (
            "ACME_API_KEY",
            "sk-1234",
            5,
            "acme.key_env",
            "'sk-1234' is no environment variable; use A-Z, 0-9 and _",
        ),
        ("60", "0", 6, "acme.requests_per_minute", "must be a number above 0"),
        ("60", "sixty", 6, "acme.requests_per_minute", "must be a number above 0"),
    ],
)
def test_each_kind_of_fault_in_a_provider_is_found_with_its_place(load, old, new, line, where, message):
    assert faults_of(load, providers=PROVIDERS.replace(old, new, 1)) == [(line, where, message)]


@pytest.mark.parametrize(
    ("old", "new", "line", "where", "message"),
    [
        ("acme:", "acne:", 1, "acne", "'acne' is no provider; did you mean 'acme'?"),
        ("price:", "prize:", 2, "acme.anvil-2.prize", "unknown key; did you mean 'price'?"),
        (", as_of: 2026-11-09", "", 2, "acme.anvil-2.price", "'as_of' is missing; add it"),
        ("2026-11-09", "2026-11-31", 2, "acme.anvil-2.price.as_of", "must be a date such as 2026-11-09"),
        ("2026-11-09", "20261109", 2, "acme.anvil-2.price.as_of", "must be a date such as 2026-11-09"),
        ("2026-11-09", "2026-W46-1", 2, "acme.anvil-2.price.as_of", "must be a date such as 2026-11-09"),
        ("input: 0.5", "input: 0", 2, "acme.anvil-2.price.input", "must be a number above 0"),
        ("input: 0.5", "input: -1", 2, "acme.anvil-2.price.input", "must be a number above 0"),
        ("input: 0.5", "input: true", 2, "acme.anvil-2.price.input", "must be a number above 0"),
        ("output: 2", "output: .inf", 2, "acme.anvil-2.price.output", "must be a number above 0"),
        ("anvil-1: {}", "anvil-1:", 3, "acme.anvil-1", "must be a mapping"),
        (
            "anvil-1: {}",
            "Anvil-1: {}",
            3,
            "acme.Anvil-1",
            "'Anvil-1' is no name of a model; use a-z, 0-9 and single dots and hyphens",
        ),
        (
            "bolt@other",
            "bolt@acme",
            6,
            "other.bolt@acme",
            "'acme' is not the provider; write bolt@other",
        ),
        (
            "bolt@other",
            "bolt@",
            6,
            "other.bolt@",
            "'' is not the provider; write bolt@other",
        ),
        (
            "bolt@other",
            "anvil-1",
            6,
            "other.anvil-1",
            "'anvil-1' is a model of Acme AI already; call it NAME@other",
        ),
    ],
)
def test_each_kind_of_fault_in_a_model_is_found_with_its_place(load, old, new, line, where, message):
    assert faults_of(load, models=MODELS.replace(old, new, 1)) == [(line, where, message)]


def test_all_faults_of_a_file_are_told_in_its_order(load):
    models = MODELS.replace("input", "inputs").replace("bolt@other", "Bolt")
    assert [line for line, _, _ in faults_of(load, models=models)] == [2, 2, 5, 5, 6]


def test_a_name_finds_its_model():
    assert live_model("qwen-max").name == "qwen-max"
    assert live_model("qwen-max") in live_models()


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("qwen-mx", "qwen-max"),
        ("Qwen-Max", "qwen-max"),
        ("openai/gpt-4o", "gpt-4o"),
        ("qwen-max@dashscope-int", "qwen-max@dashscope-intl"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_one(name, nearest):
    with pytest.raises(UnknownModelError) as caught:
        live_model(name)
    assert str(caught.value) == f"{name!r}: the catalogue knows no such live model; did you mean {nearest!r}?"


def test_a_name_that_is_near_to_none_is_refused_with_a_way_on():
    with pytest.raises(UnknownModelError, match=r"'xyzzy': .*; `distillcheck models` lists them"):
        live_model("xyzzy")


def faults_of(load, **texts: str) -> list[tuple[int, str, str]]:
    with pytest.raises(CatalogError) as caught:
        load(**texts)
    return [(fault.line, fault.where, fault.message) for fault in caught.value.faults]
