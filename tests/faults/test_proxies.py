"""A proxy that is configured (N08): what it gets to see, and what follows when it fails."""

import asyncio
import base64

import pytest

from pytest_distillcheck.clients import ProxiedTransport, parse_proxy
from pytest_distillcheck.errors import EndpointError, TransientError, UsageError
from tests.faults.asking import KEY, QUESTION, client_for, outcomes
from tests.faults.catalogue import answer
from tests.faults.proxy import ForwardProxy
from tests.faults.server import FaultServer
from tests.faults.test_network import serving

PASSWORD = "canary-0123456789/#"
LOGIN = "someone:canary-0123456789%2F%23@"
BASIC = base64.b64encode(f"someone:{PASSWORD}".encode()).decode()
HOST = "models.example.org"


@pytest.fixture
def serving_tls(authority):
    with FaultServer(tls=serving(authority, HOST)) as server:
        server.route("v1", answer())
        yield server


def asked(proxy, trusting, *, login=LOGIN, url=f"https://{HOST}/v1", questions=1, **how):
    """Ask through a proxy, and say what came of it."""
    found = parse_proxy(f"http://{login}127.0.0.1:{proxy.port}", where="model 'qwen'")
    assert "canary" not in repr(found)
    client = client_for(url, transport=ProxiedTransport(found, tls=trusting), **how)
    assert not any(part in repr(vars(client)) for part in (PASSWORD, BASIC))
    return outcomes(client, *[QUESTION] * questions)


def test_n08_https_goes_through_the_proxy_which_sees_neither_key_nor_question(serving_tls, trusting):
    with ForwardProxy(upstream=serving_tls.port) as proxy:
        answers = asked(proxy, trusting, questions=2)
        assert [found.text for found in answers] == ["I am Qwen.", "I am Qwen."]
        (connect,) = proxy.seen
    assert (connect.route, connect.path) == ("CONNECT", f"{HOST}:443")
    assert connect.headers["proxy-authorization"] == f"Basic {BASIC}"
    assert KEY.encode() not in connect.body
    for seen in serving_tls.seen:
        assert seen.headers["authorization"] == f"Bearer {KEY}"
        assert "proxy-authorization" not in seen.headers


def test_n08_a_proxy_without_a_user_gets_no_header_for_one(serving_tls, trusting):
    with ForwardProxy(upstream=serving_tls.port) as proxy:
        assert asked(proxy, trusting, login="")[0].text == "I am Qwen."
        assert "proxy-authorization" not in proxy.seen[0].headers


def test_n08_plain_http_of_this_machine_can_go_through_too(server, trusting):
    with ForwardProxy(upstream=server.port) as proxy:
        url = server.route("v1", answer())
        assert asked(proxy, trusting, url=url, key=None)[0].text == "I am Qwen."
        assert proxy.seen[0].path == f"{url}/chat/completions"
    assert "proxy-authorization" not in server.seen[0].headers


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (f"HTTP/1.1 407 Not with {PASSWORD} {BASIC}\r\n\r\n".encode(), EndpointError),
        (b"HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno", EndpointError),
        (b"HTTP/1.1 502 Bad gateway\r\n\r\n", TransientError),
        (b"this is no proxy\r\n\r\n", TransientError),
        (b"", TransientError),
    ],
    ids=["407 that says the password", "403", "502", "no HTTP", "nothing"],
)
def test_n08_a_proxy_that_fails_is_told_of_without_its_password(trusting, refusal, kind):
    with ForwardProxy(refusal=refusal) as proxy:
        (found,) = asked(proxy, trusting, deadline_s=0.5)
        assert type(found) is kind
        assert f"qwen-max at {HOST} via http://127.0.0.1:{proxy.port}: " in str(found)
    assert not any(part in str(found) for part in (PASSWORD[:12], BASIC[:12], "someone", KEY))
    assert found.__cause__ is None


def test_n08_a_proxy_that_is_down_may_come_back(trusting):
    with ForwardProxy() as proxy:
        pass
    (found,) = asked(proxy, trusting)
    assert type(found) is TransientError
    assert "cannot be reached" in str(found)


def test_n08_a_proxy_that_opens_tls_ends_the_endpoint(serving_tls):
    with ForwardProxy(upstream=serving_tls.port) as proxy:
        (found,) = asked(proxy, None)
    assert type(found) is EndpointError
    assert "no trusted connection" in str(found)
    assert not serving_tls.seen


@pytest.mark.parametrize(
    "url",
    [
        "proxy.example.org:3128",
        "http://proxy.example.org",
        "socks5://proxy.example.org:1080",
        "http://ann:canary#pass@proxy.example.org:3128",
        "http://ann:canary/pass@proxy.example.org:3128",
        "http://proxy.example.org:3128/path",
        "http://proxy.example.org:canary",
        "http://ann:canary@[::1:3128",
        "http://ann:canary@169.254.169.254:3128",
        "http://ann:canary%00@proxy.example.org:3128",
        "http://ann:c%C3%A4nary@proxy.example.org:3128",
    ],
)
def test_n08_what_is_no_proxy_is_refused_without_being_repeated(url):
    with pytest.raises(UsageError, match="model 'qwen': the proxy") as caught:
        parse_proxy(url, where="model 'qwen'")
    assert "nary" not in str(caught.value)


def test_n08_connections_through_a_proxy_are_closed(serving_tls, trusting):
    async def run(client):
        await client.ask(QUESTION)
        await client.close()
        return len(asyncio.all_tasks())

    with ForwardProxy(upstream=serving_tls.port) as proxy:
        found = parse_proxy(f"http://127.0.0.1:{proxy.port}", where="x")
        client = client_for(f"https://{HOST}/v1", transport=ProxiedTransport(found, tls=trusting))
        assert asyncio.run(run(client)) == 1
