"""The section that `--distill-plan` prints instead of a run."""

from collections.abc import Iterable, Iterator

from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.reports.lines import Line
from pytest_distillcheck.reports.quantities import cost_text, counted, duration_text, usd_text
from pytest_distillcheck.running.budget import ASSUMED_COMPLETION_TOKENS
from pytest_distillcheck.running.forecasting import (
    CHARACTERS_PER_TOKEN,
    FIRST_TOKEN_S,
    TOKENS_PER_S,
    TYPICAL_COMPLETION_TOKENS,
    WIDE_CHARACTERS_PER_TOKEN,
    Forecast,
    PlannedSuite,
    RunForecast,
)

ASSUMPTIONS = (
    f"estimates: a token is {CHARACTERS_PER_TOKEN:g} characters, or {WIDE_CHARACTERS_PER_TOKEN:g} Chinese, Japanese or"
    f" Korean ones; an answer is {TYPICAL_COMPLETION_TOKENS} tokens, or `max_tokens` if that is less, and takes"
    f" {FIRST_TOKEN_S:g} s + 1 s per {TOKENS_PER_S:g} tokens; the longest is `max_tokens`, else"
    f" {ASSUMED_COMPLETION_TOKENS:,}; no retries, no reasoning"
)


def plan_lines(run: RunForecast, warnings: Iterable[str] = ()) -> list[Line]:
    """Return the section: what each suite asks of each model, the sum, what stands in the way, how it was estimated."""
    lines = [line for suite, forecast in run.suites for line in _suite_lines(suite, forecast)]
    if len(run.suites) > 1 and (run.total.calls or run.total.kept):
        lines += [Line("in all", "bold"), *_forecast_lines(run.total, _calls_text(run.total))]
    lines += [Line(warning, "yellow") for warning in warnings]
    if run.total.calls:
        lines.append(Line(ASSUMPTIONS))
    lines.append(Line("nothing was asked, judged or decided"))
    return [Line(scrub(line.text), line.colour) for line in lines]


def _suite_lines(suite: PlannedSuite, forecast: Forecast) -> Iterator[Line]:
    yield Line(f"{suite.suite}: {suite.model} ({suite.spec})", "bold")
    probes = suite.most or counted(suite.probes, "probe")
    if not suite.jobs:
        yield Line(f"  {probes}, nothing is sent")
    else:
        told = f"{probes}: {_calls_text(forecast)}"
        if not suite.most and (rest := suite.probes - forecast.calls - forecast.kept):
            told += f", {rest} not sent: asked already, or skipped"
        yield from _forecast_lines(forecast, told)
    yield from (Line(f"  {gate}") for gate in suite.gates)


def _calls_text(forecast: Forecast) -> str:
    calls = counted(forecast.calls, "call")
    return f"{calls}, {counted(forecast.kept, 'answer')} kept" if forecast.kept else calls


def _forecast_lines(forecast: Forecast, calls: str) -> Iterator[Line]:
    yield Line(f"  {calls}")
    if not forecast.calls:
        return
    yield Line(f"  tokens  about {forecast.prompt_tokens:,} in and {forecast.completion_tokens:,} out")
    cost = cost_text(forecast.cost_usd, forecast.unpriced)
    if forecast.cost_usd:
        cost = f"about {cost}; with the longest answers {usd_text(forecast.ceiling_usd)}"
    yield Line(f"  cost    {cost}")
    yield Line(f"  time    about {duration_text(forecast.duration_s)}")
