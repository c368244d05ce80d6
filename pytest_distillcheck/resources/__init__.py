"""The one reader of YAML: YAML 1.2 scalars, places of every value, and limits against hostile files."""

from pytest_distillcheck.resources.document import Document, Path
from pytest_distillcheck.resources.reader import (
    MAX_BYTES,
    ReadError,
    load_yaml,
    read_text,
    read_yaml,
)
from pytest_distillcheck.resources.wording import nearest, wrong_type

__all__ = [
    "MAX_BYTES",
    "Document",
    "Path",
    "ReadError",
    "load_yaml",
    "nearest",
    "read_text",
    "read_yaml",
    "wrong_type",
]
