"""The N rows of the fault matrix: connections that fail, dawdle, overflow or lead elsewhere."""

import gzip
import json
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest

from pytest_distillcheck.clients import Limits, PooledTransport
from pytest_distillcheck.clients.attempts import ReplyTooLargeError, _decoded
from pytest_distillcheck.clients.connections import _public_authorities
from pytest_distillcheck.domain.endpoints import Endpoint
from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.errors import EndpointError, RequestRefusedError, TransientError, UsageError
from tests.faults.asking import KEY, QUESTION, client_for, outcome, outcomes
from tests.faults.catalogue import FAULTS, answer, body, completion, raw, reset_after, response
from tests.faults.server import Fault, FaultServer


def ask(server: FaultServer, row: str, **how):
    return outcome(server.route("route", FAULTS[row]), **how)


def test_n01_a_refused_connection_may_pass_and_was_never_billed():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = outcome(f"http://127.0.0.1:{free.getsockname()[1]}/v1")
    assert type(found) is TransientError
    assert "cannot be reached" in str(found)
    assert not found.maybe_billed


def test_n01_a_host_without_an_address_may_pass():
    found = outcome("https://nowhere.invalid/v1", deadline_s=20.0)
    assert type(found) is TransientError
    assert str(found).startswith("qwen-max at nowhere.invalid: cannot be reached")


@pytest.mark.parametrize("row", ["N02-before-headers", "N02-after-headers", "N02-mid-body"])
def test_n02_a_reset_may_pass(server, row):
    found = ask(server, row)
    assert type(found) is TransientError
    assert server.count("route") == 1


@pytest.mark.parametrize("row", ["N03-headers", "N03-body", "N03-empty-lines", "N04"])
def test_n03_n04_the_deadline_ends_what_dawdles_and_it_may_be_billed(server, row):
    start = time.monotonic()
    found = ask(server, row, deadline_s=0.3)
    assert time.monotonic() - start < 2
    assert type(found) is TransientError
    assert found.maybe_billed
    assert "no whole answer within 0.3 s" in str(found)


@pytest.mark.parametrize("row", ["N05-endless", "N05-gzip-bomb", "N05-nested-gzip-bomb", "N05-headers"])
def test_n05_what_is_too_large_is_given_up_before_it_fills_the_memory(server, row):
    found = ask(server, row)
    assert type(found) is RequestRefusedError
    assert "larger than" in str(found)
    assert server.sent_bytes < 16 * 2**20


def test_n05_a_bomb_is_never_unpacked_whole():
    packed = gzip.compress(gzip.compress(b" " * 2**27, 1))
    tracemalloc.start()
    with pytest.raises(ReplyTooLargeError):
        _decoded(packed, httpx.Headers({"content-encoding": "gzip, gzip"}), 2**20)
    assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    tracemalloc.stop()


def test_n05_an_endless_complaint_is_still_a_complaint(server):
    endless = raw(b"HTTP/1.1 500 Oh\r\nconnection: close\r\n\r\n", *[b"x" * 65536] * 32, hang_up=True)
    found = outcome(server.route("route", endless))
    assert type(found) is TransientError
    assert "HTTP 500" in str(found)


def test_n06_a_connection_that_the_server_closed_meanwhile_costs_nothing(server):
    closing = raw(response(b'{"choices": [{"message": {"content": "one"}}]}'), hang_up=True)
    url = server.route("route", closing, answer("two"))
    first, second = outcomes(client_for(url), QUESTION, QUESTION)
    assert [first.text, second.text] == ["one", "two"]
    assert server.count("route") == 2
    assert server.connections == 2


def test_n06_a_connection_that_breaks_before_any_byte_is_used_once_more(server):
    url = server.route("route", answer("one"), reset_after(), answer("two"))
    first, second = outcomes(client_for(url), QUESTION, QUESTION)
    assert [first.text, second.text] == ["one", "two"]


def test_n06_a_new_connection_that_breaks_is_not_used_again(server):
    url = server.route("route", answer("one"), reset_after(), reset_after(), answer("two"))
    first, second = outcomes(client_for(url), QUESTION, QUESTION)
    assert first.text == "one"
    assert type(second) is TransientError
    assert server.count("route") == 3


def planting(every_s: float | None) -> Fault:
    """Answer `one` and, at once or later, a response that nobody asked for."""
    one, planted = (
        response(json.dumps(completion({"content": text})).encode()) for text in ("one", "planted")
    )
    return raw(one + planted) if every_s is None else raw(one, planted, every_s=every_s)


@pytest.mark.parametrize("every_s", [None, 0.05], ids=["at once", "later"])
def test_n06_bytes_that_nobody_asked_for_never_become_the_next_answer(server, every_s):
    url = server.route("route", planting(every_s), answer("two"))
    first, second = outcomes(client_for(url), QUESTION, QUESTION, pause_s=0.2)
    assert [first.text, second.text] == ["one", "two"]


def test_n06_a_connection_that_breaks_in_the_middle_of_an_answer_is_not_used_again(server):
    url = server.route("route", answer("one"), reset_after(b"HTTP/1.1 2"), answer("two"))
    first, second = outcomes(client_for(url), QUESTION, QUESTION)
    assert first.text == "one"
    assert type(second) is TransientError
    assert server.count("route") == 2


def test_a_connection_is_kept_for_the_next_request(server):
    url = server.route("route", answer())
    outcomes(client_for(url), *[QUESTION] * 5)
    assert server.connections == 1


def test_a_connection_that_was_idle_for_long_is_not_used_again(server, monkeypatch):
    monkeypatch.setattr("pytest_distillcheck.clients.connections._MAX_IDLE_S", 0.05)
    outcomes(client_for(server.route("route", answer())), *[QUESTION] * 3, pause_s=0.1)
    assert server.connections == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_n07_a_redirect_is_never_followed(server, status):
    with FaultServer() as other:
        target = other.route("other", answer())
        url = server.route("route", body(b"", status=status, headers={"location": target}))
        found = outcome(url)
        assert type(found) is RequestRefusedError
        assert "redirects are never followed" in str(found)
        assert target in str(found)
        assert other.connections == 0


def test_n08_the_environment_decides_nothing(server, monkeypatch, tmp_path):
    with FaultServer() as proxy:
        proxy.route("", answer("by proxy"))
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://user:pass@127.0.0.1:{proxy.port}")
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        found = outcome(server.route("route", answer()), key=None)
        assert isinstance(found, Response)
        assert proxy.connections == 0
    assert "authorization" not in server.seen[0].headers


def test_n08_a_certificate_file_in_the_environment_is_not_trusted(authority, monkeypatch, tmp_path):
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    _public_authorities.cache_clear()
    with FaultServer(tls=serving(authority, "127.0.0.1")) as server:
        assert type(outcome(server.route("route", answer()))) is EndpointError


def serving(authority, *names: str, **how) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **how).configure_cert(context)
    return context


def test_n09_a_trusted_certificate_serves(authority, trusting):
    with FaultServer(tls=serving(authority, "127.0.0.1")) as server:
        client = client_for(server.route("route", answer()), transport=PooledTransport(tls=trusting))
        first, second = outcomes(client, QUESTION, QUESTION)
        assert [first.text, second.text] == ["I am Qwen.", "I am Qwen."]
        assert server.connections == 1


def test_n09_a_self_signed_certificate_ends_the_endpoint(authority):
    with FaultServer(tls=serving(authority, "127.0.0.1")) as server:
        found = outcome(server.route("route", answer()))
        assert type(found) is EndpointError
        assert "CERTIFICATE_VERIFY_FAILED" in str(found)
        assert not server.seen


@pytest.mark.parametrize("fault", ["wrong host", "expired"])
def test_n09_a_certificate_for_another_host_or_time_ends_the_endpoint(authority, trusting, fault):
    host = "elsewhere.example" if fault == "wrong host" else "127.0.0.1"
    end = datetime(2020, 1, 1, tzinfo=UTC) if fault == "expired" else None
    with FaultServer(tls=serving(authority, host, not_after=end)) as server:
        url = server.route("route", answer())
        found = outcome(url, transport=PooledTransport(tls=trusting))
        assert type(found) is EndpointError
        assert "no trusted connection" in str(found)
        assert not server.seen


@contextmanager
def handshaking(reply: bytes) -> Iterator[str]:
    """A server that takes a first message, says something and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(reply)

        thread = threading.Thread(target=talk)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}/v1"
        thread.join()


def test_n09_a_server_that_knows_only_old_tls_ends_the_endpoint():
    protocol_version_alert = b"\x15\x03\x02\x00\x02\x02\x46"
    with handshaking(protocol_version_alert) as url:
        assert type(outcome(url)) is EndpointError


def test_n09_a_handshake_that_is_cut_off_may_pass():
    with handshaking(b"") as url:
        assert type(outcome(url)) is TransientError


def test_n09_plain_http_where_tls_was_expected_ends_the_endpoint():
    with handshaking(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        assert type(outcome(url)) is EndpointError


@pytest.mark.parametrize(
    ("base_url", "reason"),
    [
        ("http://example.org/v1", "plain http"),
        ("http://localhost.example.org/v1", "plain http"),
        ("http://0.0.0.0:8000/v1", "plain http"),
        (f"https://user:{KEY}@example.org/v1", "user or password"),
        (f"https://{KEY}@127.0.0.1/v1", "user or password"),
        ("https://169.254.169.254/v1", "metadata"),
        ("https://[::ffff:169.254.169.254]/v1", "metadata"),
        ("https://[fe80::1]/v1", "metadata"),
        ("https://100.100.100.200/v1", "metadata"),
        ("file:///etc/passwd", "no address"),
        ("ftp://example.org/v1", "scheme"),
        ("https://example.org/v1?key=x", "query"),
        ("https://example.org/v1#x", "query or fragment"),
        ("https://example.org\\@127.0.0.1/v1", "user or password"),
        ("https://example.org/v1\nHost: evil", "no address"),
        ("https://example.org:port/v1", "no address"),
        ("example.org/v1", "no address"),
        ("", "no address"),
    ],
)
def test_n10_an_unfit_address_is_refused_before_any_key_is_read(base_url, reason):
    with pytest.raises(UsageError, match=reason) as raised:
        Endpoint(name="m", kind="openai", base_url=base_url, model="m", key_env="KEY")
    assert KEY not in str(raised.value)


def test_n10_a_name_that_leads_off_this_machine_gets_nothing_in_the_clear(server, monkeypatch):
    """As when a hosts file or a name server says that `localhost` is elsewhere."""
    url = server.route("route", answer()).replace("127.0.0.1", "localhost")
    assert isinstance(outcome(url), Response)
    monkeypatch.setattr("pytest_distillcheck.clients.connections.is_loopback", lambda _host: False)
    found = outcome(url)
    assert type(found) is EndpointError
    assert server.count("route") == 1


def test_no_more_than_half_the_deadline_goes_into_connecting():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(deaf.getsockname())
        found = outcome(
            f"http://127.0.0.1:{deaf.getsockname()[1]}/v1", limits=Limits(deadline_s=0.6, connect_s=0.1)
        )
        for filler in fillers:
            filler.close()
    assert type(found) is TransientError
    assert not found.maybe_billed
