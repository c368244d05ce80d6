"""Which answers the response store has, for who only wants to know: nothing is made, opened for writing, or mended."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from pytest_distillcheck.errors import StoreError
from pytest_distillcheck.stores.responses import STORE_NAME


def kept_keys(folder: Path, keys: Iterable[str]) -> frozenset[str]:
    """Return those keys whose answer is kept; none when there is no store.

    Raises:
        StoreError: the store cannot be read.
    """
    path = folder / STORE_NAME
    if not path.is_file():
        return frozenset()
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            find = "SELECT 1 FROM responses WHERE key = ?"
            return frozenset(key for key in keys if connection.execute(find, (key,)).fetchone())
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot be read ({error}); see to it and run again") from error
