"""From two answers to a record: what cannot be rated is told apart first, and the judge rates the rest."""

from dataclasses import dataclass

from pytest_distillcheck.domain.exchanges import ModelRequest, Response, transcript
from pytest_distillcheck.domain.prompts import Prompt
from pytest_distillcheck.domain.ratings import RANGES, Rating
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scrubbing import is_blank
from pytest_distillcheck.domain.verdicts import Unjudged
from pytest_distillcheck.errors import JudgeError
from pytest_distillcheck.ports import SimilarityJudge
from pytest_distillcheck.running.examining import why_empty
from pytest_distillcheck.running.thinking import split_thinking

UNDETERMINED = "und"
"""Language of a prompt whose file does not say it, as ISO 639-2 spells that."""

_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Which answers are compared, and by whom.

    Attributes:
        suite: the suite file, as reports name it.
        model: the name of the model under test.
        reference: the reference model's.
    """

    suite: str
    model: str
    reference: str
    judge: SimilarityJudge


def compare(
    comparison: Comparison,
    *,
    prompt: Prompt,
    request: ModelRequest,
    response: Response,
    reference: Response,
    test_id: str,
) -> Record:
    """Return the record of a response and the reference's answer to the same prompt.

    Answers are compared without their thinking. The record is `unjudged`, with its reason, when there is nothing to be
    seen of either, when a provider filtered it, or when the judge gives up. One that was cut off is compared as it came.

    Raises:
        ClientError: the judge is a model, and could not be asked.
    """
    finding = _rate(comparison, prompt, response, reference)
    return Record(
        id=test_id,
        suite=comparison.suite,
        model=comparison.model,
        kind="similarity",
        language=prompt.language or UNDETERMINED,
        context="plain",
        question=prompt.id,
        prompt=transcript(prompt.turns),
        response=response.text,
        reasoning=response.reasoning,
        reference=comparison.reference,
        prompt_set=prompt.set,
        reference_response=reference.text,
        rating=_rounded(finding) if isinstance(finding, Rating) else None,
        unjudged=finding.reason if isinstance(finding, Unjudged) else None,
        model_returned=response.model,
        source=response.source,
        judge=comparison.judge.name,
        request=request.digest(),
    )


def _rounded(rating: Rating) -> dict[str, float]:
    """Return a rating without the last digits, in which the same sum differs from one process to another."""
    return {aspect: round(value, _DIGITS) for aspect, value in rating.to_builtins().items()}


def shown_to_judge(prompt: Prompt, response: Response, reference: Response) -> dict[str, str]:
    """Return by name what `SimilarityJudge.rate` is given of two answers."""
    return {
        "prompt": transcript(prompt.turns),
        "reference": split_thinking(reference.text).answer,
        "response": split_thinking(response.text).answer,
    }


def why_unfit(answer: Response) -> str | None:
    """Return why an answer cannot be compared, or None."""
    if answer.finish_reason == "content_filter":
        # A part of an answer may give an identity away, but does not tell how similar the whole is.
        return "filtered by the provider"
    parts = split_thinking(answer.text)
    if is_blank(parts.answer):
        return why_empty(answer, thought=bool(answer.reasoning or parts.reasoning))
    return None


def _rate(
    comparison: Comparison, prompt: Prompt, response: Response, reference: Response
) -> Rating | Unjudged:
    for answer, whose in ((response, ""), (reference, f"{comparison.reference}: ")):
        if why := why_unfit(answer):
            return Unjudged(whose + why)
    try:
        rating: object = comparison.judge.rate(**shown_to_judge(prompt, response, reference))
    except JudgeError as error:
        return Unjudged(f"the judge gave no rating ({error})")
    # The judge may be a fixture of the user's.
    if not isinstance(rating, Rating):
        return Unjudged(f"the judge gave no rating (it returned {type(rating).__name__})")
    for aspect, (low, high) in RANGES.items():
        # Written so that it holds of no NaN, which would pass every limit.
        if not low <= (value := getattr(rating, aspect)) <= high:
            return Unjudged(f"the judge gave no rating ({aspect} {value} is not in [{low:g}, {high:g}])")
    return rating
