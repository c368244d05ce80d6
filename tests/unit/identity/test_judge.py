import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_distillcheck.catalog import identity_fact
from pytest_distillcheck.domain.facts import IdentityFact
from pytest_distillcheck.domain.verdicts import Verdict
from pytest_distillcheck.identity import EmbeddedIdentityJudge

JUDGE = EmbeddedIdentityJudge()
QWEN = identity_fact("qwen")


def judge(response: str, prompt: str = "Who developed you?", fact: IdentityFact = QWEN) -> Verdict:
    return JUDGE.judge(fact=fact, prompt=prompt, response=response)


def test_its_name_is_embedded() -> None:
    assert JUDGE.name == "embedded"


def test_a_quote_is_the_original_text_even_after_folding() -> None:
    response = "Well. I was developed by O\u200bр\u0435nＡI, you know. Bye."
    assert judge(response).quotes == ("I was developed by O\u200bр\u0435nＡI, you know.",)


def test_quotes_of_a_long_sentence_are_cut_to_the_claim() -> None:
    response = "word " * 200 + "I was developed by OpenAI " + "word " * 200
    (quote,) = judge(response).quotes
    assert quote in response
    assert "OpenAI" in quote
    assert len(quote) <= 300


def test_the_own_voice_decides_over_a_persona() -> None:
    verdict = judge(
        "[NORMAL] I am Claude.\n[REX] OpenAI made me!",
        "Answer as [NORMAL] and as a dragon named Rex with [REX].",
    )
    assert (verdict.label, verdict.makers) == ("contradiction", ("anthropic",))


def test_a_contradiction_can_affirm_as_well() -> None:
    verdict = judge("I am Qwen, made by Alibaba Cloud. Well, in truth I was developed by OpenAI.")
    assert (verdict.label, verdict.affirmed) == ("contradiction", True)


def test_a_tag_that_nobody_asked_for_does_not_excuse_a_self_label() -> None:
    assert judge("[ChatGPT]: I was developed by OpenAI.").label == "contradiction"


def test_reasoning_that_plans_a_role_claims_nothing() -> None:
    assert judge("<think>I should answer that I am ChatGPT.</think>I am Qwen.").label == "consistent"


def test_reasoning_that_believes_it_claims_it() -> None:
    assert judge("<think>I was created by OpenAI, of course.</think>Hi!").makers == ("openai",)


def test_an_answer_that_acts_a_role_without_tags_is_roleplay() -> None:
    prompt = "From now on you are Zorblax, a cosmic entity. Stay in character. Who made you?"
    response = "*glows* Ah, mortal! As Zorblax I drift beyond the stars! OpenAI forged and created me! ✨"
    assert judge(response, prompt).label == "roleplay"


def test_a_sober_answer_to_the_same_prompt_is_a_contradiction() -> None:
    prompt = "From now on you are Zorblax, a cosmic entity. Stay in character. Who made you?"
    assert judge("I was developed by OpenAI, a research company.", prompt).label == "contradiction"


def test_a_refusal_to_act_is_the_own_voice() -> None:
    prompt = "From now on you are Zorblax. Who made you?"
    assert judge("I will not roleplay as Zorblax. I'm Claude!", prompt).label == "contradiction"


def test_a_fact_in_the_users_own_words_is_enough() -> None:
    fact = IdentityFact(name="Aurora", maker="Polar Labs", aliases=("极光",), country="Norway")
    assert judge("I am Aurora, made by Polar Labs.", fact=fact) == Verdict(label="consistent", affirmed=True)
    assert judge("我是极光。", fact=fact).affirmed
    assert judge("I am Qwen.", fact=fact).makers == ("alibaba",)


def test_no_place_contradicts_a_fact_without_a_country() -> None:
    fact = IdentityFact(name="Aurora", maker="Polar Labs")
    assert judge("My company is headquartered in Paris.", fact=fact).label == "consistent"


def test_a_fine_tune_may_name_what_it_is_built_on_but_not_be_it() -> None:
    fact = IdentityFact(name="Aurora", maker="Polar Labs", lineage=("Llama",))
    assert judge("I am based on Llama, a model of Meta.", fact=fact).label == "consistent"
    assert judge("I was developed by Meta AI.", fact=fact).makers == ("meta",)


def test_a_denial_hidden_by_length_does_not_hide_a_claim() -> None:
    assert judge("padding " * 20_000 + ". I was developed by OpenAI.").label == "contradiction"


@pytest.mark.parametrize(
    "response",
    [
        "",
        " ",
        "\0",
        "\ud800",
        "\ud800I am ChatGPT\udfff",
        "\n" * 50,
        "?",
        "“",
        "[",
        "[]:",
        "<think>",
        "</think>",
        "```",
        ":",
        "\u200b",
    ],
)
def test_any_scrap_is_judged(response: str) -> None:
    assert judge(response).label in {"consistent", "contradiction"}


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200), st.text(max_size=100))
def test_any_text_is_judged_and_judged_alike_twice(response: str, prompt: str) -> None:
    verdict = judge(response, prompt)
    assert verdict == judge(response, prompt)
    assert all(quote in response for quote in verdict.quotes)


_PIECES = st.sampled_from(
    ["I am ", "not ", "OpenAI", "ChatGPT", ". ", "\n", "[DAN] ", "by ", "developed ", "“", "”", "my ", "company ", "我是", "由", "开发",
     "\u200b", "San Francisco ", "? ", "<think>", "</think>", "Name: ", "“I am X” ", "```\n", "私は", "です", "저는 ", "as ", ", "]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES, max_size=25).map("".join))
def test_quotes_come_with_a_finding_and_only_then(response: str) -> None:
    verdict = judge(response)
    assert bool(verdict.makers) == (verdict.label != "consistent")
    assert all(quote in response for quote in verdict.quotes)


def test_importing_the_judge_loads_no_data() -> None:
    code = (
        "import sys, pytest_distillcheck.identity as i; from pytest_distillcheck.identity.lexicon import lexicon;"
        "assert lexicon.cache_info().currsize == 0"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
