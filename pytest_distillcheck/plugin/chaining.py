"""What a judge that is a model will be asked, as soon as the answers that it rates are there."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import pytest

from pytest_distillcheck.assembly import Plan
from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.judges import ModelSimilarityJudge
from pytest_distillcheck.plugin.cases import Ask, SimilarityCase, case_of
from pytest_distillcheck.plugin.sending import is_overridden
from pytest_distillcheck.reports.quantities import counted
from pytest_distillcheck.running import shown_to_judge, why_unfit
from pytest_distillcheck.running.chaining import Link
from pytest_distillcheck.running.forecasting import CHARACTERS_PER_TOKEN, TYPICAL_COMPLETION_TOKENS
from pytest_distillcheck.running.jobs import Job

_TYPICAL_CHARACTERS = round(TYPICAL_COMPLETION_TOKENS * CHARACTERS_PER_TOKEN)


def links_of(items: Iterable[pytest.Item], build: str) -> Iterator[Link]:
    """Yield what the tests will ask their judge after which answers, in the order of the tests."""
    for item in items:
        case = case_of(item)
        if isinstance(case, SimilarityCase) and not item.get_closest_marker("skip"):
            yield from _links(case, item, build)


def expected_jobs(items: Iterable[pytest.Item], build: str) -> Iterator[Job]:
    """Yield about what the tests will ask their judge, before any answer is there."""
    for item in items:
        case = case_of(item)
        if isinstance(case, SimilarityCase) and (job_of := _judge_jobs(case, build)):
            # Two different answers: of equal ones both orders would be one request.
            answers = (Response(text=letter * _TYPICAL_CHARACTERS, source="live") for letter in "ab")
            yield from job_of(shown_to_judge(case.prompt, *answers))


def compared_text(plan: Plan, pairs: int) -> str:
    """Return in words what tests compare, and who rates it when that is a model."""
    reference, *judges = plan.others
    rated = "".join(f", rated by {judge.name} ({judge.spec})" for judge in judges)
    return f"{counted(pairs, 'prompt')} compared with {reference.name} ({reference.spec}){rated}"


def _judge_jobs(case: SimilarityCase, build: str) -> Callable[[Mapping[str, str]], list[Job]] | None:
    """Return what turns what a judge is shown into its requests; None when it is no live model."""
    judge, model = case.plan.comparison.judge, case.plan.judge_model
    if not isinstance(judge, ModelSimilarityJudge) or model is None or model.live is None:
        return None
    addressee = model.live.addressee(build)
    return lambda shown: [addressee.job(request) for request in judge.requests(**shown)]


def _links(case: SimilarityCase, item: pytest.Item, build: str) -> Iterator[Link]:
    asks = list(case.asks(item))
    jobs_of_pair = _judge_jobs(case, build)
    if jobs_of_pair is None or is_overridden("distill_similarity_judge", item):
        return
    if not all(_is_foreseen(ask, item) for ask in asks):
        return

    def follow(answers: Sequence[Response]) -> list[Job]:
        coming = iter(answers)
        response, reference = (_replayed(ask) or next(coming) for ask in asks)
        if why_unfit(response) or why_unfit(reference):
            return []
        return jobs_of_pair(shown_to_judge(case.prompt, response, reference))

    yield Link(
        awaited=tuple(ask.model.live.addressee(build).job(ask.request) for ask in asks if ask.model.live),
        follow=follow,
    )


def _is_foreseen(ask: Ask, item: pytest.Item) -> bool:
    """Return whether an answer is known before its test: not what a callable or a fixture of the user's gives."""
    known = ask.model.live is not None or ask.model.spec.startswith("recorded:")
    return known and not is_overridden(ask.fixture, item)


def _replayed(ask: Ask) -> Response | None:
    return ask.model.client.ask(ask.request) if ask.model.client else None
