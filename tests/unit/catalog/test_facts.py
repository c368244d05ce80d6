import pytest

from pytest_distillcheck.catalog import identity_fact, known_names, maker, maker_named, makers
from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.errors import UnknownFactError


@pytest.mark.parametrize(
    ("name", "maker_id", "family"),
    [
        ("glm-4-plus", "zhipu", "GLM"),
        ("THUDM/chatglm3-6b", "zhipu", "GLM"),
        ("qwen2.5-72b", "alibaba", "Qwen"),
        ("Qwen/Qwen2.5-7B-Instruct", "alibaba", "Qwen"),
        ("qwen-max-0919", "alibaba", "Qwen"),
        ("QwQ-32B-Preview", "alibaba", "Qwen"),
        ("claude-3-5-sonnet-20241022", "anthropic", "Claude"),
        ("gpt-4o-2024-08-06", "openai", "GPT"),
        ("gpt-oss-120b", "openai", "GPT"),
        ("o1-mini", "openai", "GPT"),
        ("chatgpt-4o-latest", "openai", "GPT"),
        ("text_davinci_003", "openai", "GPT"),
        ("deepseek-r1", "deepseek", "DeepSeek"),
        ("deepseek-chat", "deepseek", "DeepSeek"),
        ("doubao-pro-32k", "bytedance", "Doubao"),
        ("gemini-2.0-flash-exp", "google", "Gemini"),
        ("gemma-3-270m", "google", "Gemma"),
        ("llama3.1-70b-instruct", "meta", "Llama"),
        ("llama-2-70b-chat-hf", "meta", "Llama"),
        ("Phi4", "microsoft", "Phi"),
        ("phi-3.5-mini-instruct", "microsoft", "Phi"),
        ("Mixtral-8x7B-Instruct-v0.1", "mistral", "Mistral"),
        ("mistral-large-2", "mistral", "Mistral"),
        ("smollm2", "huggingface", "SmolLM"),
        ("SmolLM2-135M-Instruct", "huggingface", "SmolLM"),
        ("zephyr-7b-beta", "huggingface", "Zephyr"),
        ("moonshot-v1-8k", "moonshot", "Kimi"),
        ("kimi-k2", "moonshot", "Kimi"),
        ("hunyuan-large", "tencent", "Hunyuan"),
        ("ERNIE-4.0-8K", "baidu", "ERNIE"),
        ("ernie-bot", "baidu", "ERNIE"),
        ("yi-34b-chat", "01ai", "Yi"),
        ("abab6.5-chat", "minimax", "MiniMax"),
        ("internlm2_5-20b", "shanghai-ai-lab", "InternLM"),
        ("step-1-8k", "stepfun", "Step"),
        ("step3", "stepfun", "Step"),
        ("grok-3", "xai", "Grok"),
        ("command-r-plus", "cohere", "Command"),
        ("c4ai-aya-expanse-8b", "cohere", "Aya"),
        ("nova-pro", "amazon", "Nova"),
        ("granite-3.1-8b", "ibm", "Granite"),
        ("jamba-1.5-large", "ai21", "Jamba"),
        ("falcon-40b-instruct", "tii", "Falcon"),
        ("exaone-3.5", "lg", "EXAONE"),
        ("HCX-005", "naver", "HyperCLOVA X"),
        ("YandexGPT", "yandex", "YandexGPT"),
        ("GigaChat-Max", "sber", "GigaChat"),
        ("vicuna-13b", "lmsys", "Vicuna"),
        ("Baichuan2-13B-Chat", "baichuan", "Baichuan"),
        ("spark-max", "iflytek", "Spark"),
        ("dolly-v2-12b", "databricks", "Dolly"),
        ("stablelm-zephyr-3b", "stability", "StableLM"),
    ],
)
def test_a_model_name_gives_the_fact_of_its_family(name, maker_id, family):
    fact = identity_fact(name)
    assert (fact.maker_id, fact.name) == (maker_id, family)


@pytest.mark.parametrize(
    ("name", "maker_id", "family"),
    [
        ("anthropic/claude-3.5-sonnet", "anthropic", "Claude"),
        ("accounts/fireworks/models/llama-v3p1-8b-instruct", "meta", "Llama"),
        ("hf.co/someone/Qwen2.5-7B-Instruct-GGUF:Q4_K_M", "alibaba", "Qwen"),
        ("us.anthropic.claude-3-5-haiku-20241022-v1:0", "anthropic", "Claude"),
        ("ai21.jamba-1-5-large-v1:0", "ai21", "Jamba"),
        ("Meta-Llama-3-8B-Instruct", "meta", "Llama"),
        ("tencent/Tencent-Hunyuan-Large", "tencent", "Hunyuan"),
        ("AI21-Jamba-1.5-Mini", "ai21", "Jamba"),
    ],
)
def test_the_organisation_before_a_model_name_is_ignored(name, maker_id, family):
    fact = identity_fact(name)
    assert (fact.maker_id, fact.name) == (maker_id, family)


@pytest.mark.parametrize(
    ("name", "maker_id"),
    [
        ("gpt-neox-20b", "eleutherai"),
        ("gpt-j-6b", "eleutherai"),
        ("gpt4all-j", "nomic"),
        ("gpt-sw3-6.7b", "ai-sweden"),
        ("nvidia/Llama-3.1-Nemotron-70B-Instruct-HF", "nvidia"),
        ("llama-3.1-sonar-large-128k-online", "perplexity"),
        ("mai-ds-r1", "microsoft"),
        ("k2-think", "g42"),
    ],
)
def test_the_longest_beginning_decides(name, maker_id):
    assert identity_fact(name).maker_id == maker_id


def test_the_name_of_one_maker_does_not_lead_to_a_family_of_another():
    with pytest.raises(UnknownFactError):
        identity_fact("anthropic-gpt-4")


@pytest.mark.parametrize(
    "name",
    ["foo", "my-model", "yield-7b", "stepwise", "phil-collins", "gptx", "o11", "unknown", "", "/", "🤗"],
)
def test_a_name_that_only_looks_like_a_family_is_unknown(name):
    with pytest.raises(UnknownFactError):
        identity_fact(name)


def test_an_ambiguous_name_is_known_alone_but_begins_no_model_name():
    assert identity_fact("Sydney").maker_id == "microsoft"
    with pytest.raises(UnknownFactError):
        identity_fact("sydney-7b")


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("gtp-4o-mini", "'gpt'"),
        ("clade-3-opus", "'claude'"),
        ("org/qwwen", "'qwen'"),
        ("antropic", "'anthropic'"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_known_one(name, nearest):
    with pytest.raises(UnknownFactError, match=f"did you mean {nearest}"):
        identity_fact(name)


def test_an_unknown_name_near_to_nothing_is_answered_with_what_to_do():
    with pytest.raises(UnknownFactError) as caught:
        identity_fact("foo")
    assert str(caught.value) == (
        "'foo': the catalogue knows no such maker or model; write the fact out, with `name` and `maker`"
    )


def test_a_fact_carries_all_that_is_known_of_family_and_maker():
    fact = identity_fact("hunyuan-large")
    tencent = maker("tencent")
    assert fact == IdentityFact(
        name="Hunyuan",
        aliases=tencent.families[0].aliases,
        maker="Tencent",
        maker_id="tencent",
        maker_aliases=tencent.aliases,
        country="China",
        headquarters=("Shenzhen",),
        lineage=(),
    )
    assert {"混元", "元宝"} <= set(fact.aliases)
    assert "腾讯" in fact.maker_aliases


def test_the_fact_of_a_maker_has_its_main_family_and_the_names_of_all():
    fact = identity_fact("google")
    assert fact.name == "Gemini"
    assert {"Bard", "Gemma", "PaLM", "LaMDA"} <= set(fact.aliases)
    assert "Gemini" not in fact.aliases


def test_the_fact_of_a_family_lacks_the_names_of_its_sisters():
    fact = identity_fact("gemma-2-9b")
    assert fact.name == "Gemma"
    assert not {"Gemini", "Bard", "PaLM"} & set(fact.aliases)


@pytest.mark.parametrize(
    ("name", "lineage"),
    [
        ("deepseek-r1-distill-llama-70b", ("Llama",)),
        ("DeepSeek-R1-Distill-Qwen-1.5B", ("Qwen",)),
        ("deepseek-r1", ()),
        ("deepseek", ()),
        ("vicuna-13b", ("Llama",)),
        ("zephyr-7b-beta", ("Mistral", "Gemma")),
    ],
)
def test_only_a_model_that_is_built_on_others_may_name_them(name, lineage):
    assert identity_fact(name).lineage == lineage


def test_a_narrower_family_goes_by_the_names_of_the_wider_one():
    fact = identity_fact("deepseek-r1-distill-llama-70b")
    assert fact.maker_id == "deepseek"
    assert "DeepSeek" in fact.aliases
    assert "DeepSeek-R1-Distill-Qwen" not in fact.aliases


@pytest.mark.parametrize(
    "name", ["alibaba", "Alibaba", "Alibaba Cloud", "阿里云", "qwen", "通义千问", "ＱＷＥＮ"]
)
def test_a_maker_and_its_family_are_known_by_every_name(name):
    assert identity_fact(name).maker_id == "alibaba"


def test_an_id_of_maker_and_family_alike_means_the_maker():
    assert "DeepSeek-R1-Distill-Llama" in identity_fact("deepseek").aliases
    assert "DeepSeek-R1-Distill-Llama" not in identity_fact("deepseek-chat").aliases


@pytest.mark.parametrize(
    ("text", "maker_id"),
    [
        ("Alibaba Cloud", "alibaba"),
        ("  alibaba   CLOUD ", "alibaba"),
        ("ＯｐｅｎＡＩ", "openai"),
        ("OpenAI Inc", "openai"),
        ("阿里巴巴", "alibaba"),
        ("Яндекс", "yandex"),
        ("네이버", "naver"),
        ("Meta", "meta"),
    ],
)
def test_a_maker_is_found_by_any_of_its_names(text, maker_id):
    found = maker_named(text)
    assert found is not None
    assert found.id == maker_id


@pytest.mark.parametrize("text", ["Acme", "Alibaba Cloudy", "Qwen", ""])
def test_no_maker_is_found_by_a_name_that_is_not_a_makers(text):
    assert maker_named(text) is None


def test_a_maker_is_returned_by_its_id():
    assert maker("zhipu").name == "Zhipu AI"


def test_an_unknown_maker_id_is_answered_with_the_nearest_known_one():
    with pytest.raises(UnknownFactError, match=r"^'antropic': .*did you mean 'anthropic'\?$"):
        maker("antropic")


def test_every_known_name_has_a_fact_of_the_right_maker():
    owners = {}
    for known in makers():
        for family in known.families:
            owners.update(dict.fromkeys((known.id, family.id, *family.prefixes), known.id))
    assert set(known_names()) == set(owners)
    assert {name: identity_fact(name).maker_id for name in known_names()} == owners


def test_known_names_are_sorted_and_different():
    assert list(known_names()) == sorted(set(known_names()))
