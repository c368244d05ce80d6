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
    ForecastRange,
    PlannedSuite,
    RunForecast,
)

ASSUMPTIONS = (
    f"estimates: a token is {CHARACTERS_PER_TOKEN:g} characters, or {WIDE_CHARACTERS_PER_TOKEN:g} Chinese, Japanese or"
    f" Korean ones; an answer is {TYPICAL_COMPLETION_TOKENS} tokens, or `max_tokens` if that is less, and takes"
    f" {FIRST_TOKEN_S:g} s + 1 s per {TOKENS_PER_S:g} tokens; the longest is `max_tokens`, else"
    f" {ASSUMED_COMPLETION_TOKENS:,}; no retries, no reasoning"
)


_RANGE = "lower figures are for models without a finding; one whose gates fail at once is asked less"


def plan_lines(run: RunForecast, warnings: Iterable[str] = ()) -> list[Line]:
    """Return the section: what each suite asks of each model, the sum, what stands in the way, how it was estimated."""
    lines = [line for suite, told in run.suites for line in _suite_lines(suite, told)]
    clean, most = run.total.clean, run.total.most
    if len(run.suites) > 1 and (most.calls or most.kept):
        lines += [Line("in all", "bold"), *_forecast_lines(run.total, _calls_text(run.total))]
    lines += [Line(warning, "yellow") for warning in warnings]
    if clean.calls < most.calls:
        lines.append(Line(_RANGE))
    if most.calls:
        lines.append(Line(ASSUMPTIONS))
    lines.append(Line("nothing was asked, judged or decided"))
    return [Line(scrub(line.text), line.colour) for line in lines]


def _suite_lines(suite: PlannedSuite, told: ForecastRange) -> Iterator[Line]:
    yield Line(f"{suite.suite}: {suite.model} ({suite.spec})", "bold")
    probes = suite.most or counted(suite.probes, "probe")
    if not suite.jobs:
        yield Line(f"  {probes}, nothing is sent")
    else:
        calls = f"{probes}: {_calls_text(told)}"
        if not suite.most and (rest := suite.probes - told.most.calls - told.most.kept):
            calls += f", {rest} not sent: asked already, or skipped"
        yield from _forecast_lines(told, calls)
    yield from (Line(f"  {gate}") for gate in suite.gates)


def _calls_text(told: ForecastRange) -> str:
    calls = _range(
        f"{told.clean.calls:,}", counted(told.most.calls, "call"), same=told.clean.calls == told.most.calls
    )
    kept = _range(
        f"{told.clean.kept:,}", counted(told.most.kept, "answer"), same=told.clean.kept == told.most.kept
    )
    return f"{calls}, {kept} kept" if told.most.kept else calls


def _forecast_lines(told: ForecastRange, calls: str) -> Iterator[Line]:
    clean, most = told.clean, told.most
    yield Line(f"  {calls}")
    if not most.calls:
        return
    same = clean == most
    tokens_in = _range(f"{clean.prompt_tokens:,}", f"{most.prompt_tokens:,}", same=same)
    tokens_out = _range(f"{clean.completion_tokens:,}", f"{most.completion_tokens:,}", same=same)
    yield Line(f"  tokens  about {tokens_in} in and {tokens_out} out")
    cost = cost_text(most.cost_usd, most.unpriced)
    if most.cost_usd:
        cost = f"about {_range(usd_text(clean.cost_usd), cost, same=same)}"
        cost += f"; with the longest answers {_range(usd_text(clean.ceiling_usd), usd_text(most.ceiling_usd), same=same)}"
    yield Line(f"  cost    {cost}")
    times = duration_text(clean.duration_s), duration_text(most.duration_s)
    yield Line(f"  time    about {_range(*times, same=times[0] == times[1])}")


def _range(low: str, high: str, *, same: bool) -> str:
    return high if same else f"{low} to {high}"
