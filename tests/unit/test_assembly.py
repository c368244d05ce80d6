import sys
from types import ModuleType

import pytest

from pytest_distillcheck.assembly import Sources, assemble_models, describe, plan_identity
from pytest_distillcheck.catalog import identity_fact
from pytest_distillcheck.clients import CallableClient, EntryClient, RecordedClient
from pytest_distillcheck.domain.exchanges import Message, ModelRequest
from pytest_distillcheck.domain.probes import Question, Selection
from pytest_distillcheck.errors import UnknownModelError, UsageError
from pytest_distillcheck.identity import EmbeddedIdentityJudge
from pytest_distillcheck.suites import Config, IdentitySuite, ModelEntry, Suite

REQUEST = ModelRequest(messages=(Message("user", "Who made you?"),))


def echo(messages, **parameters):
    return repr(([message["role"] for message in messages], parameters))


class Holder:
    method = staticmethod(echo)


@pytest.fixture(autouse=True)
def models(monkeypatch, tmp_path):
    """A module of callables, `distill_models`, and a folder of modules that cannot be imported."""
    module = ModuleType("distill_models")
    module.echo, module.Holder, module.TEXT = echo, Holder, "text"
    monkeypatch.setitem(sys.modules, "distill_models", module)
    (tmp_path / "distill_broken_syntax.py").write_text("def (\n")
    (tmp_path / "distill_broken_name.py").write_text("undefined\n")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.fixture
def recording(tmp_path):
    (tmp_path / "r.jsonl").write_text('{"prompt": "Who made you?", "response": "Alibaba Cloud."}\n')
    return "recorded:r.jsonl"


@pytest.fixture
def assemble(tmp_path):
    def assemble(*names, folder=tmp_path, entries=None):
        config = None
        if entries is not None:
            config = Config(path=tmp_path / "distillcheck.yaml", models=entries, options={})
        return assemble_models(names, Sources(folder=folder, configs=(config,) if config else ()))

    return assemble


@pytest.fixture
def refusal(assemble):
    def refusal(*names, error=UsageError, **settings):
        with pytest.raises(error) as caught:
            assemble(*names, **settings)
        return str(caught.value)

    return refusal


def suite(**identity):
    own = (Question(id="q", category="team", language="en", text="Who made you?"),)
    return Suite(
        path="a", identity=IdentitySuite(**({"line": 1, "bank": False, "questions": own} | identity))
    )


def test_a_name_with_a_recording_replays_it(assemble, recording):
    (model,) = assemble(f"qwen={recording}")
    assert isinstance(model.client, RecordedClient)
    assert model.client.ask(REQUEST).text == "Alibaba Cloud."
    assert (model.name, model.given, model.id, model.spec, model.fact) == (
        "qwen",
        "qwen=recorded:r.jsonl",
        "qwen",
        "recorded:r.jsonl",
        None,
    )


@pytest.mark.parametrize("target", ["echo", "Holder.method"])
def test_a_name_with_a_callable_calls_it(assemble, target):
    (model,) = assemble(f"qwen=python:distill_models:{target}")
    assert isinstance(model.client, CallableClient)
    assert model.client.ask(REQUEST).text == "(['user'], {})"


def test_the_id_of_a_model_is_a_slug_of_its_name(assemble):
    (model,) = assemble("Qwen/Max 2=python:distill_models:echo")
    assert (model.name, model.id) == ("Qwen/Max 2", "qwen_max_2")


def test_a_spec_may_hold_an_equals_sign(assemble, tmp_path):
    (tmp_path / "a=b.jsonl").write_text('{"prompt": "p", "response": "r"}\n')
    (model,) = assemble("qwen=recorded:a=b.jsonl")
    assert model.spec == "recorded:a=b.jsonl"


def test_a_name_from_the_configuration_has_its_entrys_settings(assemble):
    entry = ModelEntry(
        spec="python:distill_models:echo",
        fact=identity_fact("qwen"),
        system="Be brief.",
        parameters={"a": 1},
    )
    (model,) = assemble("mine", entries={"mine": entry})
    assert isinstance(model.client, EntryClient)
    assert model.client.ask(REQUEST).text == "(['system', 'user'], {'a': 1})"
    assert model.fact == identity_fact("qwen")


def test_an_entry_adds_nothing_to_what_a_recording_is_asked(assemble, recording):
    entry = ModelEntry(spec=recording, system="Be brief.", parameters={"a": 1})
    (model,) = assemble("mine", entries={"mine": entry})
    assert isinstance(model.client, RecordedClient)


def test_paths_of_the_configuration_start_at_its_folder(assemble, recording, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    (model,) = assemble("mine", entries={"mine": ModelEntry(spec=recording)}, folder=elsewhere)
    assert model.client.ask(REQUEST).text == "Alibaba Cloud."


def test_a_spec_of_the_command_line_wins_over_the_configuration(assemble):
    entries = {"mine": ModelEntry(spec="recorded:missing.jsonl")}
    (model,) = assemble("mine=python:distill_models:echo", entries=entries)
    assert model.spec == "python:distill_models:echo"


def test_a_spec_of_the_command_line_replaces_nothing_else_of_the_entry(assemble):
    entry = ModelEntry(
        spec="recorded:missing.jsonl", fact=identity_fact("glm"), system="Be brief.", parameters={"a": 1}
    )
    (model,) = assemble("mine=python:distill_models:echo", entries={"mine": entry})
    assert model.fact == identity_fact("glm")
    assert model.client.ask(REQUEST).text == "(['system', 'user'], {'a': 1})"


def test_a_path_of_the_command_line_starts_at_its_own_folder(assemble, recording, tmp_path):
    entries = {"mine": ModelEntry(spec=recording)}
    with pytest.raises(UsageError, match="cannot be read"):
        assemble(f"mine={recording}", entries=entries, folder=tmp_path / "elsewhere")


def test_models_come_in_the_order_given(assemble):
    names = [f"{name}=python:distill_models:echo" for name in "cab"]
    assert [model.name for model in assemble(*names)] == ["c", "a", "b"]
    assert describe(assemble(*names)) == dict.fromkeys("cab", "python:distill_models:echo")


FORMS = "recorded:PATH, python:package.module:callable or openai:MODEL@BASE_URL"


@pytest.mark.parametrize("given", ["", "=x", "qwen=", "="])
def test_what_is_neither_a_name_nor_a_name_with_a_spec_is_told(refusal, given):
    assert refusal(given, error=UnknownModelError) == (
        f"model {given!r} is neither NAME nor NAME=SPEC; a SPEC is {FORMS}"
    )


def test_an_unknown_name_is_told_with_the_nearest_known_one(refusal, tmp_path):
    message = refusal("qwne", entries={"qwen": ModelEntry(spec="x:y")}, error=UnknownModelError)
    assert message == (
        f"unknown model 'qwne'; define it in {tmp_path / 'distillcheck.yaml'}, give qwne=SPEC ({FORMS}),"
        " or take one that `distillcheck models` lists; did you mean 'qwen'?"
    )


def test_an_unknown_name_without_a_configuration_is_told_what_to_write(refusal):
    assert refusal("nobodys", error=UnknownModelError) == (
        f"unknown model 'nobodys'; define it in a distillcheck.yaml, give nobodys=SPEC ({FORMS}),"
        " or take one that `distillcheck models` lists"
    )


@pytest.mark.parametrize("spec", ["gpt-4o", "recorded", "recorded:", "python:", "http://x", ":x"])
def test_a_spec_of_no_known_form_is_told_with_the_forms(refusal, spec):
    assert refusal(f"q={spec}", error=UnknownModelError) == f"model 'q': {spec!r} is no SPEC; write {FORMS}"


@pytest.mark.parametrize(
    "target",
    ["no_such_module:f", "distill_models:nothing", "distill_models", "distill_models:", ":echo", ".x:echo"],
)
def test_a_callable_that_cannot_be_found_is_told(refusal, target):
    message = refusal(f"q=python:{target}", error=UnknownModelError)
    assert message.startswith(f"model 'q': python:{target} cannot be loaded (")
    assert message.endswith("); write python:package.module:callable")


def test_a_module_that_fails_with_a_hostile_message_is_told_in_one_safe_line(refusal, tmp_path):
    (tmp_path / "distill_loud.py").write_text(r"raise ValueError('a\nb\x1b[2J')" + "\n")
    assert refusal("q=python:distill_loud:f", error=UnknownModelError).isprintable()


@pytest.mark.parametrize("module", ["distill_broken_syntax", "distill_broken_name"])
def test_a_module_that_fails_when_it_is_imported_is_told(refusal, module):
    message = refusal(f"q=python:{module}:f", error=UnknownModelError)
    assert message.startswith(f"model 'q': python:{module}:f cannot be loaded (")


def test_what_is_no_callable_is_told(refusal):
    message = refusal("q=python:distill_models:TEXT", error=UnknownModelError)
    assert message == "model 'q': python:distill_models:TEXT is no callable"


def test_a_missing_recording_is_wrong_usage(refusal):
    assert (
        refusal("q=recorded:no.jsonl")
        == "no.jsonl: cannot be read (No such file or directory); check the path"
    )


def test_a_faulty_recording_is_wrong_usage_with_every_fault(refusal, tmp_path):
    (tmp_path / "bad.jsonl").write_text('{"response": "r"}\n{\n')
    assert [line.split(": ")[0] for line in refusal("q=recorded:bad.jsonl").splitlines()] == [
        "bad.jsonl:1",
        "bad.jsonl:2:2",
    ]


def test_two_models_of_one_id_are_refused(refusal):
    spec = "python:distill_models:echo"
    assert refusal(f"Qwen={spec}", f"qwen={spec}") == (
        "models 'Qwen' and 'qwen' both have the id 'qwen'; rename one (NAME=SPEC)"
    )


def test_a_plan_has_one_test_for_each_probe(assemble):
    (plan,) = plan_identity(
        suite(repeat=2, parameters={"a": 1}), assemble("Qwen Max=python:distill_models:echo")
    )
    assert plan.test_names() == [
        "identity[qwen_max-plain-q]",
        "identity[qwen_max-plain-q-r2]",
    ]
    assert [plan.request(probe) for probe in plan.probes] == [
        ModelRequest(messages=REQUEST.messages, parameters={"a": 1}, sample=sample) for sample in (0, 1)
    ]


def test_a_plan_examines_as_its_suite_says(assemble):
    given = suite(teachers=frozenset({"openai"}), reasoning="report")
    (plan,) = plan_identity(given, assemble("qwen-max=python:distill_models:echo"))
    examination = plan.examination
    assert (examination.suite, examination.model, examination.fact) == (
        "a",
        "qwen-max",
        identity_fact("qwen"),
    )
    assert (examination.teachers, examination.reasoning) == (frozenset({"openai"}), "report")
    assert isinstance(examination.judge, EmbeddedIdentityJudge)


def test_the_suites_fact_wins_over_the_entrys_and_that_over_the_names(assemble):
    def fact(suites_fact=None, entrys_fact=None):
        entry = ModelEntry(
            spec="python:distill_models:echo", fact=identity_fact(entrys_fact) if entrys_fact else None
        )
        (plan,) = plan_identity(suite(fact=suites_fact), assemble("qwen-max", entries={"qwen-max": entry}))
        return plan.examination.fact

    deepseek = identity_fact("deepseek")
    assert fact() == identity_fact("qwen")
    assert fact(entrys_fact="glm-4") == identity_fact("glm")
    assert fact(suites_fact=deepseek, entrys_fact="glm-4") == deepseek


def test_a_model_of_which_nothing_is_known_is_told(assemble):
    with pytest.raises(UsageError) as caught:
        plan_identity(suite(), assemble("zorblax=python:distill_models:echo"))
    assert str(caught.value) == (
        "a: nothing says what is true of the model 'zorblax'; add `fact:` "
        "('zorblax': the catalogue knows no such maker or model; write the fact out, with `name` and `maker`)"
    )


def test_a_suite_has_no_plan_for_a_model_that_it_does_not_fit(assemble):
    chosen = assemble("qwen=python:distill_models:echo", "glm=python:distill_models:echo")
    assert [plan.model.name for plan in plan_identity(suite(models=("q*",)), chosen)] == ["qwen"]


def test_a_sample_is_drawn_by_the_seed(assemble):
    given = suite(bank=True, questions=(), selection=Selection(sample=5))
    chosen = assemble("qwen=python:distill_models:echo")

    def drawn(seed):
        (plan,) = plan_identity(given, chosen, seed=seed)
        return [probe.id for probe in plan.probes]

    assert drawn(1) == drawn(1) != drawn(2)


PROXY, OWN = "http://ann:canary@proxy.example.org:3128", "http://own.example.org:8080"
FAR, NEAR = "openai:m@https://api.openai.com/v1", "openai:m@http://localhost:8000/v1"


@pytest.mark.parametrize(
    ("name", "entry", "general", "address"),
    [
        ("qwen-max", None, PROXY, "http://proxy.example.org:3128"),
        ("qwen-max", None, None, None),
        ("qwen-max", None, "none", None),
        ("m", ModelEntry(spec=FAR), PROXY, "http://proxy.example.org:3128"),
        ("m", ModelEntry(spec=FAR, proxy=OWN), PROXY, OWN),
        ("m", ModelEntry(spec=FAR, proxy="none"), PROXY, None),
        ("m", ModelEntry(spec=NEAR), PROXY, None),
        ("m", ModelEntry(spec=NEAR, proxy=OWN), None, OWN),
    ],
)
def test_n08_an_entry_chooses_its_proxy_before_the_file_does(tmp_path, name, entry, general, address):
    config = Config(
        path=tmp_path / "distillcheck.yaml", models={"m": entry} if entry else {}, options={}, proxy=general
    )
    (model,) = assemble_models([name], Sources(folder=tmp_path, configs=(config,), trusted=(config,)))
    assert (model.live.proxy and model.live.proxy.address) == address
    assert model.route == model.spec + (f" via {address}" if address else "")
    assert "canary" not in repr(model) + repr(config)


def test_n08_the_first_file_that_says_something_sets_the_proxy_of_all(tmp_path):
    files = [
        Config(path=tmp_path / str(n), models={}, options={}, proxy=proxy)
        for n, proxy in enumerate([None, OWN, PROXY])
    ]
    assert Sources(folder=tmp_path, configs=tuple(files), trusted=tuple(files)).proxy == OWN


@pytest.mark.parametrize("said", [{"proxy": PROXY}, {"models": {"m": ModelEntry(spec=FAR, proxy="none")}}])
def test_n08_a_file_that_nobody_trusts_sets_no_proxy(tmp_path, said):
    config = Config(path=tmp_path / "distillcheck.yaml", **{"models": {}, "options": {}, **said})
    with pytest.raises(UsageError, match="sets a proxy") as caught:
        Sources(folder=tmp_path, configs=(config,))
    assert "canary" not in str(caught.value)
