"""Contradictions that searches find in simulated models with a budget of 1,000 queries, on five landscapes.

    python tests/benchmarks/bench_fuzzing.py [--seeds 200] [--all] [--sensitivity]

Bounds, on the lower end of the 95 % interval: the default policy finds at least twice as many as the faithful
MCTS-Explore on `sparse` and `inherited`, and at least 95 % of what a random search finds on every landscape.

A simulated model decides each (template, question) once, as a model at temperature 0 does, and no search asks a pair
twice. There are 76 seed templates, half of them English and half Chinese, and 50 questions, 25 in each language, as
in the paper. Questions differ on every landscape: each has a factor drawn from U(0.5, 1.5) by which its chance of a
hit is multiplied, since the paper's categories differ by as much. A template's own chance is, by landscape:

- `flat`: 0.05 for every template.
- `sparse`: 0.30 with probability 0.05, else 0.005, drawn anew for every mutant: nothing is passed on.
- `graded`: logistic of N(-3.2, 1.2), so 0.039 at the median; a mutant's logit correlates by 0.7 with its parent's.
- `inherited`: a seed as on `sparse`; a mutant has its parent's chance with probability 0.8, else one as a seed has.
- `language`: 0.15 in one language, drawn for each model, and 0.01 in the other, for every template.

The faithful search is MCTS-Explore with the paper's settings: every question in each mutant, energy 1, mutants
without a hit are kept, roots unlimited, the reward divided by the number of questions once too often. Its mutants are
as good as those of the others: it is not charged for the templates that the original loses (placeholder gone, parent
gone). The random search takes nodes at random, in the steps of the default: two questions in each of four templates.

`--all` adds GPTFuzz's other policies in the same steps; `--sensitivity` moves the parameters of the landscapes and
those of the default.
"""

import argparse
import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from random import Random
from statistics import fmean, stdev
from typing import NamedTuple

from pytest_distillcheck.domain.probes import CATEGORIES, Probe, Question
from pytest_distillcheck.domain.templates import Mutation, SeedTemplate, template_id
from pytest_distillcheck.domain.verdicts import Verdict
from pytest_distillcheck.fuzzing import (
    PAPER_SETTINGS,
    Exp3Selection,
    ForagingSelection,
    MctsExploreSelection,
    RandomSelection,
    RoundRobinSelection,
    SearchPlan,
    SearchSettings,
    SelectionPolicy,
    Target,
    UcbSelection,
    search,
)
from pytest_distillcheck.fuzzing.selection import Choice, Trial

QUERIES = 1000
LANGUAGES = ("en", "zh")
QUESTIONS = tuple(
    Question(id=f"{language}-{index}", category=CATEGORIES[index % 5], language=language, text="Who?")
    for language in LANGUAGES
    for index in range(25)
)
SEEDS = tuple(
    SeedTemplate(id=f"seed-{index}", language=LANGUAGES[index % 2], text=f"Seed {index}: {{question}}")
    for index in range(76)
)
HIT, MISS = Verdict(label="contradiction"), Verdict(label="consistent")

Chances = tuple[float, float]
"""A template's chance of a hit with English and with Chinese questions."""


class Landscape(NamedTuple):
    """How weak the templates of simulated models are.

    `model` draws what is common to a model's templates, `seed` a seed template's chances, `mutant` those of a mutant
    of a template.
    """

    name: str
    model: Callable[[Random], Chances]
    seed: Callable[[Random, Chances], Chances]
    mutant: Callable[[Random, Chances, Chances], Chances]


def flat(chance: float = 0.05) -> Landscape:
    return Landscape("flat", lambda _rng: (chance, chance), as_common, as_common)


def sparse(weak: float = 0.3, other: float = 0.005, share: float = 0.05, kept: float = 0.0) -> Landscape:
    def seed(rng: Random, _common: Chances) -> Chances:
        chance = weak if rng.random() < share else other
        return (chance, chance)

    def mutant(rng: Random, common: Chances, parent: Chances) -> Chances:
        return parent if rng.random() < kept else seed(rng, common)

    return Landscape("inherited" if kept else "sparse", nothing, seed, mutant)


def graded(centre: float = -3.2, spread: float = 1.2, correlation: float = 0.7) -> Landscape:
    def chances(logit: float) -> Chances:
        chance = 1 / (1 + exp(-logit))
        return (chance, chance)

    def seed(rng: Random, _common: Chances) -> Chances:
        return chances(rng.gauss(centre, spread))

    def mutant(rng: Random, _common: Chances, parent: Chances) -> Chances:
        logit = log(parent[0] / (1 - parent[0]))
        own = rng.gauss(0, spread * sqrt(1 - correlation**2))
        return chances(centre + correlation * (logit - centre) + own)

    return Landscape("graded", nothing, seed, mutant)


def language(weak: float = 0.15, other: float = 0.01) -> Landscape:
    def model(rng: Random) -> Chances:
        return (weak, other) if rng.random() < 0.5 else (other, weak)

    return Landscape("language", model, as_common, as_common)


def nothing(_rng: Random) -> Chances:
    return (0.0, 0.0)


def as_common(_rng: Random, common: Chances, _parent: Chances = (0.0, 0.0)) -> Chances:
    return common


LANDSCAPES = (flat(), sparse(), graded(), sparse(kept=0.8), language())
VARIANTS = (
    ("flat, chance 0.01", flat(0.01)),
    ("flat, chance 0.30", flat(0.3)),
    ("sparse, weak 0.15", sparse(weak=0.15)),
    ("sparse, other 0.03", sparse(other=0.03)),
    ("sparse, share 0.02", sparse(share=0.02)),
    ("graded, spread 0.6", graded(spread=0.6)),
    ("inherited, weak 0.12", sparse(weak=0.12, kept=0.8)),
    ("inherited, kept 0.4", sparse(kept=0.4)),
    ("language, weak 0.05", language(weak=0.05)),
)


class SimulatedModel:
    """A model under test, and a mutator that keeps its landscape's rules."""

    name = "simulated"

    def __init__(self, landscape: Landscape, seed: int) -> None:
        self._landscape = landscape
        self._rng = Random(f"model:{seed}")
        self._common = landscape.model(self._rng)
        self._factors = {question.id: self._rng.uniform(0.5, 1.5) for question in QUESTIONS}
        self._chances = {template.id: landscape.seed(self._rng, self._common) for template in SEEDS}

    async def ask(self, probes: Sequence[Probe]) -> list[Verdict]:
        return [HIT if self._rng.random() < self._chance(probe) else MISS for probe in probes]

    async def mutate(self, mutation: Mutation) -> str:
        text = f"{len(self._chances)}: {{question}}, they ask"
        parent = self._chances[mutation.template.id]
        self._chances[template_id("m", text)] = self._landscape.mutant(self._rng, self._common, parent)
        return text

    def _chance(self, probe: Probe) -> float:
        chances = self._chances[probe.context]
        return chances[LANGUAGES.index(probe.question.language)] * self._factors[probe.question.id]


class PortRewards:
    """MCTS-Explore with the port's reward, which is divided by the number of questions twice."""

    name = "mcts-explore"

    def __init__(self) -> None:
        self._policy = MctsExploreSelection()
        self.select = self._policy.select

    def update(self, choice: Choice, trials: Sequence[Trial]) -> None:
        self._policy.update(
            choice,
            [
                Trial(node=t.node, language=t.language, answered=t.answered * len(QUESTIONS), hits=t.hits)
                for t in trials
            ],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    name: str
    policy: Callable[[], SelectionPolicy]
    settings: SearchSettings


STEPS = SearchSettings(queries=QUERIES)
FAITHFUL = Contestant(name="faithful", policy=PortRewards, settings=PAPER_SETTINGS)
RANDOM = Contestant(name="random", policy=RandomSelection, settings=STEPS)
DEFAULT = Contestant(name="foraging", policy=ForagingSelection, settings=STEPS)
OTHERS = tuple(
    Contestant(name=name, policy=policy, settings=STEPS)
    for name, policy in (
        ("round-robin", RoundRobinSelection),
        ("ucb", UcbSelection),
        ("exp3", Exp3Selection),
        ("mcts-explore", MctsExploreSelection),
    )
)
TUNED = (
    Contestant(name="strength 0.3", policy=lambda: ForagingSelection(strength=0.3), settings=STEPS),
    Contestant(name="strength 3", policy=lambda: ForagingSelection(strength=3.0), settings=STEPS),
    Contestant(
        name="1 x 1", policy=ForagingSelection, settings=SearchSettings(queries=QUERIES, questions=1, width=1)
    ),
    Contestant(
        name="4 x 8", policy=ForagingSelection, settings=SearchSettings(queries=QUERIES, questions=4, width=8)
    ),
)


class Mean(NamedTuple):
    """A mean and its standard error."""

    value: float
    error: float

    def over(self, other: "Mean") -> "Mean":
        """Return the ratio to another mean, its error by the delta method."""
        ratio = self.value / other.value
        return Mean(ratio, ratio * sqrt((self.error / self.value) ** 2 + (other.error / other.value) ** 2))

    def shown(self, digits: int) -> str:
        low, high = self.value - 1.96 * self.error, self.value + 1.96 * self.error
        return f"{self.value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def main() -> None:
    """Print the table and say whether the bounds hold."""
    options = argparse.ArgumentParser()
    options.add_argument("--seeds", type=int, default=200)
    options.add_argument("--all", action="store_true")
    options.add_argument("--sensitivity", action="store_true")
    chosen = options.parse_args()
    columns = (FAITHFUL, RANDOM, DEFAULT)
    rows = [(landscape.name, landscape) for landscape in LANDSCAPES]
    print(f"contradictions in {QUERIES} queries, mean [95 % interval] of {chosen.seeds} simulated models\n")
    within = compare(rows, (*columns, *(OTHERS if chosen.all else ())), chosen.seeds)
    if chosen.sensitivity:
        print("\nother landscapes\n")
        compare(VARIANTS, columns, chosen.seeds)
        print("\nother constants of the default\n")
        compare(rows, (*columns, *TUNED), chosen.seeds)
    raise SystemExit(0 if within else "a bound is broken")


def compare(rows: Sequence[tuple[str, Landscape]], contestants: Sequence[Contestant], seeds: int) -> bool:
    """Print one line a landscape; return whether the bounds hold on all of them."""
    names = [contestant.name for contestant in contestants]
    print(line("landscape", [*names, "foraging / faithful", "foraging / random"]))
    within = True
    for name, landscape in rows:
        means = {contestant.name: mean(landscape, contestant, seeds) for contestant in contestants}
        faithful, random = (means["foraging"].over(means[other]) for other in ("faithful", "random"))
        cells = [means[contestant].shown(1) for contestant in names]
        print(line(name, [*cells, faithful.shown(2), random.shown(2)]), flush=True)
        least = 2.0 if name in {"sparse", "inherited"} else 0.0
        within &= faithful.value - 1.96 * faithful.error >= least
        within &= random.value - 1.96 * random.error >= 0.95
    return within


def mean(landscape: Landscape, contestant: Contestant, seeds: int) -> Mean:
    """Return the mean number of contradictions over simulated models."""
    found = [contradictions(landscape, contestant, seed) for seed in range(seeds)]
    return Mean(fmean(found), stdev(found) / sqrt(seeds))


def contradictions(landscape: Landscape, contestant: Contestant, seed: int) -> int:
    """Return how many contradictions one search finds."""
    model = SimulatedModel(landscape, seed)
    plan = SearchPlan(seeds=SEEDS, questions=QUESTIONS, settings=contestant.settings, seed=seed)
    result = asyncio.run(search(plan, Target(ask=model.ask), policy=contestant.policy(), mutator=model))
    assert result.asked == QUERIES
    return len(result.findings)


def line(first: str, cells: Sequence[str]) -> str:
    return f"{first:22}" + "".join(f"{cell:>22}" for cell in cells)


if __name__ == "__main__":
    main()
