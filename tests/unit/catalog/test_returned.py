"""Whether an answer comes from the model that was asked."""

import pytest

from pytest_distillcheck.catalog.returned import is_as_asked, is_of_another_maker

ALIASES = [
    ("qwen-max", "qwen-max"),
    ("qwen-max", "qwen-max-2025-01-25"),
    ("gpt-4o", "gpt-4o-2024-08-06"),
    ("gpt-35-turbo", "gpt-3.5-turbo-0125"),  # Azure's spelling
    ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022"),
    ("us.anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku-20240307"),  # Bedrock
    ("claude-3-haiku@20240307", "claude-3-haiku-20240307"),  # Vertex AI
    ("openai/gpt-4o", "gpt-4o-2024-08-06"),  # OpenRouter
    ("deepseek/deepseek-r1:free", "deepseek/deepseek-r1"),
    ("gemini-2.0-flash", "models/gemini-2.0-flash-001"),
    ("accounts/fireworks/models/llama-v3p1-8b-instruct", "llama-v3p1-8b-instruct"),
    ("qwen2.5-7b-instruct", "/models/Qwen2.5-7B-Instruct-Q4_K_M.gguf"),  # llama.cpp
    ("qwen2.5-7b", "C:\\models\\qwen2.5-7b.gguf"),
    ("Qwen/Qwen2.5-7B-Instruct", "qwen2.5-7b-instruct"),  # vLLM with a name of its own
    ("llama3.2", "llama3.2:latest"),  # Ollama
    ("nemotron-70b", "llama-3.1-nemotron-70b-instruct"),
]
OTHERS = [
    ("qwen-max", "qwen-turbo"),
    ("gpt-4o", "gpt-4o-mini"),
    ("glm-4", "glm-4-flash"),
    ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06"),
    ("qwen-max", "gpt-4o"),
    ("prod-chat", "gpt-4o-2024-08-06"),  # a deployment at Azure
    ("default", "/models/qwen2.5-7b.gguf"),
]


@pytest.mark.parametrize(("asked", "returned"), ALIASES)
def test_a_dated_name_an_organisation_and_a_file_are_as_asked(asked, returned):
    assert is_as_asked(asked, returned)
    assert is_as_asked(returned, asked)
    assert is_as_asked(asked.upper(), returned)


@pytest.mark.parametrize(("asked", "returned"), OTHERS)
def test_another_size_date_or_name_is_not_as_asked(asked, returned):
    assert not is_as_asked(asked, returned)
    assert not is_as_asked(returned, asked)


@pytest.mark.parametrize(
    ("asked", "returned"),
    [("qwen-max", "gpt-4o"), ("openai/gpt-4o", "anthropic/claude-3-haiku"), ("glm-4", "deepseek-chat")],
)
def test_two_makers_are_two_models_for_certain(asked, returned):
    assert is_of_another_maker(asked, returned)


@pytest.mark.parametrize(
    ("asked", "returned"), [*ALIASES, *OTHERS[:4], *OTHERS[5:], ("", ""), ("qwen-max", "m-1")]
)
def test_what_the_catalogue_does_not_know_is_of_no_other_maker(asked, returned):
    assert not is_of_another_maker(asked, returned)
