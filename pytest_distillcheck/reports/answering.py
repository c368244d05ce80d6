"""Which model strings the answers of one model carry, when they are not simply the one that was asked."""

from collections import Counter
from collections.abc import Iterable

from pytest_distillcheck.catalog.returned import is_as_asked
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scrubbing import one_line

_SHOWN = 4
_WIDTH = 60


def answered_as(records: Iterable[Record], *, asked: str) -> str:
    """Return the model strings with their numbers of answers, the most frequent first; empty when all is as asked.

    It is not when there are several strings, or one that cannot stand for the model that was asked.

    Args:
        records: of one model.
        asked: the model string of its requests; empty when nobody knows, as for a recording.
    """
    strings = Counter(record.model_returned for record in records if record.model_returned)
    match list(strings):
        case []:
            return ""
        case [returned] if not asked or is_as_asked(asked, returned):
            return ""
    ranked = sorted(strings.items(), key=lambda item: (-item[1], item[0]))
    told = [f"{one_line(returned, _WIDTH)} ({count})" for returned, count in ranked[:_SHOWN]]
    if len(ranked) > _SHOWN:
        told.append(f"and {len(ranked) - _SHOWN} more")
    return ", ".join(told)
