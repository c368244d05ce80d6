"""Models behind the `ModelClient` port: recorded answers and Python callables."""

from pytest_distillcheck.clients.entry import EntryClient
from pytest_distillcheck.clients.python_callable import CallableClient
from pytest_distillcheck.clients.recorded import RecordedClient

__all__ = ["CallableClient", "EntryClient", "RecordedClient"]
