"""From a response to a record: what cannot be judged is told apart first, and the judge decides the rest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_distillcheck.domain.exchanges import Message, ModelRequest, Response, transcript
from pytest_distillcheck.domain.facts import UNKNOWN_MAKER, IdentityFact
from pytest_distillcheck.domain.probes import Probe
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scrubbing import is_blank
from pytest_distillcheck.domain.verdicts import Unjudged, Verdict
from pytest_distillcheck.errors import JudgeError
from pytest_distillcheck.identity import makers_named
from pytest_distillcheck.ports import IdentityJudge
from pytest_distillcheck.running.thinking import split_thinking


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """How the answers of one model to one suite are examined.

    Attributes:
        suite: the suite file, as reports name it.
        model: the model's name.
        teachers: maker ids whose naming counts as strict; None for every known rival.
        reasoning: whether claims in the model's thinking count (`judge`) or are only shown (`report`).
    """

    suite: str
    model: str
    fact: IdentityFact
    judge: IdentityJudge
    teachers: frozenset[str] | None = None
    reasoning: Literal["judge", "report"] = "judge"

    def names_rival(self, messages: Iterable[Message]) -> bool:
        """Return whether what is sent names a maker, or a model of a maker, other than the fact's."""
        named = frozenset[str]().union(*(makers_named(message.content) for message in messages))
        return bool(named - {self.fact.maker_id})

    def is_rival(self, makers: Sequence[str]) -> bool:
        """Return whether a claim to these makers counts as strict."""
        if self.teachers is None:
            return any(maker != UNKNOWN_MAKER for maker in makers)
        return not self.teachers.isdisjoint(makers)


def examine(
    examination: Examination, *, probe: Probe, request: ModelRequest, response: Response, test_id: str
) -> Record:
    """Return the record of a response.

    It is `unjudged`, with its reason, when beside thinking there is nothing to be seen, and when the judge gives up. An
    answer of which a part came, before it was filtered or cut off, is judged by that part.
    """
    prompt = transcript(probe.messages)
    finding = _judge(examination, prompt, response)
    verdict = finding if isinstance(finding, Verdict) else None
    return Record(
        id=test_id,
        suite=examination.suite,
        model=examination.model,
        category=probe.question.category,
        language=probe.question.language,
        context=probe.context,
        question=probe.question.id,
        prompt=prompt,
        response=response.text,
        reasoning=response.reasoning,
        label=verdict.label if verdict else None,
        affirmed=verdict.affirmed if verdict else None,
        makers=verdict.makers if verdict else (),
        quotes=verdict.quotes if verdict else (),
        unjudged=finding.reason if isinstance(finding, Unjudged) else None,
        names_rival=examination.names_rival(probe.messages),
        rival=bool(verdict and examination.is_rival(verdict.makers)),
        model_returned=response.model,
        source=response.source,
        judge=examination.judge.name,
        request=request.digest(),
    )


def _judge(examination: Examination, prompt: str, response: Response) -> Verdict | Unjudged:
    parts = split_thinking(response.text)
    # It may come in a field of its own, in the text, or in both.
    thinking = [reasoning for reasoning in (response.reasoning, parts.reasoning) if reasoning]
    if is_blank(parts.answer):
        return Unjudged(why_empty(response, thought=bool(thinking)))
    heard = thinking if examination.reasoning == "judge" else []
    # One text for the judge, whichever way the thinking came; quotes are cut from its parts alone.
    judged = "".join(f"<think>{reasoning}</think>" for reasoning in heard) + parts.answer
    try:
        verdict: object = examination.judge.judge(fact=examination.fact, prompt=prompt, response=judged)
    except JudgeError as error:
        return Unjudged(f"the judge gave no verdict ({error})")
    # The judge may be a fixture of the user's.
    if not isinstance(verdict, Verdict):
        return Unjudged(f"the judge gave no verdict (it returned {type(verdict).__name__})")
    return verdict


def why_empty(response: Response, *, thought: bool) -> str:
    """Return why nothing is to be seen of a response.

    Args:
        response: it holds at most thinking.
        thought: whether it does.
    """
    if response.finish_reason == "content_filter":
        return "filtered by the provider"
    if response.finish_reason == "length":
        return "cut off before an answer came; allow more tokens"
    return "thinking without an answer" if thought else "empty response"
