import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from pytest_distillcheck.catalog import makers
from pytest_distillcheck.domain.exchanges import Message
from pytest_distillcheck.domain.prompts import Prompt, PromptSelection
from pytest_distillcheck.identity import makers_named
from pytest_distillcheck.similarity import prompts as module
from pytest_distillcheck.similarity.prompts import (
    BANK_LANGUAGES,
    BANK_SETS,
    bank_prompts,
    expand,
    prompt_sets,
    select,
)

HAN = re.compile("[\u4e00-\u9fff]")


@cache
def every_name() -> re.Pattern[str]:
    names: set[str] = set()
    for maker in makers():
        names.update((maker.name, *maker.aliases, *maker.people))
        for family in maker.families:
            names.update((family.name, *family.aliases))
    # Chinese has no spaces between words, so that a name may stand anywhere.
    escaped = (re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile("|".join(rf"(?<!\w){name}(?!\w)" if name.isascii() else name for name in escaped))


def text_of(prompt: Prompt) -> str:
    return "\n".join(turn.content for turn in prompt.turns)


def a_prompt(name: str, *texts: str, set_name: str = "a", tags: tuple[str, ...] = ()) -> Prompt:
    roles = ("user", "assistant")
    turns = tuple(Message(roles[index % 2], text) for index, text in enumerate(texts or ("Why?",)))  # type: ignore[arg-type]
    return Prompt(id=name, set=set_name, turns=turns, tags=tags)


def ids(prompts: tuple[Prompt, ...]) -> list[str]:
    return [prompt.id for prompt in prompts]


def some(count: int, set_name: str) -> list[Prompt]:
    return [a_prompt(f"{set_name}-{number:03}", set_name=set_name) for number in range(count)]


@pytest.mark.parametrize("language", BANK_LANGUAGES)
@pytest.mark.parametrize("name", BANK_SETS)
def test_every_set_has_at_least_sixty_prompts_in_each_language(name: str, language: str) -> None:
    assert sum((prompt.set, prompt.language) == (name, language) for prompt in bank_prompts()) >= 60


@pytest.mark.parametrize("language", BANK_LANGUAGES)
def test_at_least_fifteen_instructions_have_several_turns_and_say_so(language: str) -> None:
    several = [prompt for prompt in bank_prompts() if len(prompt.turns) > 1]
    assert {(prompt.set, "several-turns" in prompt.tags) for prompt in several} == {("instructions", True)}
    assert sum(prompt.language == language for prompt in several) >= 15
    assert any(len(prompt.turns) >= 5 for prompt in several if prompt.language == language)


def test_ids_are_unique_sorted_and_say_set_and_language() -> None:
    names = ids(bank_prompts())
    assert names == sorted(set(names))
    assert all(re.fullmatch(rf"{p.set}-{p.language}-[0-9]{{2}}", p.id) for p in bank_prompts())


def test_no_two_prompts_are_alike() -> None:
    counts = Counter("".join(text_of(prompt).casefold().split()) for prompt in bank_prompts())
    assert [text for text, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("prompt", bank_prompts(), ids=lambda prompt: prompt.id)
def test_a_prompt_names_no_maker_and_no_model(prompt: Prompt) -> None:
    assert every_name().findall(text_of(prompt)) == []
    assert makers_named(text_of(prompt)) == frozenset()


def test_the_check_of_names_can_fail() -> None:
    assert every_name().findall("Compare OpenAI with 通义千问.") == ["OpenAI", "通义千问"]
    assert makers_named("Compare OpenAI with 通义千问.") == {"openai", "alibaba"}


def test_prompts_hold_no_placeholder() -> None:
    marks = re.compile(r"\{\w*\}|<[a-z_ ]+>|\[[A-Za-z_ ]+\]|TODO|XXX|lorem ipsum|……|待补", re.IGNORECASE)
    assert [
        (p.id, found) for p in bank_prompts() if (found := marks.findall(text_of(p).replace("[i]", "")))
    ] == []


def test_prompts_speak_the_language_of_their_file() -> None:
    english = [
        prompt.id for prompt in bank_prompts() if prompt.language == "en" and HAN.search(text_of(prompt))
    ]
    chinese = [
        prompt.id
        for prompt in bank_prompts()
        if prompt.language == "zh" and not any(HAN.search(turn.content) for turn in prompt.turns)
    ]
    assert (english, chinese) == ([], [])


def test_lengths_differ_widely() -> None:
    lengths = [len(prompt.turns[-1].content) for prompt in bank_prompts() if prompt.language == "en"]
    assert min(lengths) < 60
    assert max(lengths) > 1000


def test_every_data_file_is_read() -> None:
    folder = Path(module.__file__).parent / "data" / "prompts"
    expected = {f"{name}-{language}.jsonl" for name in BANK_SETS for language in BANK_LANGUAGES}
    assert {file.name for file in folder.iterdir()} == expected


def test_the_bank_is_read_once() -> None:
    assert bank_prompts() is bank_prompts()


def test_a_selection_of_nothing_is_everything_sorted_by_id() -> None:
    assert ids(select([a_prompt("b"), a_prompt("a")], PromptSelection())) == ["a", "b"]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (PromptSelection(sets=("math",)), ["one", "two"]),
        (PromptSelection(languages=("zh",)), ["two"]),
        (PromptSelection(tags=("hard", "short")), ["one", "three"]),
        (PromptSelection(sets=("math",), tags=("hard",)), ["one"]),
        (PromptSelection(sets=("other",)), []),
    ],
)
def test_a_prompt_is_selected_by_set_language_and_any_of_the_tags(
    selection: PromptSelection, expected: list[str]
) -> None:
    prompts = [
        a_prompt("one", set_name="math", tags=("hard", "algebra")),
        replace(a_prompt("two", set_name="math"), language="zh"),
        a_prompt("three", tags=("short",)),
    ]
    assert ids(select(prompts, selection)) == sorted(expected)


def test_a_sample_draws_from_each_set() -> None:
    drawn = select([*some(50, "a"), *some(5, "b"), *some(30, "c")], PromptSelection(sample=10), seed=3)
    assert Counter(prompt.set for prompt in drawn) == {"a": 10, "b": 5, "c": 10}


def test_a_sample_depends_on_the_seed_alone() -> None:
    prompts = some(50, "a")
    drawn = select(prompts, PromptSelection(sample=10), seed=1)
    assert drawn == select(prompts[::-1], PromptSelection(sample=10), seed=1)
    assert drawn != select(prompts, PromptSelection(sample=10), seed=2)


def test_a_sample_is_the_same_on_every_machine() -> None:
    drawn = select(some(20, "a"), PromptSelection(sample=4), seed=7)
    assert ids(drawn) == ["a-004", "a-007", "a-008", "a-017"]


def test_a_smaller_sample_lies_within_a_larger_one() -> None:
    small, large = (set(ids(select(some(50, "a"), PromptSelection(sample=n)))) for n in (10, 20))
    assert small < large


def test_most_of_a_sample_stays_when_a_set_grows() -> None:
    before = set(ids(select(some(100, "a"), PromptSelection(sample=20))))
    after = set(ids(select(some(110, "a"), PromptSelection(sample=20))))
    assert len(before & after) >= 15


def test_the_last_turn_of_a_conversation_is_one_request() -> None:
    talk = a_prompt("talk", "Hi", "Hello", "Why?")
    assert expand([talk], "last") == (talk,)


def test_every_turn_of_the_users_is_a_request_with_the_history_before_it() -> None:
    talk = a_prompt("talk", "Hi", "Hello", "Why?", "Because.", "Really?")
    assert expand([talk], "every") == (
        replace(talk, id="talk-t1", turns=talk.turns[:1]),
        replace(talk, id="talk-t2", turns=talk.turns[:3]),
        replace(talk, id="talk-t3", turns=talk.turns),
    )


def test_a_system_message_opens_every_request_of_its_conversation() -> None:
    system = Message("system", "Be brief.")
    talk = replace(a_prompt("talk"), turns=(system, *a_prompt("x", "Hi", "Hello", "Why?").turns))
    assert [request.turns[0] for request in expand([talk], "every")] == [system, system]


def test_a_single_turn_keeps_its_id() -> None:
    single = a_prompt("single")
    assert expand([single], "every") == (single,)


def test_the_requests_of_the_bank_have_unique_ids() -> None:
    names = ids(expand(bank_prompts(), "every"))
    assert len(set(names)) == len(names) > len(bank_prompts())


def test_sets_and_their_prompts_are_sorted() -> None:
    groups = prompt_sets(
        [a_prompt("z", set_name="b"), a_prompt("y", set_name="a"), a_prompt("x", set_name="b")]
    )
    assert [(group.name, ids(group.prompts)) for group in groups] == [("a", ["y"]), ("b", ["x", "z"])]


def test_a_digest_tells_what_is_asked_and_nothing_else() -> None:
    (one,) = prompt_sets([a_prompt("x", "Why?"), a_prompt("y")])
    (same,) = prompt_sets([a_prompt("y"), a_prompt("x", "Why?", tags=("short",))])
    (other,) = prompt_sets([a_prompt("x", "How?"), a_prompt("y")])
    assert one.digest() == same.digest() != other.digest()
