import pytest

from pytest_distillcheck.importers import import_arena_hard

NEW = {
    "uid": "u1",
    "ans_id": "x",
    "model": "m-1",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Name a river."},
        {"role": "assistant", "content": {"answer": "The Rhine."}},
    ],
    "tstamp": 1.5,
    "metadata": {"token_len": 3},
}
OLD = {
    "question_id": "q1",
    "answer_id": "x",
    "model_id": "m-0",
    "choices": [{"index": 0, "turns": [{"content": "The Rhine.", "token_len": 3}]}],
    "tstamp": 1.5,
}
QUESTION = {"question_id": "q1", "category": "c", "turns": [{"content": "Name a river."}]}


def user(text):
    return {"role": "user", "content": text}


def test_a_new_answer_brings_its_conversation(lines):
    (line,) = import_arena_hard(lines(NEW)).lines
    assert line == {"messages": NEW["messages"][:2], "response": "The Rhine.", "model": "m-1"}


def test_a_new_answer_may_be_a_plain_text(lines):
    messages = [user("Hi."), {"role": "assistant", "content": "Ho."}]
    (line,) = import_arena_hard(lines({**NEW, "messages": messages})).lines
    assert (line["messages"], line["response"]) == (messages[:1], "Ho.")


@pytest.mark.parametrize(
    "question", [QUESTION, {**QUESTION, "turns": ["Name a river."]}, {"uid": "q1", "prompt": "Name a river."}]
)
def test_an_old_answer_takes_its_question_from_the_file_of_questions(lines, question):
    imported = import_arena_hard(lines(OLD), lines(question, name="question.jsonl"))
    assert imported.notes == ()
    assert imported.lines == (
        {"messages": [user("Name a river.")], "response": "The Rhine.", "model": "m-0"},
    )


def test_an_old_answer_over_several_turns_is_one_conversation(lines):
    answer = {**OLD, "choices": [{"turns": [{"content": "One."}, {"content": "Two."}]}]}
    question = {**QUESTION, "turns": [{"content": "First?"}, {"content": "Second?"}]}
    (line,) = import_arena_hard(lines(answer), lines(question, name="question.jsonl")).lines
    assert line["messages"] == [user("First?"), {"role": "assistant", "content": "One."}, user("Second?")]
    assert line["response"] == "Two."


def test_every_choice_is_an_answer(lines):
    choices = [{"index": n, "turns": [{"content": str(n)}]} for n in range(3)]
    imported = import_arena_hard(lines({**OLD, "choices": choices}), lines(QUESTION, name="question.jsonl"))
    assert [line["response"] for line in imported.lines] == ["0", "1", "2"]


def test_without_questions_their_ids_stand_for_them_and_a_note_says_so(lines):
    imported = import_arena_hard(lines(OLD, {**OLD, "question_id": 82}))
    assert [line["messages"] for line in imported.lines] == [[user("q1")], [user("82")]]
    (note,) = imported.notes
    assert note.endswith("holds no questions, and their ids stand for them; give --questions question.jsonl")


def test_every_fault_of_both_files_is_told(lines, faults):
    answers = lines(
        {"uid": "u"},
        {**NEW, "messages": NEW["messages"][:2]},
        {**NEW, "messages": [user("Hi."), {"role": "assistant", "content": {"answer": None}}]},
        {**NEW, "messages": [user("Hi."), {"role": "oracle", "content": "Ho."}]},
        {**OLD, "choices": [{"turns": []}]},
        {**OLD, "question_id": "q9"},
    )
    questions = lines(QUESTION, {"question_id": "q2", "turns": [{}]}, name="question.jsonl")
    assert faults(import_arena_hard, answers, questions) == [
        "answers.jsonl:1: no answer; expected 'messages', or 'question_id' and 'choices'",
        "answers.jsonl:2: the conversation does not end with a question and its answer",
        "answers.jsonl:3: a turn without text; remove the row, since there was no answer",
        "answers.jsonl:4: messages: a message has no role and content",
        "answers.jsonl:4: the conversation does not end with a question and its answer",
        "answers.jsonl:5: choices: no list of turns in it",
        "answers.jsonl:5: the conversation does not end with a question and its answer",
        "answers.jsonl:6: question_id: the questions file has 0 turns of 'q9' and the answer 1",
        "question.jsonl:2: no question; expected 'turns', each with a text as its 'content', or a 'prompt'",
    ]
