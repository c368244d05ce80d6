"""How similar a model is to a reference, as the terminal's summary shows it."""

from collections.abc import Iterator, Mapping

from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scores import Mean
from pytest_distillcheck.domain.similarities import (
    Controls,
    Increase,
    NearestReference,
    SimilarityScores,
)
from pytest_distillcheck.domain.summaries import SectionResult
from pytest_distillcheck.reports.lines import Line
from pytest_distillcheck.reports.quantities import counted, p_text

CLOSEST = 3
"""Pairs that are named as the most similar ones."""

_ENOUGH_TO_REPEAT = 3
_NAMES = {"relative": "over the other references", "normalised": "between floor and ceiling"}


def similarity_lines(result: SectionResult, scores: SimilarityScores) -> Iterator[Line]:
    """Yield what a model and one reference came to on a suite."""
    rated = sum(record.rating is not None for record in result.records)
    yield Line(
        f"{result.suite}: {result.model} compared with {result.reference},"
        f" {rated} of {result.planned} prompts rated by {scores.measurement.judge}",
        "bold",
    )
    if count := scores.unjudged.count:
        reasons = sorted({record.unjudged for record in result.records if record.unjudged})
        yield Line(f"  unjudged {count} of {scores.unjudged.n}: {'; '.join(reasons[:2])}", "yellow")
    if rated:
        yield from _score_lines(result, scores)
    for waiver in result.needless:
        yield Line(f"  the waiver of {waiver.probe} by {waiver.owner} covers no finding; remove it", "yellow")


def nearest_line(found: NearestReference) -> Line:
    """Return which reference a model is most similar to, or that none stands out."""
    ranking = ", ".join(f"{name} {score:+.2f}" for name, score in found.ranking)
    told = (
        f"most similar to {found.nearest}"
        if found.nearest
        else "most similar to no reference more than chance gives"
    )
    return Line(
        f"{found.suite}: {found.model} is {told} ({p_text(found.p_value)}, {found.prompts} prompts): {ranking}",
        "bold",
    )


def _score_lines(result: SectionResult, scores: SimilarityScores) -> Iterator[Line]:
    for aspect, mean in scores.overall.items():
        sets = "  ".join(f"{name} {_short(means[aspect])}" for name, means in scores.by_set.items())
        yield Line(f"  {aspect:<9}{_mean(mean)}  {sets}")
    yield Line(f"  read it against: {_controls_text(scores.controls, scores.length_ratio)}")
    for name in ("floor", "ceiling"):
        if why := scores.controls.unavailable.get(name):
            yield Line(f"    no {name}: {why}")
    if scores.increase:
        yield Line(f"  {_increase_text(scores.increase)}")
    yield from _repetition_lines(result, scores)
    yield Line(f"  closest prompts: {_closest(result.records)}")


def _controls_text(controls: Controls, length_ratio: float | None) -> str:
    values: Mapping[str, float | None] = {
        "floor": controls.floor,
        "ceiling": controls.ceiling,
    }
    parts = [f"{name} {value:.2f}" for name, value in values.items() if value is not None]
    if controls.relative is not None:
        parts.append(f"{controls.relative:+.2f} {_NAMES['relative']}")
    if controls.normalised is not None:
        parts.append(f"{controls.normalised:.0%} of the way {_NAMES['normalised']}")
    if length_ratio is not None:
        parts.append(f"answers {length_ratio:.2f} times as long")
    return ", ".join(parts)


def _increase_text(increase: Increase) -> str:
    mean = increase.mean
    told = f"over the baseline ({increase.model}): "
    if mean.value is None or increase.p_value is None:
        return told + "no prompt was rated in both"
    told += f"overall {mean.value:+.3f}"
    if mean.low is not None and mean.high is not None:
        told += f" [{mean.low:+.3f}, {mean.high:+.3f}]"
    return f"{told} on {counted(mean.n, 'prompt')}, {p_text(increase.p_value)} by sign flips"


def _repetition_lines(result: SectionResult, scores: SimilarityScores) -> Iterator[Line]:
    n = scores.overall["overall"].n
    counts = {result.model: scores.repeated, result.reference: scores.repeated_reference}
    for name, count in counts.items():
        if count >= _ENOUGH_TO_REPEAT and 2 * count > n:
            yield Line(
                f"  {name} gave one answer to {count} of {n} prompts: its similarity says nothing", "yellow"
            )


def _closest(records: tuple[Record, ...]) -> str:
    rated = [(record.rating["overall"], record.question) for record in records if record.rating]
    closest = sorted(rated, key=lambda pair: (-pair[0], pair[1]))[:CLOSEST]
    return ", ".join(f"{question} {rating:.2f}" for rating, question in closest)


def _mean(mean: Mean) -> str:
    if mean.value is None:
        return "no pair was rated"
    if mean.low is None or mean.high is None:
        return f"{mean.value:.3f}"
    return f"{mean.value:.3f} [{mean.low:.3f}, {mean.high:.3f}]"


def _short(mean: Mean) -> str:
    return "-" if mean.value is None else f"{mean.value:.2f}"
