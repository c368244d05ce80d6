"""Gemini's generateContent."""

from collections.abc import Mapping
from urllib.parse import quote

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

_NAMES = {"top_p": "topP", "top_k": "topK", "max_tokens": "maxOutputTokens", "stop": "stopSequences"}

_BESIDE = ("safetySettings",)  # stands beside the parameters, not among them


def _url(endpoint: Endpoint) -> str:
    model = endpoint.model if "/" in endpoint.model else f"models/{endpoint.model}"
    return endpoint.url(f"/{quote(model)}:generateContent")


def _key_header(_endpoint: Endpoint) -> tuple[str, str]:
    return "x-goog-api-key", ""


def _payload(endpoint: Endpoint, request: ModelRequest) -> Mapping[str, object]:
    parameters = sampling(endpoint, request, names=_NAMES)
    stops = parameters.get("stopSequences")
    if isinstance(stops, str):
        parameters["stopSequences"] = [stops]
    beside = {name: parameters.pop(name) for name in _BESIDE if name in parameters}
    system = system_prompt(request)
    return {
        "contents": [
            {"role": "model" if turn.role == "assistant" else "user", "parts": [{"text": turn.content}]}
            for turn in request.messages
            if turn.role != "system"
        ],
        **({"systemInstruction": {"parts": [{"text": system}]}} if system else {}),
        **({"generationConfig": parameters} if parameters else {}),
        **beside,
    }


def _read(document: object) -> Response:
    found = as_object(document, "the answer")
    candidate = _candidate(found)
    content = as_object(candidate.get("content") or {}, "content")
    parts = [as_object(part, "a part") for part in as_list(content.get("parts"), "parts")]
    texts = [(as_text(part.get("text"), "text"), part.get("thought") is True) for part in parts]
    return Response(
        text="".join(text for text, is_thought in texts if not is_thought),
        reasoning="".join(text for text, is_thought in texts if is_thought),
        model=as_text(found.get("modelVersion"), "modelVersion"),
        usage=token_usage(
            found.get("usageMetadata"),
            prompt=("promptTokenCount", "toolUsePromptTokenCount"),
            completion=("candidatesTokenCount", "thoughtsTokenCount"),
        ),
        finish_reason=finish_reason(candidate.get("finishReason")),
        source="live",
    )


def _candidate(document: Mapping[str, object]) -> Mapping[str, object]:
    candidates = as_list(document.get("candidates"), "candidates")
    if candidates:
        return as_object(candidates[0], "a candidate")
    feedback = as_object(document.get("promptFeedback") or {}, "promptFeedback")
    if not feedback.get("blockReason"):
        raise MalformedAnswerError("the answer has no candidates", may_pass=True)
    return {"finishReason": "safety"}


GEMINI = Dialect(url=_url, key_header=_key_header, payload=_payload, read=_read)
