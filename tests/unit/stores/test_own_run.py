import pytest

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.errors import UsageError
from pytest_distillcheck.stores import OwnRunStore

ANSWER = Response(text="I am Qwen.", source="live")


class DictStore:
    """A store in memory; another process has the claims that it is made with."""

    def __init__(self, *claimed_elsewhere):
        self.claimed_elsewhere = claimed_elsewhere
        self.answers = {}
        self.claims = []
        self.looked_up = []
        self.is_open = True

    def get(self, key):
        self.looked_up.append(key)
        return self.answers.get(key)

    def put(self, answers):
        self.answers.update(answers)

    def claim(self, key):
        self.claims.append(key)
        return key not in self.claimed_elsewhere

    def release(self, key):
        self.claims.remove(key)

    def close(self):
        self.is_open = False


def test_a_new_run_keeps_answers_and_looks_for_none():
    inner = DictStore()
    store = OwnRunStore(inner, "run-1", is_new=True)
    store.put({"a": ANSWER})
    assert inner.answers == {"a": ANSWER}
    assert store.get("a") is None
    assert not inner.looked_up


def test_a_resumed_run_finds_what_it_kept():
    inner = DictStore()
    inner.put({"a": ANSWER})
    assert OwnRunStore(inner, "run-1", is_new=False).get("a") == ANSWER


def test_the_claim_of_the_run_stands_for_those_of_its_keys():
    inner = DictStore("a")
    store = OwnRunStore(inner, "run-1", is_new=True)
    assert store.claim("a")
    store.release("a")
    assert inner.claims == ["run-1"]


def test_a_run_that_another_process_is_at_is_refused_and_the_store_closed():
    inner = DictStore("run-1")
    with pytest.raises(UsageError, match="the run run-1 is still going on; wait for its end"):
        OwnRunStore(inner, "run-1", is_new=False)
    assert not inner.is_open


def test_closing_closes_the_store():
    inner = DictStore()
    OwnRunStore(inner, "run-1", is_new=True).close()
    assert not inner.is_open
