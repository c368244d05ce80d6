"""The key of an answer: everything that decides it, and no secret."""

from urllib.parse import urlsplit

from pytest_distillcheck.domain.endpoints import Endpoint
from pytest_distillcheck.domain.exchanges import ModelRequest, digest


def response_key(sent: ModelRequest, *, endpoint: Endpoint, build: str) -> str:
    """Return the SHA-256 under which an answer is kept and found again, in hexadecimal.

    Args:
        sent: messages and parameters as they go over the wire, what the model's own entry adds included.
        endpoint: of its address, host, port and path alone count; its name and its key's variable do not.
        build: the `--distill-build` ID or, without one, the run's own id: an old build never answers for a new one.
    """
    return digest(
        {
            "kind": endpoint.kind,
            "address": endpoint.address + urlsplit(endpoint.base_url).path.rstrip("/"),
            "model": endpoint.model,
            "request": sent.digest(),
            "build": build,
        }
    )
