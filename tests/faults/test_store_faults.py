"""Faults of the response store, provoked for real: rows S01 to S05 and P01 of the fault table."""

import os
import random
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.errors import StoreError
from pytest_distillcheck.stores.responses import SCHEMA, STORE_NAME, SqliteResponseStore
from tests.faults.store_process import ask_all, forked, keep_on

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs fork() and signals"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def live(text):
    return Response(text=text, source="live")


def fill(folder, number=300):
    with SqliteResponseStore(folder) as store:
        store.put({str(n): live(f"{n} " + "x" * 1000) for n in range(number)})


def read_all(store):
    for n in range(300):
        store.get(str(n))


def logged(log, word):
    lines = log.read_text().splitlines() if log.exists() else []
    return Counter(line.split()[1] for line in lines if line.startswith(word))


def kept(folder):
    if not (folder / STORE_NAME).exists():
        return set()
    with closing(sqlite3.connect(folder / STORE_NAME)) as connection:
        return {key for (key,) in connection.execute("SELECT key FROM responses")}


def wait_until(true, *, within_s=30.0):
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.002)


# S01 the disk is full


def test_s01_a_full_disk_is_told_and_keeps_what_is_there(tmp_path):
    fill(tmp_path)
    with SqliteResponseStore(tmp_path) as store:
        (pages,) = store._writer.execute("PRAGMA page_count").fetchone()
        store._writer.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(
            StoreError, match="the disk is full; free some space and run with --distill-resume"
        ):
            store.put({f"new{n}": live("x" * 3000) for n in range(50)})
        assert store.get("new0") is None
        assert store.get("299").text.startswith("299 ")
        store._writer.execute("PRAGMA max_page_count = 100000")
        store.put({"new0": live("later")})
        assert store.get("new0").text == "later"


def fill_what_may_not_grow(folder, log):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with SqliteResponseStore(folder) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        number = 0
        try:
            while True:
                store.put({str(number): live("x" * 3000)})
                number += 1
        except StoreError as error:
            log.write_text(f"{number} {error}")


def test_s01_a_file_that_may_not_grow_loses_no_answer_that_was_kept(tmp_path):
    folder, log = tmp_path / "store", tmp_path / "log"
    with forked(fill_what_may_not_grow, folder, log) as process:
        process.join(30)
    number, _, told = log.read_text().partition(" ")
    assert STORE_NAME in told
    assert int(number) > 20
    assert kept(folder) == {str(n) for n in range(int(number))}


# S02 the file is damaged


def damage_header(path):
    with path.open("r+b") as file:
        file.write(os.urandom(100))


def damage_truncated(path):
    os.truncate(path, path.stat().st_size // 2)


def damage_middle(path):
    with path.open("r+b") as file:
        for page in range(5, path.stat().st_size // 4096 - 1, 2):
            file.seek(4096 * page)
            file.write(random.Random(page).randbytes(4096))


def damage_emptied(path):
    os.truncate(path, 0)


def damage_text(path):
    path.write_text("this is no database\n" * 500)


@pytest.mark.parametrize(
    "damage", [damage_header, damage_truncated, damage_middle, damage_emptied, damage_text]
)
def test_s02_a_damaged_file_is_moved_aside_before_anything_is_sent(tmp_path, damage):
    fill(tmp_path)
    damage(tmp_path / STORE_NAME)
    damaged = (tmp_path / STORE_NAME).read_bytes()
    with pytest.raises(StoreError) as told:
        SqliteResponseStore(tmp_path)
    assert "is damaged (" in str(told.value)
    assert f"it was moved to {STORE_NAME}.corrupt-1, and nothing deleted; run again" in str(told.value)
    assert (tmp_path / f"{STORE_NAME}.corrupt-1").read_bytes() == damaged
    with SqliteResponseStore(tmp_path) as store:
        assert store.get("1") is None
        store.put({"1": live("again")})
        assert store.get("1").text == "again"


def test_s02_every_damaged_file_is_kept(tmp_path):
    for number in (1, 2, 3):
        fill(tmp_path, 5)
        damage_header(tmp_path / STORE_NAME)
        with pytest.raises(StoreError, match=f"corrupt-{number}, "):
            SqliteResponseStore(tmp_path)


def test_s02_damage_in_the_middle_of_a_run_is_told_and_moved_aside_once(tmp_path):
    fill(tmp_path)
    with SqliteResponseStore(tmp_path) as store:
        store._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        damage_middle(tmp_path / STORE_NAME)
        with pytest.raises(StoreError, match=r"is damaged .* was moved to responses\.sqlite\.corrupt-1"):
            read_all(store)
        with pytest.raises(StoreError, match=r"is damaged .*corrupt-1"):
            store.put({"new": live("x")})
    assert not list(tmp_path.glob("*corrupt-2*"))


def test_s02_a_new_store_of_another_process_is_not_moved_aside(tmp_path):
    fill(tmp_path)
    with SqliteResponseStore(tmp_path) as store:
        store._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        damage_middle(tmp_path / STORE_NAME)
        (tmp_path / STORE_NAME).rename(tmp_path / "moved by another")
        (tmp_path / STORE_NAME).write_bytes(b"new and not ours")
        with pytest.raises(StoreError, match="it was moved aside already"):
            read_all(store)
    assert (tmp_path / STORE_NAME).read_bytes() == b"new and not ours"


# S03 other processes


def lock(path, log, seconds):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    log.touch()
    time.sleep(seconds)
    connection.execute("ROLLBACK")


def test_s03_a_locked_store_is_waited_for(tmp_path):
    with (
        SqliteResponseStore(tmp_path) as store,
        forked(lock, tmp_path / STORE_NAME, tmp_path / "locked", 0.3),
    ):
        wait_until((tmp_path / "locked").exists)
        store.put({"a": live("1")})
        assert store.get("a").text == "1"


def test_s03_a_store_that_stays_locked_is_told(tmp_path):
    with (
        SqliteResponseStore(tmp_path, busy_timeout_s=0.2) as store,
        forked(lock, tmp_path / STORE_NAME, tmp_path / "locked", 60),
    ):
        wait_until((tmp_path / "locked").exists)
        with pytest.raises(StoreError, match="another process keeps it locked; end that process"):
            store.put({"a": live("1")})


@pytest.mark.parametrize("number", [0, 100])
def test_s03_eight_processes_make_one_call_a_key(tmp_path, number):
    folder, log = tmp_path / "store", tmp_path / "log"
    with ExitStack() as stack:
        processes = [stack.enter_context(forked(ask_all, folder, log, number, 0.02)) for _ in range(8)]
        for process in processes:
            process.join(60)
        assert [process.exitcode for process in processes] == [0] * 8
    assert logged(log, "sent") == {str(n): 1 for n in range(number)}
    assert kept(folder) == {str(n) for n in range(number)}


def test_s03_what_a_killed_process_was_asking_is_asked_by_another(tmp_path):
    folder, log = tmp_path / "store", tmp_path / "log"
    with forked(ask_all, folder, log, 5, 60) as first:
        wait_until(lambda: logged(log, "sent").total() == 5)
        with forked(ask_all, folder, log, 5, 0.01) as second:
            time.sleep(0.2)
            assert logged(log, "sent").total() == 5
            first.kill()
            second.join(30)
            assert second.exitcode == 0
    assert set(logged(log, "sent").values()) == {2}


# S04 nothing may be written


def open_as_nobody(folder, log):
    told = log.open("w")
    os.setuid(65534)
    try:
        SqliteResponseStore(folder)
    except StoreError as error:
        told.write(str(error))
        told.close()


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to become somebody else"
)
@pytest.mark.parametrize("there", [False, True])
def test_s04_a_read_only_store_is_refused_before_anything_is_sent(tmp_path, there):
    folder = Path(tempfile.mkdtemp())  # not below pytest's own, which nobody else may enter
    try:
        if there:
            fill(folder, 5)
            for path in folder.iterdir():
                path.chmod(0o444)
        folder.chmod(0o555)
        with forked(open_as_nobody, folder, tmp_path / "log") as process:
            process.join(30)
        assert "or run with --distill-offline" in (tmp_path / "log").read_text()
    finally:
        shutil.rmtree(folder)


# S05 a newer version wrote it


def test_s05_a_newer_schema_is_refused_with_both_versions(tmp_path):
    fill(tmp_path, 5)
    with closing(sqlite3.connect(tmp_path / STORE_NAME)) as connection:
        connection.execute("PRAGMA user_version = 7")
    with pytest.raises(StoreError, match=f"has schema 7, and this version knows {SCHEMA}"):
        SqliteResponseStore(tmp_path)


# P01 the process is killed


def test_p01_no_kept_answer_is_lost_or_asked_again_by_kill_9(tmp_path):
    """A run is killed at twenty random times; what was kept before is never sent again."""
    folder, log, number, rng = tmp_path / "store", tmp_path / "log", 300, random.Random(7)
    sent_before, lost = Counter(), 0
    for _ in range(20):
        kept_before = kept(folder)
        with forked(ask_all, folder, log, number, 0.03):
            wait_until(lambda before=sent_before: logged(log, "sent") != before)
            time.sleep(rng.uniform(0, 0.06))
        sent = logged(log, "sent")
        assert not kept_before & set(sent - sent_before)
        assert kept_before <= kept(folder)
        sent_before = sent
        lost = sent.total() - len(kept(folder))
    with forked(ask_all, folder, log, number, 0.001) as process:
        process.join(60)
    assert process.exitcode == 0
    assert kept(folder) == {str(n) for n in range(number)}
    # What was in flight when the process was killed is paid for twice, and nothing else.
    assert logged(log, "sent").total() == number + lost
    assert lost <= 20 * 16


def test_p01_what_several_writers_kept_survives_kill_9(tmp_path):
    folder, log = tmp_path / "store", tmp_path / "log"
    for attempt in range(3):
        before = logged(log, "kept").total()
        with forked(keep_on, folder, log, f"{attempt}a"), forked(keep_on, folder, log, f"{attempt}b"):
            wait_until(lambda before=before: logged(log, "kept").total() > before + 10)
    assert set(logged(log, "kept")) <= kept(folder)
    with closing(sqlite3.connect(folder / STORE_NAME)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
