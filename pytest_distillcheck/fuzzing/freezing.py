"""Frozen templates: the file that a search leaves behind, for the user to commit and every model to be measured on.

JSONL: a header with the digest of what follows, then one template a line, sorted by id.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_distillcheck.domain.exchanges import digest
from pytest_distillcheck.domain.probes import LANGUAGES
from pytest_distillcheck.domain.templates import MUTATOR_KINDS, PromptNode, SeedTemplate
from pytest_distillcheck.errors import Fault, SourceError

SCHEMA = "distillcheck-frozen/1"
_TEXTS = ("id", "language", "text")
_KEYS = frozenset({*_TEXTS, "parent", "partner", "mutator", "depth"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenTemplates:
    """What is measured.

    Attributes:
        digest: SHA-256 of the templates, in hexadecimal; equal for equal templates in any order.
        nodes: sorted by id.
    """

    digest: str
    nodes: tuple[PromptNode, ...]

    @property
    def templates(self) -> tuple[SeedTemplate, ...]:
        """The templates without their lineage."""
        return tuple(node.template for node in self.nodes)


def freeze(nodes: Iterable[PromptNode]) -> str:
    """Return the text of a frozen file; equal nodes in any order give the same bytes."""
    rows = sorted((_row(node) for node in nodes), key=lambda row: str(row["id"]))
    header = {"schema": SCHEMA, "digest": digest(rows), "templates": len(rows)}
    return "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in (header, *rows))


def read_frozen(text: str, *, path: str) -> FrozenTemplates:
    """Read a frozen file.

    Args:
        text: the file's text.
        path: how messages name the file.

    Raises:
        SourceError: it was edited, cut short, is empty, or no frozen file at all.
    """
    header, *rows = _parsed(text, path) or [None]
    if not isinstance(header, dict) or header.get("schema") != SCHEMA:
        raise SourceError(path, [_fault(1, f"not a frozen file; its first line must name {SCHEMA}")])
    if faults := tuple(_faults(rows)):
        raise SourceError(path, faults)
    if digest(rows) != header.get("digest"):
        message = "the templates are not those that the search froze; restore the file, or search again"
        raise SourceError(path, [_fault(1, message)])
    if not rows:
        message = "holds no template, for the search found none; leave `frozen` out to measure on the seed templates"
        raise SourceError(path, [_fault(1, message)])
    return FrozenTemplates(digest=header["digest"], nodes=tuple(_node(row) for row in rows))


def _parsed(text: str, path: str) -> list[Any]:
    values, faults = [], []
    # Not splitlines: it would also split at characters that JSON leaves as they are.
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        try:
            values.append(json.loads(line))
        except (json.JSONDecodeError, RecursionError):
            faults.append(_fault(number, "not JSON; restore the file, or search again"))
    if faults:
        raise SourceError(path, faults)
    return values


def _faults(rows: Sequence[Any]) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, row in enumerate(rows, start=2):
        if not _is_row(row):
            yield _fault(number, "not a template as the search writes it; restore the file, or search again")
        elif not _node(row).template.has_placeholder:
            yield _fault(number, "the template has no {question}; restore the file, or search again")
        elif row["id"] in seen:
            yield _fault(number, f"the template {row['id']!r} stands here twice; restore the file")
        else:
            seen.add(row["id"])


def _is_row(row: Any) -> bool:
    return (
        isinstance(row, dict)
        and row.keys() == _KEYS
        and all(isinstance(row[key], str) for key in _TEXTS)
        and row["language"] in LANGUAGES
        and all(row[key] is None or isinstance(row[key], str) for key in ("parent", "partner"))
        and (row["mutator"] is None or row["mutator"] in MUTATOR_KINDS)
        and type(row["depth"]) is int
    )


def _row(node: PromptNode) -> dict[str, object]:
    return {
        "id": node.id,
        "language": node.template.language,
        "text": node.template.text,
        "parent": node.parent,
        "partner": node.partner,
        "mutator": node.mutator,
        "depth": node.depth,
    }


def _node(row: Mapping[str, Any]) -> PromptNode:
    template = SeedTemplate(id=row["id"], language=row["language"], text=row["text"])
    return PromptNode(
        template=template,
        parent=row["parent"],
        partner=row["partner"],
        mutator=row["mutator"],
        depth=row["depth"],
    )


def _fault(line: int, message: str) -> Fault:
    return Fault(line=line, column=0, where="", message=message)
