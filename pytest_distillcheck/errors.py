"""Every error that a user can meet, in one tree.

DistillcheckError
├── UsageError              an option, a name or a combination of them is wrong; nothing was asked
│   ├── UnknownFactError    the catalogue knows no such maker or model
│   └── UnknownModelError   no such model, or its SPEC cannot be read
├── SourceError             a file that the user wrote has faults, each with its place
│   ├── SuiteError
│   ├── ConfigError
│   ├── CatalogError
│   └── RecordingError
├── ClientError             the model gave no answer: an outage, never a verdict
│   ├── NotRecordedError    the recording holds no such answer
│   ├── CallableError       the Python callable raised, or returned no text
│   ├── TransientError      this attempt failed; another may succeed
│   ├── RequestRefusedError this request will never be answered; others may be
│   ├── EndpointError       nothing more may be sent to this endpoint
│   └── NotSentError        the budget is used up, the endpoint given up, or the run is stopping
├── StoreError              the response store cannot be read or written
└── JudgeError              a judge gave no verdict

Messages read *place: what is wrong; what to do*, in lower case, without a full stop.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


class DistillcheckError(Exception):
    """Root of every error of this package."""


class UsageError(DistillcheckError):
    """An option, a name or a combination of them is wrong."""


class UnknownFactError(UsageError):
    """The catalogue knows no maker or model of that name."""


class UnknownModelError(UsageError):
    """No model of that name is configured, or its SPEC cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault in a file.

    Attributes:
        line: 1-based; 0 when the fault is of the file as a whole.
        column: 1-based; 0 when the fault is of the line or the file as a whole.
        where: path of the value inside the document, such as `identity.gates.strict`; may be empty.
        message: what is wrong, and what to do.
        excerpt: the faulty source line, or empty.
    """

    line: int
    column: int
    where: str
    message: str
    excerpt: str = ""

    def render(self, path: str) -> str:
        """Return `path:line:column: where: message`, with the source line and a caret below it."""
        place = path + (f":{self.line}" if self.line else "") + (f":{self.column}" if self.column else "")
        text = f"{place}: {self.where}: {self.message}" if self.where else f"{place}: {self.message}"
        if not self.excerpt or not self.column:
            return text
        return f"{text}\n    {self.excerpt}\n    {' ' * _cells(self.excerpt[: self.column - 1])}^"


def _cells(text: str) -> int:
    """Return how many cells of a terminal a text takes: a wide character two, a combining mark none."""
    wide = sum(unicodedata.east_asian_width(character) in {"W", "F"} for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


class SourceError(DistillcheckError):
    """A file that the user wrote has faults; all of them are reported at once.

    Attributes:
        path: the file, as the user would name it.
        faults: at least one, in the order of the file.
    """

    def __init__(self, path: str, faults: Sequence[Fault]) -> None:
        self.path = path
        self.faults = tuple(faults)
        super().__init__("\n".join(fault.render(path) for fault in self.faults))


class SuiteError(SourceError):
    """A `*.distill.yaml` file has faults."""


class ConfigError(SourceError):
    """A `distillcheck.yaml` file has faults."""


class CatalogError(SourceError):
    """A data file of the catalogue, the question bank or the frames has faults."""


class RecordingError(SourceError):
    """A recording cannot be read."""


class ClientError(DistillcheckError):
    """The model gave no answer. This says nothing about the model and is never a pass."""


class NotRecordedError(ClientError):
    """The recording holds no answer to this request."""


class CallableError(ClientError):
    """The Python callable raised, or returned something else than text."""


class TransientError(ClientError):
    """An attempt failed in a way that another may survive.

    Attributes:
        rate_limited: whether the endpoint said that we ask too fast.
        retry_after_s: the least time to wait before the next attempt, as the endpoint told; None when it did not.
        maybe_billed: whether the request may have been answered and paid for although nothing came back.
    """

    def __init__(
        self,
        message: str,
        *,
        rate_limited: bool = False,
        retry_after_s: float | None = None,
        maybe_billed: bool = False,
    ) -> None:
        super().__init__(message)
        self.rate_limited = rate_limited
        self.retry_after_s = retry_after_s
        self.maybe_billed = maybe_billed


class RequestRefusedError(ClientError):
    """The endpoint will never answer this request; it may answer others."""


class EndpointError(ClientError):
    """Nothing more may be sent to this endpoint: a wrong key, no credit, an unknown model, a bad certificate."""


class NotSentError(ClientError):
    """The request was not sent: the budget is used up, the endpoint was given up, or the run is stopping."""


class JudgeError(DistillcheckError):
    """A judge gave no verdict."""


class StoreError(DistillcheckError):
    """The response store cannot be read or written."""
