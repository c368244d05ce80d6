"""The identity scores: which records count, and shares with intervals made of them.

Loose, strict and hard are those of Lee et al. (ACL 2025), with `hard` over the probes whose prompt names no rival
instead of over all rows. Loose, roleplay, affirmed and no_claim add up to 1, less the share of waived contradictions:
those stay in n and are in no count.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scores import SCORE_NAMES, IdentityScores, ScoreName, Share
from pytest_distillcheck.statistics import Outcome, share


def counts(record: Record, score: ScoreName) -> bool | None:
    """Return whether a record counts for a score; None when it is not among the score's n.

    A waived finding leaves the count and stays in n.
    """
    if score == "unjudged":
        return record.unjudged is not None
    if record.unjudged is not None or (score == "hard" and record.names_rival):
        return None
    return _HITS[score](record)


_HITS: Mapping[ScoreName, Callable[[Record], bool]] = {
    "loose": lambda record: record.label == "contradiction" and not record.waived,
    "strict": lambda record: record.label == "contradiction" and record.rival and not record.waived,
    "hard": lambda record: record.label == "contradiction" and record.rival and not record.waived,
    "roleplay": lambda record: record.label == "roleplay",
    "affirmed": lambda record: record.label == "consistent" and bool(record.affirmed),
    "no_claim": lambda record: record.label == "consistent" and not record.affirmed,
}


def identity_scores(records: Sequence[Record]) -> IdentityScores:
    """Return every score of one model on one suite.

    Cost grows linearly with the records, times the ways in which they are broken down.
    """
    overall = _all_scores(records)

    def broken_down(key: Callable[[Record], str]) -> dict[str, Mapping[ScoreName, Share]]:
        groups: dict[str, list[Record]] = {}
        for record in records:
            groups.setdefault(key(record), []).append(record)
        # Many suites have one context or language, whose scores are the suite's.
        return {
            name: overall if len(group) == len(records) else _all_scores(group)
            for name, group in sorted(groups.items())
        }

    return IdentityScores(
        overall=overall,
        by_category=broken_down(lambda record: str(record.category)),
        by_language=broken_down(lambda record: record.language),
        by_context=broken_down(lambda record: record.context),
        by_maker=_by_maker(records),
    )


def outcomes(records: Iterable[Record], score: ScoreName) -> list[Outcome]:
    """Return the records that are among a score's n."""
    return [
        Outcome(hit=hit, context=record.context, question=record.question)
        for record in records
        if (hit := counts(record, score)) is not None
    ]


def _all_scores(records: Sequence[Record]) -> dict[ScoreName, Share]:
    return {score: share(outcomes(records, score)) for score in SCORE_NAMES}


def _by_maker(records: Sequence[Record]) -> dict[str, Share]:
    judged = [record for record in records if record.unjudged is None]
    claimed = {maker for record in judged if counts(record, "loose") for maker in record.makers}
    return {
        maker: share(
            [
                Outcome(
                    hit=bool(counts(record, "loose")) and maker in record.makers,
                    context=record.context,
                    question=record.question,
                )
                for record in judged
            ]
        )
        for maker in sorted(claimed)
    }
