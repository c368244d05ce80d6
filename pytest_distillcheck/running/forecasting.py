"""What a run would ask, and what that will probably cost and take, told before anything is sent."""

import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pytest_distillcheck.domain.exchanges import ModelRequest, Usage
from pytest_distillcheck.domain.prices import Price
from pytest_distillcheck.running.budget import PER_MESSAGE_TOKENS, ceiling_usd
from pytest_distillcheck.running.jobs import Job

TYPICAL_COMPLETION_TOKENS = 200
"""Length of an answer to an identity question: eight models' means lie between 150 and 410."""

CHARACTERS_PER_TOKEN = 4.0
"""Of alphabetic scripts; a rule of thumb for English that byte-level vocabularies bear out."""

WIDE_CHARACTERS_PER_TOKEN = 1.5
"""Of Chinese, Japanese and Korean."""

FIRST_TOKEN_S = 1.0
"""Seconds until an answer begins."""

TOKENS_PER_S = 50.0
"""How fast it then comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a live model is served; None for what is not known."""

    price: Price | None
    requests_per_minute: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What some requests will probably come to. Everything but `calls` and `kept` is an estimate.

    Attributes:
        calls: requests to send, if none has to be repeated.
        kept: requests whose answer the response store has.
        prompt_tokens: of all calls.
        completion_tokens: of all calls, reasoning not included.
        cost_usd: of the calls whose model has a price.
        ceiling_usd: what `--distill-max-cost` would count for them at most before they are answered.
        unpriced: calls whose model has no price, which are not in the sums.
        duration_s: seconds from the first request to the last answer.
    """

    calls: int
    kept: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float
    ceiling_usd: float
    unpriced: int
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSuite:
    """What one suite asks of one model.

    Attributes:
        suite: the suite file, relative to the rootdir.
        model: the model's name.
        spec: how it is reached.
        probes: how many tests were selected.
        most: what they ask at most, in words, where that is not a request for each.
        jobs: what goes to the broker; empty for a model that is not live.
        spare: what else goes there if the answers demand it; a model without a finding is not asked it.
        gates: in one line each, what the gates need.
    """

    suite: str
    model: str
    spec: str
    probes: int
    most: str = ""
    jobs: tuple[Job, ...] = ()
    spare: tuple[Job, ...] = ()
    gates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRange:
    """What some requests will come to, when how many there are depends on the answers.

    Attributes:
        clean: for models without a finding.
        most: if everything is asked that may be.
    """

    clean: Forecast
    most: Forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class RunForecast:
    """What a run would ask.

    Attributes:
        suites: each with what it adds: a request that several make counts where it comes first.
        total: of all of them; models are asked side by side.
    """

    suites: tuple[tuple[PlannedSuite, ForecastRange], ...]
    total: ForecastRange


def forecast_run(
    suites: Iterable[PlannedSuite],
    terms: Mapping[str, Terms],
    *,
    concurrency: int,
    kept: Collection[str] = frozenset(),
) -> RunForecast:
    """Return what the suites would ask together.

    Args:
        suites: in the order of the run.
        terms: by model.
        concurrency: requests in flight at most.
        kept: keys whose answer is kept.
    """

    def between(jobs: Mapping[str, Job], spare: Mapping[str, Job]) -> ForecastRange:
        clean = forecast(jobs.values(), terms, concurrency=concurrency, kept=kept)
        if not spare:
            return ForecastRange(clean=clean, most=clean)
        every = {**jobs, **spare}
        return ForecastRange(
            clean=clean, most=forecast(every.values(), terms, concurrency=concurrency, kept=kept)
        )

    jobs: dict[str, Job] = {}
    spare: dict[str, Job] = {}
    told = []
    for suite in suites:
        new = {job.key: job for job in suite.jobs if job.key not in jobs}
        new_spare = {
            job.key: job for job in suite.spare if not (job.key in jobs or job.key in spare or job.key in new)
        }
        told.append((suite, between(new, new_spare)))
        jobs |= new
        spare |= new_spare
    return RunForecast(suites=tuple(told), total=between(jobs, spare))


def forecast(
    jobs: Iterable[Job], terms: Mapping[str, Terms], *, concurrency: int, kept: Collection[str] = frozenset()
) -> Forecast:
    """Return what different requests will probably come to. The arguments are those of `forecast_run`."""
    jobs = list(jobs)
    calls = [job for job in jobs if job.key not in kept]
    priced = [(job.request, price) for job in calls if (price := terms[job.model].price)]
    usages = [expected_usage(job.request) for job in calls]
    return Forecast(
        calls=len(calls),
        kept=len(jobs) - len(calls),
        prompt_tokens=sum(usage.prompt_tokens for usage in usages),
        completion_tokens=sum(usage.completion_tokens for usage in usages),
        cost_usd=sum(price.cost(expected_usage(request)) for request, price in priced),
        ceiling_usd=sum(ceiling_usd(price, request) for request, price in priced),
        unpriced=len(calls) - len(priced),
        duration_s=max(_busy_s(usages, concurrency), _paced_s(calls, terms)),
    )


def expected_usage(request: ModelRequest) -> Usage:
    """Return the tokens that a request will probably take; `max_tokens` can only make the answer shorter."""
    prompt = sum(expected_tokens(message.content) + PER_MESSAGE_TOKENS for message in request.messages)
    longest = request.parameters.get("max_tokens")
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=min(longest, TYPICAL_COMPLETION_TOKENS)
        if isinstance(longest, int)
        else TYPICAL_COMPLETION_TOKENS,
    )


def expected_tokens(text: str) -> int:
    """Return how many tokens a text probably is."""
    wide = sum(unicodedata.east_asian_width(character) in {"W", "F"} for character in text)
    return round(wide / WIDE_CHARACTERS_PER_TOKEN + (len(text) - wide) / CHARACTERS_PER_TOKEN)


def _busy_s(usages: Collection[Usage], concurrency: int) -> float:
    """Return how long requests take that are never told to wait."""
    if not usages:
        return 0.0
    each = [FIRST_TOKEN_S + usage.completion_tokens / TOKENS_PER_S for usage in usages]
    return max(*each, sum(each) / concurrency)


def _paced_s(calls: Iterable[Job], terms: Mapping[str, Terms]) -> float:
    """Return how long the model takes whose known rate is the tightest."""
    counts = Counter(job.model for job in calls)
    rates = [(n, rate) for model, n in counts.items() if (rate := terms[model].requests_per_minute)]
    return max((n * 60 / rate for n, rate in rates), default=0.0)
