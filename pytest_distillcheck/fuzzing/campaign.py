"""The search: templates are chosen, mutated and asked, a few questions at a time, until a limit is reached.

It has no clock, network or randomness of its own: what it asks goes through `ask`, what it mutates through a Mutator,
and everything it draws comes from its seed. With the same seed and the same answers it takes the same way.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
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
)
from pytest_distillcheck.domain.verdicts import Unjudged, Verdict
from pytest_distillcheck.errors import ClientError, UsageError
from pytest_distillcheck.fuzzing.mutants import mutant_fault, mutant_id
from pytest_distillcheck.fuzzing.pool import Pool
from pytest_distillcheck.fuzzing.selection import Choice, SelectionPolicy, Trial
from pytest_distillcheck.ports import Mutator

Outcome = Verdict | Unjudged | None
"""What became of a probe: judged, answered but not judged, or never answered."""

Ask = Callable[[tuple[Probe, ...]], Awaitable[Sequence[Outcome]]]
"""Sends probes, all of which may be sent at once, and returns their outcomes in the same order."""

Stop = Literal["queries", "iterations", "hits", "rejects", "outage", "stalled"]

MOST_IDLE_ROUNDS = 20
"""Rounds in a row without a probe, since no mutant was fit, or without an answer, after which a search gives up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """How far a search goes, and in which steps.

    Attributes:
        queries: most probes to send; at least one round of them.
        iterations: most choices of the policy; None for no limit, here and below.
        hits: stop once so many answers count.
        rejects: stop once so many answers do not count.
        questions: how many are put in a template at a time; None for all.
        width: choices that are asked at the same time. A wider search learns later and ends sooner.
        energy: mutants of each chosen node.
        keep: which mutants may be chosen later: all, or those with a hit, as in GPTFuzz.
        root_share: roots are left out by draw until one round for each of them costs this share of the queries, so
            that the budget is not spent before the search begins; None keeps all.
    """

    queries: int = 400
    iterations: int | None = None
    hits: int | None = None
    rejects: int | None = None
    questions: int | None = 2
    width: int = 4
    energy: int = 1
    keep: Literal["all", "hits"] = "all"
    root_share: float | None = 0.25


PAPER_SETTINGS = SearchSettings(
    queries=1000,
    iterations=1000,
    hits=1000,
    rejects=1000,
    questions=None,
    width=1,
    root_share=None,
)
"""What the paper used (Lee et al., ACL 2025, as coded): every question in each of 20 mutants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResult:
    """What a search came to.

    Attributes:
        nodes: every template that was asked, in that order.
        findings: every answer that counts, in the order of the probes.
        asked: probes that were sent.
        missing: those that were never answered.
        unjudged: those that were answered but not judged.
        iterations: choices that the policy made.
        refused: by reason, mutants that were not fit to be asked; they cost no query.
        skipped: ids of seed templates without a placeholder.
        stopped: the limit that ended it; `outage` and `stalled` say that it could not go on.
    """

    nodes: tuple[NodeResult, ...]
    findings: tuple[Finding, ...]
    asked: int
    missing: int
    unjudged: int
    iterations: int
    refused: dict[str, int]
    skipped: tuple[str, ...]
    stopped: Stop

    @property
    def found(self) -> tuple[PromptNode, ...]:
        """The templates with a hit: what is frozen."""
        return tuple(result.node for result in self.nodes if result.hits)


def contradicts(verdict: Verdict) -> bool:
    """Return whether a verdict is a contradiction: what counts as a hit unless the caller says otherwise."""
    return verdict.label == "contradiction"


async def search(
    seeds: Sequence[SeedTemplate],
    questions: Sequence[Question],
    *,
    ask: Ask,
    mutator: Mutator,
    policy: SelectionPolicy,
    settings: SearchSettings,
    seed: int = 0,
    system: str | None = None,
    parameters=None,
    counts: Callable[[Verdict], bool] = contradicts,
) -> CampaignResult:
    """Search for templates in which the model slips."""
    run = _Search(seeds, questions, settings, policy, seed)
    run.ask, run.mutator, run.counts = ask, mutator, counts
    run.opening = (Message("system", system),) if system else ()
    while (stopped := run.stop()) is None:
        await run.round()
    return run.result(stopped)


class _Search:
    def __init__(self, seeds, questions, settings, policy, seed):
        self.settings, self.policy = settings, policy
        self.rng = Random(f"campaign:{seed}")
        fit = [s for s in seeds if s.has_placeholder]
        self.skipped = tuple(s.id for s in seeds if not s.has_placeholder)
        if settings.root_share is not None:
            most = max(1, int(settings.root_share * settings.queries / (settings.questions or len(questions))))
            if len(fit) > most:
                kept = sorted(self.rng.sample(range(len(fit)), most))
                fit = [fit[i] for i in kept]
        self.pool = Pool([PromptNode(template=s) for s in fit], questions, seed)
        self.texts = {s.text for s in fit}
        self.draws = Counter()
        self.refused = Counter()
        self.findings = []
        self.asked = self.missing = self.unjudged = self.iterations = 0
        self.idle = self.mute = 0

    def stop(self):
        s = self.settings
        t = self.pool.total
        if self.asked >= s.queries: return "queries"
        if s.iterations is not None and self.iterations >= s.iterations: return "iterations"
        if s.hits is not None and t.hits >= s.hits: return "hits"
        if s.rejects is not None and t.answered - t.hits >= s.rejects: return "rejects"
        if self.mute >= MOST_IDLE_ROUNDS: return "outage"
        if self.idle >= MOST_IDLE_ROUNDS: return "stalled"
        return None

    async def round(self):
        plans = []
        budget = self.settings.queries - self.asked
        before = self.asked
        for _ in range(self.settings.width):
            if budget - sum(len(q) for _, n in plans for _, q in n) <= 0: break
            self.iterations += 1
            choice = self.policy.select(self.pool, self.rng)
            nodes = [choice.node]
            if choice.mutate:
                nodes = await self.mutants(choice)
            left = budget - sum(len(q) for _, n in plans for _, q in n)
            asked = []
            for node in nodes:
                most = left if self.settings.questions is None else min(left, self.settings.questions)
                qs = self.pool.take(node, choice.language, most)
                left -= len(qs)
                asked.append((node, qs))
            plans.append((choice, asked))
        probes = [Probe(id=f"{n.id}-{q.id}", question=q, context=n.id, messages=self.opening + (Message("user", n.template.put(q)),)) for _, ns in plans for n, qs in ns for q in qs]
        self.asked += len(probes)
        outcomes = iter(await self.ask(tuple(probes))) if probes else iter(())
        ps = iter(probes)
        answered_any = False
        for choice, ns in plans:
            trials = []
            for node, qs in ns:
                by = {}
                for q in qs:
                    probe, outcome = next(ps), next(outcomes)
                    if outcome is None:
                        self.missing += 1
                        continue
                    answered_any = True
                    hit = 0
                    if isinstance(outcome, Unjudged):
                        self.unjudged += 1
                    elif self.counts(outcome):
                        hit = 1
                        self.findings.append(Finding(probe=probe, node=node, verdict=outcome))
                    c = by.setdefault(q.language, [0, 0])
                    c[0] += 1
                    c[1] += hit
                for l, (a, h) in by.items():
                    self.pool.note(node, l, a, h)
                    trials.append(Trial(node=node, language=l, answered=a, hits=h))
                if choice.mutate and (self.settings.keep == "all" or any(c[1] for c in by.values())):
                    self.pool.plant(node)
            self.policy.update(choice, trials)
        self.idle = 0 if probes else self.idle + 1
        self.mute = 0 if answered_any or not probes else self.mute + 1

    async def mutants(self, choice):
        out = []
        for _ in range(self.settings.energy):
            parent = choice.node.template
            partners = [n for n in self.pool.nodes if n.template.language == parent.language and n.id != parent.id]
            kind = self.rng.choice(MUTATOR_KINDS if partners else [k for k in MUTATOR_KINDS if k != "crossover"])
            partner = self.rng.choice(partners).template if kind == "crossover" else None
            key = (kind, parent.id, partner and partner.id)
            m = Mutation(kind=kind, template=parent, partner=partner, draw=self.draws[key])
            self.draws[key] += 1
            try:
                text = await self.mutator.mutate(m)
            except ClientError:
                self.refused["no answer"] += 1
                continue
            fault = "known already" if text in self.texts else mutant_fault(text, m)
            if fault:
                self.refused[fault] += 1
                continue
            self.texts.add(text)
            t = SeedTemplate(id=mutant_id(text), language=parent.language, text=text)
            out.append(PromptNode(template=t, parent=parent.id, partner=partner.id if partner else None, mutator=kind, depth=choice.node.depth + 1))
        return out

    def result(self, stopped):
        return CampaignResult(nodes=self.pool.results(), findings=tuple(self.findings), asked=self.asked, missing=self.missing, unjudged=self.unjudged, iterations=self.iterations, refused=dict(self.refused), skipped=self.skipped, stopped=stopped)
