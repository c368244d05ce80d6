import pytest

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.errors import StoreError
from pytest_distillcheck.stores import SqliteResponseStore, kept_keys

ANSWER = Response(text="I am Qwen.", source="live")


def test_the_keys_of_kept_answers_are_found(tmp_path):
    with SqliteResponseStore(tmp_path) as store:
        store.put({"a": ANSWER, "b": ANSWER})
        assert kept_keys(tmp_path, ["a", "c"]) == {"a"}, "while another process writes"
    assert kept_keys(tmp_path, ["a", "b", "c"]) == {"a", "b"}


def test_without_a_store_nothing_is_kept_and_nothing_made(tmp_path):
    assert kept_keys(tmp_path / "none", ["a"]) == frozenset()
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_cannot_be_read_is_told_and_left_alone(tmp_path):
    path = tmp_path / "responses.sqlite"
    path.write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match=r"responses\.sqlite: cannot be read"):
        kept_keys(tmp_path, ["a"])
    assert path.read_bytes() == b"no database" * 100
