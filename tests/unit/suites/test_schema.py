import json
from dataclasses import fields
from typing import get_args

import pytest
from jsonschema import Draft202012Validator

from pytest_distillcheck.domain.probes import CATEGORIES
from pytest_distillcheck.domain.prompts import TURNS
from pytest_distillcheck.domain.ratings import ASPECTS, RANGES
from pytest_distillcheck.domain.scores import SCORE_NAMES
from pytest_distillcheck.fuzzing import SELECTION_POLICIES, SearchSettings
from pytest_distillcheck.plugin.options import OPTIONS
from pytest_distillcheck.resources import read_yaml
from pytest_distillcheck.similarity.layouts import Layout
from pytest_distillcheck.suites.schema import schema_faults, schema_text


def told(text, name="suite"):
    """Return the faults of a text as a user reads them, without the source lines."""
    return [fault.render("f").split("\n")[0] for fault in schema_faults(read_yaml(text), name)]


def identity(body):
    return told("identity:\n" + "".join(f"  {line}\n" for line in body.splitlines()))


@pytest.mark.parametrize("name", ["suite", "config"])
def test_the_shipped_schema_is_a_valid_schema(name):
    schema = json.loads(schema_text(name))
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_schema_knows_the_scores_and_categories_of_the_domain():
    definitions = json.loads(schema_text("suite"))["$defs"]
    for section in ("identity", "campaign"):
        assert tuple(definitions[section]["properties"]["gates"]["properties"]) == SCORE_NAMES
    assert tuple(definitions["category"]["enum"]) == CATEGORIES


def test_the_schema_knows_the_aspects_of_a_rating_and_their_ranges():
    definitions = json.loads(schema_text("suite"))["$defs"]
    for gates in (definitions["rating_gates"], definitions["similarity"]["properties"]["per_prompt"]):
        assert tuple(gates["properties"]) == ASPECTS
        for aspect, reference in gates["properties"].items():
            limit = definitions[reference["$ref"].rpartition("/")[2]]
            rating = definitions[limit["properties"]["max"]["$ref"].rpartition("/")[2]]
            assert limit["properties"]["min"] == limit["properties"]["max"]
            assert (rating["minimum"], rating["maximum"]) == RANGES[aspect]


def test_the_schema_knows_the_settings_of_a_search():
    search = json.loads(schema_text("suite"))["$defs"]["search"]["properties"]
    assert search["policy"]["enum"] == list(SELECTION_POLICIES)
    settings = {setting.name for setting in fields(SearchSettings)}
    assert search.keys() - {"policy"} == settings - {"root_share"}


def test_the_schema_knows_the_layouts_of_data_sets_and_the_turns():
    definitions = json.loads(schema_text("suite"))["$defs"]
    assert tuple(definitions["prompt_source"]["properties"]["layout"]["enum"]) == get_args(Layout)
    assert tuple(definitions["similarity"]["properties"]["turns"]["enum"]) == TURNS


def test_the_configuration_takes_every_option_that_may_stand_in_a_file():
    names = {option.name for option in OPTIONS if option.written_down}
    # Which file is read is not the file's to say, nor which host a key is sent to.
    assert names - {"config", "allow"} <= json.loads(schema_text("config"))["properties"].keys()


@pytest.mark.parametrize("name", ["suite", "config"])
def test_every_reference_of_a_schema_leads_somewhere_and_nothing_is_left_over(name):
    schema = json.loads(schema_text(name))
    used = {each["$ref"] for each in subschemas(schema) if "$ref" in each}
    assert used == {f"#/$defs/{definition}" for definition in schema.get("$defs", {})}


def subschemas(schema):
    yield schema
    for inner in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(inner, dict | list):
            yield from subschemas(inner)


@pytest.mark.parametrize("name", ["suite", "config"])
def test_every_pattern_says_what_to_write_and_refuses_a_newline_at_the_end(name):
    patterns = [each for each in subschemas(json.loads(schema_text(name))) if "pattern" in each]
    assert patterns
    for each in patterns:
        assert each["x-advice"]
        assert each["pattern"].endswith(r"$(?!\n)")


@pytest.mark.parametrize(
    "body", ["{}", "\n  fact: qwen", "\n  gates: {strict: {max: 0.02}, affirmed: {min: 1}}"]
)
def test_a_right_suite_has_no_fault(body):
    assert told(f"identity: {body}\n") == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("fcat: qwen", "f:2:3: identity.fcat: unknown key 'fcat'; did you mean 'fact'?"),
        ("models: qwen*", "f:2:11: identity.models: expected a list, found the text 'qwen*'"),
        ("models: [3]", "f:2:12: identity.models[0]: expected text, found 3; put it in quotes"),
        ("models: []", "f:2:11: identity.models: is empty; write something or remove the key"),
        ("models: [a, a]", "f:2:11: identity.models: names something twice; remove one"),
        ("models: ['']", "f:2:12: identity.models[0]: is empty; write something or remove the key"),
        ("fact: 2.5", "f:2:9: identity.fact: expected text or a mapping, found 2.5; put it in quotes"),
        ("fact: true", "f:2:9: identity.fact: expected text or a mapping, found true; put it in quotes"),
        ("fact:", "f:2:8: identity.fact: expected text or a mapping, found nothing"),
        ("fact: [qwen]", "f:2:9: identity.fact: expected text or a mapping, found a list"),
        ("fact: {name: Qwen}", "f:2:9: identity.fact: the key 'maker' is missing; add it"),
        (
            "fact: {name: Qwen, maker: 3}",
            "f:2:29: identity.fact.maker: expected text, found 3; put it in quotes",
        ),
        ("system: 1e3", "f:2:11: identity.system: expected text, found 1000.0; put it in quotes"),
        ("bank: no", "f:2:9: identity.bank: expected true or false, found the text 'no'"),
        ("repeat: 0", "f:2:11: identity.repeat: 0 is too small; it must be at least 1"),
        ("repeat: 1001", "f:2:11: identity.repeat: 1001 is too large; it must be at most 1000"),
        ("repeat: 1.5", "f:2:11: identity.repeat: expected a whole number, found 1.5"),
        ("repeat: 2.0", "f:2:11: identity.repeat: expected a whole number, found 2.0"),
        ("repeat: true", "f:2:11: identity.repeat: expected a whole number, found true"),
        (
            "reasoning: jugde",
            "f:2:14: identity.reasoning: 'jugde' is none of judge, report; did you mean 'judge'?",
        ),
        ("reasoning: 3", "f:2:14: identity.reasoning: 3 is none of judge, report"),
        ("probes: {sample: 0}", "f:2:20: identity.probes.sample: 0 is too small; it must be at least 1"),
        (
            "probes: {categories: [teem]}",
            "f:2:25: identity.probes.categories[0]: 'teem' is none of team, cooperation, industry, technology, geography; did you mean 'team'?",
        ),
        ("gates: {}", "f:2:10: identity.gates: is empty; write something or remove the key"),
        (
            "gates: {strikt: {max: 0}}",
            "f:2:11: identity.gates.strikt: unknown key 'strikt'; did you mean 'strict'?",
        ),
        ("gates: {strict: 0.02}", "f:2:19: identity.gates.strict: expected a mapping, found 0.02"),
        (
            "gates: {strict: {max: 2}}",
            "f:2:25: identity.gates.strict.max: 2 is too large; it must be at most 1",
        ),
        (
            "gates: {strict: {max: -1}}",
            "f:2:25: identity.gates.strict.max: -1 is too small; it must be at least 0",
        ),
        (
            "gates: {strict: {max: 2%}}",
            "f:2:25: identity.gates.strict.max: expected a number, found the text '2%'",
        ),
        (
            "gates: {strict: {max: 0, confidence: 1}}",
            "f:2:40: identity.gates.strict.confidence: 1 is too large; it must be below 1",
        ),
        (
            "gates: {strict: {max: 0, confidence: 0.5}}",
            "f:2:40: identity.gates.strict.confidence: 0.5 is too small; it must be above 0.5",
        ),
        (
            "gates: {strict: {accept: 0.1}}",
            "f:2:20: identity.gates.strict.accept: unknown key 'accept'; it is for gates of a `campaign`",
        ),
        (
            "gates: {strict: {max_increase: 0.1}}",
            "f:2:20: identity.gates.strict.max_increase: unknown key 'max_increase'; it is for gates of `similarity`",
        ),
        ("snapshot: yes", "f:2:13: identity.snapshot: expected true or false, found the text 'yes'"),
        ("campaign:", "f:2:12: identity.campaign: expected a mapping, found nothing"),
        (
            "campaign: {search: {policy: uct}}",
            "f:2:31: identity.campaign.search.policy: 'uct' is none of foraging, mcts-explore, ucb, exp3, round-robin, random; did you mean 'ucb'?",
        ),
        (
            "campaign: {search: {width: 0}}",
            "f:2:30: identity.campaign.search.width: 0 is too small; it must be at least 1",
        ),
        (
            "campaign: {gates: {loose: {accept: 0, reject: 0.5}}}",
            "f:2:38: identity.campaign.gates.loose.accept: 0 is too small; it must be above 0",
        ),
        (
            "campaign: {templates: []}",
            "f:2:25: identity.campaign.templates: is empty; write something or remove the key",
        ),
        (
            "questions:\n- {id: a, category: team, language: en}",
            "f:3:5: identity.questions[0]: the key 'text' is missing; add it",
        ),
    ],
)
def test_a_fault_of_the_identity_section_is_told_in_the_users_words(body, message):
    assert identity(body) == [message]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("prompts: 3", "prompts: expected text or a mapping or a list, found 3; put it in quotes"),
        ("prompts: ''", "prompts: is empty; write something or remove the key"),
        ("prompts: []", "prompts: is empty; write something or remove the key"),
        ("prompts: [[a]]", "prompts[0]: expected text or a mapping, found a list"),
        ("prompts: [a, a]", "prompts: names something twice; remove one"),
        ("prompts: {layout: numina}", "prompts: the key 'path' is missing; add it"),
        (
            "prompts: {path: a, layout: arena}",
            "prompts.layout: 'arena' is none of arena-hard, numina, sharegpt; did you mean 'arena-hard'?",
        ),
        (
            "prompts: {path: a, sample: 3}",
            "prompts.sample: unknown key 'sample'; it belongs under `select`, beside `prompts`",
        ),
        ("select: {sample: 0}", "select.sample: 0 is too small; it must be at least 1"),
        ("turns: first", "turns: 'first' is none of last, every"),
        ("references: gpt-4o", "references: expected a list, found the text 'gpt-4o'"),
        ("gates: {overall: {max: 5.1}}", "gates.overall.max: 5.1 is too large; it must be at most 5"),
        ("gates: {overall: {min: 0}}", "gates.overall.min: 0 is too small; it must be at least 1"),
        ("gates: {style: {max: 3}}", "gates.style.max: 3 is too large; it must be at most 2"),
        (
            "gates: {logic: {max_increase: -1}}",
            "gates.logic.max_increase: -1 is too small; it must be at least 0",
        ),
        (
            "gates: {content: {accept: 1}}",
            "gates.content.accept: unknown key 'accept'; it is for gates of a `campaign`",
        ),
        (
            "gates: {strict: {max: 1}}",
            "gates.strict: unknown key 'strict'; known are overall, style, logic, content",
        ),
        (
            "per_prompt: {overall: {confidence: 0.9}}",
            "per_prompt.overall.confidence: unknown key 'confidence'; it is for `gates` and `sets`, which limit a mean",
        ),
        ("sets: {math: {}}", "sets.math: is empty; write something or remove the key"),
        ("sets: {math: 3}", "sets.math: expected a mapping, found 3"),
    ],
)
def test_a_fault_of_the_similarity_section_is_told_in_the_users_words(body, message):
    assert [line.split(": ", 1)[1] for line in told(f"similarity:\n  {body}\n")] == [f"similarity.{message}"]


@pytest.mark.parametrize("reference", ["gpt-4o", "'a/b:c'", "x=recorded:a b.jsonl", "x=python:m:f"])
def test_a_reference_is_a_name_or_a_name_with_a_spec_that_needs_no_address(reference):
    assert told(f"similarity: {{references: [{reference}]}}\n") == []


@pytest.mark.parametrize(
    "reference", ["a b", "=recorded:x", "x=", "x=openai:m@https://h", '"x\\n"', "'x=recorded:'"]
)
def test_a_reference_with_an_address_or_without_a_name_is_refused_with_what_to_write(reference):
    (message,) = told(f"similarity: {{references: [{reference}]}}\n")
    assert "is not allowed here; write a NAME, NAME=recorded:PATH or NAME=python:" in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tags: [a]", "f:1:1: asks nothing; add `identity` or `similarity`"),
        ("[a]", "f:1:1: expected a mapping, found a list"),
        ("---", "f:1:1: expected a mapping, found nothing"),
        ("identity: {}\ntags: [2024]", "f:2:8: tags[0]: expected text, found 2024; put it in quotes"),
        ("identity:", "f:1:10: identity: expected a mapping, found nothing"),
        ("identity: {}\nwaiver: []", "f:2:1: waiver: unknown key 'waiver'; did you mean 'waivers'?"),
        (
            "identity: {}\nzzz: 1",
            "f:2:1: zzz: unknown key 'zzz'; known are tags, identity, similarity, waivers",
        ),
    ],
)
def test_a_fault_of_the_suite_is_told_in_the_users_words(text, message):
    assert told(text) == [message]


def test_the_source_line_is_shown_with_a_caret():
    (fault,) = schema_faults(read_yaml("identity:\n  gates: {strikt: {max: 0}}\n"), "suite")
    assert fault.render("a.distill.yaml") == (
        "a.distill.yaml:2:11: identity.gates.strikt: unknown key 'strikt'; did you mean 'strict'?\n"
        "      gates: {strikt: {max: 0}}\n"
        "              ^"
    )


def test_all_faults_are_told_at_once_in_the_order_of_the_file():
    text = """\
tgas: [a]
identity:
  repeat: 0
  modles: [x]
  fact: {nam: 3}
  gates:
    strict: {max: 2}
    loose: {}
waivers:
  - {probe: x}
"""
    lines = told(text)
    assert [line.split(": ")[0] for line in lines] == [
        *("f:1:1", "f:3:11", "f:4:3", "f:5:9", "f:5:9", "f:5:10", "f:7:19", "f:8:12"),
        *("f:10:5", "f:10:5", "f:10:5"),
    ]
    assert "f:5:9: identity.fact: the key 'name' is missing; add it" in lines
    assert "f:10:5: waivers[0]: the key 'until' is missing; add it" in lines


@pytest.mark.parametrize(
    ("body", "what_is_wrong"),
    [
        ("questions: [{id: a b, category: team, language: en, text: x}]", "'a b'"),
        ("questions: [{id: 问, category: team, language: en, text: x}]", "'问'"),
        ("questions: [{id: a, category: team, language: English, text: x}]", "'English'"),
        ("probes: {languages: [EN]}", "'EN'"),
        ("parameters: {max-tokens: 1}", "'max-tokens'"),
    ],
)
def test_a_text_of_the_wrong_form_is_told_with_what_to_write(body, what_is_wrong):
    (message,) = identity(body)
    assert what_is_wrong in message
    _, _, advice = message.partition("; ")
    assert advice, f"says not what to do: {message}"
    assert advice[0].islower() or advice.startswith(("ISO", "YYYY")), f"is not in lower case: {message}"
    assert not message.endswith("."), f"ends with a full stop: {message}"


def test_a_day_of_the_wrong_form_is_told_with_the_form():
    waiver = "{probe: x, reason: y, owner: z, until: 31.3.2027}"
    (message,) = told(f"identity: {{}}\nwaivers: [{waiver}]\n")
    assert message.startswith("f:2:50: waivers[0].until: '31.3.2027' is not allowed here; ")
    assert "YYYY-MM-DD" in message
    assert not message.endswith(".")


@pytest.mark.parametrize("entry", ['id: "a\\n", language: en', 'id: a, language: "en\\n"'])
def test_a_newline_at_the_end_of_a_text_does_not_pass_for_its_form(entry):
    assert identity(f"questions: [{{{entry}, category: team, text: x}}]")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models: {a: {}}", "f:1:13: models.a: the key 'spec' is missing; add it"),
        (
            "models: {a: {spec: x, fcat: y}}",
            "f:1:23: models.a.fcat: unknown key 'fcat'; did you mean 'fact'?",
        ),
        ("model: a", "f:1:8: model: expected a list, found the text 'a'"),
        ("seed: -1", "f:1:7: seed: -1 is too small; it must be at least 0"),
        (
            "profile: papre",
            "f:1:10: profile: 'papre' is none of default, paper; did you mean 'paper'?",
        ),
        ("reference: gpt-4o", "f:1:12: reference: expected a list, found the text 'gpt-4o'"),
        ("inconclusive: no", "f:1:15: inconclusive: 'no' is none of fail, pass"),
    ],
)
def test_a_fault_of_the_configuration_is_told_in_the_users_words(text, message):
    assert told(text, "config") == [message]


def test_a_model_name_that_could_be_no_option_is_told_with_what_to_write():
    (message,) = told("models: {a b: {spec: x}}", "config")
    assert message.startswith("f:1:10: models.a b: 'a b' is no valid name; ")
