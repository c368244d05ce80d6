"""What is sent to a model and what comes back."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Role = Literal["system", "user", "assistant"]
Source = Literal["live", "store", "recording", "callable"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str

    def to_builtins(self) -> dict[str, str]:
        """Return the turn as every chat interface spells it."""
        return {"role": self.role, "content": self.content}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequest:
    """What a suite asks of a model.

    Attributes:
        messages: the conversation, the last turn being the user's.
        parameters: sampling parameters that the suite sets; JSON values.
        sample: which answer to the same question this is, from 0: equal requests with different samples
            are different draws.
    """

    messages: tuple[Message, ...]
    parameters: Mapping[str, object] = field(default_factory=dict)
    sample: int = 0

    def digest(self) -> str:
        """Return the SHA-256 of the canonical form, in hexadecimal."""
        return digest([[m.to_builtins() for m in self.messages], dict(self.parameters), self.sample])


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as the provider counts them; both at least 0."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a model answered.

    Attributes:
        text: the answer; it may be empty and may hold anything at all, lone surrogates included.
        reasoning: thinking that came in a field of its own; empty when there was none.
        model: the model string that the endpoint returned, or empty.
        usage: tokens, when the endpoint told.
        finish_reason: as the endpoint told, such as `stop`, `length` or `content_filter`; empty when it did not.
        source: where the answer was taken from.
    """

    text: str
    source: Source
    reasoning: str = ""
    model: str = ""
    usage: Usage | None = None
    finish_reason: str = ""


def digest(value: object) -> str:
    """Return the SHA-256 of a JSON value in its canonical form, in hexadecimal.

    The form is ASCII only, so that a lone surrogate, which UTF-8 cannot encode, has a digest too, and a number has
    one form however it was spelled: a temperature of 0 and one of 0.0 ask for the same.
    """
    return hashlib.sha256(_CANONICAL.encode(_one_form(value)).encode("ascii")).hexdigest()


_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def _one_form(value: object) -> object:
    match value:
        case str() | int():
            return value
        case list() | tuple():
            return [_one_form(item) for item in value]
        # A dictionary is a Mapping too, but that is a slow question.
        case dict() | Mapping():
            return {key: _one_form(item) for key, item in value.items()}
        case float() if value.is_integer():
            return int(value)
    return value


def with_entry(
    request: ModelRequest, *, system: str | None, parameters: Mapping[str, object]
) -> ModelRequest:
    """Return what a suite asks together with what the model's own entry adds to it.

    Args:
        request: what the suite asks; its parameters win.
        system: the entry's system prompt. It comes first, and the suite's after a blank line in the same message:
            many endpoints take one system message alone.
        parameters: the entry's parameters.
    """
    messages = request.messages
    if system:
        match messages:
            case (Message("system", own), *rest):
                messages = (Message("system", f"{system}\n\n{own}"), *rest)
            case _:
                messages = (Message("system", system), *messages)
    return replace(request, messages=messages, parameters={**parameters, **request.parameters})


def transcript(messages: Sequence[Message]) -> str:
    """Return the probe prompt as a person reads it: the text of a single turn, else every turn with its role."""
    if len(messages) == 1:
        return messages[0].content
    return "\n\n".join(f"[{message.role}]\n{message.content}" for message in messages)
