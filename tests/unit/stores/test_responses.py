import hashlib
import json
import os
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from pytest_distillcheck.domain.exchanges import Response, Usage
from pytest_distillcheck.errors import StoreError
from pytest_distillcheck.stores.responses import SCHEMA, STORE_NAME, SqliteResponseStore

FULL = Response(
    text="I am \ud83d Qwen \x00 通义 \U0001f600",
    source="live",
    reasoning="hm \udc00",
    model="qwen-max-0919",
    usage=Usage(prompt_tokens=10, completion_tokens=20),
    finish_reason="stop",
)


def live(text):
    return Response(text=text, source="live")


@pytest.fixture
def store(tmp_path):
    with SqliteResponseStore(tmp_path / "kept") as opened:
        yield opened


def sql(folder, statement, *values):
    connection = sqlite3.connect(folder / STORE_NAME, isolation_level=None)
    rows = connection.execute(statement, values).fetchall()
    connection.close()
    return rows


def test_an_answer_comes_back_as_it_was_but_from_the_store(store):
    store.put({"k": FULL})
    found = store.get("k")
    assert found == Response(
        text=FULL.text,
        source="store",
        reasoning=FULL.reasoning,
        model=FULL.model,
        usage=FULL.usage,
        finish_reason=FULL.finish_reason,
    )
    assert store.get("other") is None


def test_answers_outlive_the_store(tmp_path):
    with SqliteResponseStore(tmp_path) as first:
        first.put({"a": live("1"), "b": live("2")})
    with SqliteResponseStore(tmp_path) as second:
        assert [second.get(key).text for key in "ab"] == ["1", "2"]


def test_two_stores_see_each_others_answers(tmp_path):
    # Two processes would; two connections of one process are as good for reading.
    with SqliteResponseStore(tmp_path) as one, SqliteResponseStore(tmp_path) as two:
        one.put({"a": live("1")})
        assert two.get("a").text == "1"
        two.put({"a": live("2")})
        assert one.get("a").text == "2"


def test_a_lookup_does_not_wait_for_a_commit(store):
    store._writer.execute("BEGIN IMMEDIATE")
    assert store.get("a") is None
    store._writer.execute("ROLLBACK")


def test_answers_are_kept_from_another_thread(store):
    thread = threading.Thread(target=store.put, args=({"a": live("1")},))
    thread.start()
    thread.join()
    assert store.get("a").text == "1"


def test_a_group_is_kept_whole_or_not_at_all(store):
    store._writer.execute(
        "CREATE TEMP TRIGGER no_b BEFORE INSERT ON responses WHEN NEW.key = 'b' BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    with pytest.raises(StoreError):
        store.put({"a": live("1"), "b": live("2")})
    assert store.get("a") is None
    store.put({"a": live("1")})
    assert store.get("a").text == "1"


def test_the_folder_is_private_and_ignored_by_git(tmp_path):
    folder = tmp_path / "deep" / ".distillcheck"
    with SqliteResponseStore(folder) as store:
        store.put({"a": live("1")})
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert (folder / ".gitignore").read_text() == "*\n"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {name: mode for name, mode in modes.items() if name != ".gitignore"} == {
        "responses.sqlite": 0o600,
        "responses.sqlite-wal": 0o600,
        "responses.sqlite-shm": 0o600,
        "responses.lock": 0o600,
    }


def test_a_gitignore_of_the_users_own_stays(tmp_path):
    (tmp_path / ".gitignore").write_text("!keep\n")
    SqliteResponseStore(tmp_path).close()
    assert (tmp_path / ".gitignore").read_text() == "!keep\n"


def test_commits_are_durable_and_values_are_json_in_ascii(store, tmp_path):
    assert store._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store._writer.execute("PRAGMA synchronous").fetchone() == (2,)
    store.put({"k": FULL})
    ((text,),) = sql(tmp_path / "kept", "SELECT response FROM responses")
    assert text.isascii()
    assert json.loads(text)["text"] == FULL.text


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE responses SET response = ?", json.dumps({"text": "I am honest"})),
        ("UPDATE responses SET response = ?", b"\xff\xfe"),
        ("UPDATE responses SET digest = ?", "0" * 64),
        ("UPDATE responses SET key = ?", "other"),
    ],
)
def test_a_row_that_was_changed_is_no_answer(store, tmp_path, statement, value):
    store.put({"k": FULL})
    sql(tmp_path / "kept", statement, value)
    assert store.get("k") is None
    assert store.get("other") is None
    store.put({"k": live("asked again")})
    assert store.get("k").text == "asked again"


@pytest.mark.parametrize("text", ["[]", "{}", '{"text": 1}', "[" * 100_000, '{"text": "a"', "9" * 5000])
def test_a_row_with_a_fitting_digest_that_holds_no_answer_is_none(store, text):
    digest = hashlib.sha256(b"k\n" + text.encode()).hexdigest()
    store._writer.execute("INSERT INTO responses VALUES ('k', ?, ?)", (text, digest))
    assert store.get("k") is None


def test_a_file_of_another_program_is_refused_and_left_alone(tmp_path):
    sql(tmp_path, "CREATE TABLE bookmarks (url TEXT)")
    before = (tmp_path / STORE_NAME).read_bytes()
    with pytest.raises(StoreError, match=r"responses\.sqlite: is no response store; move it away"):
        SqliteResponseStore(tmp_path)
    assert (tmp_path / STORE_NAME).read_bytes() == before


def test_a_newer_schema_is_refused_and_left_alone(tmp_path):
    with SqliteResponseStore(tmp_path) as store:
        store.put({"a": live("1")})
    sql(tmp_path, f"PRAGMA user_version = {SCHEMA + 1}")
    with pytest.raises(StoreError, match=f"has schema {SCHEMA + 1}, and this version knows {SCHEMA}; update"):
        SqliteResponseStore(tmp_path)
    sql(tmp_path, f"PRAGMA user_version = {SCHEMA}")
    with SqliteResponseStore(tmp_path) as store:
        assert store.get("a").text == "1"


def test_a_folder_that_cannot_be_one_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="make its folder writable, or run with --distill-offline"):
        SqliteResponseStore(tmp_path / "file" / "folder")


def test_a_draft_that_was_left_behind_is_no_hindrance(tmp_path):
    for suffix in ("", "-wal", "-journal"):
        (tmp_path / f"responses.new{suffix}").write_bytes(b"half made")
    with SqliteResponseStore(tmp_path) as store:
        store.put({"a": live("1")})
    assert not list(tmp_path.glob("*.new*"))


def test_a_log_whose_file_was_deleted_is_not_replayed(tmp_path):
    with SqliteResponseStore(tmp_path) as store:
        store.put({"a": live("1")})
        log = (tmp_path / f"{STORE_NAME}-wal").read_bytes()
    (tmp_path / STORE_NAME).unlink()
    (tmp_path / f"{STORE_NAME}-wal").write_bytes(log)
    with SqliteResponseStore(tmp_path) as store:
        assert store.get("a") is None
    assert (tmp_path / f"{STORE_NAME}.corrupt-1-wal").read_bytes() == log


def test_a_claim_of_this_process_can_be_given_back(store):
    assert store.claim("a")
    assert store.claim("b")
    store.release("a")
    assert store.claim("a")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork()")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_claim_of_another_process_holds_until_it_is_given_back_or_dies(tmp_path):
    to_child, to_parent = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        with SqliteResponseStore(tmp_path) as store:
            store.claim("a")
            store.claim("b")
            os.write(to_parent[1], b".")
            os.read(to_child[0], 1)
            store.release("a")
            os.write(to_parent[1], b".")
            os.read(to_child[0], 1)
            os._exit(9)
    with SqliteResponseStore(tmp_path) as store:
        os.read(to_parent[0], 1)
        assert [store.claim(key) for key in "abc"] == [False, False, True]
        os.write(to_child[1], b".")
        os.read(to_parent[0], 1)
        assert [store.claim(key) for key in "ab"] == [True, False]
        os.write(to_child[1], b".")
        os.waitpid(child, 0)
        assert store.claim("b")
    for end in (*to_child, *to_parent):
        os.close(end)


def test_closing_again_does_nothing(store):
    store.close()
    store.close()
    with pytest.raises(StoreError):
        store.get("a")
    store.release("a")


def test_nothing_is_written_outside_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with SqliteResponseStore(Path(".distillcheck")) as store:
        store.put({"a": live("1")})
    assert [path.name for path in tmp_path.iterdir()] == [".distillcheck"]
