from dataclasses import replace

import pytest

from pytest_distillcheck.domain.endpoints import Endpoint
from pytest_distillcheck.domain.exchanges import Message, ModelRequest
from pytest_distillcheck.running.keys import response_key

SENT = ModelRequest(messages=(Message("user", "who made you?"),), parameters={"temperature": 0})
ENDPOINT = Endpoint(
    name="qwen", kind="openai", base_url="https://api.example.com/v1", model="qwen-max", key_env="QWEN_KEY"
)
KEY = response_key(SENT, endpoint=ENDPOINT, build="b1")


def test_a_key_is_a_sha_256():
    assert len(bytes.fromhex(KEY)) == 32


@pytest.mark.parametrize(
    "change", [{"messages": (Message("user", "who?"),)}, {"parameters": {"temperature": 1}}, {"sample": 1}]
)
def test_another_request_has_another_key(change):
    assert response_key(replace(SENT, **change), endpoint=ENDPOINT, build="b1") != KEY


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "anthropic"},
        {"base_url": "https://other.example.com/v1"},
        {"base_url": "https://api.example.com:8443/v1"},
        {"base_url": "https://api.example.com/v2"},
        {"model": "qwen-plus"},
    ],
)
def test_another_endpoint_has_another_key(change):
    assert response_key(SENT, endpoint=replace(ENDPOINT, **change), build="b1") != KEY


def test_another_build_has_another_key():
    assert response_key(SENT, endpoint=ENDPOINT, build="b2") != KEY


@pytest.mark.parametrize(
    "change",
    [
        {"name": "ours"},
        {"key_env": "OTHER_KEY"},
        {"base_url": "https://API.example.com/v1/"},
        {"base_url": "https://api.example.com/v1?api-version=2024-10-21"},
    ],
)
def test_what_the_user_calls_a_model_does_not_matter(change):
    assert response_key(SENT, endpoint=replace(ENDPOINT, **change), build="b1") == KEY


def test_a_lone_surrogate_has_a_key():
    sent = replace(SENT, messages=(Message("user", "\ud83d"),))
    assert response_key(sent, endpoint=ENDPOINT, build="b1") != KEY
