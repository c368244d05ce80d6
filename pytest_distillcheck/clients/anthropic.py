"""Anthropic's Messages."""

from collections.abc import Mapping

from pytest_distillcheck.clients.dialect import (
    Dialect,
    finish_reason,
    sampling,
    system_prompt,
    token_usage,
)
from pytest_distillcheck.clients.documents import MalformedAnswerError, as_list, as_object, as_text
from pytest_distillcheck.domain.endpoints import Endpoint
from pytest_distillcheck.domain.exchanges import ModelRequest, Response

# The interface wants a limit; this one is long enough for every answer in the paper's data.
_MAX_TOKENS = 1024
_NAMES = {"stop": "stop_sequences"}
_PROMPT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def _url(endpoint: Endpoint) -> str:
    return endpoint.url("/messages")


def _key_header(_endpoint: Endpoint) -> tuple[str, str]:
    return "x-api-key", ""


def _payload(endpoint: Endpoint, request: ModelRequest) -> Mapping[str, object]:
    parameters = sampling(endpoint, request, names=_NAMES)
    # A seed is a wish everywhere; here there is nobody to tell it to.
    parameters.pop("seed", None)
    stops = parameters.get("stop_sequences")
    if isinstance(stops, str):
        parameters["stop_sequences"] = [stops]
    system = system_prompt(request)
    return {
        "model": endpoint.model,
        "max_tokens": _MAX_TOKENS,
        "messages": [message.to_builtins() for message in request.messages if message.role != "system"],
        **({"system": system} if system else {}),
        **parameters,
    }


def _read(document: object) -> Response:
    found = as_object(document, "the answer")
    if not isinstance(found.get("content"), list):
        raise MalformedAnswerError("the answer has no content", may_pass=found.get("content") is None)
    blocks = [as_object(block, "a block") for block in as_list(found["content"], "content")]
    return Response(
        text="".join(as_text(block.get("text"), "text") for block in blocks),
        reasoning="".join(as_text(block.get("thinking"), "thinking") for block in blocks),
        model=as_text(found.get("model"), "model"),
        usage=token_usage(found.get("usage"), prompt=_PROMPT, completion=("output_tokens",)),
        finish_reason=finish_reason(found.get("stop_reason")),
        source="live",
    )


ANTHROPIC_MESSAGES = Dialect(
    url=_url,
    key_header=_key_header,
    payload=_payload,
    read=_read,
    headers={"anthropic-version": "2023-06-01"},
)
