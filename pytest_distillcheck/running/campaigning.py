"""Asks for a campaign: measures draw by draw until a rule says stop, and searches.

Draws are asked a window ahead and looked at in their order, so that what is measured depends neither on how fast answers
come nor on how many are under way.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import ParamSpec, TypeVar

from pytest_distillcheck.domain.campaigns import MeasurementStop
from pytest_distillcheck.domain.exchanges import ModelRequest, Response
from pytest_distillcheck.domain.probes import Probe
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.verdicts import Unjudged, Verdict
from pytest_distillcheck.errors import ClientError, EndpointError, NotSentError, StoreError
from pytest_distillcheck.fuzzing import CampaignResult, Outcome, SearchPlan, SelectionPolicy, Target, search
from pytest_distillcheck.gating import Member, StopRule
from pytest_distillcheck.ports import Mutator

MOST_SILENT = 20
"""Draws in a row without an answer after which a measurement gives up, whatever the reason was."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer, judged.

    Attributes:
        request: as it was asked.
    """

    record: Record
    request: ModelRequest
    response: Response


Look = Callable[[Probe], Answered]
"""Asks and judges; raises ClientError when there is no answer, and StoreError when it must not be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """What was measured.

    Attributes:
        answers: in the order of the draws.
        drawn: how many draws were looked at, answered or not.
        stopped: why it ended.
        fault: why the last draw without an answer has none; empty when all have one.
    """

    answers: tuple[Answered, ...]
    drawn: int
    stopped: MeasurementStop
    fault: str = ""

    @property
    def missing(self) -> int:
        """Draws that were looked at and have no answer."""
        return self.drawn - len(self.answers)


@contextmanager
def asking(window: int) -> Iterator[Executor]:
    """Give something that asks so many at a time; what is not begun is dropped at the end, and nothing is waited for.

    Args:
        window: at least 1; with 1 it asks in the caller's own thread, since a Python callable may allow no other.
    """
    executor = (
        ThreadPoolExecutor(window, thread_name_prefix="distillcheck-campaign")
        if window > 1
        else InThisThread()
    )
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


class InThisThread(Executor):
    """Runs what it is given at once."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call a function, and return what became of it."""
        future = Future[T]()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  # as every executor does
            future.set_exception(error)
        return future


def measure(
    draws: Iterable[tuple[Probe, Member]], look: Look, stop: StopRule, *, executor: Executor, window: int
) -> Measurement:
    """Ask draws until the rule is certain, none is left, or nothing answers any more.

    What is under way when it ends is not looked at: it would have been another draw.

    Args:
        draws: in their order, each with what is known of it before it is answered; made as they are needed.
        look: asks and judges one.
        stop: has observed nothing yet.
        executor: runs `look`.
        window: how many draws may be under way at a time.
    """
    coming = iter(draws)
    under_way: deque[tuple[Member, Future[Answered]]] = deque()
    answers: list[Answered] = []
    drawn = silent = 0
    fault = ""
    while not stop.is_certain:
        room = min(window, stop.useful(window)) - len(under_way)
        under_way.extend(
            (member, executor.submit(look, probe)) for probe, member in islice(coming, max(0, room))
        )
        if not under_way:
            return Measurement(answers=tuple(answers), drawn=drawn, stopped="queries", fault=fault)
        member, future = under_way.popleft()
        try:
            answer = future.result()
        except (ClientError, StoreError) as error:
            drawn, silent, fault = drawn + 1, silent + 1, str(error)
            if silent == MOST_SILENT or isinstance(error, NotSentError | EndpointError | StoreError):
                return Measurement(answers=tuple(answers), drawn=drawn, stopped="outage", fault=fault)
            stop.observe(member)
            continue
        drawn, silent = drawn + 1, 0
        answers.append(answer)
        stop.observe(member.answered(answer.record))
    return Measurement(answers=tuple(answers), drawn=drawn, stopped="certain", fault=fault)


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What a search came to, with every answer in the order of its probes."""

    result: CampaignResult
    answers: tuple[Answered, ...]


def run_search(
    plan: SearchPlan,
    look: Look,
    *,
    policy: SelectionPolicy,
    mutator: Mutator,
    system: str,
    executor: Executor,
) -> Searched:
    """Search, on an event loop of its own; probes of a round are asked side by side as far as the executor goes."""
    answers: list[Answered] = []

    def outcome(probe: Probe) -> Answered | None:
        try:
            return look(probe)
        except (ClientError, StoreError):
            return None

    async def ask(probes: tuple[Probe, ...]) -> list[Outcome]:
        futures = [asyncio.wrap_future(executor.submit(outcome, probe)) for probe in probes]
        looked = await asyncio.gather(*futures)
        answers.extend(answered for answered in looked if answered)
        return [_outcome(answered.record) if answered else None for answered in looked]

    target = Target(ask=ask, system=system)
    result = asyncio.run(search(plan, target, policy=policy, mutator=mutator))
    return Searched(result=result, answers=tuple(answers))


def _outcome(record: Record) -> Outcome:
    if record.label is None:
        return Unjudged(record.unjudged or "")
    return Verdict(
        label=record.label, affirmed=bool(record.affirmed), makers=record.makers, quotes=record.quotes
    )
