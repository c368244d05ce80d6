"""What a snapshot keeps of a test's record, and what has changed between two of them.

The verdict or the rating decides: a live model words its answer otherwise every time, so another text that is judged
the same is shown and is no change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pytest_distillcheck.domain.exchanges import digest
from pytest_distillcheck.domain.ratings import ASPECTS, Aspect, Rating
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.domain.verdicts import Verdict

KEPT_CHARACTERS = 2000
"""How much of an answer is kept: enough to see what became of it, and a file that can be reviewed."""

TOLERANCE: Mapping[Aspect, float] = {"overall": 0.3, "style": 0.15, "logic": 0.15, "content": 0.15}
"""How far a rating may move either way, unless the file says otherwise: 7.5 % of each aspect's range."""

_DECIMALS = 3
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer, or the beginning of a long one.

    Attributes:
        text: the first `KEPT_CHARACTERS` characters, scrubbed.
        size: of the whole scrubbed answer, in characters.
        digest: of the whole, when it was cut; None when `text` is all of it.
    """

    text: str
    size: int
    digest: str | None = None

    @classmethod
    def of(cls, text: str) -> "KeptAnswer":
        """Return what is kept of an answer."""
        shown = scrub(text)
        cut = len(shown) > KEPT_CHARACTERS
        return cls(text=shown[:KEPT_CHARACTERS], size=len(shown), digest=digest(shown) if cut else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotEntry:
    """What is kept of one test.

    Attributes:
        judgement: a verdict without its quotes, or a rating to three decimals.
        answer: the model's; None for a bare verdict or rating of a test written in Python.
        reference: the reference model's name, in a similarity suite.
        reference_digest: of its answer, likewise.
    """

    judgement: Verdict | Rating
    answer: KeptAnswer | None = None
    reference: str | None = None
    reference_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that differs from the snapshot.

    Attributes:
        what: `verdict`, an aspect, or `judgement` when one is a verdict and the other a rating.
        limit: how far the rating may move; None for a verdict.
    """

    what: str
    before: str
    after: str
    limit: float | None = None

    def __str__(self) -> str:
        limit = "" if self.limit is None else f" (limit {self.limit:g})"
        return f"{self.what} {self.before} -> {self.after}{limit}"


def entry_of(measured: object) -> SnapshotEntry:
    """Return what is kept of a record, a verdict or a rating.

    Raises:
        TypeError: it is nothing of these.
        ValueError: the record is unjudged, so there is nothing to compare.
    """
    match measured:
        case Verdict() | Rating():
            return SnapshotEntry(judgement=_plain(measured))
        case Record():
            return _entry_of_record(measured)
    raise TypeError(
        f"distill_snapshot compares records, verdicts and ratings, not {type(measured).__name__}; "
        "use syrupy's own fixture `snapshot` for other values"
    )


def changes(
    before: SnapshotEntry, after: SnapshotEntry, tolerance: Mapping[Aspect, float] = TOLERANCE
) -> tuple[Change, ...]:
    """Return what differs and matters: another verdict, or a rating that moved further than it may."""
    match before.judgement, after.judgement:
        case Verdict() as old, Verdict() as new:
            return () if old == new else (_change("verdict", old, new),)
        case Rating() as old, Rating() as new:
            return tuple(
                Change(what=aspect, before=f"{was:g}", after=f"{now:g}", limit=tolerance[aspect])
                for aspect in ASPECTS
                if abs((was := getattr(old, aspect)) - (now := getattr(new, aspect)))
                > tolerance[aspect] + _ROUNDING
            )
    return (_change("judgement", before.judgement, after.judgement),)


def judgement_text(judgement: Verdict | Rating) -> str:
    """Return a verdict or a rating in a few words."""
    match judgement:
        case Rating():
            return ", ".join(f"{aspect} {getattr(judgement, aspect):g}" for aspect in ASPECTS)
        case Verdict(label="consistent"):
            return "affirmed" if judgement.affirmed else "no claim"
    affirmed = ", affirmed" if judgement.affirmed else ""
    return f"{judgement.label} ({', '.join(judgement.makers)}){affirmed}"


def _entry_of_record(record: Record) -> SnapshotEntry:
    judgement: Verdict | Rating
    if record.rating is not None:
        judgement = Rating(**record.rating)
    elif record.label is not None:
        judgement = Verdict(label=record.label, affirmed=bool(record.affirmed), makers=record.makers)
    else:
        raise ValueError(f"unjudged: {scrub(record.unjudged or 'no verdict and no rating')}")
    reference = record.reference_response
    return SnapshotEntry(
        judgement=_plain(judgement),
        answer=KeptAnswer.of(record.response),
        reference=None if record.reference is None else scrub(record.reference),
        reference_digest=None if reference is None else digest(scrub(reference)),
    )


def _plain(judgement: Verdict | Rating) -> Verdict | Rating:
    if isinstance(judgement, Verdict):
        return replace(judgement, quotes=())
    # A judge's last digits differ between machines.
    return Rating(**{aspect: round(value, _DECIMALS) for aspect, value in judgement.to_builtins().items()})


def _change(what: str, before: Verdict | Rating, after: Verdict | Rating) -> Change:
    return Change(what=what, before=judgement_text(before), after=judgement_text(after))
