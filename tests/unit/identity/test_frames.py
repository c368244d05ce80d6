import re
from pathlib import Path

import pytest

from pytest_distillcheck.domain.exchanges import Message
from pytest_distillcheck.domain.probes import LANGUAGES, PLACEHOLDER, Frame, Question
from pytest_distillcheck.errors import CatalogError
from pytest_distillcheck.identity import frames as module
from pytest_distillcheck.identity.bank import questions
from pytest_distillcheck.identity.frames import frames, read_conversations


def read(tmp_path: Path, text: str) -> dict[str, tuple[Message, ...]]:
    file = tmp_path / "en.yaml"
    file.write_text(text, encoding="utf-8")
    return read_conversations(file)


def faults_of(tmp_path: Path, text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(CatalogError) as caught:
        read(tmp_path, text)
    assert caught.value.path == str(tmp_path / "en.yaml")
    return [(fault.line, fault.column, fault.where) for fault in caught.value.faults]


def a_question(language: str) -> Question:
    return next(question for question in questions() if question.language == language)


@pytest.mark.parametrize(
    ("language", "least"), [(lang, 24 if lang in {"en", "zh"} else 10) for lang in LANGUAGES]
)
def test_every_language_has_enough_frames(language: str, least: int) -> None:
    assert sum(language in frame.turns for frame in frames()) >= least


def test_every_frame_speaks_english_and_chinese() -> None:
    assert [frame.id for frame in frames() if not {"en", "zh"} <= frame.turns.keys()] == []


def test_ids_are_unique_sorted_ascii_slugs() -> None:
    ids = [frame.id for frame in frames()]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", frame_id) for frame_id in ids)


@pytest.mark.parametrize("frame", frames(), ids=lambda frame: frame.id)
def test_a_frame_puts_the_question_once_and_in_the_users_last_turn(frame: Frame) -> None:
    for language in frame.turns:
        question = a_question(language)
        conversation = frame.put(question)
        assert conversation is not None
        assert [turn.content.count(question.text) for turn in conversation] == [0] * (
            len(conversation) - 1
        ) + [1]
        assert conversation[-1].role == "user"
        assert not any(PLACEHOLDER in turn.content for turn in conversation)


@pytest.mark.parametrize("frame", frames(), ids=lambda frame: frame.id)
def test_user_and_assistant_take_turns(frame: Frame) -> None:
    for conversation in frame.turns.values():
        assert [turn.role for turn in conversation[::2]] == ["user"] * (len(conversation) // 2 + 1)
        assert [turn.role for turn in conversation[1::2]] == ["assistant"] * (len(conversation) // 2)


def test_some_frame_has_several_turns_and_some_has_a_long_preamble() -> None:
    conversations = [turns for frame in frames() for turns in frame.turns.values()]
    assert any(len(turns) >= 5 for turns in conversations)
    assert any(len(turns[-1].content) >= 1000 for turns in conversations)


def test_every_data_file_is_of_a_known_language() -> None:
    folder = Path(module.__file__).parent / "data" / "frames"
    assert {file.name for file in folder.iterdir()} == {f"{language}.yaml" for language in LANGUAGES}


def test_the_frames_are_read_once() -> None:
    assert frames() is frames()


def test_a_text_is_the_users_only_turn(tmp_path: Path) -> None:
    assert read(tmp_path, "form: 'Fill in: {question}'") == {
        "form": (Message("user", "Fill in: {question}"),)
    }


def test_a_list_is_a_conversation(tmp_path: Path) -> None:
    text = "turns:\n- user: Hello\n- assistant: Good day\n- user: '{question}'\n"
    assert read(tmp_path, text) == {
        "turns": (Message("user", "Hello"), Message("assistant", "Good day"), Message("user", "{question}"))
    }


@pytest.mark.parametrize("wrong", ["Form", "form_2", "form 2", "-form", "form-", "фо", "plain", "neutral"])
def test_an_id_that_is_no_slug_or_is_reserved_is_a_fault(tmp_path: Path, wrong: str) -> None:
    assert faults_of(tmp_path, f"{wrong}: '{{question}}'") == [(1, 1, wrong)]


def test_an_id_given_twice_is_a_fault(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, "form: 'A {question}'\nform: 'B {question}'")
    assert [fault[:2] for fault in faults] == [(2, 1)]


@pytest.mark.parametrize(
    "turns",
    [
        "'no placeholder'",
        "'{question} {question}'",
        "''",
        "[{user: '{question}'}, {assistant: a}, {user: b}]",
        "[{user: '{question}'}, {assistant: a}, {user: '{question}'}]",
        "[{user: a}, {assistant: '{question}'}, {user: '{question}'}]",
    ],
)
def test_the_placeholder_stands_once_and_in_the_last_turn(tmp_path: Path, turns: str) -> None:
    assert faults_of(tmp_path, f"form: {turns}") == [(1, 7, "form")]


def test_a_conversation_ends_with_the_user(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="end with the user's"):
        read(tmp_path, "form: [{user: a}, {assistant: '{question}'}]")


@pytest.mark.parametrize(
    ("turns", "index"),
    [
        ("[{system: a}, {assistant: b}, {user: '{question}'}]", 0),
        ("[{assistant: a}, {assistant: b}, {user: '{question}'}]", 0),
        ("[{user: a}, {user: b}, {user: '{question}'}]", 1),
        ("[{user: a}, {assistant: b, name: c}, {user: '{question}'}]", 1),
        ("[{user: a}, {assistant: 7}, {user: '{question}'}]", 1),
        ("[{user: a}, {assistant: b}, {user: ' '}]", 2),
        ("[{user: a}, {}, {user: '{question}'}]", 1),
        ("[{user: a}, b, {user: '{question}'}]", 1),
    ],
)
def test_a_turn_that_is_not_due_is_a_fault(tmp_path: Path, turns: str, index: int) -> None:
    (fault,) = faults_of(tmp_path, f"form: {turns}")
    assert fault[0] == 1
    assert fault[2] == f"form[{index}]"


@pytest.mark.parametrize("turns", ["[]", "{}", "{user: '{question}'}", "7", "null"])
def test_what_is_neither_text_nor_turns_is_a_fault(tmp_path: Path, turns: str) -> None:
    assert faults_of(tmp_path, f"form: {turns}") == [(1, 7, "form")]


def test_all_faults_of_a_file_are_told_in_its_order(tmp_path: Path) -> None:
    text = "Form: '{question}'\nletter: no\nquiz: []\n"
    assert faults_of(tmp_path, text) == [(1, 1, "Form"), (2, 9, "letter"), (3, 7, "quiz")]


def test_a_file_that_is_no_mapping_is_a_fault(tmp_path: Path) -> None:
    assert len(faults_of(tmp_path, "- '{question}'")) == 1
