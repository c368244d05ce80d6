"""Requests, answers and errors as JSON values, for the response store and for what goes between processes.

As JSON in ASCII, which every reader and writer here uses, lone surrogates in a model's text survive.
"""

from collections.abc import Mapping
from typing import Any, get_args

from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response, Role, Source, Usage
from pytest_distillcheck.errors import (
    ClientError,
    DistillcheckError,
    EndpointError,
    NotSentError,
    RequestRefusedError,
    StoreError,
    TransientError,
    UsageError,
)
from pytest_distillcheck.running.jobs import Job

_ERRORS: Mapping[str, type[DistillcheckError]] = {
    kind.__name__: kind
    for kind in (
        ClientError,
        DistillcheckError,
        EndpointError,
        NotSentError,
        RequestRefusedError,
        StoreError,
        TransientError,
        UsageError,
    )
}


def response_to_builtins(response: Response) -> dict[str, object]:
    """Return all that an answer says; where it was taken from depends on who reads it."""
    usage = response.usage
    return {
        "text": response.text,
        "reasoning": response.reasoning,
        "model": response.model,
        "usage": [usage.prompt_tokens, usage.completion_tokens] if usage else None,
        "finish_reason": response.finish_reason,
    }


def response_from_builtins(data: object, *, source: Source) -> Response:
    """Return the answer.

    Raises:
        ValueError: it is none.
    """
    match data:
        case {
            "text": str(text),
            "reasoning": str(reasoning),
            "model": str(model),
            "usage": usage,
            "finish_reason": str(finish_reason),
        }:
            return Response(
                text=text,
                source=source,
                reasoning=reasoning,
                model=model,
                usage=_usage(usage),
                finish_reason=finish_reason,
            )
    raise ValueError("no answer")


def job_to_builtins(job: Job) -> dict[str, object]:
    """Return all of a job."""
    return {
        "model": job.model,
        "key": job.key,
        "messages": [message.to_builtins() for message in job.request.messages],
        "parameters": dict(job.request.parameters),
        "sample": job.request.sample,
    }


def job_from_builtins(data: object) -> Job:
    """Return the job.

    Raises:
        ValueError: it is none.
    """
    match data:
        case {
            "model": str(model),
            "key": str(key),
            "messages": [*messages],
            "parameters": dict(parameters),
            "sample": int(sample),
        }:
            request = ModelRequest(
                messages=tuple(map(_message, messages)), parameters=parameters, sample=sample
            )
            return Job(model=model, request=request, key=key)
    raise ValueError("no job")


def error_to_builtins(error: DistillcheckError) -> dict[str, object]:
    """Return the nearest kind of error that we know, and what it says."""
    kind = next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _ERRORS)
    return {"kind": kind, "message": str(error)}


def error_from_builtins(data: Mapping[str, Any]) -> DistillcheckError:
    """Return the error, as the one who asked shall see it; what only decided about retries is gone."""
    return _ERRORS[data["kind"]](data["message"])


def _usage(data: object) -> Usage | None:
    match data:
        case None:
            return None
        case [int(prompt), int(completion)]:
            return Usage(prompt_tokens=prompt, completion_tokens=completion)
    raise ValueError("no usage")


def _message(data: object) -> Message:
    match data:
        case {"role": str(role), "content": str(content)} if role in get_args(Role):
            return Message(role, content)  # type: ignore[arg-type]  # the guard has checked the role
    raise ValueError("no message")
