import json

from pytest_distillcheck.catalog import live_models
from pytest_distillcheck.cli import main


def listed(capsys):
    assert main(["models", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return {model["name"]: model for model in json.loads(out)}


def test_json_lists_every_model_of_the_catalogue(capsys, monkeypatch):
    monkeypatch.delenv("DASHSCOPE_API_KEY", raising=False)
    models = listed(capsys)
    assert [*models] == [model.name for model in live_models()]
    assert models["qwen-max"] == {
        "name": "qwen-max",
        "provider": "Alibaba Cloud DashScope",
        "base_url": "https://dashscope.aliyuncs.com/compatible-mode/v1",
        "key_env": "DASHSCOPE_API_KEY",
        "key_set": False,
        "price": models["qwen-max"]["price"],
        "requests_per_minute": models["qwen-max"]["requests_per_minute"],
    }
    assert models["qwen-max"]["price"].keys() == {"input", "output", "as_of"}


def test_an_unknown_price_is_null_and_unpriced(capsys):
    unpriced = next(model.name for model in live_models() if model.price is None)
    assert listed(capsys)[unpriced]["price"] is None
    main(["models"])
    assert "  unpriced  " in line_of(capsys, unpriced)


def test_whether_a_key_is_set_is_told_and_never_the_key(capsys, monkeypatch):
    monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-canary")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    main(["models"])
    out = capsys.readouterr().out
    assert "DASHSCOPE_API_KEY (set)" in out
    assert "OPENAI_API_KEY (not set)" in out
    assert main(["models", "--json"]) == 0
    out += capsys.readouterr().out
    assert "sk-canary" not in out


def test_a_price_is_told_with_its_day(capsys):
    priced = next(model for model in live_models() if model.price)
    main(["models"])
    assert f"({priced.price.as_of})" in line_of(capsys, priced.name)


def line_of(capsys, name):
    return next(line for line in capsys.readouterr().out.splitlines() if line.startswith(f"{name} "))
