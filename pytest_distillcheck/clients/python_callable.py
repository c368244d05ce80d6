"""A model that is a Python function of the user's."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.domain.scrubbing import error_line
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
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001
            # Whatever else is raised is no answer. That it be so for exceptions that end or skip a test is a matter
            # of safety: the model under test must not be able to leave its test without failing it.
            raise CallableError(f"python:{self.path} raised {error_line(error)}; mend the callable") from None
        if inspect.iscoroutine(answer):
            answer.close()  # else Python warns, somewhere else, that nobody awaited it
            raise CallableError(
                f"python:{self.path} returned coroutine; it must return text, so call asyncio.run in it"
            )
        if not isinstance(answer, str):
            raise CallableError(f"python:{self.path} returned {type(answer).__name__}; it must return text")
        # A copy that is exactly str: a subclass could show the judge another text than the reports.
        return Response(text=str.__str__(answer), source="callable")
