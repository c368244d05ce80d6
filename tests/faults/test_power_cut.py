"""The end of the power (P01), as far as software can show it.

What a cut leaves is what was synchronised, and any part of what was written after that. So it is shown that an answer
is synchronised before anybody hears that it is kept, and that every such remainder is read without a loss.
"""

import random
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.stores.responses import STORE_NAME, SqliteResponseStore

FRAME_HEADER, WAL_HEADER, SECTOR = 24, 32, 512
PUTS = 6


def response(number: int) -> Response:
    # Some take several pages.
    return Response(text=f"answer {number} " + number % 4 * 2000 * "x", source="live")


@pytest.fixture
def written(tmp_path):
    """A store as it is on disk while its process still runs: the folder, and how long the log was at each answer."""
    folder, copy = tmp_path / "store", tmp_path / "disk"
    lengths = {}
    with SqliteResponseStore(folder) as store:
        for number in range(PUTS):
            store.put({str(number): response(number)})
            lengths[str(number)] = (folder / f"{STORE_NAME}-wal").stat().st_size
        shutil.copytree(folder, copy)
    return copy, lengths


def after_the_cut(disk, folder, *, wal, database=None):
    """Return the answers that are there when the store is opened after a cut."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(disk, folder)
    (folder / f"{STORE_NAME}-wal").write_bytes(wal)
    if database is not None:
        (folder / STORE_NAME).write_bytes(database)
    with SqliteResponseStore(folder) as store:
        found = {str(n) for n in range(PUTS) if store.get(str(n)) == as_stored(n)}
    assert not list(folder.glob("*.corrupt-*"))
    return found


def as_stored(number: int) -> Response:
    return Response(text=response(number).text, source="store")


def cuts(wal: bytes) -> list[int]:
    """Return every end of a frame, and the middle of each."""
    page = int.from_bytes(wal[8:12], "big")
    ends = range(WAL_HEADER, len(wal) + 1, FRAME_HEADER + page)
    return [at + within for at in ends for within in (0, page // 2) if at + within <= len(wal)]


def test_p01_a_log_that_is_torn_anywhere_loses_no_answer_that_was_kept_before(written, tmp_path):
    disk, lengths = written
    wal = (disk / f"{STORE_NAME}-wal").read_bytes()
    rng = random.Random(7)
    for number, cut in enumerate(cuts(wal)):
        lost = len(wal) - cut
        rest = (b"", bytes(lost), rng.randbytes(lost))[number % 3]
        found = after_the_cut(disk, tmp_path / "after", wal=wal[:cut] + rest)
        assert found >= {key for key, length in lengths.items() if length <= cut}, cut


def test_p01_a_cut_while_the_log_is_moved_into_the_file_loses_nothing(written, tmp_path):
    disk, _ = written
    before = (disk / STORE_NAME).read_bytes()
    shutil.copytree(disk, tmp_path / "moved")
    with closing(sqlite3.connect(tmp_path / "moved" / STORE_NAME)) as connection:
        connection.execute("PRAGMA wal_checkpoint(FULL)")
    after = (tmp_path / "moved" / STORE_NAME).read_bytes()
    before += bytes(len(after) - len(before))
    rng = random.Random(7)
    for _ in range(10):
        sectors = (rng.choice((before, after))[at : at + SECTOR] for at in range(0, len(after), SECTOR))
        wal = (disk / f"{STORE_NAME}-wal").read_bytes()
        found = after_the_cut(disk, tmp_path / "after", wal=wal, database=b"".join(sectors))
        assert found == {str(n) for n in range(PUTS)}


def test_p01_the_connection_that_writes_synchronises_every_commit(tmp_path):
    with SqliteResponseStore(tmp_path) as store:
        assert store._writer.execute("PRAGMA synchronous").fetchone() == (2,)
        assert store._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert store._writer.execute("PRAGMA fullfsync").fetchone() == (1,)


KEEPING = """
import os, pathlib, sys
from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.stores.responses import SqliteResponseStore

with SqliteResponseStore(pathlib.Path(sys.argv[1]) / "state") as store:
    os.write(2, b"open\\n")
    for number in range(5):
        store.put({str(number): Response(text="x", source="live")})
        os.write(2, b"kept\\n")
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_p01_an_answer_is_synchronised_before_anybody_hears_that_it_is_kept(tmp_path):
    log = tmp_path / "calls"
    calls = "trace=fsync,fdatasync,write,pwrite64,pwritev,rename,renameat,renameat2"
    command = ["strace", "-f", "-y", "-o", log, "-e", calls, sys.executable, "-c", KEEPING, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode and "ptrace" in done.stderr:
        pytest.skip("strace may trace nothing here")
    text = log.read_text("utf-8", "replace")
    assert re.search(r"rename\w*\(.*responses\.new.*\n(.*\n)*?.*fsync\(\d+<[^>]*/state>", text), "the folder"
    _opening, *keeps = re.split(r'.*write\(2[^\n]*"(?:open|kept)\\n".*\n', text)[:-1]
    assert len(keeps) == 5
    for calls_of_one in keeps:
        written = [m.start() for m in re.finditer(r"pwrite64\(\d+<[^>]*-wal>", calls_of_one)]
        synced = [m.start() for m in re.finditer(r"f(?:data)?sync\(\d+<[^>]*-wal>", calls_of_one)]
        assert written
        assert max(synced) > max(written), calls_of_one
