"""Values that many tests start from."""

from collections.abc import Callable

import pytest

from pytest_distillcheck.domain.records import Record

RecordFactory = Callable[..., Record]


@pytest.fixture(scope="session")
def a_record() -> RecordFactory:
    """Make records: an answered, judged, consistent one unless the arguments say otherwise."""

    def make(**changes: object) -> Record:
        usual: dict[str, object] = {
            "id": "a.distill.yaml::identity[qwen-plain-q01]",
            "suite": "a.distill.yaml",
            "model": "qwen",
            "category": "team",
            "language": "en",
            "context": "plain",
            "question": "q01",
            "prompt": "Who made you?",
            "response": "I like tea.",
            "label": "consistent",
            "affirmed": False,
            "source": "recording",
            "judge": "embedded",
            "request": "0" * 64,
        }
        return Record(**(usual | changes))  # type: ignore[arg-type]

    return make
