"""How one kind of provider spells requests and answers, and what all kinds share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_distillcheck.clients.documents import MalformedAnswerError, as_object, as_text, as_tokens
from pytest_distillcheck.domain.endpoints import Endpoint
from pytest_distillcheck.domain.exchanges import ModelRequest, Response, Usage
from pytest_distillcheck.errors import RequestRefusedError

# More answers a request would be paid for and thrown away; the rest is the client's own.
_RESERVED = frozenset(
    {"model", "messages", "n", "system", "contents", "systemInstruction", "generationConfig"}
)

_FINISH_REASONS = {
    **dict.fromkeys(("end_turn", "stop_sequence", "eos", "eos_token"), "stop"),
    **dict.fromkeys(("max_tokens", "model_length", "model_context_window_exceeded"), "length"),
    **dict.fromkeys(("tool_use", "function_call"), "tool_calls"),
    **dict.fromkeys(
        ("refusal", "sensitive", "safety", "recitation", "blocklist", "prohibited_content", "spii"),
        "content_filter",
    ),
}
# DeepSeek, Zhipu, OpenRouter and SGLang end an answer so when they broke off themselves.
_BROKEN_OFF = frozenset({"insufficient_system_resource", "network_error", "error", "abort"})


def _no_stream(_events: Sequence[object]) -> object:
    raise MalformedAnswerError("the answer is a stream that was not asked for")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A provider's wire format, as pure functions; the last two raise `MalformedAnswerError`.

    Attributes:
        url: the address that requests go to; it never holds the key.
        key_header: the header that carries the key, and what stands before the key in it.
        payload: the JSON body of a request.
        read: the answer that a document holds.
        join: the document that a stream of events amounts to, for providers that may stream unasked.
        headers: sent with every request.
    """

    url: Callable[[Endpoint], str]
    key_header: Callable[[Endpoint], tuple[str, str]]
    payload: Callable[[Endpoint, ModelRequest], Mapping[str, object]]
    read: Callable[[object], Response]
    join: Callable[[Sequence[object]], object] = _no_stream
    headers: Mapping[str, str] = field(default_factory=dict)


def sampling(
    endpoint: Endpoint, request: ModelRequest, *, names: Mapping[str, str] | None = None
) -> dict[str, object]:
    """Return the parameters of a request as the provider names them; unknown ones pass as they are.

    A fixed seed would give every sample the same answer, so a sample's number is added to it.

    Raises:
        RequestRefusedError: a parameter is one that the client itself sets.
    """
    reserved = sorted(_RESERVED.intersection(request.parameters))
    if reserved:
        raise RequestRefusedError(
            f"{endpoint.name}: the parameter {reserved[0]!r} cannot be set; leave it out"
        )
    parameters = dict(request.parameters)
    seed = parameters.get("seed")
    if isinstance(seed, int):
        parameters["seed"] = seed + request.sample
    return {(names or {}).get(name, name): value for name, value in parameters.items()}


def system_prompt(request: ModelRequest) -> str:
    """Return the system turns as one text, for providers that take it apart from the conversation."""
    return "\n\n".join(message.content for message in request.messages if message.role == "system")


def finish_reason(value: object) -> str:
    """Return why the answer ended: `stop`, `length`, `content_filter`, `tool_calls`, or the provider's own word.

    Raises:
        MalformedAnswerError: the provider broke off.
    """
    told = as_text(value, "finish_reason").lower()
    if told in _BROKEN_OFF:
        raise MalformedAnswerError(f"the provider broke off: {told}", may_pass=True)
    return _FINISH_REASONS.get(told, told)


def token_usage(value: object, *, prompt: Sequence[str], completion: Sequence[str]) -> Usage | None:
    """Return the tokens told, each side the sum of its keys, or None when nothing is told.

    Raises:
        MalformedAnswerError: what is told is no count.
    """
    if value is None:
        return None
    counts = as_object(value, "usage")
    if counts.keys().isdisjoint((*prompt, *completion)):
        return None
    return Usage(
        prompt_tokens=sum(as_tokens(counts.get(key), key) for key in prompt),
        completion_tokens=sum(as_tokens(counts.get(key), key) for key in completion),
    )
