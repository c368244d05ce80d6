"""A model that answers out of a recording."""

from collections.abc import Callable
from dataclasses import dataclass

from pytest_distillcheck.domain.exchanges import ModelRequest, Response, transcript
from pytest_distillcheck.domain.scrubbing import one_line
from pytest_distillcheck.errors import NotRecordedError


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedClient:
    """Replays answers; it never reaches a network.

    Attributes:
        path: the recording, as messages name it.
        find: looks a request up; None when it was not recorded.
    """

    path: str
    find: Callable[[ModelRequest], Response | None]

    def ask(self, request: ModelRequest) -> Response:
        """Return the recorded answer.

        Raises:
            NotRecordedError: the recording holds no answer to this request.
        """
        response = self.find(request)
        if response is None:
            asked = one_line(transcript(request.messages), 120)
            raise NotRecordedError(
                f"{self.path}: no answer recorded to {asked!r}"
                f" (parameters {dict(request.parameters)}, sample {request.sample}); record the suite again"
            )
        return response
