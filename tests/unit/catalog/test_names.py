import pytest

from pytest_distillcheck.catalog.names import key


@pytest.mark.parametrize("spelling", ["Qwen2.5-7B", "qwen_2.5 7b", "Ｑｗｅｎ2.5:7b", "QWEN-2-5-7-B"])
def test_case_width_signs_and_spaces_do_not_matter(spelling):
    assert key(spelling) == ("qwen", "2", "5", "7", "b")


def test_letters_of_any_script_are_one_run():
    assert key("书生·浦语2") == ("书生", "浦语", "2")


def test_letters_that_are_joined_are_not_split():
    assert key("yield") != key("yi eld")


def test_a_name_without_letters_and_digits_has_an_empty_key():
    assert key("🤗 / -") == ()
