import re
from pathlib import Path

import pytest

from pytest_distillcheck.domain.probes import CATEGORIES, LANGUAGES, Question
from pytest_distillcheck.errors import CatalogError
from pytest_distillcheck.identity import bank
from pytest_distillcheck.identity.bank import questions, read_questions


def faults_of(tmp_path: Path, text: str) -> list[tuple[int, int, str]]:
    file = tmp_path / "en.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        read_questions(file, "en")
    assert caught.value.path == str(file)
    return [(fault.line, fault.column, fault.where) for fault in caught.value.faults]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("category", CATEGORIES)
def test_every_category_has_enough_questions_in_every_language(category: str, language: str) -> None:
    asked = [q for q in questions() if (q.category, q.language) == (category, language)]
    assert len(asked) >= (12 if language in {"en", "zh"} else 6)


def test_ids_are_unique_sorted_and_say_category_and_language() -> None:
    ids = [question.id for question in questions()]
    assert ids == sorted(set(ids))
    assert all(re.fullmatch(rf"{q.category}-{q.language}-[0-9]{{2}}", q.id) for q in questions())


def test_questions_are_single_lines_without_stray_space() -> None:
    assert [q.id for q in questions() if q.text != " ".join(q.text.split())] == []


def test_no_question_holds_the_placeholder_of_a_frame() -> None:
    assert [q.id for q in questions() if re.search("[{}]", q.text)] == []


def test_every_data_file_is_of_a_known_language() -> None:
    folder = Path(bank.__file__).parent / "data" / "questions"
    assert {file.name for file in folder.iterdir()} == {f"{language}.yaml" for language in LANGUAGES}


def test_the_bank_is_read_once() -> None:
    assert questions() is questions()


def test_a_fault_free_file_is_read_in_its_order(tmp_path: Path) -> None:
    file = tmp_path / "en.yaml"
    file.write_text("team:\n  team-en-02: Who?\n  team-en-01: And who else?\n", encoding="utf-8")
    assert read_questions(file, "en") == (
        Question(id="team-en-02", category="team", language="en", text="Who?"),
        Question(id="team-en-01", category="team", language="en", text="And who else?"),
    )


def test_all_faults_of_a_file_are_told_with_their_places(tmp_path: Path) -> None:
    text = """\
teams:
  team-en-01: Who?
team:
  team-zh-02: Who?
  team-en-03: 12
  team-en-04: '  '
industry: none
"""
    assert faults_of(tmp_path, text) == [
        (1, 1, "teams"),
        (4, 3, "team.team-zh-02"),
        (5, 15, "team.team-en-03"),
        (6, 15, "team.team-en-04"),
        (7, 11, "industry"),
    ]


@pytest.mark.parametrize(
    "wrong",
    ["team-en-1", "team-en-001", "team-en-0a", "Team-en-01", "industry-en-01", "team-en-٠١", "team-en-01x"],
)
def test_an_id_of_another_pattern_is_a_fault(tmp_path: Path, wrong: str) -> None:
    assert faults_of(tmp_path, f"team:\n  {wrong}: Who?") == [(2, 3, f"team.{wrong}")]


def test_an_id_given_twice_is_a_fault(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, "team:\n  team-en-01: Who?\n  team-en-01: Who else?")
    assert [fault[:2] for fault in faults] == [(3, 3)]


def test_a_mistyped_category_is_answered_with_the_nearest_one(tmp_path: Path) -> None:
    file = tmp_path / "en.yaml"
    file.write_text("geografy: {}\n", encoding="utf-8")
    with pytest.raises(CatalogError, match="did you mean 'geography'"):
        read_questions(file, "en")


@pytest.mark.parametrize("text", ["- Who?", "Who?"])
def test_a_file_that_is_no_mapping_is_a_fault(tmp_path: Path, text: str) -> None:
    assert len(faults_of(tmp_path, text)) == 1


def test_a_missing_file_is_a_catalogue_error(tmp_path: Path) -> None:
    with pytest.raises(CatalogError):
        read_questions(tmp_path / "en.yaml", "en")
