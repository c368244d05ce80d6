"""What the data files of live models must hold; `live_models` itself refuses files with faults."""

import subprocess
import sys
from collections import Counter
from datetime import date

import pytest

from pytest_distillcheck.catalog import identity_fact, live_model, live_models
from pytest_distillcheck.domain.scrubbing import slug

NAMES = [model.name for model in live_models()]

MAKERS = {
    "OpenAI": "openai",
    "Anthropic": "anthropic",
    "Google Gemini": "google",
    "Alibaba Cloud DashScope": "alibaba",
    "DeepSeek": "deepseek",
    "Zhipu BigModel": "zhipu",
    "Moonshot AI": "moonshot",
    "Volcengine Ark": "bytedance",
    "MiniMax": "minimax",
    "Baidu Qianfan": "baidu",
    "Tencent Hunyuan": "tencent",
    "StepFun": "stepfun",
    "Baichuan": "baichuan",
    "01.AI": "01ai",
    "iFlytek Spark": "iflytek",
    "SenseNova": "sensetime",
    "Mistral AI": "mistral",
    "xAI": "xai",
    "Cohere": "cohere",
    "AI21 Labs": "ai21",
    "Perplexity": "perplexity",
    "NVIDIA NIM": "nvidia",
}
"""Who made the models that a provider serves under their bare names."""

HOSTS = {
    "Alibaba Cloud DashScope International",
    "Z.AI",
    "Moonshot AI International",
    "MiniMax International",
    "SiliconFlow",
    "Together AI",
    "Fireworks AI",
    "Groq",
    "Cerebras",
    "OpenRouter",
}


def test_there_are_at_least_60_models_and_most_have_a_price():
    assert len(NAMES) >= 60
    assert sum(model.price is not None for model in live_models()) >= 60


def test_every_provider_that_the_reference_names_is_there():
    assert {model.provider for model in live_models()} == MAKERS.keys() | HOSTS


def test_qwen_max_needs_only_its_key():
    endpoint = live_model("qwen-max").endpoint
    assert (endpoint.kind, endpoint.model) == ("openai", "qwen-max")
    assert endpoint.url("/chat/completions") == (
        "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions"
    )
    assert endpoint.key_env == "DASHSCOPE_API_KEY"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_gives_an_identity_fact(name):
    assert identity_fact(name).maker_id


@pytest.mark.parametrize("name", [name for name in NAMES if "@" not in name])
def test_a_bare_name_is_at_home_with_its_maker(name):
    assert identity_fact(name).maker_id == MAKERS[live_model(name).provider]


@pytest.mark.parametrize(
    ("name", "maker_id"),
    [
        ("gpt-oss-120b@groq", "openai"),
        ("qwen-max@dashscope-intl", "alibaba"),
        ("llama-3.3-70b@openrouter", "meta"),
        ("deepseek-v4-pro@together", "deepseek"),
        ("glm-5.3@zai", "zhipu"),
        ("phi-4@openrouter", "microsoft"),
    ],
)
def test_a_model_at_another_provider_is_still_its_makers(name, maker_id):
    assert identity_fact(name).maker_id == maker_id


def test_no_two_names_have_the_same_id():
    assert not [name for name, count in Counter(map(slug, NAMES)).items() if count > 1]


def test_no_two_names_are_one_model_at_one_address():
    places = Counter((model.endpoint.base_url, model.endpoint.model) for model in live_models())
    assert not [place for place, count in places.items() if count > 1]


@pytest.mark.parametrize("name", [model.name for model in live_models() if model.price])
def test_a_price_is_plausible(name):
    price = live_model(name).price
    # Prices here are far from these bounds; one for a thousand tokens, or in cents, is not within them.
    assert 0.01 <= price.input_usd_per_mtok <= price.output_usd_per_mtok <= 100
    assert price.as_of >= date(2024, 1, 1)


def test_a_key_goes_over_tls():
    assert all(model.endpoint.base_url.startswith("https://") for model in live_models())
    assert all(model.endpoint.key_env for model in live_models())


def test_the_files_are_read_when_a_model_is_wanted_and_not_before():
    script = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from pytest_distillcheck.catalog import identity_fact, live_model
identity_fact("qwen-max")
assert not [path for path in opened if path.endswith(("providers.yaml", "models.yaml"))]
live_model("qwen-max")
assert [path for path in opened if path.endswith("models.yaml")]
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_files_are_read_once():
    assert live_model("gpt-4o") is live_model("gpt-4o")
