"""Reads a `distillcheck.yaml`: models by name, and options."""

import pathlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_distillcheck.catalog import identity_fact
from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.prices import Price
from pytest_distillcheck.errors import ConfigError, UnknownFactError
from pytest_distillcheck.resources import load_yaml
from pytest_distillcheck.suites.schema import schema_faults


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """One entry under `models`.

    Attributes:
        spec: how the model is reached, such as `recorded:PATH`.
        fact: what is true of the model; None when the suite or the model's name tells.
        system: the model's own system prompt, put before a suite's.
        parameters: the model's own sampling parameters; a suite's win over them.
        key_env: the environment variable that holds a live model's key.
        price: None when not stated.
        requests_per_minute: None when not stated.
    """

    spec: str
    fact: IdentityFact | None = None
    system: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    key_env: str | None = None
    price: Price | None = None
    requests_per_minute: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a configuration file says.

    Attributes:
        path: the file; relative paths in it start at its folder.
        models: by name.
        options: values of `--distill-*` options by their names without the prefix.
    """

    path: pathlib.Path
    models: Mapping[str, ModelEntry]
    options: Mapping[str, object]


def load_config(path: pathlib.Path) -> Config:
    """Read and validate a configuration file.

    Raises:
        ConfigError: with every fault of the file.
    """
    document = load_yaml(path, ConfigError)
    if faults := schema_faults(document, "config"):
        raise ConfigError(str(path), faults)
    data = document.data
    models: dict[str, ModelEntry] = {}
    faults = []
    for name, entry in data.get("models", {}).items():
        try:
            fact = identity_fact(entry["fact"]) if "fact" in entry else None
        except UnknownFactError as error:
            faults.append(document.fault(("models", name, "fact"), str(error)))
        else:
            models[name] = _entry(entry, fact)
    if faults:
        raise ConfigError(str(path), faults)
    return Config(
        path=path,
        models=models,
        options={key: value for key, value in data.items() if key != "models"},
    )


def _entry(data: Mapping[str, Any], fact: IdentityFact | None) -> ModelEntry:
    price = data.get("price")
    return ModelEntry(
        spec=data["spec"],
        fact=fact,
        system=data.get("system"),
        parameters=data.get("parameters", {}),
        key_env=data.get("key_env"),
        price=Price(input_usd_per_mtok=price["input"], output_usd_per_mtok=price["output"])
        if price
        else None,
        requests_per_minute=data.get("rate", {}).get("requests_per_minute"),
    )
