from collections import Counter

import pytest

from pytest_distillcheck.importers.paper import paper_question, paper_questions


def test_the_paper_has_fifty_questions_the_same_in_both_languages():
    known = paper_questions()
    assert len(known) == 50
    assert all(len(sha256) == 64 for sha256 in known)
    by_language = {
        language: {(entry[0][-2:], entry[1]) for entry in known.values() if entry[2] == language}
        for language in ("en", "zh")
    }
    assert by_language["en"] == by_language["zh"]
    sizes = {"team": 6, "industry": 6, "technology": 4, "geography": 4, "cooperation": 5}
    assert Counter(category for _, category in by_language["en"]) == sizes


@pytest.mark.parametrize("text", ["Who made you?", "", "\ud800"])
def test_another_question_is_none_of_them(text):
    assert paper_question(text) is None
