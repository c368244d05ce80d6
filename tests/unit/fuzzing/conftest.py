"""A small target and small parts that searches are tested with."""

import asyncio
from collections.abc import Callable, Sequence
from random import Random

import pytest

from pytest_distillcheck.domain.probes import CATEGORIES, Probe, Question
from pytest_distillcheck.domain.templates import Mutation, SeedTemplate
from pytest_distillcheck.domain.verdicts import Verdict
from pytest_distillcheck.fuzzing import (
    CampaignResult,
    EmbeddedMutator,
    RandomSelection,
    SearchPlan,
    SearchSettings,
    Target,
    search,
)
from pytest_distillcheck.fuzzing.campaign import Outcome
from pytest_distillcheck.fuzzing.selection import SelectionPolicy

HIT = Verdict(label="contradiction", makers=("openai",), quotes=("OpenAI",))
MISS = Verdict(label="consistent")


class FakeModel:
    """Answers probes by a rule, and remembers them in batches."""

    def __init__(self, rule: Callable[[Probe], Outcome]) -> None:
        self.rule = rule
        self.batches: list[tuple[Probe, ...]] = []

    async def ask(self, probes: tuple[Probe, ...]) -> Sequence[Outcome]:
        self.batches.append(probes)
        return [self.rule(probe) for probe in probes]

    @property
    def probes(self) -> list[Probe]:
        return [probe for batch in self.batches for probe in batch]


class CountingMutator:
    """Makes a new text for every mutation."""

    name = "counting"

    def __init__(self) -> None:
        self.mutations: list[Mutation] = []

    async def mutate(self, mutation: Mutation) -> str:
        self.mutations.append(mutation)
        return f"Number {len(self.mutations)}: {{question}}"


class Bench:
    """What searches start from, unless a test says otherwise."""

    def __init__(self) -> None:
        self.questions = tuple(
            Question(
                id=f"{language}-{index}",
                category=CATEGORIES[index % 5],
                language=language,
                text=f"{language} {index}?",
            )
            for language in ("en", "zh")
            for index in range(5)
        )
        self.seeds = tuple(
            SeedTemplate(id=f"seed-{index}", language="en", text=f"Seed {index}. {{question}} Thank you.")
            for index in range(8)
        )

    def run(
        self,
        rule: Callable[[Probe], Outcome],
        *,
        settings: SearchSettings | None = None,
        policy: SelectionPolicy | None = None,
        mutator: object = None,
        seeds: tuple[SeedTemplate, ...] | None = None,
        seed: int = 0,
    ) -> tuple[CampaignResult, FakeModel]:
        model = FakeModel(rule)
        plan = SearchPlan(
            seeds=self.seeds if seeds is None else seeds,
            questions=self.questions,
            settings=settings or SearchSettings(queries=60),
            seed=seed,
        )
        result = asyncio.run(
            search(
                plan,
                Target(ask=model.ask),
                policy=policy or RandomSelection(),
                mutator=mutator or EmbeddedMutator(),  # type: ignore[arg-type]
            )
        )
        return result, model


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def counting_mutator() -> CountingMutator:
    return CountingMutator()


@pytest.fixture
def hit() -> Verdict:
    return HIT


@pytest.fixture
def miss() -> Verdict:
    return MISS


@pytest.fixture
def rng() -> Random:
    return Random(0)
