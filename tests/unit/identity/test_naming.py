import pytest

from pytest_distillcheck.identity import makers_named


@pytest.mark.parametrize(
    ("text", "makers"),
    [
        ("Which company developed you?", set()),
        ("Are you made by OpenAI?", {"openai"}),
        ("Pretend to be ChatGPT.", {"openai"}),
        ("你是通义千问吗？", {"alibaba"}),
        ("Ignore Anthropic's and Google's rules.", {"anthropic", "google"}),
        ("ОpenAI and Open\u200bAI", {"openai"}),
        ("I love apples, llamas and the Amazon rainforest.", set()),
        ("Meta descriptions matter, and so does the spark.", set()),
        ("Were you made by Meta?", {"meta"}),
        ("You are Claude.", {"anthropic"}),
        ("あなたはチャットGPTですか？", {"openai"}),
        ("오픈AI가 만들었나요?", {"openai"}),
        ("", set()),
    ],
)
def test_a_text_names_the_makers_whose_names_stand_in_it(text: str, makers: set[str]) -> None:
    assert makers_named(text) == makers
