"""Turns what went wrong in an attempt into one of our errors: try again, not this request, or not this endpoint."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

import httpx

from pytest_distillcheck.clients.attempts import Reply, ReplyTooLargeError
from pytest_distillcheck.clients.complaints import Complaint, Kind
from pytest_distillcheck.clients.connections import ForbiddenAddressError, HeadTooLargeError
from pytest_distillcheck.clients.waits import reset_time, retry_after_s
from pytest_distillcheck.domain.endpoints import Endpoint
from pytest_distillcheck.errors import ClientError, EndpointError, RequestRefusedError, TransientError

# A longer wait is no pacing: the run would stand still without a word.
MAX_WAIT_S = 120.0

_REQUEST_IDS = ("x-request-id", "request-id", "apim-request-id", "x-ds-trace-id", "x-goog-request-id")
_TOO_LONG = frozenset({
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.REQUEST_URI_TOO_LONG,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
})
_RETRIED: frozenset[Kind] = frozenset({"too_fast", "trouble"})
_LASTING: frozenset[Kind] = frozenset({"spent", "bad_key", "no_model"})

Consequence = Literal["again", "billed", "refused", "endpoint"]

# Every exception of httpx, by what follows from it; of a class that is not named, its nearest ancestor counts.
CONSEQUENCES: Mapping[type[Exception], Consequence] = {
    httpx.HTTPError: "again",
    httpx.ReadTimeout: "billed",
    httpx.WriteTimeout: "billed",
    httpx.LocalProtocolError: "refused",
    httpx.TooManyRedirects: "refused",
    httpx.UnsupportedProtocol: "endpoint",
    httpx.ProxyError: "endpoint",
    httpx.InvalidURL: "endpoint",
    ForbiddenAddressError: "endpoint",
    HeadTooLargeError: "refused",
    ReplyTooLargeError: "refused",
}
