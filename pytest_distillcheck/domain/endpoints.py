"""Where a live model is reached, and which addresses no key may ever be sent to."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Literal
from urllib.parse import SplitResult, urlsplit, urlunsplit

from pytest_distillcheck.errors import UsageError

EndpointKind = Literal["openai", "anthropic", "gemini"]

_PLAIN = re.compile(
    r"[!-\[\]-~]+"
)  # printable ASCII without spaces and backslashes, which parsers read differently
_QUERY = re.compile(r"(api-version=[A-Za-z0-9.-]+)?")  # Azure's; anything else could be a key in the open
_NO_ADDRESS = "base_url is no address; write https://HOST/PATH"
# Cloud metadata services that are not link-local: Alibaba Cloud, AWS over IPv6, Oracle Cloud.
_METADATA = frozenset({"100.100.100.200", "fd00:ec2::254", "192.0.0.192"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A model behind a network.

    The address is checked when the value is made, so before any key is read: https, or http on loopback; no user,
    no password, no fragment, no query but `api-version`; never a link-local or metadata address.

    Attributes:
        name: as the user calls the model; messages begin with it.
        kind: the wire format: OpenAI chat completions, Anthropic Messages or Gemini generateContent.
        base_url: what stands before `/chat/completions`, `/messages` or `/models/MODEL:generateContent`, the version
            included, such as `https://api.anthropic.com/v1`.
        model: as the provider calls it.
        key_env: the environment variable that holds the key; None when none is needed.

    Raises:
        UsageError: the address is not fit; the message never repeats a password.
    """

    name: str
    kind: EndpointKind
    base_url: str
    model: str
    key_env: str | None = None

    def __post_init__(self) -> None:
        fault = _fault_of(self.base_url)
        if fault:
            raise UsageError(f"{self.name}: {fault}")

    @property
    def host(self) -> str:
        """The host, without its port."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def address(self) -> str:
        """The host with its port, when one is given, as messages show it."""
        return urlsplit(self.base_url).netloc.lower()

    def url(self, path: str) -> str:
        """Return the address of a path below the base, which keeps its query."""
        base = urlsplit(self.base_url)
        return urlunsplit(base._replace(path=base.path.rstrip("/") + path))


def is_loopback(host: str) -> bool:
    """Return whether a host, by name or number, is this machine."""
    address = _address(host)
    return host.lower() == "localhost" if address is None else address.is_loopback


def is_forbidden(host: str) -> bool:
    """Return whether a host is a link-local or metadata address: those hand out credentials and serve no models."""
    address = _address(host)
    return address is not None and (address.is_link_local or str(address) in _METADATA)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _fault_of(base_url: str) -> str:
    """Return what is wrong with an address and what to do, or an empty string."""
    try:
        parts = urlsplit(base_url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return _NO_ADDRESS
    # First of all, since every other message shows the host.
    if "@" in parts.netloc:
        return "base_url holds a user or password; leave it out and name the key's variable in key_env"
    if not _PLAIN.fullmatch(base_url) or not host:
        return _NO_ADDRESS
    return _fault_of_parts(parts, host)


def _fault_of_parts(parts: SplitResult, host: str) -> str:
    if parts.fragment or not _QUERY.fullmatch(parts.query):
        return f"base_url at {host} has a query or fragment; leave it out, and never put a key there"
    if is_forbidden(host):
        return f"base_url {host} is a link-local or metadata address, which serves no models; use another"
    if parts.scheme == "http" and not is_loopback(host):
        return f"base_url at {host} is plain http, which is for loopback alone; use https"
    if parts.scheme not in {"http", "https"}:
        return f"base_url at {host} has the scheme {parts.scheme!r}; use https"
    return ""
