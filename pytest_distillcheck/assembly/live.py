"""Live models: where they are reached, with which key, and the broker that asks them."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from pytest_distillcheck.assembly.providers import installed_models, known_models
from pytest_distillcheck.catalog import live_model, live_models
from pytest_distillcheck.clients import Proxy, Secret, parse_proxy
from pytest_distillcheck.domain.endpoints import Endpoint, is_loopback
from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.domain.prices import Price
from pytest_distillcheck.errors import RequestRefusedError, UnknownModelError, UsageError
from pytest_distillcheck.ports import Clock, LiveClient, ResponseStore
from pytest_distillcheck.running.asking import Addressee
from pytest_distillcheck.running.broker import Broker
from pytest_distillcheck.running.clocks import SystemClock
from pytest_distillcheck.running.dispatching import RunLimits
from pytest_distillcheck.running.lanes import LiveModel
from pytest_distillcheck.stores import STATE_FOLDER, OwnRunStore, SqliteResponseStore
from pytest_distillcheck.suites import ModelEntry

ATTEMPT_S = 120.0
"""How long one attempt may take; a call with all its attempts may take 300 s, so one that hangs is tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAccess:
    """What the run knows of a live model.

    Attributes:
        endpoint: where it is reached; its name is the model's.
        price: None when it is not known.
        requests_per_minute: None when no limit is known.
        system: the model's own system prompt.
        parameters: the model's own sampling parameters.
        proxy: what it is reached through; None to go straight.
    """

    endpoint: Endpoint
    price: Price | None = None
    requests_per_minute: float | None = None
    system: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)
    proxy: Proxy | None = None

    def addressee(self, build: str) -> Addressee:
        """Return whom requests go to, for answers of one build."""
        return Addressee(endpoint=self.endpoint, build=build, system=self.system, parameters=self.parameters)

    def key(self, environment: Mapping[str, str]) -> Secret | None:
        """Return the key, read now and kept nowhere else.

        Raises:
            UsageError: its variable is not set.
        """
        variable = self.endpoint.key_env
        if variable is None:
            return None
        if not environment.get(variable):
            raise UsageError(
                f"model {self.endpoint.name!r}: no key: set {variable}, which is sent to {self.endpoint.host} alone"
            )
        return Secret(environment[variable])


def catalogue_access(name: str) -> LiveAccess | None:
    """Return the model of that name out of the catalogue or of an installed distribution, or None.

    Raises:
        DistillcheckError: a distribution's providers cannot be used.
    """
    try:
        model = live_model(name)
    except UnknownModelError:
        if (found := installed_models().get(name)) is None:
            return None
        model = found
    return LiveAccess(
        endpoint=model.endpoint, price=model.price, requests_per_minute=model.requests_per_minute
    )


def catalogue_names() -> list[str]:
    """Return the names of all live models that `catalogue_access` finds."""
    return [model.name for model in known_models()]


def spelled_out_access(
    name: str, target: str, entry: ModelEntry, *, allowed: Mapping[str, str], trusted: bool
) -> LiveAccess:
    """Return the model of a SPEC `openai:MODEL@BASE_URL`.

    A key is bound to a host by the catalogue, by `allowed`, or by an entry in a file that is trusted to do so:
    otherwise whoever writes a configuration file beside a suite could have any variable sent anywhere.

    Raises:
        UsageError: the SPEC or its address cannot be used, or nothing binds its key to its host.
    """
    # A model's name may hold an @, and so may an address, in a user that Endpoint refuses by name.
    found = re.fullmatch(r"(?P<model>.+?)@(?P<base_url>[a-z]+://.*)", target, re.IGNORECASE)
    if not found:
        raise UnknownModelError(f"model {name!r}: write openai:MODEL@BASE_URL, such as https://HOST/v1")
    model, base_url = found["model"], found["base_url"]
    plain = Endpoint(name=name, kind="openai", base_url=base_url, model=model, key_env=None)
    key_env = allowed.get(plain.address) or allowed.get(plain.host) or _bound_by_catalogue(plain.host)
    if entry.key_env:
        if not trusted and entry.key_env != key_env:
            raise UsageError(
                f"model {name!r}: nothing binds {entry.key_env} to {plain.address};"
                f" give --distill-allow={plain.address}={entry.key_env}"
            )
        key_env = entry.key_env
    if key_env is None and not is_loopback(plain.host):
        raise UsageError(
            f"model {name!r}: no key is bound to {plain.address}; give --distill-allow={plain.address}=ENV"
        )
    return LiveAccess(
        endpoint=Endpoint(name=name, kind="openai", base_url=base_url, model=model, key_env=key_env),
        price=entry.price,
        requests_per_minute=entry.requests_per_minute,
        system=entry.system,
        parameters=entry.parameters,
    )


def proxy_for(endpoint: Endpoint, *, own: str | None, general: str | None) -> Proxy | None:
    """Return what an endpoint is reached through, or None.

    Args:
        endpoint: of the model.
        own: what the model's entry says: a URL, `none`, or nothing.
        general: what holds for every model, likewise. It is for the network and not for this machine, where the proxy
            would reach its own loopback.

    Raises:
        UsageError: it is no address of a proxy.
    """
    url = own or (None if is_loopback(endpoint.host) else general)
    if url is None or url == "none":
        return None
    return parse_proxy(url, where=f"model {endpoint.name!r}")


def _bound_by_catalogue(host: str) -> str | None:
    return next((m.endpoint.key_env for m in live_models() if m.endpoint.host == host), None)


def open_store(root: Path, *, run_id: str, is_new: bool, build: str | None) -> ResponseStore:
    """Return the response store at the rootdir; answers without a build are for their own run alone.

    Raises:
        UsageError: the run is still going on in another process.
        StoreError: the store cannot be used.
    """
    store = SqliteResponseStore(root / STATE_FOLDER)
    return store if build else OwnRunStore(store, run_id, is_new=is_new)


def open_broker(
    accesses: Iterable[LiveAccess],
    limits: RunLimits,
    *,
    store: ResponseStore,
    seed: int,
    offline: bool = False,
) -> Broker:
    """Return the run's broker.

    Args:
        accesses: the live models.
        limits: of the run.
        store: where answers are kept; closed with the broker.
        seed: of waits between attempts.
        offline: answer from the store alone.

    Raises:
        UsageError: a key is missing.
    """
    return Broker(
        [open_model(access, offline=offline) for access in accesses],
        limits,
        clock=SystemClock(),
        rng=Random(seed),  # noqa: S311 - spreads waits, hides nothing
        store=store,
    )


def open_model(access: LiveAccess, *, offline: bool = False) -> LiveModel:
    """Return a live model as a broker asks it.

    Raises:
        UsageError: the key is missing.
    """
    return LiveModel(
        name=access.endpoint.name,
        client=_OfflineClient(access.endpoint.name) if offline else _client(access, SystemClock()),
        price=access.price,
        requests_per_minute=access.requests_per_minute,
    )


def _client(access: LiveAccess, clock: Clock) -> LiveClient:
    from pytest_distillcheck.clients import EndpointClient, Limits, ProxiedTransport

    return EndpointClient(
        access.endpoint,
        key=access.key(os.environ),
        clock=clock,
        limits=Limits(deadline_s=ATTEMPT_S),
        transport=ProxiedTransport(access.proxy) if access.proxy else None,
    )


@dataclass(frozen=True, slots=True)
class _OfflineClient:
    """Stands where a live client would: what the store does not have is not to be had."""

    name: str

    async def ask(self, request: ModelRequest) -> Response:
        raise RequestRefusedError(f"{self.name}: --distill-offline, and no answer of this build is kept")

    async def close(self) -> None:
        pass
