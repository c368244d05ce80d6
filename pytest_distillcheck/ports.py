"""What the core asks of the outside, as Protocols."""

from typing import Protocol

from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.verdicts import Verdict


class ModelClient(Protocol):
    """Something that answers requests as a model does."""

    def ask(self, request: ModelRequest) -> Response:
        """Return the answer.

        Raises:
            ClientError: there is no answer; the message says why and what to do.
        """
        ...


class LiveClient(Protocol):
    """A model behind a network: one attempt a call, made on the broker's event loop."""

    async def ask(self, request: ModelRequest) -> Response:
        """Make one attempt and return the answer.

        Raises:
            TransientError: another attempt may succeed.
            RequestRefusedError: this request will never be answered.
            EndpointError: nothing more may be sent to this endpoint.
        """
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class ResponseStore(Protocol):
    """Keeps answers by key. A key says everything that decides an answer, and no secret."""

    def get(self, key: str) -> Response | None:
        """Return the answer kept under a key, or None.

        Raises:
            StoreError: the store cannot be read.
        """
        ...

    def put(self, key: str, response: Response) -> None:
        """Keep an answer durably before this returns.

        Raises:
            StoreError: the answer could not be kept.
        """
        ...


class IdentityJudge(Protocol):
    """Decides what a response claims about its model's identity."""

    @property
    def name(self) -> str:
        """The name that reports show, such as `embedded`."""
        ...

    def judge(self, *, fact: IdentityFact, prompt: str, response: str) -> Verdict:
        """Return the verdict on a response that is not empty.

        Raises:
            JudgeError: there is no verdict.
        """
        ...


class Clock(Protocol):
    """Tells the time and waits."""

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start; it never goes back."""
        ...

    def wall(self) -> float:
        """Return seconds since 1970, for HTTP dates and reports alone."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait on the event loop."""
        ...
