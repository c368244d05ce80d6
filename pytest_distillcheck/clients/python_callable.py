"""A model that is a Python function of the user's."""

from collections.abc import Callable
from dataclasses import dataclass

from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.domain.scrubbing import one_line
from pytest_distillcheck.errors import CallableError


@dataclass(frozen=True, slots=True, kw_only=True)
class CallableClient:
    """Calls `function(messages, **parameters) -> str`, messages as `[{"role": ..., "content": ...}, ...]`.

    Attributes:
        path: `package.module:callable`, as messages name it.
    """

    path: str
    function: Callable[..., object]

    def ask(self, request: ModelRequest) -> Response:
        """Return what the function returns.

        Raises:
            CallableError: it raised, or returned something else than text.
        """
        messages = [message.to_builtins() for message in request.messages]
        try:
            answer = self.function(messages, **request.parameters)
        except Exception as error:
            # Whatever the user's code raises is no answer, and must not end the run.
            told = one_line(f"{type(error).__name__}: {error}", 300)
            raise CallableError(f"python:{self.path} raised {told}; mend the callable") from error
        if not isinstance(answer, str):
            raise CallableError(f"python:{self.path} returned {type(answer).__name__}; it must return text")
        return Response(text=str(answer), source="callable")
