"""Live models: whose key goes where, and that it is nowhere else."""

import base64
import json
import secrets
import signal
import subprocess
import sys
from contextlib import suppress
from urllib.parse import quote

import pytest

from tests.faults.catalogue import answer, body, completion, echo_key, error, raw, silence
from tests.plugin.conftest import TRUE

KEY_ENV = "CANARY_KEY"


@pytest.fixture
def canary(monkeypatch):
    """A key of this test alone, in the environment."""
    key = "sk-canary+/" + secrets.token_hex(16)
    monkeypatch.setenv(KEY_ENV, key)
    return key


@pytest.fixture(autouse=True)
def no_other_keys(monkeypatch, tmp_path):
    monkeypatch.delenv("DASHSCOPE_API_KEY", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def entry(spec, **more):
    return json.dumps(
        {"models": {"qwen-max": {"spec": spec.partition("=")[2], **more}}, "model": ["qwen-max"]}
    )


def allow(stub):
    return f"--distill-allow=127.0.0.1:{stub.server.port}={KEY_ENV}"


# Before anything is sent


@pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])
def test_a_catalogue_model_without_its_key_is_a_usage_error_before_anything(project, args):
    project.suite()
    run = project.run(*args, "--distill-model=qwen-max")
    assert run.code == 4
    assert run.line_with("model 'qwen-max': no key: set DASHSCOPE_API_KEY, which is sent to", "alone")
    assert "collected" not in run.text
    assert not (project.path / ".distillcheck").exists()


def test_an_unknown_name_is_a_usage_error_that_says_what_to_do(project):
    project.suite()
    run = project.run("--distill-model=qwen-maxx")
    assert run.code == 4
    assert run.line_with("unknown model 'qwen-maxx'; define it in", "qwen-maxx=SPEC")


def test_an_address_that_no_key_is_bound_to_is_a_usage_error(project):
    project.suite()
    run = project.run(model="qwen-max=openai:m-1@https://models.example.org/v1")
    assert run.code == 4
    assert run.line_with("no key is bound to models.example.org; give --distill-allow=models.example.org=ENV")


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("http://models.example.org/v1", "plain http, which is for loopback alone"),
        ("https://user:pass@models.example.org/v1", "base_url holds a user or password; leave it out"),
        ("https://169.254.169.254/v1", "link-local or metadata address"),
        ("https://models.example.org/v1?key=x", "has a query or fragment"),
    ],
)
def test_an_unfit_address_is_a_usage_error_that_repeats_no_password(project, address, fault):
    project.suite()
    run = project.run(f"--distill-allow=models.example.org={KEY_ENV}", model=f"qwen-max=openai:m-1@{address}")
    assert run.code == 4
    assert fault in run.text
    assert "user:pass" not in run.text


# Who binds a key to a host


@pytest.mark.usefixtures("canary")
def test_loopback_gets_no_key_that_nobody_bound_to_it(project, stub):
    project.suite()
    assert project.run(model=stub.answering()).code == 0
    assert stub.keys == {""}


def test_the_command_line_binds_a_key_to_an_address(project, stub, canary):
    project.suite()
    assert project.run(allow(stub), model=stub.answering()).code == 0
    assert stub.keys == {f"Bearer {canary}"}


@pytest.mark.usefixtures("canary")
def test_a_key_bound_to_another_port_is_not_sent(project, stub):
    project.suite()
    assert project.run(f"--distill-allow=127.0.0.1:1={KEY_ENV}", model=stub.answering()).code == 0
    assert stub.keys == {""}


@pytest.mark.parametrize(
    "place", ["distillcheck.yaml", "given.yaml", "config/distillcheck/distillcheck.yaml"]
)
def test_a_file_that_the_user_owns_binds_a_key(project, stub, canary, place, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(project.path / "config"))
    project.suite()
    project.write(place, entry(stub.answering(), key_env=KEY_ENV))
    given = [f"--distill-config={place}"] if place == "given.yaml" else []
    assert project.run(*given, "--distill-model=qwen-max").code == 0
    assert stub.keys == {f"Bearer {canary}"}


def test_a_file_beside_a_suite_binds_none(project, stub, canary):
    project.write("pytest.ini", "[pytest]\n")
    project.suite("deep/a")
    project.write("deep/distillcheck.yaml", entry(stub.answering(), key_env=KEY_ENV))
    run = project.run("deep")
    assert run.code == 4
    address = f"127.0.0.1:{stub.server.port}"
    assert run.line_with(f"nothing binds {KEY_ENV} to {address}; give --distill-allow={address}={KEY_ENV}")
    assert not stub.prompts
    assert project.run("deep", allow(stub)).code == 0
    assert stub.keys == {f"Bearer {canary}"}


@pytest.mark.usefixtures("canary")
def test_a_file_beside_a_suite_cannot_allow_its_own_host(project, stub):
    project.write("pytest.ini", "[pytest]\n")
    project.suite("deep/a")
    config = json.loads(entry(stub.answering(), key_env=KEY_ENV))
    config["allow"] = [f"127.0.0.1:{stub.server.port}={KEY_ENV}"]
    project.write("deep/distillcheck.yaml", json.dumps(config))
    assert project.run("deep").code == 4
    assert not stub.prompts


@pytest.mark.usefixtures("canary")
def test_a_spec_on_the_command_line_takes_no_key_of_the_entry_along(project, stub):
    project.suite()
    project.write("distillcheck.yaml", entry("x=openai:m-1@https://models.example.org/v1", key_env=KEY_ENV))
    assert project.run(model=stub.answering()).code == 0
    assert stub.keys == {""}


# Nowhere else

ECHOES = {
    "answer": lambda _key: echo_key(),
    "401": lambda key: error(401, "invalid_api_key", f"Incorrect API key provided: {key}", x_request_id=key),
    "401 cut": lambda key: error(401, key[:14], f"Incorrect API key: {key[:14]}***"),
    "503": lambda key: body(f"<p>{key}</p>".encode(), status=503),
    "redirect": lambda key: body(b"", status=307, headers={"location": f"https://evil.example/?{key}"}),
    "malformed": lambda key: body({"choices": [{"message": {"content": {key: 1}}}]}),
    "no http": lambda key: raw(f"HTTP/1.1 200 {key}\r\n{key}\r\n\r\n".encode(), hang_up=True),
    "reasoning": lambda key: body(completion({"content": TRUE, "reasoning_content": f"my key is {key}"})),
    "model": lambda key: answer(TRUE, model=key),
}
NOISY = ("-vv", "-l", "--tb=long", "--full-trace", "-rA", "--log-level=DEBUG", "--log-file=debug.log", "-s")
LEAVING = ("--junit-xml=junit.xml", "--distill-report=out", "--distill-record=rec", "--distill-build=b")


def leaks(project, key, text):
    """Return where the key, its beginning or an encoding of it is found."""
    forms = [key, key[:12], quote(key, safe=""), base64.b64encode(key.encode()).decode()[:12]]
    files = {str(path): path.read_bytes() for path in project.path.rglob("*") if path.is_file()}
    assert any(name.endswith("responses.sqlite") for name in files)
    everything = {**files, "output": text.encode("utf-8", "surrogateescape")}
    return [
        (name, form) for name, content in everything.items() for form in forms if form.encode() in content
    ]


@pytest.mark.parametrize("args", [(), ("-n2",)], ids=["alone", "n2"])
@pytest.mark.parametrize("echo", ECHOES)
def test_no_byte_that_a_run_leaves_holds_the_key(project, stub, canary, monkeypatch, echo, args):
    monkeypatch.setattr("pytest_distillcheck.running.retrying.RetryPolicy.wait_s", lambda *_: 0.01)
    project.suite(n=3)
    project.write("test_failing.py", FAILING)
    run = project.run(*NOISY, *LEAVING, *args, allow(stub), model=stub.answering(ECHOES[echo](canary)))
    assert run.code == 1
    assert run.counts["failed"] == 1
    assert stub.keys == {f"Bearer {canary}"}
    assert not leaks(project, canary, run.text)


FAILING = """
def test_asks_by_itself_and_fails(request):
    from pytest_distillcheck.plugin.run import RUN
    run = request.config.stash[RUN]
    models, settings, sending = run.models, run.settings, run.broker()
    assert False, (models, settings, vars(sending) if sending else None)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_no_byte_that_ctrl_c_leaves_holds_the_key(project, stub, canary):
    project.suite(n=4)
    run = project.start(*NOISY, *LEAVING, allow(stub), model=stub.answering(answer(TRUE), silence(60)))
    stub.wait_for(2)
    run.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        run.wait(1)
    run.send_signal(signal.SIGINT)
    text, _ = run.communicate(timeout=30)
    assert "KeyboardInterrupt" in text
    assert not leaks(project, canary, text)
