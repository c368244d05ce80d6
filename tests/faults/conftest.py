"""A fault server, and a certificate authority of its own, made anew for each run of the tests."""

import ssl
from collections.abc import Iterator

import pytest
import trustme

from tests.faults.server import FaultServer


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA(key_type=trustme.KeyType.ECDSA)


@pytest.fixture(scope="session")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """What a client needs to trust the authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
