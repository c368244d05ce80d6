"""Providers out of distributions that are put on the path, as pip would."""

import importlib
import json
import sys

import pytest

from pytest_distillcheck.assembly import Sources, assemble_models, known_models
from pytest_distillcheck.catalog import live_models
from pytest_distillcheck.cli import main
from pytest_distillcheck.errors import CatalogError, UnknownModelError, UsageError

PROVIDERS = """\
acme:
  name: Acme AI
  kind: openai
  base_url: https://api.acme.test/v1
  key_env: ACME_API_KEY
  requests_per_minute: 60
"""
MODELS = """\
acme:
  anvil-2: {price: {input: 0.5, output: 2, as_of: 2026-11-09}}
  qwen-max@acme: {}
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a distribution with an entry point on the path."""

    def install(name="acme", *, providers=PROVIDERS, models=MODELS, value=None):
        root = tmp_path / name
        package = root / f"{name}_models"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("raise RuntimeError('no code of it may run')\n")
        for file, text in {"providers.yaml": providers, "models.yaml": models}.items():
            if text is not None:
                (package / file).write_text(text, "utf-8")
        info = root / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(
            f"[distillcheck.providers]\n{name} = {value or f'{name}_models'}\n"
        )
        monkeypatch.syspath_prepend(root)
        importlib.invalidate_caches()

    return install


def model(name, folder):
    return assemble_models([name], Sources(folder=folder))[0]


def test_a_model_of_an_installed_provider_is_found_by_its_name(install, tmp_path):
    install()
    found = model("anvil-2", tmp_path)
    assert found.spec == "openai:anvil-2@https://api.acme.test/v1"
    assert found.live.endpoint.key_env == "ACME_API_KEY"
    assert found.live.price.output_usd_per_mtok == 2
    assert found.live.requests_per_minute == 60
    assert model("qwen-max@acme", tmp_path).live.price is None
    assert "acme_models" not in sys.modules, "only data is read"


def test_installed_models_are_listed_after_the_catalogues(install, capsys):
    install()
    assert [m.name for m in known_models()] == [*(m.name for m in live_models()), "anvil-2", "qwen-max@acme"]
    assert main(["models", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[-2]["provider"] == "Acme AI"


def test_a_name_of_the_catalogue_is_found_without_looking_at_what_is_installed(install, tmp_path):
    install(providers="broken: [")
    assert model("qwen-max", tmp_path).live.endpoint.key_env == "DASHSCOPE_API_KEY"


def test_an_unknown_name_is_refused_with_the_nearest_installed_one(install, tmp_path):
    install()
    with pytest.raises(UnknownModelError, match="did you mean 'anvil-2'"):
        model("anvil-3", tmp_path)


def test_a_distribution_cannot_take_a_name_of_the_catalogue(install, tmp_path):
    install(models="acme: {qwen-max: {}}")
    with pytest.raises(UsageError) as caught:
        model("anvil-2", tmp_path)
    assert str(caught.value) == (
        "the distribution 'acme': the model 'qwen-max' is one of the catalogue already; call it NAME@PROVIDER"
    )


def test_two_distributions_cannot_bring_the_same_name(install, tmp_path):
    install()
    install("bolt", models="acme: {anvil-2: {}}")
    with pytest.raises(UsageError) as caught:
        model("anvil-2", tmp_path)
    assert str(caught.value) == (
        "the distribution 'bolt': the model 'anvil-2' is one of the distribution 'acme' already; call it NAME@PROVIDER"
    )


def test_a_distribution_cannot_have_a_key_of_the_catalogue_sent_to_its_own_host(install, tmp_path):
    install(providers=PROVIDERS.replace("ACME_API_KEY", "OPENAI_API_KEY"))
    with pytest.raises(UsageError) as caught:
        model("anvil-2", tmp_path)
    assert str(caught.value) == (
        "the distribution 'acme': the model 'anvil-2' would send OPENAI_API_KEY, the key of OpenAI, to api.acme.test;"
        " give it a key_env of its own"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"providers": PROVIDERS.replace("kind: openai", "kind: opneai")},
            "providers.yaml:3:3: acme.kind: 'opneai'",
        ),
        ({"models": MODELS.replace("acme:", "acne:")}, "models.yaml:1:1: acne: 'acne' is no provider"),
        ({"models": None}, "models.yaml: cannot be read"),
    ],
)
def test_a_fault_in_the_data_is_told_with_its_place(install, tmp_path, changes, message):
    install(**changes)
    with pytest.raises(CatalogError) as caught:
        model("anvil-2", tmp_path)
    assert message in str(caught.value)
    assert "acme_models" in str(caught.value)


@pytest.mark.parametrize("value", ["nowhere_models", "nowhere.models", "json.scanner", "acme_models:x"])
def test_an_entry_point_that_names_no_package_is_told(install, tmp_path, value):
    install(value=value)
    with pytest.raises(UsageError) as caught:
        model("anvil-2", tmp_path)
    assert str(caught.value) == (
        f"the distribution 'acme': there is no package {value!r}; mend or uninstall it"
    )


def test_the_command_line_ends_with_wrong_usage_on_a_faulty_distribution(install, capsys):
    install(models="acme: {qwen-max: {}}")
    assert main(["models"]) == 4
    assert capsys.readouterr().err.startswith("the distribution 'acme': ")
