"""Live models behind a proxy that is configured (N08)."""

import base64
import json
import ssl

import httpcore
import pytest
import trustme

from pytest_distillcheck.clients import connections
from tests.faults.catalogue import answer
from tests.faults.proxy import ForwardProxy
from tests.faults.server import FaultServer
from tests.plugin.conftest import TRUE

HOST = "models.example.org"
KEY = "sk-canary-0123456789abcdef"
PASSWORD = "canary-password-0123456789"
LOGIN = f"canary-user:{PASSWORD}@"


@pytest.fixture
def upstream(monkeypatch):
    """A model server for HOST, which this process trusts."""
    authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
    trusting, serving = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.configure_trust(trusting)
    # Loaded once for all runs in this process: httpx knows the exceptions of the first copy alone.
    assert httpcore.ProxyError
    authority.issue_cert(HOST).configure_cert(serving)
    monkeypatch.setattr(connections, "_public_authorities", lambda: trusting)
    with FaultServer(tls=serving) as server:
        server.route("v1", answer(TRUE))
        yield server


@pytest.fixture
def proxy(upstream):
    with ForwardProxy(upstream=upstream.port) as running:
        yield running


@pytest.fixture(autouse=True)
def nobody_elses_files(monkeypatch, project):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(project.path / "home"))
    monkeypatch.setenv("CANARY_KEY", KEY)


def url(proxy, login=LOGIN):
    return f"http://{login}127.0.0.1:{proxy.port}"


def config(*, general=None, model="m-1", at=f"https://{HOST}/v1", **entry):
    spec = {"spec": f"openai:{model}@{at}", **entry}
    top = {"proxy": general} if general else {}
    return json.dumps({"models": {"qwen-max": spec}, "model": ["qwen-max"], **top})


def ours(proxy, **more):
    """Return a file that sends everything through the proxy."""
    return config(general=url(proxy), key_env="CANARY_KEY", **more)


@pytest.mark.parametrize("place", ["distillcheck.yaml", "given.yaml", "home/distillcheck/distillcheck.yaml"])
def test_n08_a_file_that_the_user_owns_sets_the_proxy(project, upstream, proxy, place):
    project.suite(n=3)
    project.write(place, ours(proxy))
    given = ["--distill-config=given.yaml"] if place == "given.yaml" else []
    run = project.run(*given, "--distill-model=qwen-max")
    assert (run.code, run.counts) == (0, {"passed": 3})
    assert {(seen.route, seen.path) for seen in proxy.seen} == {("CONNECT", f"{HOST}:443")}
    assert len(upstream.seen) == 3
    assert run.line_with(f"qwen-max (openai:m-1@https://{HOST}/v1 via http://127.0.0.1:{proxy.port}); judge")


@pytest.mark.parametrize("entry", [{"general": "http://127.0.0.1:9"}, {"proxy": "http://127.0.0.1:9"}])
def test_n08_a_file_beside_a_suite_sets_no_proxy(project, entry):
    project.suite("release/a")
    project.write("release/distillcheck.yaml", config(**entry))
    run = project.run("release/a.distill.yaml", f"--distill-allow={HOST}=CANARY_KEY")
    assert run.code == 4
    assert run.line_with("release/distillcheck.yaml: sets a proxy, which only the file at the rootdir")


@pytest.mark.parametrize("own", ["general", "entry"])
def test_n08_this_machine_is_reached_through_a_proxy_only_where_its_entry_says_so(project, stub, own):
    project.suite(n=2)
    at = stub.answering().partition("@")[2]
    with ForwardProxy(upstream=stub.server.port) as proxy:
        said = {"general": url(proxy)} if own == "general" else {"proxy": url(proxy)}
        project.write("distillcheck.yaml", config(at=at, **said))
        run = project.run()
        assert run.code == 0
        assert bool(proxy.seen) == (own == "entry")
        assert (" via http://" in run.text) == (own == "entry")
    assert len(stub.prompts) == 2


def test_n08_an_entry_may_do_without_the_proxy_of_all(project):
    project.suite(n=1)
    project.write("distillcheck.yaml", config(general="http://127.0.0.1:9", proxy="none"))
    run = project.run("--distill-plan", f"--distill-allow={HOST}=CANARY_KEY")
    assert run.code == 0
    assert "via" not in run.line_with("distillcheck: qwen-max (openai:")


def test_n08_neither_key_nor_password_is_in_anything_that_a_run_leaves(project, proxy):
    project.suite(n=2, gates={"loose": {"max": 0}})
    proxy.refusal = f"HTTP/1.1 407 {PASSWORD}\r\n\r\n".encode()
    project.write("home/distillcheck/distillcheck.yaml", ours(proxy))
    args = (
        "-lvv",
        "--tb=long",
        "--full-trace",
        "--distill-report=out",
        "--distill-record=rec",
        "--junit-xml=j.xml",
    )
    refused = project.run(*args, "--distill-model=qwen-max")
    assert refused.code == 11
    assert refused.line_with(f"qwen-max at {HOST} via http://127.0.0.1:{proxy.port}: the proxy refuses:")
    proxy.refusal = None
    passed = project.run(*args, "--distill-model=qwen-max")
    assert passed.code == 0
    basic = base64.b64encode(LOGIN[:-1].encode()).decode()
    left = {
        path.relative_to(project.path).as_posix(): path.read_bytes()
        for path in project.path.rglob("*")
        if path.is_file()
    }
    del left["home/distillcheck/distillcheck.yaml"]
    for name, content in {**left, "output": (refused.text + passed.text).encode()}.items():
        for secret in (PASSWORD[:12], "canary-user", basic[:12], KEY[:12]):
            assert secret.encode() not in content, name


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"proxy": "http://a:canary-pass@p:1", "sed": 1}', "unknown key 'sed'"),
        ('{"seed": "http://a:canary-pass@p:1"}', "expected a whole number"),
        ('{"http://a:canary-pass@p:1": 1}', "unknown key"),
        ('{"proxy": "http://a:canary-pass@p:1"', "not YAML"),
        ('{"proxy": ["http://a:canary-pass@p:1"]}', "expected text"),
        (
            '{"proxy": "ftp://a:canary-pass@p:1", "models": {"m": {"spec": "openai:m@https://example.org"}}}',
            "is no address",
        ),
    ],
)
def test_n08_a_fault_in_the_file_shows_no_password(project, text, fault):
    project.suite(n=1)
    project.write("distillcheck.yaml", text)
    run = project.run("--distill-model=m", "--distill-allow=example.org=CANARY_KEY")
    assert run.code == 4
    assert fault in run.text
    assert "canary" not in run.text


def test_b10_answers_by_another_makers_model_decide_no_gate_and_are_not_kept(project, upstream, proxy):
    upstream.route("v1", answer(TRUE, "gpt-4o"))
    project.suite(n=5, gates={"loose": {"max": 0}})
    project.write("distillcheck.yaml", ours(proxy, model="qwen-max"))
    run = project.run("--distill-concurrency=1", "--distill-build=b")
    assert run.code == 11
    assert run.line_with("INCOMPLETE", "gate-loose-qwen-max", "5 of 5 answers are missing")
    assert run.line_with("asked for 'qwen-max', and \"gpt-4o\" answered, a model of another maker")
    assert len(upstream.seen) == 3
    upstream.route("v1", answer(TRUE, "qwen-max-2025-01-25"))
    assert project.run("--distill-build=b").code == 0
    assert len(upstream.seen) == 3 + 5
