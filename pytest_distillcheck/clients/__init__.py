"""Models behind the ports `ModelClient` and `LiveClient`: recorded answers, Python callables, live endpoints."""

from typing import TYPE_CHECKING

from pytest_distillcheck.clients.entry import EntryClient
from pytest_distillcheck.clients.keys import Secret
from pytest_distillcheck.clients.proxies import Proxy, parse_proxy
from pytest_distillcheck.clients.python_callable import CallableClient
from pytest_distillcheck.clients.recorded import RecordedClient

if TYPE_CHECKING:
    from pytest_distillcheck.clients.attempts import Limits
    from pytest_distillcheck.clients.connections import PooledTransport, ProxiedTransport
    from pytest_distillcheck.clients.live import EndpointClient

__all__ = [
    "CallableClient",
    "EndpointClient",
    "EntryClient",
    "Limits",
    "PooledTransport",
    "ProxiedTransport",
    "Proxy",
    "RecordedClient",
    "Secret",
    "parse_proxy",
]

# httpx costs 70 ms to import, which a run without a live model must not pay.
_LAZY = {
    "EndpointClient": "live",
    "Limits": "attempts",
    "PooledTransport": "connections",
    "ProxiedTransport": "connections",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
