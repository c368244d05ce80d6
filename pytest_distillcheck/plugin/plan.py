"""`--distill-plan`: collects, and shows what would be asked instead of asking."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

from pytest_distillcheck.plugin.main import Main
from pytest_distillcheck.plugin.run import RUN

if TYPE_CHECKING:
    from pytest_distillcheck.assembly import ModelUnderTest, Plan
    from pytest_distillcheck.assembly.campaign import CampaignPlan
    from pytest_distillcheck.domain.exchanges import ModelRequest
    from pytest_distillcheck.domain.gates import Gate
    from pytest_distillcheck.reports import Line
    from pytest_distillcheck.running.forecasting import ForecastRange, PlannedSuite, RunForecast
    from pytest_distillcheck.running.jobs import Job


def plan_only(config: pytest.Config) -> None:
    """Have this run collect, without workers, and end with the plan."""
    config.pluginmanager.register(PlanView(lists_tests=config.option.collectonly), "distillcheck-plan")
    # Every plugin knows that nothing runs then.
    config.option.collectonly = True
    # pytest-xdist starts no workers then either, but who asks it whether it will should hear no.
    vars(config.option).update(numprocesses=0, dist="no", tx=[])


class PlanView:
    """Shows the plan in the place of a summary.

    Args:
        lists_tests: whether the tests are listed as well, as `--collect-only` does.
    """

    def __init__(self, *, lists_tests: bool) -> None:
        self._lists_tests = lists_tests
        self._items: Sequence[pytest.Item] = ()
        self._lines: Sequence[Line] = ()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Keep what was collected, and keep the terminal from listing it."""
        self._items = items = session.items
        if not self._lists_tests:
            session.items = []
        try:
            yield
        finally:
            session.items = items

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Make the plan here, where a usage error is told as one, and let pytest go on to run nothing."""
        run = session.config.stash[RUN]
        assert isinstance(run, Main)  # there are no workers
        if session.testsfailed or not run.suites:
            return
        from pytest_distillcheck.domain.scrubbing import scrub
        from pytest_distillcheck.errors import DistillcheckError
        from pytest_distillcheck.reports import plan_lines

        try:
            forecast = _forecast(run, self._items)
        except DistillcheckError as error:
            raise pytest.UsageError(scrub(str(error))) from error
        self._lines = plan_lines(forecast, _warnings(run, forecast.total))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the plan."""
        if not self._lines:
            return
        terminalreporter.section("distillcheck plan")
        for line in self._lines:
            terminalreporter.line(line.text, **{line.colour: True} if line.colour else {})


def _forecast(run: Main, items: Iterable[pytest.Item]) -> "RunForecast":
    """Return what the selected tests would ask; raises DistillcheckError."""
    from pytest_distillcheck.plugin.sending import build_of
    from pytest_distillcheck.running.forecasting import Terms, forecast_run
    from pytest_distillcheck.stores import STATE_FOLDER, kept_keys

    build = build_of(run.models, run.settings, run.config) if run.asks_live else ""
    suites = list(_planned_suites(run, items, build))
    return forecast_run(
        suites,
        {
            m.name: Terms(price=m.live.price, requests_per_minute=m.live.requests_per_minute)
            for m in (*run.models, *run.others)
            if m.live
        },
        concurrency=run.settings.concurrency,
        kept=kept_keys(
            run.config.rootpath / STATE_FOLDER, {job.key for s in suites for job in (*s.jobs, *s.spare)}
        ),
    )


def _planned_suites(run: Main, items: Iterable[pytest.Item], build: str) -> Iterator["PlannedSuite"]:
    from pytest_distillcheck.plugin.cases import case_of
    from pytest_distillcheck.running.forecasting import PlannedSuite

    selected: dict[int, list[pytest.Item]] = {}
    for item in items:
        if case := case_of(item):
            selected.setdefault(id(case.plan), []).append(item)
    for file in run.suites.values():
        for plan in file.plans:
            probes = selected.get(id(plan), [])
            gates = [gate for gate in plan.gates() if gate.id in run.gates]
            if not (probes or gates):
                continue
            most, jobs, spare = _asked(plan, probes, build)
            yield PlannedSuite(
                suite=file.nodeid,
                model=plan.model.name,
                spec=plan.model.spec,
                probes=len(probes),
                most=most,
                jobs=tuple(jobs),
                spare=tuple(spare),
                gates=tuple(_gate_text(gate, plan, selected=len(probes)) for gate in gates),
            )


def _asked(plan: "Plan", items: Sequence[pytest.Item], build: str) -> "tuple[str, list[Job], list[Job]]":
    """Return what tests ask, and what they ask beyond that if answers demand it; first in words where they help."""
    from pytest_distillcheck.plugin.sending import jobs_of

    if plan.kind == "similarity":
        from pytest_distillcheck.plugin.chaining import compared_text, expected_jobs

        return compared_text(plan, len(items)), [*jobs_of(items, build), *expected_jobs(items, build)], []
    if plan.kind != "campaign" or not items:
        return "", list(jobs_of(items, build)), []
    from pytest_distillcheck.assembly.campaign import CampaignPlan

    assert isinstance(plan, CampaignPlan)
    return plan.most, *_campaign_jobs(plan, items[0], build)


def _campaign_jobs(plan: "CampaignPlan", item: pytest.Item, build: str) -> "tuple[list[Job], list[Job]]":
    """Return what a campaign asks if it finds nothing, and all that it may ask beyond that."""
    from itertools import islice

    from pytest_distillcheck.plugin.cases import as_hooks_leave_it

    def jobs(asked: "Iterable[tuple[ModelUnderTest, ModelRequest]]") -> "Iterator[Job]":
        for model, request in asked:
            changed = as_hooks_leave_it(request, item) if model is plan.model else request
            if model.live:
                yield model.live.addressee(build).job(changed)

    draws = jobs((plan.model, request) for request in plan.draw_requests())
    clean = [*islice(draws, plan.clean_draws), *jobs(plan.search_requests())]
    return clean, list(draws)


def _gate_text(gate: "Gate", plan: "Plan", *, selected: int) -> str:
    """Return what a gate needs before it can be decided."""
    planned = len(plan.test_names())
    text = plan.gate_note(gate) or f"{gate.name} ({gate.limit}) counts all {planned} {plan.unit}"
    return text if selected == planned else f"{text}; {planned - selected} of them are not selected"


def _warnings(run: Main, total: "ForecastRange") -> Iterator[str]:
    """Yield what would stop a run with these options."""
    from pytest_distillcheck.errors import DistillcheckError
    from pytest_distillcheck.plugin.collection import NO_MODEL
    from pytest_distillcheck.plugin.sending import check_models

    settings = run.settings
    if not run.models:
        yield NO_MODEL
    for model in run.models:
        try:
            check_models([model], settings)
        except DistillcheckError as error:
            yield f"a run would be refused: {error}"
    clean, most = total.clean, total.most
    if settings.offline and most.calls:
        may_be = "up to " if clean.calls < most.calls else ""
        yield f"--distill-offline: {may_be}{most.calls} answers are not kept, and would be missing"
    if settings.max_requests is not None and most.calls > settings.max_requests:
        calls = (
            f"{most.calls} calls" if clean.calls > settings.max_requests else f"at most {most.calls} calls"
        )
        yield f"--distill-max-requests: {settings.max_requests} is less than the {calls}"
    if settings.max_cost_usd is not None and most.cost_usd > settings.max_cost_usd:
        estimate = "estimate" if clean.cost_usd > settings.max_cost_usd else "highest estimate"
        yield f"--distill-max-cost: {settings.max_cost_usd:g} USD is less than the {estimate}"
