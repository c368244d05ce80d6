import pytest

from pytest_distillcheck.clients.complaints import Complaint

HOST = "api.example.org"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "", "faulty"),
        (400, "invalid_request_error", "faulty"),
        (400, "InvalidParameter", "faulty"),
        (400, "data_inspection_failed", "filtered"),
        (400, "SensitiveContentDetected.SevereViolation", "filtered"),
        (400, "Arrearage", "spent"),
        (403, "AccountOverdueError", "spent"),
        (403, "AllocationQuota.FreeTierOnly", "spent"),
        (429, "billing_hard_limit_reached", "spent"),
        (429, "SetLimitExceeded", "spent"),
        (429, "1308", "spent"),
        (401, "", "bad_key"),
        (400, "InvalidApiKey", "bad_key"),
        (500, "1002", "bad_key"),
        (404, "", "no_model"),
        (400, "InvalidEndpointOrModel.NotFound", "no_model"),
        (500, "1211", "no_model"),
        (429, "", "too_fast"),
        (429, "RateLimitExceeded.EndpointRPMExceeded", "too_fast"),
        (429, "ModelAccountTpmRateLimitExceeded", "too_fast"),
        (429, "1302", "too_fast"),
        (503, "slow_down", "too_fast"),
        (200, "RESOURCE_EXHAUSTED", "too_fast"),
        (503, "model_not_ready", "trouble"),
        (529, "overloaded_error", "trouble"),
        (599, "load_balancer_error", "trouble"),
        (200, "overloaded_error", "trouble"),
        (200, "what is this", "trouble"),
        (200, "invalid_request_error", "faulty"),
        (418, "teapot", "faulty"),
        (308, "rate_limit_exceeded", "redirect"),
    ],
)
def test_a_status_and_a_code_have_one_meaning(status, code, kind):
    assert Complaint(status=status, codes=(code,)).kind(HOST) == kind


def test_the_same_code_is_a_rate_limit_at_alibaba_cloud_and_an_empty_account_elsewhere():
    complaint = Complaint(status=429, codes=("insufficient_quota",))
    assert complaint.kind("api.openai.com") == "spent"
    assert complaint.kind("dashscope.aliyuncs.com") == "too_fast"
    assert complaint.kind("dashscope.aliyuncs.com.example.org") == "spent"


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Your credit balance is too low to access the Anthropic API.", "spent"),
        ("Model Not Exist", "no_model"),
        ("the prompt said: insufficient_quota, invalid_api_key", "faulty"),
    ],
)
def test_words_count_only_where_a_provider_has_no_code(message, kind):
    complaint = Complaint(status=400, codes=("invalid_request_error",), message=message)
    assert complaint.kind(HOST) == kind
