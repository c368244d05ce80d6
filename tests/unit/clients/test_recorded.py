import pytest

from pytest_distillcheck.clients import RecordedClient
from pytest_distillcheck.domain.exchanges import Message, ModelRequest
from pytest_distillcheck.errors import NotRecordedError


def test_a_request_that_was_not_recorded_is_told_in_one_safe_line():
    client = RecordedClient(path="r.jsonl", find=lambda _: None)
    messages = (Message("system", "Be\nbrief."), Message("user", "Who\x1b[2J " + "x" * 500))
    with pytest.raises(NotRecordedError) as caught:
        client.ask(ModelRequest(messages=messages, parameters={"temperature": 0}, sample=2))
    message = str(caught.value)
    assert message.startswith("r.jsonl: no answer recorded to '[system] Be brief. [user] Who")
    assert message.endswith(" (parameters {'temperature': 0}, sample 2); record the suite again")
    assert message.isprintable()
    assert len(message) < 300
