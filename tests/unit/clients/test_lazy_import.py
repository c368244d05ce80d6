import subprocess
import sys

import pytest

import pytest_distillcheck.clients

COMMAND = """
import sys
import pytest_distillcheck.clients as clients
assert clients.Secret
heavy = {"httpx", "h11", "ssl", "asyncio"} & set(sys.modules)
assert not heavy, heavy
assert clients.EndpointClient and clients.Limits and clients.PooledTransport
assert "httpx" in sys.modules
"""


def test_httpx_is_imported_when_a_live_client_is_asked_for_and_not_before():
    subprocess.run([sys.executable, "-c", COMMAND], check=True, timeout=60)


def test_every_public_name_can_be_had():
    for name in pytest_distillcheck.clients.__all__:
        assert getattr(pytest_distillcheck.clients, name)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = pytest_distillcheck.clients.Nothing
