import pytest

from pytest_distillcheck.domain.endpoints import Endpoint, is_forbidden, is_loopback


def at(base_url: str) -> Endpoint:
    return Endpoint(name="m", kind="openai", base_url=base_url, model="m")


@pytest.mark.parametrize(
    "base_url",
    [
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
        "https://10.0.0.5:8443/v1",
        "http://127.0.0.1:8000/v1",
        "http://localhost:11434/v1",
        "http://[::1]:8080",
        "HTTPS://API.OpenAI.com/v1/",
        "https://x.openai.azure.com/openai/deployments/gpt-4o?api-version=2024-10-21",
    ],
)
def test_a_fit_address_is_taken(base_url):
    assert at(base_url).base_url == base_url


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://h/v1", "https://h/v1/chat/completions"),
        ("https://h/v1/", "https://h/v1/chat/completions"),
        ("https://h", "https://h/chat/completions"),
        ("https://h:1/d?api-version=2024-10-21", "https://h:1/d/chat/completions?api-version=2024-10-21"),
    ],
)
def test_a_path_goes_between_the_base_and_its_query(base_url, url):
    assert at(base_url).url("/chat/completions") == url


def test_the_host_is_without_its_port_and_the_address_with_it():
    endpoint = at("https://API.example.org:8443/v1")
    assert (endpoint.host, endpoint.address) == ("api.example.org", "api.example.org:8443")


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"]
)
def test_this_machine_is_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "localhost.evil.org", "127.0.0.1.nip.io", "10.0.0.1", "2130706433"]
)
def test_what_only_looks_like_this_machine_is_not(host):
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "fe80::1", "100.100.100.200", "fd00:ec2::254", "::ffff:169.254.0.1"]
)
def test_metadata_addresses_are_forbidden(host):
    assert is_forbidden(host)


@pytest.mark.parametrize("host", ["example.org", "10.0.0.1", "127.0.0.1", "8.8.8.8"])
def test_other_addresses_are_not(host):
    assert not is_forbidden(host)
