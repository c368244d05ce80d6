"""The response store: answers that were paid for, in one SQLite file beside the tests.

Each row is an answer as JSON in ASCII under its key, with a digest over both. Rows are committed durably (write-ahead
log, `synchronous=FULL`), so they survive the end of the process and of the power. A file that is damaged is moved
aside with all that belongs to it, never deleted: somebody paid for what may be left in it.
"""

import hashlib
import json
import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.errors import StoreError
from pytest_distillcheck.running.codec import response_from_builtins, response_to_builtins
from pytest_distillcheck.stores.key_locks import KeyLocks

STORE_NAME = "responses.sqlite"
APPLICATION_ID = 0x64697374  # "dist"
SCHEMA = 1

_PARTS = ("", "-wal", "-shm", "-journal")  # what SQLite keeps beside a file belongs to it
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_ADVICE: Mapping[int, str] = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space and run with --distill-resume",
    sqlite3.SQLITE_BUSY: "another process keeps it locked; end that process and run again",
    sqlite3.SQLITE_READONLY: "it is read-only; make it writable, or run with --distill-offline",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; make its folder writable, or run with --distill-offline",
}


class SqliteResponseStore:
    """Answers by key, shared by all processes of this machine that open the same folder.

    One process opens a folder once (`KeyLocks`). `get`, `claim` and `release` belong to one thread at a time and `put`
    to one: they use two connections, so that a lookup never waits for a commit.

    Args:
        folder: made when it is missing, with a `.gitignore` of its own.
        busy_timeout_s: how long to wait for other processes' commits.

    Raises:
        StoreError: the store cannot be read and written, is of another kind or version, or is damaged; a damaged one
            was moved aside.
    """

    def __init__(self, folder: Path, *, busy_timeout_s: float = 30.0) -> None:
        self._path = folder / STORE_NAME
        self._busy_timeout_s = busy_timeout_s
        self._identity: tuple[int, int] | None = None
        self._connections: list[sqlite3.Connection] = []
        self._damage: str | None = None
        with self._told():
            _make_folder(folder)
            self._locks = KeyLocks(folder / "responses.lock")
        try:
            with self._told(), self._locks.alone():
                self._open()
        except StoreError:
            self.close()
            raise

    def get(self, key: str) -> Response | None:
        """Return the answer kept under a key, or None; a row whose digest does not fit is no answer.

        Raises:
            StoreError: the store cannot be read.
        """
        with self._told():
            cursor = self._reader.execute("SELECT response, digest FROM responses WHERE key = ?", (key,))
            row = cursor.fetchone()
        if row is None or row[1] != _digest(key, row[0]).encode():
            return None
        try:
            return response_from_builtins(json.loads(row[0]), source="store")
        except (ValueError, RecursionError):
            return None

    def put(self, answers: Mapping[str, Response]) -> None:
        """Keep answers by key, all of them or none, durably before this returns.

        Raises:
            StoreError: they could not be kept.
        """
        texts = {key: json.dumps(response_to_builtins(response)) for key, response in answers.items()}
        rows = [(key, text, _digest(key, text.encode("ascii"))) for key, text in texts.items()]
        with self._told(), _transaction(self._writer):
            self._writer.executemany("INSERT OR REPLACE INTO responses VALUES (?, ?, ?)", rows)

    def claim(self, key: str) -> bool:
        """Tell other processes that this one asks; return False while another one does.

        Raises:
            StoreError: the file system has no locks.
        """
        with self._told():
            return self._locks.claim(key)

    def release(self, key: str) -> None:
        """End a claim. Never raises: where locks fail, `claim` has told."""
        with suppress(OSError, ValueError):  # a closed file is a ValueError
            self._locks.release(key)

    def close(self) -> None:
        """Close every file and give every claim back. Closing again does nothing."""
        self._close_connections()
        self._locks.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> None:
        """Open the file, and find all that may be wrong with it before anything is paid for."""
        if not self._path.exists():
            _create(self._path)
        self._identity = _identity(self._path)
        if not self._path.stat().st_size:
            raise _DamageError("it is empty")
        self._writer = self._connect()
        _check(self._writer, self._path)
        self._reader = self._connect()
        self._reader.text_factory = bytes  # a row that is no UTF-8 is damaged, and the digest tells

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=self._busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        self._connections.append(connection)
        return connection

    def _close_connections(self) -> None:
        for connection in self._connections:
            connection.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the disk and SQLite raise into errors that say what to do."""
        if self._damage:
            raise StoreError(self._damage)
        try:
            yield
        except _DamageError as error:
            raise StoreError(self._move_aside(str(error))) from error
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code
            if code in _DAMAGED:
                raise StoreError(self._move_aside(str(error))) from error
            told = _ADVICE.get(code, f"{error}; see to it and run again")
            raise StoreError(f"{self._path}: {told}") from error
        except OSError as error:
            told = f"{error.strerror or error}; make its folder writable, or run with --distill-offline"
            raise StoreError(f"{self._path}: {told}") from error

    def _move_aside(self, problem: str) -> str:
        """Move the damaged file away and return the message that says so.

        Another process may have done it before, and started anew: only the file that we opened is moved.
        """
        self._close_connections()
        moved = "it was moved aside already"
        with self._locks.alone(), suppress(FileNotFoundError):
            if _identity(self._path) == self._identity:
                moved = f"it was moved to {_move_aside(self._path)}, and nothing deleted"
        self._damage = f"{self._path}: is damaged ({problem}); {moved}; run again to start a new store"
        return self._damage


class _DamageError(Exception):
    """The file is damaged in a way that SQLite would not tell."""


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError), (folder / ".gitignore").open("x") as ignore:
        ignore.write("*\n")


def _create(path: Path) -> None:
    """Make the file under another name and move it here, so that nobody ever sees it half made."""
    draft = path.with_suffix(".new")
    for suffix in _PARTS:
        _beside(draft, suffix).unlink(missing_ok=True)
    # What is left of a file that somebody deleted would be replayed into the new one.
    _move_aside(path)
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        with _transaction(connection):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
            connection.execute(
                "CREATE TABLE responses (key TEXT PRIMARY KEY, response TEXT NOT NULL, digest TEXT NOT NULL)"
            )
        connection.execute("PRAGMA journal_mode = WAL")
    draft.replace(path)
    _make_names_durable(path.parent)


def _make_names_durable(folder: Path) -> None:
    """Keep the names in a folder, and its own, beyond a power cut: a file without a name is lost with all it holds."""
    if sys.platform == "win32":
        return  # whose folders cannot be opened
    for each in (folder, folder.parent):
        # Some file systems cannot do it, which is no reason to keep nothing.
        with suppress(OSError):
            handle = os.open(each, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _check(connection: sqlite3.Connection, path: Path) -> None:
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise StoreError(f"{path}: is no response store; move it away and run again")
    version = _pragma(connection, "user_version")
    if version != SCHEMA:
        raise StoreError(
            f"{path}: has schema {version}, and this version knows {SCHEMA}; update distillcheck"
        )
    problem = _pragma(connection, "quick_check(1)")
    if problem != "ok":
        raise _DamageError(str(problem))
    if _pragma(connection, "journal_mode = WAL") != "wal":
        raise StoreError(f"{path}: its file system has no shared memory; use a local disk")
    connection.execute("PRAGMA synchronous = FULL")
    # On macOS alone, where fsync leaves what it was given in the drive's own memory.
    connection.execute("PRAGMA fullfsync = ON")
    # A real commit, since otherwise a read-only file would show at the first answer.
    with _transaction(connection):
        connection.execute(f"PRAGMA user_version = {SCHEMA}")


def _pragma(connection: sqlite3.Connection, pragma: str) -> object:
    return connection.execute(f"PRAGMA {pragma}").fetchone()[0]


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite itself rolls back on some errors
            connection.execute("ROLLBACK")
        raise


def _move_aside(path: Path) -> str:
    """Rename the file, as far as it is there, and all that belongs to it; return the new name."""
    number = next(n for n in count(1) if not any(_aside(path, suffix, n).exists() for suffix in _PARTS))
    for suffix in _PARTS:
        with suppress(FileNotFoundError):
            _beside(path, suffix).rename(_aside(path, suffix, number))
    return _aside(path, "", number).name


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _aside(path: Path, suffix: str, number: int) -> Path:
    # SQLite finds what belongs to a file by its name, so the moved parts must fit as well.
    return path.with_name(f"{path.name}.corrupt-{number}{suffix}")


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino


def _digest(key: str, response: bytes) -> str:
    return hashlib.sha256(key.encode() + b"\n" + response).hexdigest()
