import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response, Usage, digest
from pytest_distillcheck.errors import RecordingError
from pytest_distillcheck.stores import Exchange, read_recording, write_recording

USER = [{"role": "user", "content": "Who made you?"}]


@pytest.fixture
def read(tmp_path):
    """Read a recording of lines: texts as they stand, anything else as JSON."""

    def read(*lines):
        path = tmp_path / "r.jsonl"
        texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
        path.write_text("".join(text + "\n" for text in texts), "utf-8")
        return read_recording(path, shown="r")

    return read


@pytest.fixture
def told(read):
    """Return the faults of a recording as a user reads them."""

    def told(*lines):
        with pytest.raises(RecordingError) as caught:
            read(*lines)
        return str(caught.value).splitlines()

    return told


def request(text="Who made you?", *, sample=0, system=None, **parameters):
    opening = (Message("system", system),) if system else ()
    messages = (*opening, Message("user", text))
    return ModelRequest(messages=messages, parameters=parameters, sample=sample)


def answer(recording, asked):
    found = recording.find(asked)
    return found.text if found else None


def short(response, prompt="Who made you?", **more):
    return {"prompt": prompt, "response": response, **more}


def full(response, messages=USER, **more):
    return {"messages": messages, "response": response, **more}


def test_a_line_of_the_short_form_answers_its_prompt(read):
    assert read(short("Me.")).find(request()) == Response(text="Me.", source="recording")


@pytest.mark.parametrize(
    "asked", [request(system="Be brief."), request(temperature=1), request(system="x", top_p=0.5)]
)
def test_the_short_form_answers_whatever_system_prompt_and_parameters_are_set(read, asked):
    assert answer(read(short("Me.")), asked) == "Me."


@pytest.mark.parametrize("asked", [request("Who?"), request(sample=1)])
def test_the_short_form_answers_no_other_prompt_and_no_other_sample(read, asked):
    assert read(short("Me.")).find(asked) is None


def test_the_short_form_answers_no_conversation_of_several_turns(read):
    turns = (Message("user", "Hi."), Message("assistant", "Hi."), Message("user", "Who made you?"))
    assert read(short("Me."), short("Hi.", "Hi.")).find(ModelRequest(messages=turns)) is None


def test_the_short_form_with_parameters_answers_a_request_with_these_parameters(read):
    recording = read(short("Me.", parameters={"temperature": 1}))
    assert answer(recording, request(temperature=1)) == "Me."
    assert answer(recording, request(temperature=1, system="Be brief.")) == "Me."
    assert answer(recording, request(temperature=2)) is None


def test_a_line_without_parameters_answers_a_request_with_any(read):
    recording = read(full("Me."))
    assert answer(recording, request()) == "Me."
    assert answer(recording, request(temperature=1)) == "Me."


@pytest.mark.parametrize("asked", [request(), request(temperature=0, top_p=1), request(temperature=1)])
def test_a_line_with_parameters_answers_a_request_with_just_these(read, asked):
    recording = read(full("Me.", parameters={"temperature": 0}))
    assert answer(recording, request(temperature=0)) == "Me."
    assert recording.find(asked) is None


def test_a_line_with_messages_answers_just_these_messages(read):
    recording = read(full("Me."))
    assert recording.find(request(system="Be brief.")) is None


def test_a_conversation_of_several_turns_is_answered(read):
    turns = [*USER, {"role": "assistant", "content": "Me."}, {"role": "user", "content": "Who?"}]
    recording = read(full("I did.", turns), full("Other.", turns[2:]))
    messages = tuple(Message(turn["role"], turn["content"]) for turn in turns)
    assert answer(recording, ModelRequest(messages=messages)) == "I did."


def test_the_line_that_says_most_about_the_request_answers(read):
    recording = read(short("short"), full("any"), full("exact", parameters={"temperature": 0}))
    assert answer(recording, request(temperature=0)) == "exact"
    assert answer(recording, request(temperature=1)) == "any"
    assert answer(recording, request(system="x")) == "short"


def test_lines_without_a_sample_are_samples_in_their_order(read):
    recording = read(short("zero"), short("other", "Who?"), short("one"), short("two"))
    assert [answer(recording, request(sample=n)) for n in range(4)] == ["zero", "one", "two", None]
    assert [exchange.sample for exchange in recording.exchanges] == [0, 0, 1, 2]


def test_lines_without_a_sample_fill_the_gaps_between_stated_ones(read):
    recording = read(short("one", sample=1), short("zero"), short("two"))
    assert [answer(recording, request(sample=n)) for n in range(3)] == ["zero", "one", "two"]


def test_an_answer_comes_with_all_that_its_line_says(read):
    usage = {"prompt_tokens": 3, "completion_tokens": 4}
    line = full("Me.", reasoning="Hm.", model="q-1", finish_reason="stop", usage=usage)
    assert read(line).find(request()) == Response(
        text="Me.",
        reasoning="Hm.",
        model="q-1",
        finish_reason="stop",
        usage=Usage(prompt_tokens=3, completion_tokens=4),
        source="recording",
    )


def test_a_provider_that_tells_nothing_is_recorded_with_nulls(read):
    line = full("", model=None, finish_reason=None, usage=None)
    assert read(line).find(request()) == Response(text="", source="recording")


def test_the_first_line_may_say_what_the_file_is(read):
    recording = read({"recording": {"model": "q", "note": "true"}}, short("Me."))
    assert recording.about == {"model": "q", "note": "true"}
    assert len(recording.exchanges) == 1


def test_a_first_line_that_says_nothing_readable_of_the_file_is_a_fault(told):
    assert told({"recording": 5}, short("Me."))


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_are_passed_over(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"recording": {"a": 1}}\r\n\r\n  \r\n{"prompt": "p", "response": "r"}\r\n')
    recording = read_recording(path)
    assert recording.about == {"a": 1}
    assert answer(recording, request("p")) == "r"


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\x0c"])
def test_only_a_newline_ends_a_line(read, separator):
    line = json.dumps(short(f"a{separator}b"), ensure_ascii=False).replace("\\f", "\\u000c")
    assert answer(read(line), request()) == f"a{separator}b"


def test_a_digest_that_fits_is_accepted(read):
    line = full("Me.", parameters={})
    assert answer(read({**line, "digest": digest(line)}), request()) == "Me."


def test_an_edited_answer_is_found_by_its_digest(told):
    line = full("I am ChatGPT.")
    edited = {**line, "response": "I am Qwen.", "digest": digest(line)}
    assert told(edited) == ["r:1: digest: the digest does not fit: the line was changed; record it again"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            '{"prompt": "p", "resp',
            "r:1:17: not JSON: unterminated string starting at; the line may be truncated",
        ),
        ('{"prompt": "p",', "r:1:16: not JSON: "),
        ("Who made you?", "r:1:1: not JSON: expecting value; the line may be truncated"),
        ("[1]", "r:1: not a JSON object; write one exchange a line"),
        ('"x"', "r:1: not a JSON object; write one exchange a line"),
        ('{"prompt": "a", "prompt": "b"}', "r:1: a key stands twice in one object; remove one"),
        ('{"response": "a", "parameters": {"x": NaN}}', "r:1: NaN is no JSON"),
        (short("r", promt="x"), "r:1: promt: unknown key 'promt'; did you mean 'prompt'?"),
        ({"prompt": "p"}, "r:1: response: the field 'response' is missing"),
        ({"response": "r"}, "r:1: messages: needs either 'messages' or 'prompt'"),
        (full("r", prompt="p"), "r:1: messages: needs either 'messages' or 'prompt'"),
        (full("r", usage={"prompt_tokens": 1}), "r:1: usage: needs whole numbers 'prompt_tokens' and"),
        (
            full("r", [{"role": "tool", "content": "x"}]),
            "r:1: messages[0]: needs a 'role' of system, user or",
        ),
        (full("r", [*USER, {"role": "user"}]), "r:1: messages[1]: needs a 'role' of system, user or"),
        (
            full("r", [{"role": "user", "content": ["x"]}]),
            "r:1: messages[0]: needs a 'role' of system, user or",
        ),
        ("[" * 100_000, "r:1: not JSON that we read: "),
        ('{"sample": ' + "9" * 5000 + "}", "r:1: not JSON that we read: "),
    ],
)
def test_a_faulty_line_is_told_with_its_place(told, line, message):
    (given,) = told(line)
    assert given.startswith(message)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ({"prompt": 3, "response": "r"}, "text"),
        ({"prompt": "p", "response": None}, "text"),
        (short("r", sample="0"), "whole number"),
        (short("r", sample=True), "whole number"),
        (short("r", parameters=[]), "mapping"),
        (short("r", model=3), "expected text or nothing, found 3"),
        (short("r", reasoning=None), "expected text, found nothing"),
        (full("r", "hi"), "list"),
    ],
)
def test_a_field_of_the_wrong_type_is_told_with_the_type_that_is_wanted(told, line, wanted):
    (message,) = told(line)
    assert message.startswith("r:1: ")
    assert wanted in message


@pytest.mark.parametrize(
    "line",
    [
        full("r", []),
        short("r", sample=-1),
        full("r", usage={"prompt_tokens": -1, "completion_tokens": 0}),
        full("r", usage={"prompt_tokens": True, "completion_tokens": 0}),
        full("r", usage={"prompt_tokens": 0, "completion_tokens": 1.5}),
    ],
)
def test_a_value_that_no_exchange_can_have_is_a_fault(told, line):
    assert told(line)


def test_all_faults_of_a_recording_are_told_at_once(told):
    lines = told({"response": "r"}, "", short("r"), "{", short("x", sample=0))
    assert [line.split(": ")[0] for line in lines] == ["r:1", "r:4:2", "r:5"]
    assert lines[2] == "r:5: sample: answers a request that an earlier line has answered; remove one"


def test_a_byte_that_is_no_utf_8_is_told_with_its_place(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"prompt": "p", "response": "r"}\n{"prompt": "\xff"}\n')
    with pytest.raises(RecordingError, match=r"^r:2:13: byte 0xff is no UTF-8; save the file as UTF-8$"):
        read_recording(path, shown="r")


@pytest.mark.parametrize("lines", [(), ("",), ({"recording": {}},)])
def test_a_recording_without_an_exchange_is_a_fault(told, lines):
    assert told(*lines) == ["r: holds no exchange; record again"]


def test_a_missing_recording_is_told_by_its_name(tmp_path):
    with pytest.raises(
        RecordingError, match=r"^r: cannot be read \(No such file or directory\); check the path$"
    ):
        read_recording(tmp_path / "nowhere", shown="r")


SHORT_TEXT = st.text(max_size=8)
MESSAGES = st.lists(
    st.builds(Message, st.sampled_from(["system", "user", "assistant"]), SHORT_TEXT), min_size=1, max_size=3
)
PARAMETERS = st.dictionaries(
    SHORT_TEXT, st.integers() | SHORT_TEXT | st.floats(allow_nan=False, allow_infinity=False), max_size=2
)
RESPONSES = st.builds(
    Response,
    text=SHORT_TEXT,
    source=st.just("recording"),
    reasoning=SHORT_TEXT,
    model=SHORT_TEXT,
    usage=st.none() | st.builds(Usage, prompt_tokens=st.integers(0, 9), completion_tokens=st.integers(0, 9)),
    finish_reason=st.sampled_from(["", "stop", "length"]),
)
ASKED = st.fixed_dictionaries({"messages": MESSAGES.map(tuple)}) | st.fixed_dictionaries(
    {"prompt": SHORT_TEXT}
)
EXCHANGES = st.lists(
    st.builds(
        lambda asked, **said: Exchange(**asked, **said),
        ASKED,
        response=RESPONSES,
        parameters=st.none() | PARAMETERS,
        sample=st.integers(0, 20),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda exchange: digest(
        [exchange.prompt, str(exchange.messages), exchange.parameters, exchange.sample]
    ),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("recordings") / "deeper" / "r.jsonl"


@given(EXCHANGES)
def test_what_was_written_is_read_again(file, exchanges):
    write_recording(file, exchanges, about={"model": "q"})
    recording = read_recording(file)
    assert recording.about == {"model": "q"}
    assert sorted(recording.exchanges, key=repr) == sorted(exchanges, key=repr)


@given(EXCHANGES, st.randoms(use_true_random=False))
def test_a_written_file_does_not_depend_on_the_order_of_its_exchanges(file, exchanges, random):
    write_recording(file, exchanges, about={})
    first = file.read_bytes()
    random.shuffle(exchanges)
    write_recording(file, exchanges, about={})
    assert file.read_bytes() == first


@given(EXCHANGES)
def test_writing_what_was_read_changes_nothing(file, exchanges):
    write_recording(file, exchanges, about={})
    first = file.read_bytes()
    write_recording(file, read_recording(file).exchanges, about={})
    assert file.read_bytes() == first


@pytest.mark.parametrize("lines", [(short("a"), short("b")), (full("a"), full("b"))])
def test_a_recording_of_another_tool_means_the_same_after_it_was_written_again(read, file, lines):
    original = read(*lines)
    write_recording(file, original.exchanges, about={})
    again = read_recording(file)
    asked = [request(), request(sample=1), request(temperature=1)]
    assert [answer(again, each) for each in asked] == [answer(original, each) for each in asked]


@pytest.mark.parametrize(
    "line", [short("a"), full("a"), short("a", parameters={}), full("a", parameters={"x": 1})]
)
def test_what_a_line_does_not_state_is_left_out_when_it_is_written_again(read, file, line):
    write_recording(file, read(line).exchanges, about={})
    written = json.loads(file.read_text("ascii").splitlines()[1])
    assert {key: written.get(key) for key in ("messages", "prompt", "parameters")} == {
        key: line.get(key) for key in ("messages", "prompt", "parameters")
    }


def test_samples_are_written_in_the_order_of_their_numbers(file):
    exchanges = [
        Exchange(prompt="p", sample=n, response=Response(text=str(n), source="recording")) for n in (10, 2, 1)
    ]
    write_recording(file, exchanges, about={})
    assert [exchange.sample for exchange in read_recording(file).exchanges] == [1, 2, 10]


def test_exchanges_without_a_sample_are_written_as_samples_in_their_order(file):
    exchanges = [
        Exchange(messages=request().messages, response=Response(text=text, source="recording"))
        for text in "ab"
    ]
    write_recording(file, exchanges, about={})
    recording = read_recording(file)
    assert [answer(recording, request(sample=n)) for n in range(2)] == ["a", "b"]


@pytest.mark.parametrize("asked", [lambda n: request(f"Q{n}"), lambda n: request(sample=n)])
def test_a_changed_answer_changes_its_own_line_alone(file, asked):
    def lines(*texts):
        exchanges = [
            Exchange(
                messages=asked(n).messages,
                sample=asked(n).sample,
                response=Response(text=text, source="recording"),
            )
            for n, text in enumerate(texts)
        ]
        write_recording(file, exchanges, about={})
        return file.read_text("ascii").splitlines()

    before, after = lines("b", "b", "b"), lines("b", "zzz", "b")
    assert [n for n, (old, new) in enumerate(zip(before, after, strict=True)) if old != new] == [2]


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\x00\x1b[2J", "</script>", "\u2028"])
def test_a_hostile_answer_survives_its_recording(file, text):
    exchange = Exchange(messages=request().messages, response=Response(text=text, source="recording"))
    write_recording(file, [exchange], about={"note": text})
    assert file.read_bytes().isascii()
    recording = read_recording(file)
    assert answer(recording, request()) == text
    assert recording.about == {"note": text}


def test_a_written_line_is_json_with_sorted_keys_and_a_digest(file):
    exchange = Exchange(
        messages=request().messages,
        parameters={"temperature": 0},
        sample=1,
        response=Response(text="é", reasoning="Hm.", model="q-1", source="live"),
    )
    write_recording(file, [exchange], about={"b": 1, "a": 2})
    about, line = file.read_text("ascii").splitlines()
    assert about == '{"recording": {"a": 2, "b": 1}}'
    data = json.loads(line)
    assert list(data) == sorted(data)
    assert data.pop("digest") == digest(data)
    assert data == {
        "messages": USER,
        "parameters": {"temperature": 0},
        "sample": 1,
        "response": "é",
        "reasoning": "Hm.",
        "model": "q-1",
        "finish_reason": "",
        "usage": None,
    }
