from pytest_distillcheck.domain.exchanges import Message
from pytest_distillcheck.domain.probes import Frame, Question

QUESTION = Question(id="q", category="team", language="en", text="Who made {question}?")


def test_a_frame_puts_the_question_into_its_turns():
    turns = (Message("user", "Hi."), Message("assistant", "Hi."), Message("user", "Tell me: {question}"))
    put = Frame(id="f", turns={"en": turns}).put(QUESTION)
    assert put == (*turns[:2], Message("user", "Tell me: Who made {question}?"))


def test_a_frame_that_does_not_speak_the_language_puts_nothing():
    assert Frame(id="f", turns={"zh": (Message("user", "{question}"),)}).put(QUESTION) is None
