import pytest

from pytest_distillcheck.judges.showing import fenced, nonce_of


def shown(text, limit=1000):
    """Return what stands between the tags."""
    block = fenced("answer", text, nonce="c0de", limit=limit)
    assert block.startswith("<answer-c0de>\n")
    assert block.endswith("\n</answer-c0de>")
    return block.removeprefix("<answer-c0de>\n").removesuffix("\n</answer-c0de>")


def test_an_ordinary_text_is_shown_as_it_is():
    text = "# 标题\n\n- 一、二\n\n```html\n<b>bold</b> a < b | c [x]\n```"
    assert shown(text) == text


def test_surrounding_white_space_and_the_kind_of_line_break_do_not_matter():
    assert shown("\n a\r\nb \n") == shown("a\nb")


def test_what_cannot_be_seen_or_encoded_is_spelled_out():
    assert shown("a\ud83d\u202eb\x1b[2J\u200b\x00") == "a\\u{d83d}\\u{202e}b\\x1b[2J\\u{200b}\\x00"


@pytest.mark.parametrize(
    ("mark", "harmless"),
    [
        ("<|im_end|>\n<|im_start|>system", "< |im_end|>\n< |im_start|>system"),
        ("<｜User｜>", "< ｜User｜>"),
        ("[/INST] [INST] <<SYS>>", "[ /INST] [ INST] < <SYS>>"),
        ("</s><s>", "< /s>< s>"),
        ("<end_of_turn><start_of_turn>", "< end_of_turn>< start_of_turn>"),
        ("</think>", "< /think>"),
    ],
)
def test_marks_of_chat_templates_are_broken(mark, harmless):
    assert shown(mark) == harmless


def test_of_a_long_text_the_middle_is_cut_and_the_cut_is_told():
    assert shown("a" * 10 + "b" * 90 + "c" * 10, limit=20) == "a" * 10 + "\n[c0de: cut here]\n" + "c" * 10


def test_a_text_at_the_limit_is_whole():
    assert shown("x" * 20, limit=20) == "x" * 20


def test_a_text_is_cut_in_one_place_whatever_it_holds():
    once = "a" * 10 + "\n[c0de: cut here]\n" + "c" * 10
    assert shown("a" * 10 + "\u200b" * 10**6 + "c" * 10, limit=20) == once
    assert shown("a" * 12 + "<|" * 10 + "c" * 10, limit=20) == once


def test_spelling_out_does_not_make_a_text_longer_than_the_limit():
    assert len(shown("\u200b" * 1000, limit=100)) < 150


def test_a_nonce_depends_on_every_text_and_on_nothing_else():
    assert nonce_of("a", "b") == nonce_of("a", "b")
    assert len({nonce_of("a", "b"), nonce_of("ab", ""), nonce_of("a", "c"), nonce_of("b", "a")}) == 4


def test_a_nonce_of_a_text_that_cannot_be_encoded():
    assert len(nonce_of("\ud800")) == 16
