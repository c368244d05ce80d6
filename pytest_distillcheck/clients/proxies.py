"""Proxies that the user configures; none is ever taken from the environment."""

import base64
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from pytest_distillcheck.clients.keys import Secret
from pytest_distillcheck.domain.endpoints import is_forbidden
from pytest_distillcheck.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """What requests to an endpoint go through: https by CONNECT, so that it sees neither key nor answer.

    Attributes:
        address: `http://HOST:PORT`, as it is shown; never with the user or the password.
        user: empty when there is none.
        password: None when there is none.
    """

    address: str
    user: str = field(default="", repr=False)
    password: Secret | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must be shown nowhere: the password, and what a header makes of it."""
        if self.password is None:
            return ()
        login = f"{self.user}:{self.password.reveal()}".encode()
        return self.password, Secret(base64.b64encode(login).decode("ascii"))


def parse_proxy(url: str, *, where: str) -> Proxy:
    """Return the proxy at `http://[USER:PASSWORD@]HOST:PORT`, user and password percent-encoded.

    Args:
        url: as it was written.
        where: what messages begin with; they never repeat what was written.

    Raises:
        UsageError: it is no such address, or a link-local or metadata one.
    """
    try:
        parts = urlsplit(url)
        fits = _fits(parts)
    except ValueError:
        fits = False
    if not fits:
        raise UsageError(
            f"{where}: the proxy is no address; write http://HOST:PORT or http://USER:PASSWORD@HOST:PORT,"
            " with what is no letter or digit in user and password percent-encoded"
        )
    if is_forbidden(parts.hostname or ""):
        raise UsageError(f"{where}: the proxy is at a link-local or metadata address; use another")
    try:
        password = Secret(unquote(parts.password)) if parts.password else None
    except UsageError:
        raise UsageError(f"{where}: the proxy's password holds what no header can; change it") from None
    address = f"http://{parts.netloc.rpartition('@')[2].lower()}"
    return Proxy(address=address, user=unquote(parts.username or ""), password=password)


def _fits(parts: SplitResult) -> bool:
    """Return whether this is an address and nothing else; a port is asked for, since proxies have no usual one."""
    rest = parts.path.removeprefix("/") or parts.query or parts.fragment
    is_plain = parts.netloc.isascii() and parts.netloc.isprintable() and " " not in parts.netloc
    return parts.scheme == "http" and bool(parts.hostname and parts.port) and is_plain and not rest
