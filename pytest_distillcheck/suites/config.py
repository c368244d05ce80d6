"""Reads a `distillcheck.yaml`: models by name, and options."""

import pathlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_distillcheck.catalog import identity_fact
from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.prices import Price
from pytest_distillcheck.errors import ConfigError, Fault, UnknownFactError
from pytest_distillcheck.resources import load_yaml
from pytest_distillcheck.suites.schema import schema_faults

_LOGIN = re.compile(r"//\S*[@…]")  # whose end may be cut off


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
        proxy: what this model is reached through, a URL that may hold a password, or `none`; None when not stated.
    """

    spec: str
    fact: IdentityFact | None = None
    system: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    key_env: str | None = None
    price: Price | None = None
    requests_per_minute: float | None = None
    proxy: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a configuration file says.

    Attributes:
        path: the file; relative paths in it start at its folder.
        models: by name.
        options: values of `--distill-*` options by their names without the prefix.
        proxy: what models are reached through that do not say themselves, as a URL that may hold a password, or `none`;
            None when not stated.
    """

    path: pathlib.Path
    models: Mapping[str, ModelEntry]
    options: Mapping[str, object]
    proxy: str | None = field(default=None, repr=False)

    @property
    def sets_proxy(self) -> bool:
        """Whether it says of any model what it is reached through."""
        return any(proxy is not None for proxy in (self.proxy, *(e.proxy for e in self.models.values())))


def load_config(path: pathlib.Path) -> Config:
    """Read and validate a configuration file.

    Raises:
        ConfigError: with every fault of the file; none shows a password that stands in an address.
    """
    try:
        return _load(path)
    except ConfigError as error:
        raise ConfigError(error.path, [_without_password(fault) for fault in error.faults]) from None


def _load(path: pathlib.Path) -> Config:
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
        options={key: value for key, value in data.items() if key not in {"models", "proxy"}},
        proxy=data.get("proxy"),
    )


def _without_password(fault: Fault) -> Fault:
    excerpt = "" if _LOGIN.search(fault.excerpt) else fault.excerpt
    where, message = (_LOGIN.sub("//…@", text) for text in (fault.where, fault.message))
    return replace(fault, where=where, message=message, excerpt=excerpt)


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
        proxy=data.get("proxy"),
    )
