"""The H rows of the fault matrix: statuses and what servers say with them."""

import pytest

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.errors import EndpointError, RequestRefusedError, TransientError
from tests.faults.asking import KEY, KEY_ENV, outcome
from tests.faults.catalogue import FAULTS, body, error
from tests.faults.server import FaultServer

SOON = "Mon, 21 Sep 2026 14:13:50 GMT"  # half a minute after the clock's time
PAST = "Wed, 21 Oct 2015 07:28:00 GMT"


def ask(server: FaultServer, fault):
    return outcome(server.route("route", fault))


@pytest.mark.parametrize("row", ["H01", "H08"])
def test_h01_h08_a_faulty_request_is_refused_with_the_servers_words(server, row):
    found = ask(server, FAULTS[row])
    assert type(found) is RequestRefusedError
    assert str(found).startswith("qwen-max at 127.0.0.1:")
    assert "HTTP 4" in str(found)


def test_h02_a_filtered_prompt_is_an_empty_answer_that_says_so(server):
    found = ask(server, FAULTS["H02"])
    assert found == Response(text="", finish_reason="content_filter", source="live")


@pytest.mark.parametrize(
    "told",
    [
        {"error": {"code": "content_filter", "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
        {"error": {"code": "data_inspection_failed", "message": "inappropriate"}},
        {"error": {"code": "1301", "message": "unsafe"}},
        {"error": {"code": 403, "message": "flagged", "metadata": {"flagged_input": "x", "reasons": ["y"]}}},
    ],
)
def test_h02_every_providers_filter_is_known(server, told):
    found = ask(server, body(told, status=400))
    assert isinstance(found, Response)
    assert found.finish_reason == "content_filter"


@pytest.mark.parametrize("row", ["H03-401", "H03-403"])
def test_h03_a_rejected_key_ends_the_endpoint_and_is_named_by_its_variable(server, row):
    found = ask(server, FAULTS[row])
    assert type(found) is EndpointError
    assert f"{KEY_ENV} is not accepted by 127.0.0.1:{server.port}; check it" in str(found)
    assert KEY not in str(found)


def test_h03_a_key_that_is_missing_is_said_to_be_missing(server):
    found = outcome(server.route("route", FAULTS["H03-401"]), key=None)
    assert "name its variable in key_env" in str(found)


def test_h03_a_bad_key_under_another_status_is_a_bad_key(server):
    told = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}}
    assert type(ask(server, body(told, status=400))) is EndpointError


@pytest.mark.parametrize(
    "fault",
    [
        FAULTS["H04-402"],
        FAULTS["H04-429"],
        error(429, "enforced_spend_limit_reached"),
        error(429, "exceeded_current_quota_error"),
        error(429, "1113"),
        error(400, "Arrearage"),
        error(400, "invalid_request_error", "Your credit balance is too low to access the API."),
        body(
            {"error": {"code": 429, "details": [{"violations": [{"quotaId": "RequestsPerDay-FreeTier"}]}]}},
            status=429,
        ),
    ],
)
def test_h04_an_empty_account_ends_the_endpoint(server, fault):
    found = ask(server, fault)
    assert type(found) is EndpointError
    assert f"top up the account of {KEY_ENV}" in str(found)


@pytest.mark.parametrize("fault", [FAULTS["H05"], error(400, "", "Model Not Exist"), error(501)])
def test_h05_an_unknown_model_ends_the_endpoint(server, fault):
    found = ask(server, fault)
    assert type(found) is EndpointError
    assert "check the model 'm-1' and base_url" in str(found)


@pytest.mark.parametrize("row", [name for name in FAULTS if name.startswith(("H06", "H11"))])
def test_h06_h11_trouble_at_the_server_may_pass(server, row):
    found = ask(server, FAULTS[row])
    assert type(found) is TransientError
    assert not found.rate_limited
    assert not found.maybe_billed
    assert found.retry_after_s is None
    assert server.count("route") == 1


@pytest.mark.parametrize("row", ["H07-413", "H07-414", "H07-431"])
def test_h07_too_long_a_request_is_refused_with_its_length(server, row):
    found = ask(server, FAULTS[row])
    assert type(found) is RequestRefusedError
    assert f"a request of {len(server.seen[0].body)} bytes" in str(found)


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ([("retry-after", "0")], 0.0),
        ([("retry-after", "1")], 1.0),
        ([("retry-after", "2.5")], 2.5),
        ([("retry-after", "120")], 120.0),
        ([("retry-after-ms", "1500"), ("retry-after", "2")], 1.5),
        ([("retry-after", "1"), ("retry-after", "7")], 7.0),
        ([("retry-after", SOON)], 30.0),
        ([("retry-after", PAST)], None),
        ([("retry-after", "-1")], None),
        ([("retry-after", "NaN")], None),
        ([("retry-after", "inf")], None),
        ([("retry-after", "abc")], None),
        ([("retry-after", "")], None),
        ([("retry-after", "Wed, 99 Foo 2026 99:99:99 GMT")], None),
        ([], None),
    ],
)
def test_h09_h10_a_rate_limit_tells_its_wait_and_a_bad_value_tells_none(server, headers, wait_s):
    found = ask(server, body({"error": {"code": "rate_limit_exceeded"}}, status=429, headers=headers))
    assert type(found) is TransientError
    assert found.rate_limited
    assert found.retry_after_s == (wait_s if wait_s is None else pytest.approx(wait_s))


@pytest.mark.parametrize(
    ("value", "until"), [("121", "2026-09-21 14:15"), ("1e9", "2058-05-30 16:00"), ("1e300", "no calendar")]
)
def test_h09_a_wait_of_more_than_two_minutes_ends_the_endpoint_with_its_end(server, value, until):
    found = ask(server, error(429, "rate_limit_exceeded", retry_after=value))
    assert type(found) is EndpointError
    assert until in str(found)


def test_h09_a_wait_in_googles_body_counts(server):
    told = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [{"retryDelay": "37.8s"}]}}
    found = ask(server, body(told, status=429))
    assert found.rate_limited
    assert found.retry_after_s == pytest.approx(37.8)


def test_h12_the_server_may_forbid_another_attempt(server):
    assert type(ask(server, FAULTS["H12-false"])) is RequestRefusedError


def test_h12_the_server_may_ask_for_another_attempt(server):
    assert type(ask(server, FAULTS["H12-true"])) is TransientError


def test_h12_no_server_talks_us_into_asking_a_redirect_again(server):
    assert type(ask(server, body(b"", status=307, headers={"x-should-retry": "true"}))) is RequestRefusedError


def test_h12_no_server_talks_us_into_trying_a_rejected_key_again(server):
    assert type(ask(server, error(401, x_should_retry="true"))) is EndpointError


def test_a_message_tells_status_code_request_id_and_words_scrubbed(server):
    fault = error(500, "server_error", "boom \x1b[31m\u202e", x_request_id="req-7")
    assert str(ask(server, fault)) == (
        f"qwen-max at 127.0.0.1:{server.port}: HTTP 500 (server_error, request id req-7): "
        r'"boom \x1b[31m\u{202e}"; try again later'
    )
