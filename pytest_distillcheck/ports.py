"""What the core asks of the outside, as Protocols."""

from collections.abc import Mapping
from typing import Protocol

from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.ratings import Rating
from pytest_distillcheck.domain.templates import Mutation
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
    """Keeps answers by key. A key says everything that decides an answer, and no secret.

    `get`, `claim` and `release` are called on the broker's event loop, `put` in a thread beside it. All but
    `release` and `close` may raise StoreError: the store cannot be read or written.
    """

    def get(self, key: str) -> Response | None:
        """Return the answer kept under a key, or None."""
        ...

    def put(self, answers: Mapping[str, Response]) -> None:
        """Keep answers by key, all of them or none, durably before this returns."""
        ...

    def claim(self, key: str) -> bool:
        """Tell other processes that this one asks; return False while another one does. Its death ends a claim."""
        ...

    def release(self, key: str) -> None:
        """End a claim, after the answer was kept, or when there is none."""
        ...

    def close(self) -> None:
        """Close every file and end every claim; the broker does so when it closes."""
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


class SimilarityJudge(Protocol):
    """Rates how similar a response is to a reference model's answer to the same prompt."""

    @property
    def name(self) -> str:
        """The name that reports show, such as `embedded`."""
        ...

    def rate(self, *, prompt: str, reference: str, response: str) -> Rating:
        """Return the rating of two answers, neither of them empty.

        Raises:
            JudgeError: there is no rating.
            ClientError: the judge is a model, and could not be asked.
        """
        ...


class Mutator(Protocol):
    """Makes templates of templates for a search."""

    @property
    def name(self) -> str:
        """The name that reports show, such as `embedded`."""
        ...

    async def mutate(self, mutation: Mutation) -> str:
        """Return the mutant's text, equal for equal mutations.

        The text is data: the search refuses one without the placeholder, too long, known already, or with the name
        of a maker that its parents do not name.

        Raises:
            ClientError: there is no mutant; the search goes on without it.
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
