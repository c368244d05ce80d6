"""Where exchanges are kept: recordings, which are committed and replayed, the response store, and runs."""

from pytest_distillcheck.stores.kept import kept_keys
from pytest_distillcheck.stores.origins import Labels, Origin
from pytest_distillcheck.stores.own_run import OwnRunStore
from pytest_distillcheck.stores.recordings import (
    Exchange,
    Recording,
    parse_exchange,
    read_recording,
    write_recording,
)
from pytest_distillcheck.stores.responses import SqliteResponseStore
from pytest_distillcheck.stores.runs import STATE_FOLDER, RunFolder, RunNote, newest_unfinished, write_frozen

__all__ = [
    "STATE_FOLDER",
    "Exchange",
    "Labels",
    "Origin",
    "OwnRunStore",
    "Recording",
    "RunFolder",
    "RunNote",
    "SqliteResponseStore",
    "kept_keys",
    "newest_unfinished",
    "parse_exchange",
    "read_recording",
    "write_frozen",
    "write_recording",
]
