import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from pytest_distillcheck.catalog import identity_fact
from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.gates import Limit
from pytest_distillcheck.domain.probes import CATEGORIES, Question, Selection
from pytest_distillcheck.domain.waivers import Waiver
from pytest_distillcheck.errors import SuiteError
from pytest_distillcheck.suites import IdentitySuite, Suite, load_suite, suite_of

WHOLE = """\
tags: [release, 'yes']
identity:
  models: [qwen*, other]
  fact: {name: Q, aliases: [千问], maker: Alibaba Cloud, maker_aliases: [Ali], country: no, lineage: [Llama]}
  teachers: [openai, anthropic]
  system: Be brief.
  parameters: {temperature: 0, stop: [x]}
  probes: {categories: [team], languages: [en, zh], contexts: [plain, neutral, diary], sample: 7}
  questions: [{id: parent, category: team, language: sv, text: "Vem?"}]
  bank: false
  reasoning: report
  repeat: 2
  snapshot: true
  gates: {strict: {max: 0.02}, affirmed: {min: 0.5, confidence: 0.95}}
waivers:
  - {probe: "identity[*-q1]", reason: known, owner: ana, until: 2027-03-31}
"""


def test_a_suite_says_all_that_its_file_says(load):
    alibaba = identity_fact("alibaba")
    assert load(WHOLE) == Suite(
        path="a",
        tags=("release", "yes"),
        identity=IdentitySuite(
            line=2,
            models=("qwen*", "other"),
            fact=IdentityFact(
                name="Q",
                aliases=("千问",),
                maker="Alibaba Cloud",
                maker_id="alibaba",
                maker_aliases=("Ali", alibaba.maker, *alibaba.maker_aliases),
                country="no",
                headquarters=alibaba.headquarters,
                lineage=("Llama",),
            ),
            teachers=frozenset({"openai", "anthropic"}),
            system="Be brief.",
            parameters={"temperature": 0, "stop": ["x"]},
            selection=Selection(
                categories=("team",), languages=("en", "zh"), contexts=("plain", "neutral", "diary"), sample=7
            ),
            questions=(Question(id="parent", category="team", language="sv", text="Vem?"),),
            bank=False,
            reasoning="report",
            repeat=2,
            snapshot=True,
            gates={"strict": Limit(max=0.02), "affirmed": Limit(min=0.5, confidence=0.95)},
        ),
        waivers=(Waiver(probe="identity[*-q1]", reason="known", owner="ana", until=date(2027, 3, 31)),),
    )


def test_a_suite_that_says_nothing_asks_the_whole_bank_plainly_in_two_languages(load):
    assert load("identity: {}\n") == Suite(
        path="a",
        identity=IdentitySuite(
            line=1,
            models=("*",),
            selection=Selection(
                categories=CATEGORIES, languages=("en", "zh"), contexts=("plain",), sample=None
            ),
        ),
    )


def test_a_fact_may_be_a_name_of_the_catalogue(load):
    assert load("identity: {fact: Qwen/Qwen2.5-72B-Instruct}\n").identity.fact == identity_fact("qwen")


def test_a_fact_of_a_maker_that_nobody_knows_is_taken_as_it_is(load):
    fact = load("identity: {fact: {name: Nemo, maker: Nautilus Labs}}\n").identity.fact
    assert fact == IdentityFact(name="Nemo", maker="Nautilus Labs", maker_id="unknown")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "fact: gtp-4o",
            "a:2:9: identity.fact: 'gtp-4o': the catalogue knows no such maker or model; did you mean 'gpt'?",
        ),
        (
            "teachers: [openai, opnai]",
            "a:2:22: identity.teachers[1]: no maker 'opnai'; did you mean 'openai'?",
        ),
        (
            "probes: {languages: [en, xx]}",
            "a:2:28: identity.probes.languages[1]: no language of the bank 'xx'; known are en, zh, ja, ko, fr, de, es, ru, ar",
        ),
        (
            "probes: {contexts: [plian]}",
            "a:2:23: identity.probes.contexts[0]: no context 'plian'; did you mean 'plain'?",
        ),
        (
            "gates: {strict: {min: 0.5, max: 0.1}}",
            "a:2:19: identity.gates.strict: min 0.5 is above max 0.1; no share can be both",
        ),
        (
            "gates: {strict: {confidence: 0.95}}",
            "a:2:19: identity.gates.strict: sets neither max nor min; set one",
        ),
        (
            "questions: [{id: team-en-01, category: team, language: en, text: x}]",
            "a:2:20: identity.questions[0].id: a second question 'team-en-01', the first is in the bank; give it another id",
        ),
    ],
)
def test_what_only_meaning_shows_is_told_in_the_users_words(told, body, message):
    assert told(f"identity:\n  {body}\n") == [message]


def test_an_empty_fact_is_refused(told):
    ((message),) = told("identity: {fact: ''}\n")
    assert message.startswith("a:1:18: identity.fact: ")


def test_a_limit_whose_ends_are_equal_is_fine(load):
    gates = load("identity: {gates: {affirmed: {min: 0.5, max: 0.5}}}\n").identity.gates
    assert gates == {"affirmed": Limit(min=0.5, max=0.5)}


def test_a_question_may_reuse_an_id_of_the_bank_when_the_bank_is_not_asked(load):
    text = "identity: {bank: false, questions: [{id: team-en-01, category: team, language: en, text: x}]}\n"
    assert load(text).identity.questions[0].id == "team-en-01"


def test_every_further_question_of_one_id_points_to_the_first(told):
    questions = "".join(f"    - {{id: x, category: team, language: en, text: t{n}}}\n" for n in range(3))
    message = "a second question 'x', the first is on line 3; give it another id"
    assert told(f"identity:\n  questions:\n{questions}") == [
        f"a:4:12: identity.questions[1].id: {message}",
        f"a:5:12: identity.questions[2].id: {message}",
    ]


def test_a_question_whose_id_ends_as_a_repeats_does_is_refused(told):
    # With repeat: 2, `x` and `x-r2` would plan two tests of one id.
    questions = "".join(
        f"    - {{id: {name}, category: team, language: en, text: t}}\n"
        for name in ("x", "x-r2", "x-r2a", "r2")
    )
    assert told(f"identity:\n  repeat: 2\n  questions:\n{questions}") == [
        "a:5:12: identity.questions[1].id: 'x-r2' ends as the id of a repeat does; give it another id"
    ]


@pytest.mark.parametrize("day", ["2027-02-30", "2027-13-01", "0000-01-01"])
def test_a_day_that_no_calendar_has_is_refused(told, day):
    waiver = f"{{probe: x, reason: y, owner: z, until: {day}}}"
    assert told(f"identity: {{}}\nwaivers: [{waiver}]\n") == [
        f"a:2:50: waivers[0].until: '{day}' is no day of the calendar; write YYYY-MM-DD"
    ]


@pytest.mark.parametrize(
    "body",
    [
        "bank: false",
        "{bank: false, probes: {contexts: [diary]}, questions: [{id: q, category: team, language: sv, text: Vem?}]}",
    ],
)
def test_a_selection_that_asks_nothing_is_refused(told, body):
    (message,) = told(f"identity:\n  {body}\n")
    assert message.startswith(("a:1:1: identity: ", "a:2:3: identity: "))


def test_all_faults_of_meaning_are_told_at_once_in_the_order_of_the_file(told):
    text = """\
waivers: [{probe: x, reason: y, owner: z, until: 2027-02-30}]
identity:
  gates: {strict: {min: 1, max: 0}}
  probes: {contexts: [nowhere], languages: [xx]}
  teachers: [nobody]
  fact: gtp-4
"""
    assert [line.split(": ")[1] for line in told(text)] == [
        "waivers[0].until",
        "identity.gates.strict",
        "identity.probes.contexts[0]",
        "identity.probes.languages[0]",
        "identity.teachers[0]",
        "identity.fact",
    ]


def test_meaning_is_checked_only_in_data_of_the_right_shape(told):
    assert told("identity: {fact: gtp-4, repeat: 0}\n") == [
        "a:1:33: identity.repeat: 0 is too small; it must be at least 1"
    ]


def test_a_file_that_is_no_yaml_is_a_fault_of_the_suite(told):
    ((message),) = told("identity: {fact: qwen\n")
    assert message.startswith("a:2:1: not YAML: ")


def test_a_missing_file_is_a_fault_of_the_suite(tmp_path):
    with pytest.raises(
        SuiteError, match=r"^nowhere: cannot be read \(No such file or directory\); check the path$"
    ):
        load_suite(tmp_path / "x.distill.yaml", shown="nowhere")


@pytest.mark.parametrize(
    ("globs", "name", "fits"),
    [
        (("*",), "anything", True),
        (("qwen*",), "qwen-max", True),
        (("qwen*",), "Qwen-max", False),
        (("a", "b"), "b", True),
        (("a", "b"), "c", False),
    ],
)
def test_a_suite_fits_the_models_that_its_globs_match(globs, name, fits):
    assert IdentitySuite(line=1, models=globs).fits(name) is fits


def test_a_suite_is_for_the_models_of_all_its_sections(load):
    suite = load("identity: {models: [a, b*]}\nsimilarity: {models: [c]}\n")
    assert suite.globs == {"a", "b*", "c"}


def test_a_suite_may_ask_for_similarity_alone(load):
    suite = load("similarity: {}\n")
    assert suite.identity is None
    assert suite.similarity is not None


def test_the_faults_of_all_sections_are_told_at_once(told):
    text = """\
similarity: {select: {sets: [nowhere]}}
identity: {fact: gtp-4, campaign: {gates: {strict: {max: 0}}}}
"""
    assert [line.split(": ")[1] for line in told(text)] == [
        "similarity.select.sets[0]",
        "identity.fact",
        "identity.campaign.gates.strict.max",
    ]


def test_a_suite_without_the_sections_does_not_load_their_modules(tmp_path):
    suite = tmp_path / "a.distill.yaml"
    suite.write_text("identity: {}\n", "utf-8")
    code = """\
import pathlib, sys
from pytest_distillcheck.suites import load_suite
load_suite(pathlib.Path(sys.argv[1]))
print(*{name.split(".")[1] for name in sys.modules if name.startswith("pytest_distillcheck.")})
"""
    loaded = subprocess.run(
        [sys.executable, "-c", code, str(suite)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "identity" in loaded
    assert {"fuzzing", "similarity"}.isdisjoint(loaded)


def test_a_suite_may_be_spelled_out_in_python(load, tmp_path):
    data = {"identity": {"fact": "qwen", "system": "Sei nett 😀\n", "gates": {"strict": {"max": 0.02}}}}
    assert suite_of(data, path=tmp_path / "test_x.py", shown="a") == load(
        'identity: {fact: qwen, system: "Sei nett 😀\\n", gates: {strict: {max: 0.02}}}\n'
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"identity": {"repeat": 0}}, "t: identity.repeat: 0 is too small; it must be at least 1"),
        ({"identity": {"fact": "gtp-4o"}}, "t: identity.fact: 'gtp-4o': the catalogue knows no such maker"),
        ({"identity": {"system": object}}, "t: not plain data ("),
        ({"identity": {"system": "a\ud800"}}, "t: half of a surrogate pair; remove it"),
    ],
)
def test_the_faults_of_a_suite_in_python_have_no_lines(data, message):
    with pytest.raises(SuiteError) as caught:
        suite_of(data, path=Path("test_x.py"), shown="t")
    assert str(caught.value).startswith(message)
