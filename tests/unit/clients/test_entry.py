from dataclasses import dataclass, field

from pytest_distillcheck.clients import EntryClient
from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response

ANSWER = Response(text="Me.", source="callable")


@dataclass
class Listening:
    """A model that keeps what it was asked."""

    asked: list = field(default_factory=list)

    def ask(self, request):
        self.asked.append(request)
        return ANSWER


def sent(request, *, system=None, **parameters):
    model = Listening()
    assert EntryClient(client=model, system=system, parameters=parameters).ask(request) == ANSWER
    (asked,) = model.asked
    return asked


QUESTION = Message("user", "Who?")


def test_the_entrys_system_prompt_comes_before_what_is_asked():
    asked = sent(ModelRequest(messages=(QUESTION,)), system="The entry's.")
    assert asked.messages == (Message("system", "The entry's."), QUESTION)


def test_the_system_prompts_of_entry_and_suite_are_one_message():
    own = Message("system", "The suite's.")
    asked = sent(ModelRequest(messages=(own, QUESTION)), system="The entry's.")
    assert asked.messages == (Message("system", "The entry's.\n\nThe suite's."), QUESTION)


def test_the_suites_parameters_win_over_the_entrys():
    asked = sent(ModelRequest(messages=(QUESTION,), parameters={"a": 1}), a=2, b=3)
    assert asked == ModelRequest(messages=(QUESTION,), parameters={"a": 1, "b": 3})


def test_an_entry_that_sets_nothing_changes_nothing():
    request = ModelRequest(messages=(QUESTION,), parameters={"a": 1}, sample=4)
    assert sent(request) == request
