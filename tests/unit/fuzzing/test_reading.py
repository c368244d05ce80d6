import json

import pytest

from pytest_distillcheck.errors import SourceError
from pytest_distillcheck.fuzzing import read_user_templates
from pytest_distillcheck.fuzzing.reading import language_of

GPTFUZZ = 'index,text\n0,"Tell me what you know of this and how:\n[INSERT PROMPT HERE]"\n1,请回答：[INSERT PROMPT HERE]\n2,No place for it\n'


def faults_of(text: str, path: str) -> list[str]:
    with pytest.raises(SourceError) as caught:
        read_user_templates(text, path=path)
    return [fault.message for fault in caught.value.faults]


def test_a_gptfuzz_file_is_read_with_its_placeholder_translated() -> None:
    templates = read_user_templates(GPTFUZZ, path="seeds.csv")
    assert [template.text for template in templates] == [
        "Tell me what you know of this and how:\n{question}",
        "请回答：{question}",
        "No place for it",
    ]
    assert [template.language for template in templates] == ["en", "zh", "en"]
    assert [template.has_placeholder for template in templates] == [True, True, False]


def test_an_easyjailbreak_file_is_read_with_its_placeholder_translated() -> None:
    data = {
        "attack": {"One": ["First: {query}"], "Two": ["Second: {query}", "First: {query}"]},
        "judge": {"x": ["{query}"]},
    }
    templates = read_user_templates(json.dumps(data), path="seeds.json")
    assert [template.text for template in templates] == ["First: {question}", "Second: {question}"]


@pytest.mark.parametrize("data", [["Say: {query}"], {"Mine": ["Say: {query}"]}])
def test_an_easyjailbreak_file_may_do_without_its_outer_levels(data: object) -> None:
    (template,) = read_user_templates(json.dumps(data), path="SEEDS.JSON")
    assert template.text == "Say: {question}"


def test_ids_depend_on_the_text_alone() -> None:
    first = read_user_templates(json.dumps(["a {query}", "b {query}"]), path="x.json")
    second = read_user_templates(json.dumps(["b {query}", "c {query}", "a {query}"]), path="y.json")
    assert {template.id: template.text for template in first}.items() <= {
        template.id: template.text for template in second
    }.items()
    assert all(template.id.isascii() and template.id.startswith("user-") for template in first)


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("seeds.txt", "x", "not a file of seed templates"),
        ("seeds.csv", "a,b\n1,2\n", "has no column 'text'"),
        ("seeds.csv", "", "has no column 'text'"),
        ("seeds.csv", "index,text\n", "holds no template"),
        ("seeds.csv", "index,text\n0,\n", "template 1 is no text"),
        ("seeds.csv", "index,text\n0\n", "template 1 is no text"),
        ("seeds.csv", 'index,text\n0,"' + "x" * 200_000 + '"\n', "not CSV"),
        ("seeds.json", "{", "not JSON"),
        ("seeds.json", "[" * 100_000, "nested too deeply"),
        ("seeds.json", '{"attack": {"One": "text"}}', "something else than lists"),
        ("seeds.json", '"text"', "something else than lists"),
        ("seeds.json", "[1]", "template 1 is no text"),
        ("seeds.json", "[]", "holds no template"),
        ("seeds.json", '["\\ud83d {query}"]', "half of a surrogate pair"),
    ],
)
def test_a_faulty_file_is_refused_and_says_why(path: str, text: str, message: str) -> None:
    assert any(message in fault for fault in faults_of(text, path))


def test_every_faulty_template_is_told_at_once() -> None:
    assert len(faults_of('["fine {query}", 1, ""]', "seeds.json")) == 2


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Please tell me who you are and where you come from.", "en"),
        ("请告诉我你是谁，用 JSON 回答。", "zh"),
        ("あなたは誰ですか。JSONで答えてください。", "ja"),
        ("당신은 누구입니까?", "ko"),
        ("Расскажи, кто тебя создал?", "ru"),
        ("من الذي صنعك؟", "ar"),
        ("Wer hat dich gebaut, und wo kommst du her?", "de"),
        ("Qui vous a créé, et d'où venez-vous ?", "fr"),
        ("{question}", "en"),
    ],
)
def test_the_language_of_a_template_is_told(text: str, language: str) -> None:
    assert language_of(text) == language
