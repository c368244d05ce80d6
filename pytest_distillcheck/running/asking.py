"""How a test asks a live model: by the run's broker, which may have the answer already."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pytest_distillcheck.domain.endpoints import Endpoint
from pytest_distillcheck.domain.exchanges import ModelRequest, Response, with_entry
from pytest_distillcheck.errors import NotSentError
from pytest_distillcheck.running.jobs import Job
from pytest_distillcheck.running.keys import response_key


class AnswerSource(Protocol):
    """The run's broker, in this process or in another."""

    def plan(self, jobs: Iterable[Job], *, chained: bool = False) -> None:
        """Have these sent ahead of their tests, in this order.

        Args:
            jobs: of one model or of several.
            chained: they follow answers that are there, and go before all that is planned otherwise.
        """
        ...

    def settled(self, keys: Collection[str]) -> Mapping[str, Response | None]:
        """Return what has come of these jobs by now, by key: the answer, or None when there will be none.

        Those under way are left out; of a large amount the rest is left to the next look. Looking sends nothing,
        and changes nothing about what is sent when.
        """
        ...

    def result(self, job: Job) -> Response:
        """Return the answer; block until it is there.

        Raises:
            ClientError: there is none.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whom a live request goes to, and what the model's own entry adds to it.

    Attributes:
        endpoint: where; its name is the model's.
        system: the entry's system prompt.
        parameters: the entry's parameters; a suite's win over them.
        build: part of each answer's key: an answer of one build never stands for another's.
    """

    endpoint: Endpoint
    build: str
    system: str | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)

    def job(self, request: ModelRequest) -> Job:
        """Return what the broker sends for a suite's request."""
        sent = with_entry(request, system=self.system, parameters=self.parameters)
        return Job(
            model=self.endpoint.name,
            request=sent,
            key=response_key(sent, endpoint=self.endpoint, build=self.build),
        )


class NobodySends:
    """Stands where the broker would, when no tests run."""

    def plan(self, jobs: Iterable[Job], *, chained: bool = False) -> None:
        """Send nothing."""

    def settled(self, keys: Collection[str]) -> Mapping[str, Response | None]:
        """Return nothing."""
        return {}

    def result(self, job: Job) -> Response:
        """Raise NotSentError."""
        raise NotSentError(f"{job.model}: not sent: requests go out only while tests run")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokeredClient:
    """A live model behind the `ModelClient` port."""

    addressee: Addressee
    source: AnswerSource

    def ask(self, request: ModelRequest) -> Response:
        """Return the answer, once the broker has it.

        Raises:
            ClientError: there is none.
        """
        return self.source.result(self.addressee.job(request))

    def send_ahead(self, requests: Iterable[ModelRequest]) -> None:
        """Have requests sent that will be asked, in this order."""
        self.source.plan([self.addressee.job(request) for request in requests])
