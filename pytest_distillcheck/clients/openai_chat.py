"""Chat completions, as OpenAI and most others speak them."""

from collections.abc import Mapping, Sequence

from pytest_distillcheck.clients.dialect import Dialect, finish_reason, sampling, token_usage
from pytest_distillcheck.clients.documents import MalformedAnswerError, as_list, as_object, as_text
from pytest_distillcheck.domain.endpoints import Endpoint
from pytest_distillcheck.domain.exchanges import ModelRequest, Response

AZURE = ".azure.com"
"""How the hosts of Azure end, where a model is a deployment that its owner names."""

# OpenAI's newer models refuse the name that every other provider knows.
_OPENAI = "api.openai.com"
_OPENAI_NAMES = {"max_tokens": "max_completion_tokens"}
# Where thinking comes: DeepSeek and most Chinese providers; OpenRouter and newer vLLM.
_REASONING = ("reasoning_content", "reasoning")


def _url(endpoint: Endpoint) -> str:
    return endpoint.url("/chat/completions")


def _key_header(endpoint: Endpoint) -> tuple[str, str]:
    return ("api-key", "") if endpoint.host.endswith(AZURE) else ("Authorization", "Bearer ")


def _payload(endpoint: Endpoint, request: ModelRequest) -> Mapping[str, object]:
    return {
        "model": endpoint.model,
        "messages": [message.to_builtins() for message in request.messages],
        **sampling(endpoint, request, names=_OPENAI_NAMES if endpoint.host == _OPENAI else None),
    }


def _read(document: object) -> Response:
    found = as_object(document, "the answer")
    choice = _first_choice(found)
    finished = finish_reason(choice.get("finish_reason"))
    message = as_object(choice.get("message"), "message")
    text, thinking = _content(message.get("content"))
    return Response(
        # A refusal has a field of its own, and is what the model answered.
        text=text or as_text(message.get("refusal"), "refusal"),
        reasoning=_reasoning(message) or thinking,
        model=as_text(found.get("model"), "model"),
        usage=token_usage(found.get("usage"), prompt=("prompt_tokens",), completion=("completion_tokens",)),
        finish_reason=finished,
        source="live",
    )


def _first_choice(document: Mapping[str, object]) -> Mapping[str, object]:
    choices = [as_object(choice, "a choice") for choice in as_list(document.get("choices"), "choices")]
    if not choices:
        raise MalformedAnswerError("the answer has no choices", may_pass=True)
    return next((choice for choice in choices if choice.get("index") == 0), choices[0])


def _reasoning(message: Mapping[str, object]) -> str:
    return next((text for key in _REASONING if (text := as_text(message.get(key), key))), "")


def _content(content: object) -> tuple[str, str]:
    """Return the text and the thinking of a content, which may be a list of parts."""
    if content is None or isinstance(content, str):
        return content or "", ""
    texts, thoughts = [], []
    for part in as_list(content, "content"):
        if isinstance(part, str):
            texts.append(part)
            continue
        found = as_object(part, "a part of the content")
        texts.append(as_text(found.get("text"), "text") or as_text(found.get("refusal"), "refusal"))
        # Mistral's thinking is a part that holds parts.
        thoughts.append(_content(found.get("thinking"))[0])
    return "".join(texts), "".join(thoughts)


def _join(events: Sequence[object]) -> object:
    chunks = [as_object(event, "an event") for event in events]
    failed = next((chunk for chunk in chunks if chunk.get("error")), None)
    if failed:
        return failed
    choices = [_first_choice(chunk) for chunk in chunks if chunk.get("choices")]
    deltas = [as_object(choice.get("delta"), "delta") for choice in choices]
    message = {
        "content": "".join(_content(delta.get("content"))[0] for delta in deltas),
        "refusal": "".join(as_text(delta.get("refusal"), "refusal") for delta in deltas),
        "reasoning": "".join(_reasoning(delta) for delta in deltas),
    }
    finished = _last(choices, "finish_reason")
    return {
        "model": _last(chunks, "model"),
        "usage": _last(chunks, "usage"),
        "choices": [{"message": message, "finish_reason": finished}] if choices else [],
    }


def _last(objects: Sequence[Mapping[str, object]], key: str) -> object:
    return next((found[key] for found in reversed(objects) if found.get(key) is not None), None)


OPENAI_CHAT = Dialect(url=_url, key_header=_key_header, payload=_payload, read=_read, join=_join)
