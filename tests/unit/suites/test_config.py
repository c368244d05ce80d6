import pytest

from pytest_distillcheck.catalog import identity_fact
from pytest_distillcheck.errors import ConfigError
from pytest_distillcheck.suites import Config, ModelEntry, load_config


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "distillcheck.yaml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_a_configuration_names_models_and_sets_options(write):
    path = write("""\
models:
  a: {spec: "recorded:a.jsonl"}
  b: {spec: "python:m:f", fact: qwen, system: Be b., parameters: {temperature: 1}}
seed: 3
model: [a]
""")
    assert load_config(path) == Config(
        path=path,
        models={
            "a": ModelEntry(spec="recorded:a.jsonl"),
            "b": ModelEntry(
                spec="python:m:f",
                fact=identity_fact("qwen"),
                system="Be b.",
                parameters={"temperature": 1},
            ),
        },
        options={"seed": 3, "model": ["a"]},
    )


def test_a_configuration_may_name_no_model(write):
    assert load_config(write("seed: 3\n")).models == {}


def test_a_fault_is_told_with_the_file(write):
    path = write("sede: 3\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value) == (
        f"{path}:1:1: sede: unknown key 'sede'; did you mean 'seed'?\n    sede: 3\n    ^"
    )


def test_a_fact_that_nobody_knows_is_told_with_its_place(write):
    with pytest.raises(ConfigError, match=r":1:33: models\.a\.fact: 'gtp-4': the catalogue knows no such"):
        load_config(write("models: {a: {spec: 'x:y', fact: gtp-4}}\n"))


def test_every_unknown_fact_is_told_at_once(write):
    with pytest.raises(ConfigError) as caught:
        load_config(write("models: {a: {spec: x, fact: gtp-4}, b: {spec: x}, c: {spec: x, fact: qwne}}\n"))
    assert [fault.where for fault in caught.value.faults] == ["models.a.fact", "models.c.fact"]


def test_a_proxy_is_read_and_shown_nowhere(write):
    path = write("proxy: http://ann:canary@p:1\nmodels: {m: {spec: 'x:y', proxy: 'http://ann:canary@q:2'}}\n")
    config = load_config(path)
    assert (config.proxy, config.models["m"].proxy) == ("http://ann:canary@p:1", "http://ann:canary@q:2")
    assert config.sets_proxy
    assert config.options == {}
    assert "canary" not in repr(config)


def test_a_fault_beside_a_proxy_shows_no_password(write):
    with pytest.raises(ConfigError) as caught:
        load_config(
            write(
                "{proxy: 'http://ann:c@nary@p:1', seed: 'http://ann:c@nary@p:1', 'http://ann:c@nary@p:1': 1}"
            )
        )
    assert "nary" not in str(caught.value)
    assert str(caught.value).count("//…@") == 3


def test_a_password_that_is_cut_is_not_shown_either(write):
    with pytest.raises(ConfigError) as caught:
        load_config(write(f"seed: 'http://ann:canary{99 * 'x'}@p:1'\n"))
    assert "canary" not in str(caught.value)
