"""The key of an answer: everything that decides it, and no secret."""

from urllib.parse import urlsplit

from pytest_distillcheck.domain.exchanges import ModelRequest, digest


def response_key(sent: ModelRequest, *, kind: str, base_url: str, model: str, build: str) -> str:
    """Return the SHA-256 under which an answer is kept and found again, in hexadecimal.

    Args:
        sent: messages and parameters as they go over the wire, what the model's own entry adds included.
        kind: how the endpoint is spoken to, such as `openai`.
        base_url: of it, host, port and path alone count: user, password and query may hold a key.
        model: as the endpoint knows it.
        build: the `--distill-build` ID or, without one, the run's own id: an old build never answers for a new one.
    """
    url = urlsplit(base_url)
    return digest(
        {
            "kind": kind,
            "endpoint": url.netloc.rpartition("@")[2].lower() + url.path.rstrip("/"),
            "model": model,
            "request": sent.digest(),
            "build": build,
        }
    )
