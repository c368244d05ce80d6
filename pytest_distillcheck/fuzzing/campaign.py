"""The search: templates are chosen, mutated and asked, a few questions at a time, until a limit is reached.

It has no clock, no network and no randomness of its own: probes go out through `ask`, templates are mutated by a
Mutator, and every draw comes from the seed. With the same seed and the same answers it takes the same way, so a
response store replays it bit for bit.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from pytest_distillcheck.domain.exchanges import Message
from pytest_distillcheck.domain.probes import Probe, Question
from pytest_distillcheck.domain.templates import (
    MUTATOR_KINDS,
    Finding,
    Mutation,
    NodeResult,
    PromptNode,
    SeedTemplate,
    template_id,
)
from pytest_distillcheck.domain.verdicts import Unjudged, Verdict
from pytest_distillcheck.errors import ClientError
from pytest_distillcheck.fuzzing.mutants import mutant_fault
from pytest_distillcheck.fuzzing.planning import SearchPlan
from pytest_distillcheck.fuzzing.pool import Pool
from pytest_distillcheck.fuzzing.selection import Choice, SelectionPolicy, Trial
from pytest_distillcheck.ports import Mutator

Outcome = Verdict | Unjudged | None
"""What became of a probe: judged, answered but not judged, or never answered."""

Ask = Callable[[tuple[Probe, ...]], Awaitable[Sequence[Outcome]]]
"""Sends probes, at the same time if it likes, and returns their outcomes in the same order."""

Stop = Literal["queries", "iterations", "hits", "rejects", "outage", "stalled"]

MOST_IDLE_ROUNDS = 20
"""Rounds in a row without any answer, or without any probe since no mutant was fit, after which a search gives up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResult:
    """What a search came to.

    Attributes:
        nodes: every template that was asked, in that order.
        findings: every answer that counts, in the order of the probes.
        asked: probes that were sent.
        missing: those among them that were never answered.
        unjudged: those that were answered but not judged.
        iterations: choices that the policy made.
        refused: by reason, mutants that were not fit to be asked; they cost no query.
        skipped: ids of seed templates without a placeholder; they cost no query.
        stopped: the limit that ended it. After `outage` (no answers came) and `stalled` (no fit mutants came) the
            search is incomplete.
    """

    nodes: tuple[NodeResult, ...]
    findings: tuple[Finding, ...]
    asked: int
    missing: int
    unjudged: int
    iterations: int
    refused: Mapping[str, int]
    skipped: tuple[str, ...]
    stopped: Stop

    @property
    def found(self) -> tuple[PromptNode, ...]:
        """The templates with a hit: what is frozen."""
        return tuple(result.node for result in self.nodes if result.hits)


def contradicts(verdict: Verdict) -> bool:
    """Return whether a verdict is a contradiction: what counts as a hit unless the caller says otherwise."""
    return verdict.label == "contradiction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The model under test, as a search sees it.

    Attributes:
        ask: sends probes and judges the answers.
        counts: which verdicts are hits.
        system: the system prompt of every probe; empty for none.
    """

    ask: Ask
    counts: Callable[[Verdict], bool] = contradicts
    system: str = ""


async def search(
    plan: SearchPlan, target: Target, *, policy: SelectionPolicy, mutator: Mutator
) -> CampaignResult:
    """Search for templates in which a model slips.

    A probe that is never answered counts as a query and teaches nothing; what `ask` raises ends the search.

    Args:
        plan: what the search starts from, how far it goes, and its seed.
        target: the model under test.
        policy: a fresh one, since it learns.
        mutator: makes mutants; one that fails, or whose text is not fit to be asked, costs no query.
    """
    run = _Search(plan, target, policy, mutator)
    while (stopped := run.stopped()) is None:
        await run.round()
    return run.result(stopped)


@dataclass(slots=True, kw_only=True)
class _Turn:
    """One choice of a round: what is to be mutated for it, and what is asked in which node."""

    choice: Choice
    mutations: tuple[Mutation, ...] = ()
    rows: list[tuple[PromptNode, tuple[Question, ...]]] = field(default_factory=list)


class _Search:
    def __init__(self, plan: SearchPlan, target: Target, policy: SelectionPolicy, mutator: Mutator) -> None:
        self._plan = plan
        self._settings = plan.settings
        self._target = target
        self._policy = policy
        self._mutator = mutator
        self._opening = (Message("system", target.system),) if target.system else ()
        self._rng = Random(f"search:{plan.seed}")  # noqa: S311 - draws that must be repeatable
        self._pool = Pool(plan.roots(), plan.questions, plan.seed)
        self._texts = {template.text for template in plan.seeds}
        self._draws: Counter[tuple[str, str, str | None]] = Counter()
        self._findings: list[Finding] = []
        self._refused: Counter[str] = Counter()
        self._asked = self._missing = self._unjudged = self._iterations = 0
        self._silent_rounds = self._empty_rounds = 0

    def stopped(self) -> Stop | None:
        """Return the limit that is reached, or None."""
        settings, total = self._settings, self._pool.total
        limits: tuple[tuple[Stop, int, int | None], ...] = (
            ("queries", self._asked, settings.queries),
            ("iterations", self._iterations, settings.iterations),
            ("hits", total.hits, settings.hits),
            ("rejects", total.answered - total.hits, settings.rejects),
            ("outage", self._silent_rounds, MOST_IDLE_ROUNDS),
            ("stalled", self._empty_rounds, MOST_IDLE_ROUNDS),
        )
        return next((name for name, count, most in limits if most is not None and count >= most), None)

    async def round(self) -> None:
        """Choose, mutate, ask and learn once."""
        turns = list(self._turns())
        await self._add_mutants(turns)
        probes = tuple(
            self._probe(node, question)
            for turn in turns
            for node, questions in turn.rows
            for question in questions
        )
        outcomes = await self._target.ask(probes) if probes else ()
        if len(outcomes) != len(probes):
            raise ValueError(f"{len(probes)} probes were sent and {len(outcomes)} outcomes came back")
        self._missing += sum(outcome is None for outcome in outcomes)
        self._unjudged += sum(isinstance(outcome, Unjudged) for outcome in outcomes)
        self._learn(turns, zip(probes, outcomes, strict=True))
        self._empty_rounds = 0 if probes else self._empty_rounds + 1
        silent = bool(probes) and all(outcome is None for outcome in outcomes)
        self._silent_rounds = self._silent_rounds + 1 if silent else 0

    def _turns(self) -> Iterator[_Turn]:
        settings = self._settings
        for _ in range(settings.width):
            if self._asked >= settings.queries or self._iterations == settings.iterations:
                return
            self._iterations += 1
            choice = self._policy.select(self._pool, self._rng)
            turn = _Turn(choice=choice)
            if choice.mutate:
                turn.mutations = tuple(self._mutation(choice.node) for _ in range(settings.energy))
            else:
                self._put(turn, choice.node)
            yield turn

    def _put(self, turn: _Turn, node: PromptNode) -> None:
        """Take the questions that are due in a node, as far as the budget goes."""
        left = self._settings.queries - self._asked
        most = left if self._settings.questions is None else min(left, self._settings.questions)
        questions = self._pool.take(node, turn.choice.language, most)
        self._asked += len(questions)
        turn.rows.append((node, questions))

    def _mutation(self, node: PromptNode) -> Mutation:
        kind = self._rng.choice(MUTATOR_KINDS)
        partner = None
        if kind == "crossover":
            partners = [other.template for other in self._pool.nodes if _may_cross(node, other)]
            partner = self._rng.choice(partners) if partners else None
            if partner is None:
                kind = self._rng.choice([other for other in MUTATOR_KINDS if other != "crossover"])
        wanted = (kind, node.id, partner.id if partner else None)
        draw = self._draws[wanted]
        self._draws[wanted] += 1
        return Mutation(kind=kind, template=node.template, partner=partner, draw=draw)

    async def _add_mutants(self, turns: Iterable[_Turn]) -> None:
        wanted = [(turn, mutation) for turn in turns for mutation in turn.mutations]
        texts = await asyncio.gather(*(self._mutant(mutation) for _, mutation in wanted))
        for (turn, mutation), text in zip(wanted, texts, strict=True):
            if fault := self._fault(text, mutation):
                self._refused[fault] += 1
            elif text is not None and self._asked < self._settings.queries:
                self._texts.add(text)
                self._put(turn, _child(turn.choice.node, mutation, text))

    async def _mutant(self, mutation: Mutation) -> str | None:
        try:
            return await self._mutator.mutate(mutation)
        except ClientError:
            return None

    def _fault(self, text: str | None, mutation: Mutation) -> str | None:
        if text is None:
            return "no answer"
        return "known already" if text in self._texts else mutant_fault(text, mutation)

    def _probe(self, node: PromptNode, question: Question) -> Probe:
        prompt = Message("user", node.template.put(question))
        return Probe(
            id=f"{node.id}-{question.id}",
            question=question,
            context=node.id,
            messages=(*self._opening, prompt),
        )

    def _learn(self, turns: Iterable[_Turn], outcomes: Iterator[tuple[Probe, Outcome]]) -> None:
        for turn in turns:
            trials = [
                trial for node, questions in turn.rows for trial in self._trials(node, questions, outcomes)
            ]
            for node, _ in turn.rows:
                weak = any(trial.hits for trial in trials if trial.node == node)
                if turn.choice.mutate and (weak or self._settings.keep == "all"):
                    self._pool.plant(node)
            self._policy.update(turn.choice, trials)

    def _trials(
        self, node: PromptNode, questions: Sequence[Question], outcomes: Iterator[tuple[Probe, Outcome]]
    ) -> list[Trial]:
        answered: Counter[str] = Counter()
        hits: Counter[str] = Counter()
        for question in questions:
            probe, outcome = next(outcomes)
            if outcome is None:
                continue
            answered[question.language] += 1
            if isinstance(outcome, Verdict) and self._target.counts(outcome):
                hits[question.language] += 1
                self._findings.append(Finding(probe=probe, node=node, verdict=outcome))
        trials = [
            Trial(node=node, language=language, answered=count, hits=hits[language])
            for language, count in answered.items()
        ]
        for trial in trials:
            self._pool.note(node, trial.language, trial.answered, trial.hits)
        return trials

    def result(self, stopped: Stop) -> CampaignResult:
        """Return what the search came to."""
        return CampaignResult(
            nodes=self._pool.results(),
            findings=tuple(self._findings),
            asked=self._asked,
            missing=self._missing,
            unjudged=self._unjudged,
            iterations=self._iterations,
            refused=dict(sorted(self._refused.items())),
            skipped=self._plan.skipped(),
            stopped=stopped,
        )


def _may_cross(node: PromptNode, other: PromptNode) -> bool:
    return other is not node and other.template.language == node.template.language


def _child(node: PromptNode, mutation: Mutation, text: str) -> PromptNode:
    template = SeedTemplate(id=template_id("m", text), language=node.template.language, text=text)
    return PromptNode(
        template=template,
        parent=node.id,
        partner=mutation.partner.id if mutation.partner else None,
        mutator=mutation.kind,
        depth=node.depth + 1,
    )
