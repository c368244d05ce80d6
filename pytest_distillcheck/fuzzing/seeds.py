"""The seed templates of the package, written for this project."""

import pathlib
import re
from collections.abc import Iterator
from functools import cache

from pytest_distillcheck.domain.probes import LANGUAGES, PLACEHOLDER
from pytest_distillcheck.domain.templates import SeedTemplate
from pytest_distillcheck.errors import CatalogError, Fault
from pytest_distillcheck.resources import Document, load_yaml

_FOLDER = pathlib.Path(__file__).parent / "data" / "templates"
_KEY = re.compile("[a-z]+(?:-[a-z]+)*")


@cache
def seed_templates() -> tuple[SeedTemplate, ...]:
    """Return every seed template of the package, sorted by id.

    Raises:
        CatalogError: a data file of the package has faults.
    """
    files = sorted(_FOLDER.glob("*.yaml"))
    templates = (template for path in files for template in read_seed_templates(path))
    return tuple(sorted(templates, key=lambda template: template.id))


def read_seed_templates(path: pathlib.Path) -> tuple[SeedTemplate, ...]:
    """Read the templates of one language, which is the file's name: keys and texts. An id is `LANGUAGE-KEY`.

    Raises:
        CatalogError: with every fault found.
    """
    document = load_yaml(path, CatalogError)
    if faults := tuple(_faults(document, path.stem)):
        raise CatalogError(str(path), faults)
    return tuple(
        SeedTemplate(id=f"{path.stem}-{key}", language=path.stem, text=text)
        for key, text in document.data.items()
    )


def _faults(document: Document, language: str) -> Iterator[Fault]:
    if language not in LANGUAGES:
        yield document.fault(
            (), f"not a language of the question bank; name the file {'|'.join(LANGUAGES)}.yaml"
        )
    if not isinstance(document.data, dict):
        yield document.fault((), "not a mapping; write keys and texts")
        return
    for key, text in document.data.items():
        if not _KEY.fullmatch(key):
            yield document.fault((key,), "not a key; write lower-case words joined by hyphens", key=True)
        if not isinstance(text, str) or text.count(PLACEHOLDER) != 1:
            yield document.fault((key,), f"not a template; write a text with {PLACEHOLDER} exactly once")
