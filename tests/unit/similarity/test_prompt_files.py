import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.domain.exchanges import Message
from pytest_distillcheck.domain.prompts import Prompt
from pytest_distillcheck.errors import SourceError
from pytest_distillcheck.similarity.layouts import LAYOUTS, Layout
from pytest_distillcheck.similarity.prompt_files import PromptFile, read_prompts

Serialiser = Callable[..., str]


def as_lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def as_array(*records: object) -> str:
    return json.dumps(records, indent=2)


def read(*records: object, layout: Layout | None = None) -> PromptFile:
    return read_prompts(as_lines(*records), path="p.jsonl", layout=layout)


def faults_of(text: str, layout: Layout | None = None) -> list[tuple[int, str, str]]:
    with pytest.raises(SourceError) as caught:
        read_prompts(text, path="p.jsonl", layout=layout)
    assert caught.value.path == "p.jsonl"
    return [(fault.line, fault.where, fault.message) for fault in caught.value.faults]


def left_out(file: PromptFile) -> list[tuple[int, str]]:
    return [(fault.line, fault.message) for fault in file.left_out]


def talk(*texts: str) -> tuple[Message, ...]:
    roles = ("user", "assistant")
    return tuple(Message(roles[index % 2], text) for index, text in enumerate(texts))  # type: ignore[arg-type]


def messages(*texts: str) -> list[dict[str, str]]:
    return [message.to_builtins() for message in talk(*texts)]


def sharegpt(*turns: tuple[str, str], **rest: object) -> dict[str, Any]:
    return {"id": "x", "conversations": [{"from": who, "value": text} for who, text in turns], **rest}


# Our own format


def test_a_prompt_is_one_turn_in_the_default_set() -> None:
    assert read({"id": "tea", "prompt": "How?"}) == PromptFile(
        layout=None, prompts=(Prompt(id="tea", set="prompts", turns=talk("How?")),)
    )


def test_messages_are_several_turns_and_everything_else_is_kept() -> None:
    system = {"role": "system", "content": "Be brief."}
    record = {
        "id": "Trip_2.b",
        "messages": [system, *messages("Hi", "Hello", "Why?")],
        "set": "kitchen",
        "language": "en",
        "tags": ["short", "A_1.b-c"],
    }
    assert read(record).prompts == (
        Prompt(
            id="Trip_2.b",
            set="kitchen",
            turns=(Message("system", "Be brief."), *talk("Hi", "Hello", "Why?")),
            language="en",
            tags=("short", "A_1.b-c"),
        ),
    )


def test_the_caller_names_the_set_of_prompts_that_name_none() -> None:
    text = as_lines({"id": "a", "prompt": "How?"}, {"id": "b", "prompt": "How?", "set": "prompts"})
    file = read_prompts(text, path="p.jsonl", set_name="mine")
    assert [prompt.set for prompt in file.prompts] == ["mine", "prompts"]


def test_blank_lines_and_separators_of_other_standards_end_no_record() -> None:
    text = '\n{"id": "a", "prompt": "one\u2028line"}\r\n\n'
    assert [prompt.turns[0].content for prompt in read_prompts(text, path="p").prompts] == ["one\u2028line"]


@pytest.mark.parametrize("text", ["", "\n \n", "[]", " [ ] \n"])
def test_a_file_without_prompts_is_a_fault(text: str) -> None:
    assert faults_of(text) == [(0, "", "holds no prompt; write one a line")]


GOOD = '{"id": "good", "prompt": "How?"}'


@pytest.mark.parametrize(
    ("line", "where", "told"),
    [
        ("{", "", "not JSON that we read: expecting property name"),
        ("[" * 100_000, "", "not JSON that we read: "),
        ('{"id": "a", "id": "b", "prompt": "c"}', "", "a key stands twice"),
        ('"text"', "", "not a JSON object"),
        ('{"prompt": "How?"}', "id", "is missing"),
        ('{"id": 7, "prompt": "How?"}', "id", "expected text, found 7"),
        ('{"id": "a b", "prompt": "How?"}', "id", "write ASCII letters"),
        ('{"id": "茶", "prompt": "How?"}', "id", "write ASCII letters"),
        ('{"id": "", "prompt": "How?"}', "id", "write ASCII letters"),
        ('{"id": "a-t2", "prompt": "How?"}', "id", "no ending such as -t2"),
        ('{"id": "a-r1", "prompt": "How?"}', "id", "no ending such as -t2"),
        ('{"id": "good", "prompt": "Why?"}', "id", "'good' stands on line 1 already"),
        ('{"id": "a", "promt": "How?"}', "promt", "did you mean 'prompt'?"),
        ('{"id": "a"}', "prompt", "write either 'prompt' or 'messages'"),
        ('{"id": "a", "prompt": "b", "messages": []}', "prompt", "write either"),
        ('{"id": "a", "prompt": ""}', "prompt", "is empty"),
        ('{"id": "a", "prompt": " \\u200b\\n"}', "prompt", "is empty"),
        ('{"id": "a", "prompt": "\\ud800"}', "prompt", "half of a surrogate pair"),
        ('{"id": "a", "prompt": ["b"]}', "prompt", "expected text, found a list"),
        ('{"id": "a", "prompt": "b", "set": "A b"}', "set", "write lower-case"),
        ('{"id": "a", "prompt": "b", "language": "English"}', "language", "not an ISO 639-1 code"),
        ('{"id": "a", "prompt": "b", "tags": "c"}', "tags", "expected a list"),
        ('{"id": "a", "prompt": "b", "tags": ["c", 1]}', "tags[1]", "write ASCII letters"),
        ('{"id": "a", "prompt": "b", "tags": ["c d"]}', "tags[0]", "write ASCII letters"),
        ('{"id": "a", "messages": "b"}', "messages", "expected a list"),
        ('{"id": "a", "messages": []}', "messages[0]", "end with what is to be answered"),
        ('{"id": "a", "messages": ["b"]}', "messages[0]", "write a 'role' of system, user, assistant"),
        ('{"id": "a", "messages": [{"role": "robot", "content": "b"}]}', "messages[0]", "write a 'role'"),
        (
            '{"id": "a", "messages": [{"role": "user", "content": 1}]}',
            "messages[0]",
            "a 'content' that is text",
        ),
        (
            '{"id": "a", "messages": [{"role": "user", "content": "b", "name": "c"}]}',
            "messages[0]",
            "write a",
        ),
        ('{"id": "a", "messages": [{"role": "user", "content": ""}]}', "messages[0]", "is empty"),
        ('{"id": "a", "messages": [{"role": "system", "content": "b"}]}', "messages[0]", "is not the user's"),
        (
            '{"id": "a", "messages": [{"role": "assistant", "content": "b"}]}',
            "messages[0]",
            "the user's is due",
        ),
    ],
)
def test_each_kind_of_fault_is_told_with_its_line_and_place(line: str, where: str, told: str) -> None:
    (fault,) = faults_of(f"{GOOD}\n{line}\n")
    assert fault[:2] == (2, where)
    assert told in fault[2]


@pytest.mark.parametrize(
    ("roles", "index", "told"),
    [
        (["user", "user"], 1, "is the user's, where the assistant's is due"),
        (["user", "assistant"], 1, "is not the user's"),
        (["user", "system", "user"], 1, "is the system's, where the assistant's is due"),
        (["system", "system", "user"], 1, "is the system's, where the user's is due"),
    ],
)
def test_user_and_assistant_take_turns_and_the_user_has_the_last_one(
    roles: list[str], index: int, told: str
) -> None:
    record = {"id": "a", "messages": [{"role": role, "content": "b"} for role in roles]}
    ((_, where, message),) = faults_of(as_lines(record))
    assert where == f"messages[{index}]"
    assert told in message


def test_all_faults_of_all_lines_are_told() -> None:
    text = as_lines({"id": "a b", "prompt": "", "set": "?"}, {"id": "good", "prompt": "How?"}, {"id": "c"})
    assert [fault[:2] for fault in faults_of(text)] == [(1, "id"), (1, "set"), (1, "prompt"), (3, "prompt")]


def test_all_lines_that_are_no_json_are_told_with_their_columns() -> None:
    with pytest.raises(SourceError) as caught:
        read_prompts(f'{{"id": }}\n{GOOD}\n{{"id"', path="p")
    assert [(fault.line, fault.column) for fault in caught.value.faults] == [(1, 8), (3, 6)]


def test_faults_in_an_array_name_the_line_that_the_record_starts_on() -> None:
    text = '[\n  {"id": "a",\n   "prompt": "b"},\n  {"id": "c"},\n\n  {"id": "d", "prompt": ""}\n]\n'
    assert [fault[:2] for fault in faults_of(text)] == [(4, "prompt"), (6, "prompt")]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"[{GOOD}\n{GOOD}]", (1, len(GOOD) + 2)),
        (f"[{GOOD},\n]", (2, 1)),
        (f"[{GOOD},\n", (2, 1)),
        (f"[{GOOD}\n", (1, len(GOOD) + 2)),
        (f"[\n{GOOD}] x", (2, len(GOOD) + 1)),
        (f'[\n{GOOD},\n{{"a": 1, "a": 2}}]', (3, 0)),
    ],
)
def test_an_array_that_is_broken_is_told_with_its_place(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(SourceError) as caught:
        read_prompts(text, path="p")
    (fault,) = caught.value.faults
    assert (fault.line, fault.column) == place


# Data sets


@pytest.mark.parametrize("write", [as_lines, as_array])
@pytest.mark.parametrize(
    "record",
    [
        {"question_id": "ab12", "category": "Hard v0.1", "cluster": "Chess", "turns": [{"content": "Why?"}]},
        {"question_id": "ab12", "category": "Hard v0.1", "turns": ["Why?"]},
        {"uid": "ab12", "category": "Hard v0.1", "subcategory": "Hard v0.1", "prompt": "Why?"},
    ],
)
def test_arena_hard_questions_are_read(record: dict[str, object], write: Serialiser) -> None:
    assert read_prompts(write(record), path="p") == PromptFile(
        layout="arena-hard",
        prompts=(Prompt(id="ab12", set="arena-hard", turns=talk("Why?"), tags=("hard_v0_1",)),),
    )


def test_a_number_can_be_a_questions_id() -> None:
    assert read({"question_id": 81, "turns": ["Why?"]}).prompts[0].id == "81"


@pytest.mark.parametrize("write", [as_lines, as_array])
def test_numina_problems_are_read_and_named_after_what_they_ask(write: Serialiser) -> None:
    record = {"source": "cn_k12", "problem": "1 + 1?", "solution": "2", "problem_type": "Algebra"}
    file = read_prompts(write(record, {**record, "problem": "2 + 2?"}), path="p")
    one, two = file.prompts
    assert (file.layout, one.set, one.turns, one.tags) == (
        "numina",
        "numina",
        talk("1 + 1?"),
        ("cn_k12", "algebra"),
    )
    assert one.id == read(record).prompts[0].id != two.id
    assert one.id.startswith("numina-")


@pytest.mark.parametrize("write", [as_lines, as_array])
@pytest.mark.parametrize(
    "record",
    [
        sharegpt(("human", "Hi"), ("gpt", "Hello"), ("human", "Why?"), ("gpt", "So.")),
        sharegpt(("user", "Hi"), ("bing", "Hello"), ("human", "Why?")),
        sharegpt(("gpt", "cut off"), ("human", "Hi"), ("ChatGPT", "Hello"), ("human", "Why?"), ("gpt", "")),
        sharegpt(("system", ""), ("human", "Hi"), ("gpt", "Hello"), ("human", "Why?"), system=" "),
        {"id": "x", "items": messages("Hi", "Hello", "Why?", "So.")},
        {
            "conversation_id": "x",
            "conversation": [{"human": "Hi", "assistant": "Hello"}, {"human": "Why?", "assistant": ""}],
        },
    ],
)
def test_sharegpt_conversations_are_read_from_the_users_first_turn_to_the_last(
    record: dict[str, object], write: Serialiser
) -> None:
    assert read_prompts(write(record), path="p") == PromptFile(
        layout="sharegpt", prompts=(Prompt(id="x", set="sharegpt", turns=talk("Hi", "Hello", "Why?")),)
    )


@pytest.mark.parametrize(
    "record",
    [
        sharegpt(("system", "Be brief."), ("human", "Hi"), system="ignored beside the turn"),
        sharegpt(("human", "Hi"), system="Be brief."),
    ],
)
def test_a_system_prompt_of_sharegpt_opens_the_conversation(record: dict[str, object]) -> None:
    assert read(record).prompts[0].turns == (Message("system", "Be brief."), Message("user", "Hi"))


@pytest.mark.parametrize("unfit", [None, "a b", "", "x-t1", True, ["x"]])
def test_a_record_without_a_usable_id_is_named_after_its_turns(unfit: object) -> None:
    (prompt,) = read(sharegpt(("human", "Hi"), ("gpt", "Hello")) | {"id": unfit}).prompts
    assert prompt.id.removeprefix("sharegpt-") == read({"items": messages("Hi")}).prompts[0].id.removeprefix(
        "sharegpt-"
    )


@pytest.mark.parametrize(
    ("layout", "record", "told"),
    [
        ("arena-hard", {"uid": "y", "turns": ["Hi", "Why?"]}, "without the answers between them"),
        ("arena-hard", {"uid": "y", "turns": [{"content": ["image"]}]}, "needs a 'prompt'"),
        ("arena-hard", {"uid": "y"}, "needs a 'prompt'"),
        ("arena-hard", {"uid": "y", "prompt": " "}, "turn 1 is empty"),
        ("arena-hard", "text", "not a JSON object"),
        ("numina", {"problem": None}, "needs a 'problem'"),
        ("numina", {"problem": "\ud800"}, "half of a surrogate pair"),
        ("sharegpt", {"id": "y", "conversations": []}, "the user says nothing"),
        ("sharegpt", sharegpt(("gpt", "Hello")), "the user says nothing"),
        ("sharegpt", sharegpt(("human", "Hi"), ("human", "Why?")), "where the assistant's is due"),
        ("sharegpt", sharegpt(("human", "Hi"), ("gpt", ""), ("human", "Why?")), "turn 2 is empty"),
        ("sharegpt", sharegpt(("human", "Hi"), ("tool", "{}")), "neither user nor assistant: 'tool'"),
        ("sharegpt", {"id": "y", "conversations": ["Hi"]}, "needs 'from' and 'value'"),
        ("sharegpt", {"id": "y", "conversations": "Hi"}, "needs 'conversations'"),
        ("sharegpt", {"problem": "1 + 1?"}, "needs 'conversations'"),
    ],
)
def test_a_record_that_cannot_be_asked_is_left_out_and_told(
    layout: Layout, record: object, told: str
) -> None:
    usable = {
        "arena-hard": {"uid": "good", "prompt": "Why?"},
        "numina": {"problem": "1 + 1?"},
        "sharegpt": sharegpt(("human", "Hi")),
    }[layout]
    file = read(usable, record)
    assert len(file.prompts) == 1
    ((line, message),) = left_out(file)
    assert line == 2
    assert told in message


def test_a_record_whose_id_stands_earlier_is_left_out() -> None:
    file = read({"uid": "y", "prompt": "Why?"}, {"uid": "y", "prompt": "How?"})
    assert [prompt.turns for prompt in file.prompts] == [talk("Why?")]
    assert left_out(file) == [(2, "'y' stands on line 1 already")]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_file_of_which_nothing_can_be_asked_is_a_fault(layout: Layout) -> None:
    ((line, _, message),) = faults_of(as_lines({"a": 1}, {"b": 2}), layout)
    assert line == 1
    assert message.startswith(f"not one record of {layout} can be asked; of the first: needs")


def test_a_layout_that_is_given_wins_over_the_first_record() -> None:
    file = read({"note": "no question"}, {"uid": "y", "prompt": "Why?"}, layout="arena-hard")
    assert [prompt.id for prompt in file.prompts] == ["y"]


# Anything at all

KEYS = st.sampled_from(
    ("id", "prompt", "messages", "role", "content", "uid", "turns", "problem", "items", "from", "value")
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["user", "gpt", "a", "", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(JSON_VALUES, max_size=4), st.sampled_from([as_lines, as_array]))
def test_any_json_is_read_or_refused_with_faults(records: list[object], write: Serialiser) -> None:
    try:
        file = read_prompts(write(*records), path="p")
    except SourceError:
        return
    names = [prompt.id for prompt in file.prompts]
    assert len(names) + len(file.left_out) == len(records)
    assert len(set(names)) == len(names) > 0
    assert all(prompt.turns[-1].role == "user" for prompt in file.prompts)


@given(st.text())
def test_any_text_is_read_or_refused_with_faults(text: str) -> None:
    with pytest.raises(SourceError):
        read_prompts(text, path="p")
