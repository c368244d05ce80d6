"""What an endpoint says when it does not answer, in the many shapes that providers have for it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from pytest_distillcheck.clients.documents import MalformedAnswerError, parse_json
from pytest_distillcheck.clients.waits import duration_s

Kind = Literal["filtered", "spent", "bad_key", "no_model", "too_fast", "redirect", "trouble", "faulty"]

# What a code or a status means, the first that fits. Codes are compared in lower case without punctuation, so that
# `InvalidApiKey` is `invalid_api_key`; the numbers are Zhipu's.
_MEANINGS: tuple[tuple[Kind, re.Pattern[str], frozenset[int]], ...] = (
    (
        "filtered",
        re.compile(
            r"contentfilter|contentpolicy|responsibleai|datainspection|sensitivecontent|flaggedinput|^1301$"
        ),
        frozenset(),
    ),
    (
        "spent",
        re.compile(
            r"insufficientquota|exceededcurrentquota|quotaexceeded|perday|freetieronly|spendlimit|setlimitexceeded"
            r"|credit|billing|insufficientbalance|arrear|overdue|^1113$|^130[489]$"
        ),
        frozenset({HTTPStatus.PAYMENT_REQUIRED}),
    ),
    (
        "bad_key",
        re.compile(r"apikey|invalidauth|authentication|unauthorized|^100[0-4]$|^111[0-2]$|^1121$"),
        frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}),
    ),
    (
        "no_model",
        re.compile(
            r"modelnot(?:found|exist|open|support)|invalidmodel|endpointormodel|deploymentnotfound|unknownmodel|^1211$"
        ),
        frozenset(
            {
                HTTPStatus.NOT_FOUND,
                HTTPStatus.METHOD_NOT_ALLOWED,
                HTTPStatus.GONE,
                HTTPStatus.NOT_IMPLEMENTED,
            }
        ),
    ),
    (
        "too_fast",
        re.compile(r"ratelimit|throttl|toomanyrequests|slowdown|resourceexhausted|limitrequests|^130[235]$"),
        frozenset({HTTPStatus.TOO_MANY_REQUESTS}),
    ),
    (
        "trouble",
        re.compile(r"overloaded|servererror|internalerror|unavailable|timeout"),
        frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY}),
    ),
    (
        "faulty",
        re.compile(r"invalidrequest|invalidparameter|invalidargument|badrequest|^121[0-5]$"),
        frozenset(),
    ),
)
# Told in words alone, under a code that says only that the request is invalid: Anthropic, DeepSeek.
_PHRASES = {"credit balance is too low": "creditbalance", "model not exist": "modelnotfound"}
# Alibaba Cloud gives OpenAI's code for an empty account to its limit of tokens a minute
# (help.aliyun.com/en/model-studio/rate-limit).
_RATE_HOST, _RATE_CODE = ".aliyuncs.com", "insufficientquota"

_CODE_KEYS = frozenset({"code", "type", "status", "reason", "quotaId"})
_MESSAGE_KEYS = ("message", "msg", "detail", "error")
_MAX_DEPTH = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """An error as an endpoint tells it.

    Attributes:
        status: the HTTP status; of an error in a successful reply, the status that it names, else 200.
        codes: every code, type and reason in it, as spelled.
        message: its words, or the body itself; from outside, to be scrubbed.
        wait_s: the wait that the body asks for, or None.
    """

    status: int
    codes: tuple[str, ...] = ()
    message: str = ""
    wait_s: float | None = None

    def kind(self, host: str) -> Kind:
        """Return what is the matter, when it is this host that says so."""
        codes = {re.sub(r"[^a-z0-9]", "", code.lower()) for code in self.codes}
        codes |= {code for phrase, code in _PHRASES.items() if phrase in self.message.lower()}
        if self.status == HTTPStatus.TOO_MANY_REQUESTS and host.endswith(_RATE_HOST):
            codes.discard(_RATE_CODE)
        if HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST:
            return "redirect"
        for kind, pattern, statuses in _MEANINGS:
            if self.status in statuses or any(pattern.search(code) for code in codes):
                return kind
        # A 4xx that nothing else is known of says that the request is at fault.
        is_faulty = HTTPStatus.BAD_REQUEST <= self.status < HTTPStatus.INTERNAL_SERVER_ERROR
        return "faulty" if is_faulty else "trouble"


def complaint_of(status: int, text: str) -> Complaint:
    """Return what a reply without success says in its body."""
    try:
        document = parse_json(text)
    except MalformedAnswerError:
        return Complaint(status=status, message=text)
    return _complaint(status, document)


def complaint_in(document: object) -> Complaint | None:
    """Return the error that a successful reply holds where the answer should be, or None."""
    error = _error_in(document)
    return _complaint(HTTPStatus.OK, error) if error else None


def _error_in(document: object) -> object:
    """Find the error: on top, in a list of one as Google's, or in the first choice as OpenRouter's."""
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    if not isinstance(document, Mapping):
        return None
    if document.get("object") == "error":
        return document
    choices = document.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return document.get("error") or (first.get("error") if isinstance(first, Mapping) else None)


def _complaint(status: int, document: object) -> Complaint:
    found = tuple(_walk(document, 0))
    codes = tuple(dict.fromkeys(str(value) for key, value in found if key in _CODE_KEYS))
    told = [int(code) for code in codes if re.fullmatch("[45][0-9][0-9]", code)]
    waits = [duration_s(str(value)) for key, value in found if key == "retryDelay"]
    if any(key == "flagged_input" for key, _value in found):  # OpenRouter's only sign of a filter
        codes += ("flagged_input",)
    return Complaint(
        status=told[0] if told and status == HTTPStatus.OK else status,
        codes=codes,
        message=_message(document, found),
        wait_s=waits[0] if waits else None,
    )


def _message(document: object, found: tuple[tuple[str, object], ...]) -> str:
    if isinstance(document, str):
        return document
    for wanted in _MESSAGE_KEYS:
        for key, value in found:
            if key == wanted and value and isinstance(value, str):
                return value
    return str(document)


def _walk(value: object, depth: int) -> Iterator[tuple[str, object]]:
    """Yield every key with its text or number, outer ones first."""
    if depth == _MAX_DEPTH:
        return
    if isinstance(value, Mapping):
        yield from ((key, item) for key, item in value.items() if isinstance(item, str | int))
        for item in value.values():
            yield from _walk(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1)
