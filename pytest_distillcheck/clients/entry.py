"""What a model's own entry in the configuration adds to a request."""

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_distillcheck.domain.exchanges import ModelRequest, Response, with_entry
from pytest_distillcheck.ports import ModelClient


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryClient:
    """Puts the entry's system prompt before the suite's, and its parameters under the suite's."""

    client: ModelClient
    system: str | None
    parameters: Mapping[str, object]

    def ask(self, request: ModelRequest) -> Response:
        """Return the answer of the model so set up.

        Raises:
            ClientError: as the model's client.
        """
        return self.client.ask(with_entry(request, system=self.system, parameters=self.parameters))
