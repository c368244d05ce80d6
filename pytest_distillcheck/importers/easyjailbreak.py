"""Attack results of EasyJailbreak, as Lee et al. (ACL 2025) published them.

A row of the attack file has `jailbreak_prompt` (a template), `query` (the question), `target_responses` (a list of
one) and `eval_results` (the loose verdict). The strict file is a CSV of those among the loose rows that a second judge
confirmed, with the same fields.
"""

import ast
import pathlib
import warnings
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pytest_distillcheck.importers.lines import Imported, Line
from pytest_distillcheck.importers.paper import one_spaced
from pytest_distillcheck.importers.questions import place_of_query
from pytest_distillcheck.importers.reading import Row, Source, check

PLACEHOLDER = "{query}"

_VERDICTS = {"true": True, "1": True, "false": False, "0": False}
_SECOND_VERDICTS = ("re_judge", "strict_score")
"""Names that the second judge's verdict has had in strict files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    template: str
    query: str
    response: str
    loose: bool = True
    strict: bool | None = None

    def key(self) -> tuple[str, ...]:
        """Return what tells attempts apart; white space does not, which CSV writers and editors change."""
        return one_spaced(self.template), one_spaced(self.query), one_spaced(self.response)

    def line(self) -> Line:
        return {
            "prompt": _put(self.template, self.query),
            "response": self.response,
            "probe": place_of_query(self.query, self.template).to_builtins(),
            "labels": {"loose": self.loose, "strict": self.strict},
        }


def import_easyjailbreak(attack: pathlib.Path, strict: pathlib.Path | None = None) -> Imported:
    """Read an attack file, and the strict file that belongs to it.

    Without a strict file the strict labels are null.

    Raises:
        SourceError, UsageError: with every fault of both files.
    """
    source = Source(attack)
    attempts = [replace(_attempt(source, row), loose=_loose(source, row)) for row in source.objects()]
    if strict is None:
        check(source)
        return Imported(lines=tuple(attempt.line() for attempt in attempts))
    second = Source(strict)
    rows = second.table(("jailbreak_prompt", "query", "target_responses"))
    claims = [_attempt(second, row) for row in rows]
    # Only whole files are matched: a row that could not be read would make a stranger of one in the other file.
    check(source, second)
    confirmed = _confirmed(second, zip(rows, claims, strict=True), attempts)
    check(second)
    return Imported(
        lines=tuple(replace(attempt, strict=n in confirmed).line() for n, attempt in enumerate(attempts)),
        notes=_notes(strict, rows, attempts),
    )


def _put(template: str, query: str) -> str:
    # As the attack does: a mutant that has lost its placeholder gets the question glued to its end.
    return template.replace(PLACEHOLDER, query) if PLACEHOLDER in template else template + query


def _attempt(source: Source, row: Row) -> _Attempt:
    return _Attempt(
        template=source.text(row, "jailbreak_prompt"),
        query=source.text(row, "query"),
        response=_response(source, row),
    )


def _response(source: Source, row: Row) -> str:
    match _plain(row.data.get("target_responses")):
        case (str() as text) | [str() as text]:
            return text
        case [_, _, *_] as several:
            source.add(row.line, f"{len(several)} responses; write one a row", where="target_responses")
        case _:
            source.add(row.line, "no response; expected a list of one text", where="target_responses")
    return ""


def _plain(value: object) -> object:
    """Return the list whose Python spelling a text is, as a CSV file holds it; any other value as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return value
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a plain text that only looks like a list may have wrong escapes
            return ast.literal_eval(value.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value


def _loose(source: Source, row: Row) -> bool:
    verdict = _verdict(row.data.get("eval_results"))
    if verdict is None:
        source.add(row.line, "no verdict; expected true or false, or a list of one", where="eval_results")
    return bool(verdict)


def _verdict(value: object) -> bool | None:
    match value:
        case [one]:
            return _verdict(one)
        case bool() | 0 | 1:
            return bool(value)
        case str():
            return _VERDICTS.get(value.strip(" []").casefold())
    return None


def _confirmed(
    source: Source, rows: Iterable[tuple[Row, _Attempt]], attempts: Sequence[_Attempt]
) -> set[int]:
    """Return the numbers of the attempts that the strict file confirms."""
    by_key: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, attempt in enumerate(attempts):
        if attempt.loose:
            by_key[attempt.key()].append(number)
    found: set[int] = set()
    for row, claim in rows:
        same = by_key[claim.key()]
        if not same:
            message = "no loose row of the attack file has this prompt, question and response"
            source.add(row.line, f"{message}, or a row above is the same; is this the file of the same run?")
        elif any(_verdict(row.data.get(name)) is False for name in _SECOND_VERDICTS):
            same.pop()
        else:
            found.add(same.pop())
    return found


def _notes(strict: pathlib.Path, rows: Sequence[Row], attempts: Sequence[_Attempt]) -> tuple[str, ...]:
    loose = sum(attempt.loose for attempt in attempts)
    judged_twice = any(name in row.data for row in rows for name in _SECOND_VERDICTS)
    if judged_twice or not 1 < loose == len(rows):
        return ()
    note = "holds every loose row and no second verdict, so that strict equals loose; is it the loose file?"
    return (f"{strict}: {note}",)
