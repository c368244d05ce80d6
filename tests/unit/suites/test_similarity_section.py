import json

import pytest

from pytest_distillcheck.domain.exchanges import Message
from pytest_distillcheck.domain.gates import Limit
from pytest_distillcheck.domain.prompts import Prompt, PromptSelection
from pytest_distillcheck.errors import SuiteError
from pytest_distillcheck.resources import MAX_BYTES
from pytest_distillcheck.similarity.prompts import bank_prompts
from pytest_distillcheck.suites import SimilaritySuite, load_suite

TEA = '{"id": "tea", "prompt": "How is tea brewed?", "set": "kitchen", "language": "en", "tags": ["short"]}\n'
RISE = '{"id": "rise", "prompt": "Why does dough rise?", "set": "chemistry"}\n'
ARENA = '{"question_id": "q1", "category": "code", "turns": [{"content": "Sort a list."}]}\n'


def prompt(name, text, set_name, **more):
    return Prompt(id=name, set=set_name, turns=(Message("user", text),), **more)


TEA_PROMPT = prompt("tea", "How is tea brewed?", "kitchen", language="en", tags=("short",))
RISE_PROMPT = prompt("rise", "Why does dough rise?", "chemistry")


def test_the_section_says_all_that_its_file_says(load, write):
    write("prompts/general.jsonl", TEA + RISE)
    suite = load("""\
tags: [x]
similarity:
  models: [qwen*]
  prompts: prompts/general.jsonl
  select: {sets: [kitchen], languages: [en], tags: [short], sample: 5}
  references: [gpt-4o, own=recorded:own.jsonl]
  system: Be brief.
  parameters: {temperature: 0}
  turns: every
  per_prompt: {overall: {max: 4.8}}
  gates: {overall: {max: 4.0, max_increase: 0.1, confidence: 0.95}, style: {min: 0, max: 2}}
  sets: {kitchen: {logic: {max: 1.5}}}
  snapshot: true
""")
    assert suite.similarity == SimilaritySuite(
        line=2,
        models=("qwen*",),
        prompts=(RISE_PROMPT, TEA_PROMPT),
        selection=PromptSelection(sets=("kitchen",), languages=("en",), tags=("short",), sample=5),
        turns="every",
        references=("gpt-4o", "own=recorded:own.jsonl"),
        system="Be brief.",
        parameters={"temperature": 0},
        per_prompt={"overall": Limit(max=4.8)},
        gates={
            "overall": Limit(max=4.0, max_increase=0.1, confidence=0.95),
            "style": Limit(min=0, max=2),
        },
        sets={"kitchen": {"logic": Limit(max=1.5)}},
        snapshot=True,
    )


@pytest.mark.parametrize("body", ["{}", "{prompts: builtin}", "{prompts: [builtin]}"])
def test_without_prompts_of_its_own_the_section_asks_the_bank(load, body):
    assert load(f"similarity: {body}\n").similarity == SimilaritySuite(line=1, prompts=bank_prompts())


def test_a_section_without_globs_has_those_of_identity(load):
    assert load("identity: {models: [a*]}\nsimilarity: {}\n").similarity.models == ("a*",)
    assert load("identity: {models: [a*]}\nsimilarity: {models: [b]}\n").similarity.models == ("b",)


def test_prompts_of_several_sources_are_one_list_sorted_by_id(load, write):
    write("tea.jsonl", TEA)
    write("x/rise.jsonl", RISE)
    similarity = load("similarity: {prompts: [tea.jsonl, builtin, {path: x/rise.jsonl}]}\n").similarity
    ids = [each.id for each in similarity.prompts]
    assert ids == sorted(ids)
    assert set(similarity.prompts) == {*bank_prompts(), TEA_PROMPT, RISE_PROMPT}


def test_a_path_may_lead_out_of_the_folder_of_the_suite(load, tmp_path):
    outside = tmp_path.parent / f"{tmp_path.name}-outside.jsonl"
    outside.write_text(TEA, "utf-8")
    assert load(f"similarity: {{prompts: ../{outside.name}}}\n").similarity.prompts == (TEA_PROMPT,)
    assert load(f"similarity: {{prompts: {outside}}}\n").similarity.prompts == (TEA_PROMPT,)


def test_a_data_set_is_told_by_its_records_and_what_it_cannot_ask_is_counted_by_reason(load, write):
    several = ARENA.replace("q1", "q2").replace(
        '[{"content": "Sort a list."}]', '[{"content": "a"}, {"content": "b"}]'
    )
    write("arena.jsonl", ARENA + several + several.replace("q2", "q3"))
    similarity = load("similarity: {prompts: arena.jsonl}\n").similarity
    assert similarity.prompts == (prompt("q1", "Sort a list.", "arena-hard", tags=("code",)),)
    assert list(similarity.left_out.values()) == [2]


def test_a_source_may_name_its_layout_and_its_set(load, write):
    write("any.jsonl", json.dumps({"id": "a", "uid": "u1", "prompt": "Why?"}))
    text = "similarity: {prompts: {path: any.jsonl, layout: arena-hard, set: hard}}\n"
    assert load(text).similarity.prompts == (prompt("u1", "Why?", "hard"),)


def test_a_file_that_cannot_be_read_is_a_fault_of_the_line_that_names_it(told):
    assert told("similarity:\n  prompts: [builtin, x/nowhere.jsonl]\n") == [
        "a:2:22: similarity.prompts[1]: x/nowhere.jsonl: cannot be read (No such file or directory); check the path"
    ]


def test_a_fault_in_a_file_is_told_with_its_own_name_and_line_and_all_at_once(told, write):
    write("x/bad.jsonl", TEA.replace("tags", "tgas") + RISE.replace("rise", "ri se"))
    write("worse.jsonl", "{\n")
    messages = told(
        "similarity:\n  prompts: [{path: x/bad.jsonl}, worse.jsonl]\n  gates: {style: {min: 2, max: 1}}\n"
    )
    assert [message.split(": ", 3)[:3] for message in messages] == [
        ["a:2:20", "similarity.prompts[0].path", "x/bad.jsonl:1"],
        ["a:2:20", "similarity.prompts[0].path", "x/bad.jsonl:2"],
        ["a:2:34", "similarity.prompts[1]", "worse.jsonl:1:2"],
        ["a:3:18", "similarity.gates.style", "min 2 is above max 1; no rating can be both"],
    ]
    assert messages[0].endswith("x/bad.jsonl:1: tgas: unknown key; did you mean 'tags'?")


def test_the_line_of_the_suite_is_shown_for_a_missing_file_and_not_beside_lines_of_another(load, write):
    write("bad.jsonl", RISE.replace("rise", "ri se"))
    with pytest.raises(SuiteError) as caught:
        load("similarity:\n  prompts: [bad.jsonl, nowhere.jsonl]\n")
    in_file, no_file = caught.value.faults
    assert in_file.excerpt == ""
    assert no_file.excerpt == "  prompts: [bad.jsonl, nowhere.jsonl]"


def test_a_prompt_file_may_be_larger_than_what_people_write_by_hand(load, write):
    write("large.jsonl", json.dumps({"id": "a", "prompt": "x" * (MAX_BYTES + 1)}))
    assert len(load("similarity: {prompts: large.jsonl}\n").similarity.prompts) == 1


def test_a_file_in_a_folder_is_named_as_the_suite_is(tmp_path, write):
    write("deep/a.distill.yaml", "similarity: {prompts: x.jsonl}\n")
    with pytest.raises(SuiteError, match=r": deep/x\.jsonl: cannot be read"):
        load_suite(tmp_path / "deep/a.distill.yaml", shown="deep/a.distill.yaml")


def test_an_id_that_two_sources_have_is_told_with_the_other_source(told, write):
    write("one.jsonl", TEA + RISE)
    write("two.jsonl", RISE)
    assert told("similarity:\n  prompts: [builtin, one.jsonl, {path: two.jsonl}]\n") == [
        "a:2:40: similarity.prompts[2].path: 1 of its ids stand in one.jsonl too (rise); give each prompt its own"
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "select: {sets: [kitchn]}",
            "select.sets[0]: no prompt has the set 'kitchn'; did you mean 'kitchen'?",
        ),
        (
            "select: {languages: [en, zh]}",
            "select.languages[1]: no prompt has the language 'zh'; known are en",
        ),
        ("select: {tags: [long]}", "select.tags[0]: no prompt has the tag 'long'; known are short"),
        (
            "select: {sets: [chemistry], tags: [short]}",
            "select: leaves no prompt; select less narrowly",
        ),
        (
            "sets: {kitchn: {style: {max: 1}}}",
            "sets.kitchn: no prompt that is asked has the set 'kitchn'; did you mean 'kitchen'?",
        ),
        (
            "{select: {sets: [kitchen]}, sets: {chemistry: {style: {max: 1}}}}",
            "sets.chemistry: no prompt that is asked has the set 'chemistry'; known are kitchen",
        ),
        ("gates: {overall: {confidence: 0.9}}", "gates.overall: sets no limit; set max, min or max_increase"),
        ("gates: {overall: {min: 3, max: 2}}", "gates.overall: min 3 is above max 2; no rating can be both"),
        (
            "per_prompt: {logic: {min: 2, max: 1}}",
            "per_prompt.logic: min 2 is above max 1; no rating can be both",
        ),
        (
            "sets: {kitchen: {logic: {min: 2, max: 1}}}",
            "sets.kitchen.logic: min 2 is above max 1; no rating can be both",
        ),
    ],
)
def test_what_only_meaning_shows_is_told_in_the_users_words(told, write, body, message):
    write("p.jsonl", TEA + RISE)
    section = body[1:-1] if body.startswith("{") else body
    (line,) = told(f"similarity: {{prompts: p.jsonl, {section}}}\n")
    assert line.split(": ", 1)[1] == f"similarity.{message}"


def test_a_tag_that_nobody_knows_is_not_answered_with_all_of_a_hundred(told):
    (message,) = told("similarity: {select: {tags: [qqqq]}}\n")
    assert message.endswith(" more")
    assert message.count(", ") == 11


def test_a_file_without_languages_has_none_to_select(told, write):
    write("p.jsonl", RISE)
    (message,) = told("similarity: {prompts: p.jsonl, select: {languages: [en]}}\n")
    assert message.endswith("no prompt has the language 'en'; there is none")
