"""Where the models of the catalogue are served, what they cost, and how fast they may be asked."""

import pathlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeVar, get_args

from pytest_distillcheck.catalog.entries import Entry, read_entries
from pytest_distillcheck.domain.endpoints import Endpoint, EndpointKind
from pytest_distillcheck.domain.prices import Price
from pytest_distillcheck.errors import UnknownModelError, UsageError
from pytest_distillcheck.resources import nearest

_DATA = pathlib.Path(__file__).with_name("data")

_KINDS: Mapping[str, EndpointKind] = {kind: kind for kind in get_args(EndpointKind)}

# The price lists that DeepSeek published in both currencies in autumn 2026 imply this rate.
_USD_PER: Mapping[str, float] = {"USD": 1.0, "CNY": 1 / 6.8}

_NAME = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveModel:
    """A model that a provider serves over the network.

    Attributes:
        endpoint: where it is reached; its name is the catalogue's name of the model.
        provider: such as `Alibaba Cloud DashScope`.
        price: the list price of a short prompt; None when it is not known, which must never be shown as 0.
        requests_per_minute: what to keep to unless the user says otherwise; None when no limit is known.
    """

    endpoint: Endpoint
    provider: str
    price: Price | None
    requests_per_minute: float | None

    @property
    def name(self) -> str:
        """The name that users give, such as `qwen-max` or `qwen-max@dashscope-intl`."""
        return self.endpoint.name


def live_model(name: str) -> LiveModel:
    """Return the model of a name.

    Raises:
        UnknownModelError: the catalogue knows no such model; the message tells the nearest one.
        CatalogError: the data files have faults.
    """
    if model := _models().get(name):
        return model
    hint = nearest(name.rpartition("/")[2], _models()) or "; `distillcheck models` lists them"
    raise UnknownModelError(f"{name!r}: the catalogue knows no such live model{hint}")


def live_models() -> tuple[LiveModel, ...]:
    """Return every model of the catalogue, provider by provider.

    Raises:
        CatalogError: the data files have faults.
    """
    return tuple(_models().values())


def load_live_models(providers: pathlib.Path, models: pathlib.Path) -> tuple[LiveModel, ...]:
    """Read a file of providers and one of what they serve; the files in `data` explain their form.

    Raises:
        CatalogError: with every fault of the first file, or else every fault of the second.
    """
    known = _providers(read_entries(providers))
    root = read_entries(models)
    found: dict[str, LiveModel] = {}
    for served in root.mappings():
        if served.id not in known:
            served.fault(f"{served.id!r} is no provider{nearest(served.id, known)}")
            continue
        for entry in served.mappings():
            if other := found.get(entry.id):
                entry.fault(f"{entry.id!r} is a model of {other.provider} already; call it NAME@{served.id}")
            found[entry.id] = _model(entry, served.id, known[served.id])
    root.refuse_faults()
    return tuple(found.values())


@cache
def _models() -> Mapping[str, LiveModel]:
    models = load_live_models(_DATA / "providers.yaml", _DATA / "models.yaml")
    return {model.name: model for model in models}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Provider:
    """Who serves models.

    Attributes:
        endpoint: of any of its models, which fills in its names.
        usd: what one unit of the price list's currency is worth in US dollars.
    """

    name: str
    endpoint: Endpoint
    usd: float
    requests_per_minute: float | None


def _providers(root: Entry) -> Mapping[str, _Provider]:
    providers = {entry.id: _provider(entry) for entry in root.mappings()}
    root.refuse_faults()
    return {name: provider for name, provider in providers.items() if provider}


def _provider(entry: Entry) -> _Provider | None:
    """Return a provider, or None when its address is not fit."""
    entry.check_keys(
        required=("name", "kind", "base_url", "key_env"), optional=("requests_per_minute", "currency")
    )
    key_env = entry.text("key_env")
    if key_env and not _VARIABLE.fullmatch(key_env):
        entry.fault(f"{key_env!r} is no environment variable; use A-Z, 0-9 and _", "key_env")
    kind, base_url = _choice(entry, "kind", _KINDS), entry.text("base_url")
    try:
        endpoint = Endpoint(name=entry.id, kind=kind, base_url=base_url, model="", key_env=key_env)
    except UsageError as error:
        if base_url:
            entry.fault(str(error).removeprefix(f"{entry.id}: "), "base_url")
        return None
    return _Provider(
        name=entry.text("name"),
        endpoint=endpoint,
        usd=_choice(entry, "currency", _USD_PER),
        requests_per_minute=entry.number("requests_per_minute") or None,
    )


def _choice(entry: Entry, name: str, choices: Mapping[str, _T]) -> _T:
    """Return what the text at a key chooses: by default the first."""
    first = next(iter(choices))
    text = entry.text(name) or first
    if text not in choices:
        entry.fault(f"{text!r} is none of {', '.join(choices)}{nearest(text, choices)}", name)
    return choices.get(text, choices[first])


def _model(entry: Entry, provider_id: str, provider: _Provider) -> LiveModel:
    entry.check_keys(optional=("model", "price"))
    model, at, home = entry.id.partition("@")
    if not _NAME.fullmatch(model):
        entry.fault(f"{model!r} is no name of a model; use a-z, 0-9 and single dots and hyphens")
    if at and home != provider_id:
        entry.fault(f"{home!r} is not the provider; write {model}@{provider_id}")
    return LiveModel(
        endpoint=replace(provider.endpoint, name=entry.id, model=entry.text("model") or model),
        provider=provider.name,
        price=_price(entry.mapping("price"), provider.usd) if "price" in entry.values else None,
        requests_per_minute=provider.requests_per_minute,
    )


def _price(entry: Entry, usd: float) -> Price:
    entry.check_keys(required=("input", "output", "as_of"))
    return Price(
        input_usd_per_mtok=entry.number("input") * usd,
        output_usd_per_mtok=entry.number("output") * usd,
        as_of=entry.day("as_of"),
    )
