"""A fake of the model behind a judge."""

import json
from collections.abc import Callable

import pytest

from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.judges import ModelSimilarityJudge


class ScriptedModel:
    """Replies as the script says, which is given the request. `asked` holds the requests in their order."""

    def __init__(self, script: Callable[[ModelRequest], str | Response]) -> None:
        self._script = script
        self.asked: list[ModelRequest] = []

    def ask(self, request: ModelRequest) -> Response:
        self.asked.append(request)
        reply = self._script(request)
        return reply if isinstance(reply, Response) else Response(text=reply, source="live")


def rated(overall: float, *, style: float = 1, logic: float = 1, content: float = 1) -> str:
    return json.dumps({"style": style, "logic": logic, "content": content, "overall": overall})


@pytest.fixture
def reply() -> Callable[..., str]:
    """A reply as the rubric wants it."""
    return rated


@pytest.fixture
def judge_of() -> Callable[..., tuple[ModelSimilarityJudge, ScriptedModel]]:
    """Makes a judge and its model, of a script or of one reply to each request in turn."""

    def make(*replies, name="judge-model-7b"):
        rest = iter(replies)
        model = ScriptedModel(replies[0] if callable(replies[0]) else lambda _: next(rest))
        return ModelSimilarityJudge(client=model, name=name), model

    return make
