"""What a similarity is read against, as far as it can be measured: each control is a number, or the reason for none."""

from collections.abc import Iterable, Mapping
from random import Random
from statistics import fmean

from pytest_distillcheck.assembly.models import ModelUnderTest
from pytest_distillcheck.domain.exchanges import ModelRequest
from pytest_distillcheck.domain.prompts import Prompt
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.similarities import Controls
from pytest_distillcheck.errors import ClientError
from pytest_distillcheck.ports import SimilarityJudge
from pytest_distillcheck.running import shown_to_judge, why_unfit
from pytest_distillcheck.similarity import EmbeddedSimilarityJudge, normalised, relative
from pytest_distillcheck.similarity.scores import Pairs, floor

_ASKS_MORE = "only the embedded judge rates pairs that nobody asked for"


def controls(
    scores: Mapping[str, float], reference: str, *, lowest: float | str, highest: float | str
) -> Controls:
    """Return the controls of a mean overall rating.

    Args:
        scores: the model's, against each reference that it was compared with.
        reference: one of them.
        lowest: the floor, or why there is none.
        highest: the ceiling, or why there is none.
    """
    values = {"floor": lowest, "ceiling": highest}
    numbers = {name: value for name, value in values.items() if not isinstance(value, str)}
    unavailable = {name: value for name, value in values.items() if isinstance(value, str)}
    lead = relative(scores, reference)
    if lead is None:
        unavailable["relative"] = "there is no other reference"
    place = None
    if "floor" in numbers:
        place = normalised(scores[reference], floor=numbers["floor"], ceiling=numbers.get("ceiling"))
    if place is None:
        unavailable["normalised"] = "it needs a floor, and a ceiling above it"
    return Controls(
        floor=numbers.get("floor"),
        ceiling=numbers.get("ceiling"),
        relative=lead,
        normalised=place,
        unavailable=unavailable,
    )


def measured_floor(pairs: Pairs, judge: SimilarityJudge, rng: Random) -> float | str:
    """Return the macro mean of the model's answers against the reference's answers to other prompts of their set."""
    # A fixture of the user's may have rated in the place of the plan's judge.
    if not isinstance(judge, EmbeddedSimilarityJudge) or any(r.judge != judge.name for r in pairs.all):
        return _ASKS_MORE

    def rate(own: Record, other: Record) -> float:
        reference = other.reference_response or ""
        return judge.rate(prompt=own.prompt, reference=reference, response=own.response).overall

    found = floor(pairs, rate, rng)
    return "no prompt set has two rated pairs" if found is None else found


def measured_ceiling(
    reference: ModelUnderTest,
    judge: SimilarityJudge,
    asked: Iterable[tuple[Prompt, ModelRequest, ModelRequest]],
) -> float | str:
    """Return the macro mean of a reference's answers against its own second answers.

    Args:
        reference: only a recording is looked at: a live model would be asked, and paid for, once more.
        judge: who rates.
        asked: each prompt with the request for its first answer and that for its second.
    """
    if reference.client is None or not reference.spec.startswith("recorded:"):
        return "only a recording of the reference can hold second answers"
    if not isinstance(judge, EmbeddedSimilarityJudge):
        return _ASKS_MORE
    by_set: dict[str, list[float]] = {}
    for prompt, *requests in asked:
        try:
            first, second = (reference.client.ask(request) for request in requests)
        except ClientError:
            continue
        if why_unfit(first) or why_unfit(second):
            continue
        rating = judge.rate(**shown_to_judge(prompt, second, first))
        by_set.setdefault(prompt.set, []).append(rating.overall)
    if not by_set:
        return "the reference's recording holds no second answers (sample 1)"
    return fmean(map(fmean, by_set.values()))
