"""What a judge that is a model will be asked: its controls at once, a pair as soon as the answers that it rates are there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from pytest_distillcheck.assembly import Plan
from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.judges import ControlledSimilarityJudge
from pytest_distillcheck.plugin.cases import Ask, SimilarityCase, case_of
from pytest_distillcheck.plugin.sending import is_overridden
from pytest_distillcheck.reports.quantities import counted
from pytest_distillcheck.running import shown_to_judge, why_unfit
from pytest_distillcheck.running.asking import Addressee
from pytest_distillcheck.running.chaining import Link
from pytest_distillcheck.running.forecasting import CHARACTERS_PER_TOKEN, TYPICAL_COMPLETION_TOKENS
from pytest_distillcheck.running.jobs import Job

_TYPICAL_CHARACTERS = round(TYPICAL_COMPLETION_TOKENS * CHARACTERS_PER_TOKEN)


def links_of(items: Iterable[pytest.Item], build: str) -> Iterator[Link]:
    """Yield what the tests will ask their judge after which answers, in the order of the tests.

    The controls are sent after the first answer that comes. A pair is sent when they are there too, and only to a judge
    that passes them.
    """
    cases = list(_foreseen(items, build))
    controls = cases[0].judge.control_jobs() if cases else ()
    unsent = iter(controls)
    for case in cases:
        # Whichever of these links is followed first takes them all.
        yield Link(awaited=case.awaited[:1], follow=lambda _: unsent)
        yield Link(awaited=(*case.awaited, *controls), follow=case.follow)


def expected_jobs(items: Iterable[pytest.Item], build: str) -> Iterator[Job]:
    """Yield about what the tests will ask their judge, before any answer is there."""
    is_first = True
    for item in items:
        case = case_of(item)
        if isinstance(case, SimilarityCase) and (judge := _live_judge(case, build)):
            if is_first:
                yield from judge.control_jobs()
                is_first = False
            # Two different answers: of equal ones both orders would be one request.
            answers = (Response(text=letter * _TYPICAL_CHARACTERS, source="live") for letter in "ab")
            yield from judge.jobs(case, *answers)


def compared_text(plan: Plan, pairs: int) -> str:
    """Return in words what tests compare, and who rates it when that is a model."""
    reference, *judges = plan.others
    rated = "".join(f", rated by {judge.name} ({judge.spec}) after its controls" for judge in judges)
    return f"{counted(pairs, 'prompt')} compared with {reference.name} ({reference.spec}){rated}"


@dataclass(frozen=True, slots=True)
class _LiveJudge:
    """What a judge that is a live model will ask."""

    judge: ControlledSimilarityJudge
    addressee: Addressee

    def control_jobs(self) -> tuple[Job, ...]:
        """Return what its controls ask."""
        return self._jobs(self.judge.control_requests())

    def jobs(self, case: SimilarityCase, response: Response, reference: Response) -> tuple[Job, ...]:
        """Return what it asks about two answers."""
        return self._jobs(self.judge.requests(**shown_to_judge(case.prompt, response, reference)))

    def _jobs(self, requests: Iterable[ModelRequest]) -> tuple[Job, ...]:
        return tuple(map(self.addressee.job, requests))


def _live_judge(case: SimilarityCase, build: str) -> _LiveJudge | None:
    """Return who rates a case if that is a live model."""
    judge, model = case.plan.comparison.judge, case.plan.judge_model
    if not isinstance(judge, ControlledSimilarityJudge) or model is None or model.live is None:
        return None
    return _LiveJudge(judge, model.live.addressee(build))


@dataclass(frozen=True, slots=True)
class _ForeseenCase:
    """A test of which it is known what its judge will be asked, as soon as its answers are there.

    Attributes:
        awaited: what is asked of live models, in the order of `asks`.
    """

    case: SimilarityCase
    asks: Sequence[Ask]
    awaited: tuple[Job, ...]
    judge: _LiveJudge

    def follow(self, responses: Sequence[Response]) -> tuple[Job, ...]:
        """Return what the judge will be asked, from the answers to `awaited`; whatever follows them does not matter."""
        coming = iter(responses)
        response, reference = (_replayed(ask) or next(coming) for ask in self.asks)
        if why_unfit(response) or why_unfit(reference) or self.judge.judge.fault():
            return ()
        return self.judge.jobs(self.case, response, reference)


def _foreseen(items: Iterable[pytest.Item], build: str) -> Iterator[_ForeseenCase]:
    for item in items:
        case = case_of(item)
        if not isinstance(case, SimilarityCase) or item.get_closest_marker("skip"):
            continue
        judge, asks = _live_judge(case, build), list(case.asks(item))
        if judge is None or is_overridden("distill_similarity_judge", item):
            continue
        if all(_is_foreseen(ask, item) for ask in asks):
            live = ((ask.model.live, ask.request) for ask in asks)
            awaited = tuple(access.addressee(build).job(request) for access, request in live if access)
            yield _ForeseenCase(case, asks, awaited, judge)


def _is_foreseen(ask: Ask, item: pytest.Item) -> bool:
    """Return whether an answer is known before its test: not what a callable or a fixture of the user's gives."""
    known = ask.model.live is not None or ask.model.spec.startswith("recorded:")
    return known and not is_overridden(ask.fixture, item)


def _replayed(ask: Ask) -> Response | None:
    return ask.model.client.ask(ask.request) if ask.model.client else None
