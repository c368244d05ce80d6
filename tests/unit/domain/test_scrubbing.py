import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.domain.scrubbing import error_line, is_blank, one_line, scrub, slug

# Hypothesis leaves surrogates out unless asked for.
ANYTHING = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x00b", "a\\x00b"),
        ("a\rb", "a\\x0db"),
        ("\x7f\x9b", "\\x7f\\x9b"),
        ("\u202eneb", "\\u{202e}neb"),
        ("\u2066x\u2069", "\\u{2066}x\\u{2069}"),
        ("zero\u200bwidth", "zero\\u{200b}width"),
        ("\ufeffmark", "\\u{feff}mark"),
        ("\ud800", "\\u{d800}"),
        ("\udfff", "\\u{dfff}"),
        ("\uffff", "\\u{ffff}"),
        ("\U000e0041", "\\u{e0041}"),
    ],
)
def test_an_unsafe_character_is_spelled_out(text, scrubbed):
    assert scrub(text) == scrubbed


@pytest.mark.parametrize("text", ["", "a\tb\nc", "通义千问", "Ünïcödé 🤖", "</script>", "\\x1b", "ﷺ"])
def test_a_text_without_unsafe_characters_stays_as_it_is(text):
    assert scrub(text) == text


@given(ANYTHING, ANYTHING)
def test_scrubbing_a_text_is_scrubbing_its_parts(first, second):
    assert scrub(first + second) == scrub(first) + scrub(second)


@given(ANYTHING)
def test_scrubbing_twice_changes_nothing_more(text):
    assert scrub(scrub(text)) == scrub(text)


@given(ANYTHING)
def test_no_character_that_controls_or_hides_is_left(text):
    scrubbed = scrub(text)
    scrubbed.encode("utf-8")
    left = {unicodedata.category(char) for char in scrubbed.replace("\t", "").replace("\n", "")}
    assert not left & {"Cc", "Cs", "Zl", "Zp"}
    bidirectional = {unicodedata.bidirectional(char) for char in scrubbed}
    assert not bidirectional & {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(ANYTHING, st.integers(1, 40))
def test_one_line_is_safe_and_no_longer_than_its_width(text, width):
    line = one_line(text, width)
    assert len(line) <= width
    assert scrub(line) == line
    assert len(line.splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "width", "line"),
    [
        ("two\n  lines\t here", 40, "two lines here"),
        ("exactly", 7, "exactly"),
        ("one too many", 11, "one too ma…"),
        ("cut at a space", 5, "cut…"),
        ("\x1b[2J", 20, "\\x1b[2J"),
        ("", 5, ""),
    ],
)
def test_one_line_joins_lines_and_marks_a_cut(text, width, line):
    assert one_line(text, width) == line


def test_one_line_marks_the_cut_of_a_long_text_whose_beginning_fits():
    assert one_line("a" + " " * 1000 + "b", 10) == "a…"


@pytest.mark.parametrize(
    "nothing",
    [
        *("", " \n\t\u3000\xa0", "\x00\x1b", "\ud800", "\u200b\u202e\ufeff", "\xad\u034f\u2060"),
        *(
            "\U000e0041",
            "\ufe0f\U000e0100",
            "\u3164",
            "\u115f\u1160\uffa0",
            "\u2800",
            "\u17b4",
            "\ufffd\ufffc",
        ),
    ],
)
def test_a_text_without_a_glyph_is_blank(nothing):
    assert is_blank(nothing)


@pytest.mark.parametrize("something", ["x", ".", "\u200bé", "나", "千", "❤\ufe0f", "⠁", "\x1b["])
def test_a_text_with_a_glyph_is_not_blank(something):
    assert not is_blank(something)


@given(ANYTHING)
def test_a_text_that_is_blank_has_no_letter_digit_or_punctuation(text):
    kinds = {unicodedata.category(char)[0] for char in text if char not in "\u115f\u1160\u3164\uffa0"}
    assert not is_blank(text) or not kinds & {"L", "N", "P"}


class MuteError(Exception):
    def __str__(self):
        raise self.args[0]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("no\nway\x1b[2J"), "ValueError: no way\\x1b[2J"),
        (AssertionError(), "AssertionError"),
        (MuteError(RuntimeError()), "MuteError: an exception that cannot tell what it is"),
        (MuteError(SystemExit(0)), "MuteError: an exception that cannot tell what it is"),
        (ValueError("x" * 1000), "ValueError: " + "x" * 287 + "…"),
    ],
)
def test_an_error_is_told_on_one_safe_line(error, line):
    assert error_line(error) == line


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("qwen-max", "qwen-max"),
        ("Qwen/Qwen2.5-7B", "qwen_qwen2_5-7b"),
        ("a b\n[c]", "a_b__c_"),
        ("通义", "__"),
        ("Ｑｗｅｎ", "qwen"),
        ("\ud800x", "_x"),
    ],
)
def test_a_slug_is_ascii(name, expected):
    assert slug(name) == expected


@given(ANYTHING)
def test_a_slug_of_a_slug_is_itself(name):
    assert slug(slug(name)) == slug(name)
    assert slug(name).isascii()
