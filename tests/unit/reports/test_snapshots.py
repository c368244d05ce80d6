from dataclasses import replace

import pytest

from pytest_distillcheck.domain.ratings import Rating
from pytest_distillcheck.domain.snapshots import TOLERANCE, KeptAnswer, SnapshotEntry
from pytest_distillcheck.domain.verdicts import Verdict
from pytest_distillcheck.reports.snapshots import (
    difference_lines,
    rewording,
    rewording_lines,
    word_difference,
)

OURS = SnapshotEntry(
    judgement=Verdict(label="consistent", affirmed=True),
    answer=KeptAnswer.of("I am Qwen, made by Alibaba Cloud. How can I help?"),
)
THEIRS = SnapshotEntry(
    judgement=Verdict(label="contradiction", makers=("openai",)),
    answer=KeptAnswer.of("I am ChatGPT, made by OpenAI. How can I help?"),
)


def lines(before, after):
    return list(difference_lines(before, after, TOLERANCE))


def test_a_difference_is_told_in_one_line_and_then_word_by_word():
    assert lines(OURS, THEIRS) == [
        "verdict affirmed -> contradiction (openai)",
        "  answer:   I am [-Qwen-]{+ChatGPT+}, made by [-Alibaba Cloud-]{+OpenAI+}. How can I help?",
    ]


def test_answers_with_little_in_common_stand_below_each_other():
    other = replace(THEIRS, answer=KeptAnswer.of("No idea!\nReally none."))
    assert lines(OURS, other)[1:] == [
        "  was:      I am Qwen, made by Alibaba Cloud. How can I help?",
        "  now:      No idea! Really none.",
    ]


def test_what_is_not_there_is_told():
    assert lines(None, THEIRS) == ["not in the snapshot yet: contradiction (openai)"]


def rated(overall, reference_digest):
    return SnapshotEntry(
        judgement=Rating(overall=overall, style=1, logic=1, content=1),
        answer=OURS.answer,
        reference="gpt-4o",
        reference_digest=reference_digest,
    )


@pytest.mark.parametrize(
    ("digest", "cause"), [("a", "the judge changed"), ("b", "the reference gpt-4o answered otherwise")]
)
def test_the_same_answer_with_another_rating_has_a_cause(digest, cause):
    assert lines(rated(3, "a"), rated(4, digest)) == [
        "overall 3 -> 4 (limit 0.3)",
        f"  answer:   the same, word for word; {cause}",
    ]


def test_long_answers_tell_their_size():
    long, longer = (KeptAnswer.of("x " * n) for n in (5000, 6000))
    (line,) = lines(replace(OURS, answer=long), replace(THEIRS, answer=longer))[1:]
    assert (
        line
        == "  answer:   differs after the first 2,000 characters (of 10,000 characters then and 12,000 now)"
    )
    assert rewording(long, longer) in line


def test_what_stayed_is_cut_in_the_middle_and_the_whole_line_at_its_end():
    same = "The weather is fine today, and nothing of this sentence has changed in any way. "
    told = word_difference(f"A. {same} Z.", f"B. {same} Y.")
    assert told == "[-A-]{+B+}. The weather is fine today, a … ence has changed in any way. [-Z-]{+Y+}."
    assert len(word_difference("ab " * 900, "ab " * 700 + "cd " * 200)) <= 800


def test_words_of_scripts_without_spaces_are_their_characters():
    assert word_difference("我是通义千问。", "我是豆包。") == "我是[-通义千问-]{+豆包+}。"


def test_a_rewording_is_short_and_on_one_line():
    told = rewording(KeptAnswer.of("a\n" * 500), KeptAnswer.of("b\x1b" * 500))
    assert told.startswith("was “a a a")
    assert "\n" not in told
    assert "\x1b" not in told
    assert len(told) < 260


def test_some_rewordings_are_shown_and_all_counted():
    told = [line.text for line in rewording_lines({f"t{i}": "was “a”, now “b”" for i in range(1200)})]
    assert told[0] == "1,200 answers worded otherwise than in the snapshot, and judged the same:"
    assert told[1:4] == [f"  t{i}: was “a”, now “b”" for i in range(3)]
    assert told[4:] == ["  and 1,197 more; -rP shows all"]
