"""Locks by key between processes, which the operating system takes back from a process that dies.

A key is a byte of a lock file, far beyond its end: the file stays empty. The locks belong to the process, so they part
processes and not threads, and one process must open a lock file once.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_WHOLE = 0  # the byte that stands for the folder as a whole; keys come after it


class KeyLocks:
    """The locks of one lock file.

    Raises:
        OSError: the file cannot be opened; also from `claim`, when the file system has no locks.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)

    def claim(self, key: str) -> bool:
        """Lock a key; return False when another process holds it."""
        return _lock(self._file.fileno(), _place(key))

    def release(self, key: str) -> None:
        """Unlock a key."""
        _unlock(self._file.fileno(), _place(key))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other process is in here."""
        _lock_when_free(self._file.fileno(), _WHOLE)
        try:
            yield
        finally:
            _unlock(self._file.fileno(), _WHOLE)

    def close(self) -> None:
        """Unlock everything. Closing again does nothing."""
        self._file.close()


def _place(key: str) -> int:
    # 60 bits: offsets are signed 64-bit numbers, and two keys at one place would merely wait for each other.
    return 1 + int(hashlib.sha256(key.encode()).hexdigest()[:15], 16)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int, place: int) -> bool:
        try:
            _at(file, place, msvcrt.LK_NBLCK)
        except PermissionError:
            return False
        return True

    def _lock_when_free(file: int, place: int) -> None:
        _at(file, place, msvcrt.LK_LOCK)

    def _unlock(file: int, place: int) -> None:
        _at(file, place, msvcrt.LK_UNLCK)

    def _at(file: int, place: int, mode: int) -> None:
        os.lseek(file, place, os.SEEK_SET)
        msvcrt.locking(file, mode, 1)

else:
    import fcntl

    def _lock(file: int, place: int) -> bool:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):  # POSIX allows both EAGAIN and EACCES
            return False
        return True

    def _lock_when_free(file: int, place: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_EX, 1, place)

    def _unlock(file: int, place: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_UN, 1, place)
