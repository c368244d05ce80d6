"""Reads seed templates of users: the seed files of GPTFuzz (CSV) and of EasyJailbreak (JSON)."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath

from pytest_distillcheck.domain.probes import LANGUAGES, PLACEHOLDER
from pytest_distillcheck.domain.templates import SeedTemplate, template_id
from pytest_distillcheck.errors import Fault, SourceError
from pytest_distillcheck.identity.folding import fold
from pytest_distillcheck.identity.vocabulary import DEFAULT_LANGUAGES, languages_of

_GPTFUZZ_PLACEHOLDER = "[INSERT PROMPT HERE]"
_EASYJAILBREAK_PLACEHOLDER = "{query}"
_TEXT_COLUMN = "text"
_LATIN = re.compile("[A-Za-z]")
_SCRIPTS = (
    ("ja", re.compile("[\u3041-\u30ff]"), 8),
    ("zh", re.compile("[\u4e00-\u9fff]"), 3),
    ("ko", re.compile("[\uac00-\ud7a3]"), 3),
    ("ru", re.compile("[\u0400-\u04ff]"), 1),
    ("ar", re.compile("[\u0620-\u06ff]"), 1),
)
"""Languages by script, with how many Latin letters one of its letters outweighs; kana before Chinese characters."""


def read_user_templates(text: str, *, path: str) -> tuple[SeedTemplate, ...]:
    """Read a user's seed templates; the file's ending says which format it has.

    Those without a placeholder are among them: a search skips and reports them. Repeated ones are left out.

    Args:
        text: the file's text.
        path: how messages name the file.

    Raises:
        SourceError: with every fault found.
    """
    reader = _READERS.get(PurePath(path).suffix.lower())
    if reader is None:
        raise _refused(
            path, "not a file of seed templates; give a .csv of GPTFuzz or a .json of EasyJailbreak"
        )
    return reader(text, path=path)


def read_gptfuzz_csv(text: str, *, path: str) -> tuple[SeedTemplate, ...]:
    """Read GPTFuzz's seed file: a CSV with the column `text` and the placeholder `[INSERT PROMPT HERE]`.

    Raises:
        SourceError: with every fault found.
    """
    table = csv.DictReader(io.StringIO(text, newline=""))
    try:
        rows = list(table)
    except csv.Error as problem:
        raise _refused(path, f"not CSV ({problem}); write it as GPTFuzz does", line=table.line_num) from None
    if _TEXT_COLUMN not in (table.fieldnames or ()):
        raise _refused(path, f"has no column {_TEXT_COLUMN!r}; name the column of the templates so", line=1)
    return _templates((row[_TEXT_COLUMN] for row in rows), _GPTFUZZ_PLACEHOLDER, path)


def read_easyjailbreak_json(text: str, *, path: str) -> tuple[SeedTemplate, ...]:
    """Read EasyJailbreak's seed file: lists of templates by method, under `attack` or at the top, with `{query}`.

    Raises:
        SourceError: with every fault found.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as problem:
        message = f"not JSON ({problem.msg}); write it as EasyJailbreak does"
        raise _refused(path, message, line=problem.lineno, column=problem.colno) from None
    except RecursionError:
        raise _refused(path, "nested too deeply; write lists of templates by method") from None
    methods = data.get("attack", data) if isinstance(data, dict) else {"": data}
    lists = list(methods.values()) if isinstance(methods, dict) else [methods]
    if not all(isinstance(texts, list) for texts in lists):
        raise _refused(path, "holds something else than lists of templates; write {method: [template, ...]}")
    return _templates((entry for texts in lists for entry in texts), _EASYJAILBREAK_PLACEHOLDER, path)


def language_of(text: str) -> str:
    """Return the ISO 639-1 code of the language of the question bank that a text is most probably in."""
    latin = len(_LATIN.findall(text))
    for language, script, weight in _SCRIPTS:
        if weight * len(script.findall(text)) > latin:
            return language
    shown = languages_of(fold(text).text) & frozenset({"en", "fr", "de", "es"}) or DEFAULT_LANGUAGES
    return next(language for language in LANGUAGES if language in shown)


_READERS: dict[str, Callable[..., tuple[SeedTemplate, ...]]] = {
    ".csv": read_gptfuzz_csv,
    ".json": read_easyjailbreak_json,
}


def _templates(entries: Iterable[object], placeholder: str, path: str) -> tuple[SeedTemplate, ...]:
    listed = list(entries)
    if faults := tuple(_faults(listed)):
        raise SourceError(path, faults)
    texts = dict.fromkeys(str(entry).strip().replace(placeholder, PLACEHOLDER) for entry in listed)
    if not texts:
        raise _refused(path, "holds no template; write at least one")
    return tuple(
        SeedTemplate(
            id=template_id("user", text), language=language_of(text.replace(PLACEHOLDER, "")), text=text
        )
        for text in texts
    )


def _faults(entries: Iterable[object]) -> Iterator[Fault]:
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, str) or not entry.strip():
            yield _fault(f"template {number} is no text; write one or remove it")
        elif not _is_unicode(entry):
            yield _fault(f"template {number} holds half of a surrogate pair; remove it")


def _is_unicode(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _refused(path: str, message: str, *, line: int = 0, column: int = 0) -> SourceError:
    return SourceError(path, [_fault(message, line=line, column=column)])


def _fault(message: str, *, line: int = 0, column: int = 0) -> Fault:
    return Fault(line=line, column=column, where="", message=message)
