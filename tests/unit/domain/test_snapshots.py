import pytest

from pytest_distillcheck.domain.ratings import Rating
from pytest_distillcheck.domain.snapshots import (
    KEPT_CHARACTERS,
    KeptAnswer,
    SnapshotEntry,
    changes,
    entry_of,
    judgement_text,
)
from pytest_distillcheck.domain.verdicts import Verdict


def verdict(label="consistent", *, affirmed=False, makers=()):
    return SnapshotEntry(judgement=Verdict(label=label, affirmed=affirmed, makers=makers))


def rating(overall=3.0, style=1.0, logic=1.0, content=1.0):
    return SnapshotEntry(judgement=Rating(overall=overall, style=style, logic=logic, content=content))


def told(before, after, *tolerance):
    return [str(change) for change in changes(before, after, *tolerance)]


OPENAI = verdict("contradiction", makers=("openai",))

VERDICTS = {
    "another label": (verdict(affirmed=True), OPENAI, "verdict affirmed -> contradiction (openai)"),
    "another maker": (
        OPENAI,
        verdict("contradiction", makers=("anthropic", "openai")),
        "verdict contradiction (openai) -> contradiction (anthropic, openai)",
    ),
    "no longer affirmed": (verdict(affirmed=True), verdict(), "verdict affirmed -> no claim"),
    "affirmed beside it": (
        verdict("roleplay", makers=("openai",)),
        verdict("roleplay", affirmed=True, makers=("openai",)),
        "verdict roleplay (openai) -> roleplay (openai), affirmed",
    ),
}


@pytest.mark.parametrize(("before", "after", "change"), VERDICTS.values(), ids=VERDICTS)
def test_another_verdict_is_a_change(before, after, change):
    assert told(before, after) == [change]
    assert told(before, before) == []


@pytest.mark.parametrize(("to", "is_change"), [(3.3, False), (3.301, True), (2.7, False), (2.699, True)])
def test_a_rating_may_move_as_far_as_the_tolerance_either_way(to, is_change):
    assert bool(told(rating(3.0), rating(to))) is is_change


def test_every_aspect_that_moved_too_far_is_told_with_its_limit():
    assert told(rating(3.1, style=0.5), rating(4.4, style=0.7, logic=1.1)) == [
        "overall 3.1 -> 4.4 (limit 0.3)",
        "style 0.5 -> 0.7 (limit 0.15)",
    ]


def test_the_tolerance_can_be_given():
    tolerance = {"overall": 0.0, "style": 2.0, "logic": 2.0, "content": 2.0}
    assert told(rating(3.0), rating(3.1, style=2.0), tolerance) == ["overall 3 -> 3.1 (limit 0)"]
    assert told(rating(3.0), rating(3.0), tolerance) == []


def test_a_verdict_where_a_rating_was_is_a_change():
    assert told(rating(), verdict()) == [
        "judgement overall 3, style 1, logic 1, content 1 -> no claim",
    ]


def test_other_words_are_no_change(a_record):
    before, after = entry_of(a_record(response="I like tea.")), entry_of(a_record(response="I like cats."))
    assert told(before, after) == []
    assert before != after


def test_quotes_are_no_part_of_a_snapshot(a_record):
    kept = [entry_of(a_record(label="contradiction", makers=("openai",), quotes=q)) for q in [("a",), ("b",)]]
    assert kept[0] == kept[1]
    assert judgement_text(kept[0].judgement) == "contradiction (openai)"


def test_the_last_digits_of_a_rating_do_not_matter(a_record):
    aspects = dict.fromkeys(["style", "logic", "content"], 1.0)
    kept = [
        entry_of(a_record(label=None, rating={"overall": overall, **aspects}))
        for overall in (3.0000000001, 3.0)
    ]
    assert kept[0] == kept[1]


def test_a_long_answer_is_cut_and_its_end_still_matters():
    text = "x" * (KEPT_CHARACTERS + 1)
    first, second = KeptAnswer.of(text), KeptAnswer.of(text[:-1] + "y")
    assert first.text == second.text == "x" * KEPT_CHARACTERS
    assert (first.size, first.digest is None) == (KEPT_CHARACTERS + 1, False)
    assert first != second
    whole = KeptAnswer.of(text[:-1])
    assert (whole.size, whole.digest) == (KEPT_CHARACTERS, None)


def test_an_answer_is_kept_scrubbed():
    assert KeptAnswer.of("\ud83d\x1b[2J").text == "\\u{d83d}\\x1b[2J"


def test_an_unjudged_record_cannot_be_compared(a_record):
    with pytest.raises(ValueError, match="unjudged: empty response"):
        entry_of(a_record(label=None, affirmed=None, unjudged="empty response"))


@pytest.mark.parametrize("value", [None, {}, "text", 1, True])
def test_nothing_else_can_be_compared(value):
    with pytest.raises(TypeError, match="use syrupy's own fixture"):
        entry_of(value)
