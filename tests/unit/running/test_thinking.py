import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.running import Thinking, split_thinking


@pytest.mark.parametrize(
    ("text", "reasoning", "answer"),
    [
        ("I am Qwen.", "", "I am Qwen."),
        ("<think>Hm.</think>I am Qwen.", "Hm.", "I am Qwen."),
        ("\n <THINK>\nHm.\n</Think>\n\nI am Qwen.", "Hm.", "\n\nI am Qwen."),
        ("<think></think>I am Qwen.", "", "I am Qwen."),
        ("Hm.</think>I am Qwen.", "Hm.", "I am Qwen."),
        ("<think>I never stop", "I never stop", ""),
        ("<think>", "", ""),
        ("", "", ""),
        ("<think>a</think>b</think>c", "a", "b</think>c"),
        ("The tag <think> opens it.", "", "The tag <think> opens it."),
        ("<thinking>a</thinking>b", "", "<thinking>a</thinking>b"),
    ],
)
def test_thinking_is_told_from_the_answer(text, reasoning, answer):
    assert split_thinking(text) == Thinking(reasoning=reasoning, answer=answer)


@given(st.lists(st.sampled_from(["<think>", "</think>", "<", "a", " "]), max_size=12).map("".join))
def test_both_parts_are_parts_of_the_text_in_their_order(text):
    parts = split_thinking(text)
    start = text.index(parts.reasoning)
    assert text.endswith(parts.answer)
    assert start + len(parts.reasoning) + len(parts.answer) <= len(text)
