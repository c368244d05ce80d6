import warnings

import pytest

from pytest_distillcheck.clients import CallableClient
from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response
from pytest_distillcheck.errors import CallableError

REQUEST = ModelRequest(
    messages=(Message("system", "Be brief."), Message("user", "Who?")),
    parameters={"temperature": 0, "stop": ["x"]},
)


class Text(str):
    __slots__ = ()


def ask(function, request=REQUEST):
    return CallableClient(path="m:f", function=function).ask(request)


def test_the_callable_gets_the_messages_and_the_parameters():
    def f(messages, **parameters):
        return repr((messages, parameters))

    assert ask(f) == Response(
        text=repr(
            (
                [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who?"}],
                {"temperature": 0, "stop": ["x"]},
            )
        ),
        source="callable",
    )


def test_a_callable_that_changes_what_it_gets_changes_no_request():
    def f(messages, **parameters):
        messages.clear()
        parameters.clear()
        return "x"

    before = REQUEST.digest()
    ask(f)
    assert REQUEST.digest() == before


@pytest.mark.parametrize(
    ("value", "name"),
    [(None, "NoneType"), (3, "int"), (b"x", "bytes"), ({"content": "x"}, "dict")],
)
def test_an_answer_that_is_no_text_is_no_answer(value, name):
    with pytest.raises(CallableError, match=rf"^python:m:f returned {name}; it must return text$"):
        ask(lambda *_, **_kwargs: value)


def test_an_answer_is_exactly_a_str():
    assert type(ask(lambda *_, **_kwargs: Text("x")).text) is str


@pytest.mark.parametrize(
    "error",
    [ValueError("no\nway\x1b[2J"), KeyError("k"), AssertionError(), RecursionError("deep"), SystemExit(0)],
)
def test_whatever_the_callable_raises_is_no_answer(error):
    def f(*_, **_kwargs):
        raise error

    with pytest.raises(CallableError) as caught:
        ask(f)
    message = str(caught.value)
    assert message.startswith(f"python:m:f raised {type(error).__name__}")
    assert message.endswith("; mend the callable")
    assert message.isprintable()


def test_a_callable_that_takes_no_such_parameter_is_told_so():
    with pytest.raises(CallableError, match="unexpected keyword argument 'temperature'"):
        ask(lambda _messages: "x", ModelRequest(messages=REQUEST.messages, parameters={"temperature": 0}))


def test_a_request_to_stop_goes_through():
    def f(*_, **_kwargs):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(f)


def test_an_error_that_cannot_tell_itself_is_no_answer_either():
    class MuteError(Exception):
        def __str__(self):
            raise RuntimeError

    def f(*_, **_kwargs):
        raise MuteError

    with pytest.raises(CallableError, match="MuteError"):
        ask(f)


def test_a_coroutine_is_told_as_what_it_is_and_closed():
    async def f(*_, **_kwargs):
        return "x"

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(
            CallableError, match=r"returned coroutine; it must return text, so call asyncio\.run"
        ):
            ask(f)


def test_an_exception_without_a_text_is_told_by_its_type_alone():
    def f(*_, **_kwargs):
        raise AssertionError

    with pytest.raises(CallableError, match=r"^python:m:f raised AssertionError; mend the callable$"):
        ask(f)
