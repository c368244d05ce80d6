"""From rated pairs to the similarity scores: set means, their macro mean, and what they must be read against."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean

from pytest_distillcheck.domain.ratings import ASPECTS, Aspect
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scores import Mean, Share
from pytest_distillcheck.domain.similarities import Increase, Means
from pytest_distillcheck.similarity.controls import shuffled_pairs
from pytest_distillcheck.statistics import (
    bootstrap_macro_mean,
    sign_flip_test,
    wilson,
)

RESAMPLES = 2_000
"""For an interval that is read; gates take more."""

FLOOR_PAIRS = 200
"""Shuffled pairs of a set that are rated at most: their mean is then known to a few hundredths."""

Rate = Callable[[Record, Record], float]
"""Returns the overall rating of one record's answer against another record's reference answer."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """The rated pairs of one model and one reference, by prompt set."""

    by_set: Mapping[str, Sequence[Record]]

    @classmethod
    def of(cls, records: Iterable[Record]) -> "Pairs":
        """Return those of the records that were judged."""
        by_set: dict[str, list[Record]] = {}
        for record in records:
            if record.rating is not None:
                by_set.setdefault(record.prompt_set or "", []).append(record)
        return cls({name: by_set[name] for name in sorted(by_set)})

    @property
    def all(self) -> list[Record]:
        """Every pair."""
        return [record for records in self.by_set.values() for record in records]

    def values(self, aspect: Aspect) -> dict[str, list[float]]:
        """Return the ratings of one aspect, by set."""
        return {
            name: [record.rating[aspect] for record in records if record.rating]
            for name, records in self.by_set.items()
        }


def set_means(pairs: Pairs, seed: int) -> tuple[Means, Mapping[str, Means]]:
    """Return by aspect the macro mean over sets, and by set the mean within it.

    Each interval is resampled from the seed anew, so that a gate on the same ratings shows the same interval.
    """
    overall: dict[Aspect, Mean] = {}
    by_set: dict[str, dict[Aspect, Mean]] = {name: {} for name in pairs.by_set}
    for aspect in ASPECTS:
        values = pairs.values(aspect)
        overall[aspect] = macro_mean(list(values.values()), Random(seed))  # noqa: S311 - resamples, hides nothing
        for name, ratings in values.items():
            by_set[name][aspect] = (
                macro_mean([ratings], Random(seed))  # noqa: S311 - as above
                if len(values) > 1
                else overall[aspect]
            )
    return overall, by_set


def macro_mean(strata: Sequence[Sequence[float]], rng: Random, *, resamples: int = RESAMPLES) -> Mean:
    """Return the unweighted mean of the sets' means with its bootstrap interval, resampled within sets.

    A single value has no interval: nothing is known of its scatter.
    """
    n = sum(map(len, strata))
    if n < 2:  # noqa: PLR2004 - argued above
        value = strata[0][0] if n else None
        return Mean(n=n, value=value, low=None, high=None, method="none")
    bootstrap = bootstrap_macro_mean(strata, rng, resamples=resamples)
    interval = bootstrap.interval()
    return Mean(n=n, value=bootstrap.estimate, low=interval.low, high=interval.high, method="bootstrap")


def unjudged_share(records: Sequence[Record]) -> Share:
    """Return how many of the answers could not be judged."""
    count, n = sum(record.unjudged is not None for record in records), len(records)
    if not n:
        return Share(count=0, n=0, low=None, high=None, method="none")
    interval = wilson(count, n)
    return Share(count=count, n=n, low=interval.low, high=interval.high, method="wilson")


def floor(pairs: Pairs, rate: Rate, rng: Random) -> float | None:
    """Return the macro mean of shuffled pairs: answers against the reference's answers to other prompts of their set.

    None when no set has two pairs.
    """
    means = []
    for records in pairs.by_set.values():
        by_id = {record.id: record for record in records}
        if len(by_id) > 1:
            shuffled = shuffled_pairs(sorted(by_id), rng)
            drawn = rng.sample(shuffled, min(FLOOR_PAIRS, len(shuffled)))
            means.append(fmean(rate(by_id[own], by_id[other]) for own, other in drawn))
    return fmean(means) if means else None


def length_ratio(pairs: Pairs) -> float | None:
    """Return the geometric mean of the answers' lengths by the references', in characters."""
    # A judged answer is never empty.
    logs = [math.log(len(r.response) / len(r.reference_response or r.response)) for r in pairs.all]
    return math.exp(fmean(logs)) if logs else None


def most_repeated(texts: Iterable[str]) -> int:
    """Return how often the most frequent text occurs, white space aside."""
    return max(Counter(" ".join(text.split()) for text in texts).values(), default=0)


def increase(
    pairs: Pairs, baseline: Mapping[str, Mapping[str, float]], rng: Random, *, model: str
) -> Increase:
    """Return how much the overall ratings rose, paired by prompt.

    Args:
        pairs: of the model under test.
        baseline: earlier ratings, by prompt id.
        rng: source of resamples and signs.
        model: the baseline's.
    """
    differences = [
        [
            record.rating["overall"] - baseline[record.question]["overall"]
            for record in records
            if record.rating and record.question in baseline
        ]
        for records in pairs.by_set.values()
    ]
    strata = [values for values in differences if values]
    if not strata:
        return Increase(model=model, mean=macro_mean([], rng), p_value=None)
    # Weighted so that their sum is the macro mean, which is what the signs are flipped under.
    weighted = [value / (len(strata) * len(values)) for values in strata for value in values]
    return Increase(model=model, mean=macro_mean(strata, rng), p_value=sign_flip_test(weighted, rng))
