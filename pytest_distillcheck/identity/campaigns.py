"""The scores of a campaign: the identity scores of its draws, with what its design adds to them."""

from collections.abc import Sequence

from pytest_distillcheck.domain.campaigns import CampaignScores, Difference
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scores import ScoreName
from pytest_distillcheck.identity.scores import identity_scores, outcomes
from pytest_distillcheck.statistics import (
    clustered_share,
    confidence_sequence,
    detectable_increase,
    difference_interval,
    share,
)

MAIN_SCORES: tuple[ScoreName, ...] = ("loose", "strict", "hard")


def campaign_scores(records: Sequence[Record]) -> CampaignScores:
    """Return the scores of a campaign.

    The lift tells apart what a prompt plants and what a model says of its own accord: the paper's most informative
    contrast, which it does not report.

    Args:
        records: of the draws that were answered.
    """
    named = share(outcomes((record for record in records if record.names_rival), "strict"))
    neutral = share(outcomes(records, "hard"))
    interval = difference_interval(named, neutral)
    counted = {score: clustered_share(outcomes(records, score)) for score in MAIN_SCORES}
    strict = counted["strict"]
    return CampaignScores(
        identity=identity_scores(records),
        strict_named=named,
        strict_neutral=neutral,
        lift=Difference(value=(named.value or 0) - (neutral.value or 0), low=interval.low, high=interval.high)
        if interval
        else None,
        design_effects={score: each.design_effect for score, each in counted.items() if each.n},
        sequences={
            score: (sequence.low, sequence.high)
            for score, each in counted.items()
            if each.n and (sequence := confidence_sequence(each.n, each.count))
        },
        detectable=detectable_increase(strict.count / strict.n, strict.n, design_effect=strict.design_effect)
        if strict.n
        else None,
    )
