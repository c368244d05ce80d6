"""Which template a search turns to next: the interface of policies, and those of GPTFuzz.

GPTFuzz's policies (Yu et al., arXiv 2309.10253, section 3.3) choose a node to mutate; its mutant is asked.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from random import Random
from typing import Protocol

from pytest_distillcheck.domain.templates import PromptNode
from pytest_distillcheck.fuzzing.pool import Pool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a policy wants next.

    Attributes:
        mutate: whether a mutant of the node is to be asked, or the node itself.
        language: of the questions; None for all.
        chance: with which probability the policy chose so, where it draws.
    """

    node: PromptNode
    mutate: bool = True
    language: str | None = None
    chance: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of one node after a choice; answers that never came are not in it.

    Attributes:
        language: of the questions.
    """

    node: PromptNode
    language: str
    answered: int
    hits: int


class SelectionPolicy(Protocol):
    """Chooses what a search asks next, and learns from what came of it.

    Several choices may be made before the first of them is answered.
    """

    @property
    def name(self) -> str:
        """The name that suites and reports use."""
        ...

    def select(self, pool: Pool, rng: Random) -> Choice:
        """Return what to ask next."""
        ...

    def update(self, choice: Choice, trials: Sequence[Trial]) -> None:
        """Learn what came of a choice; no trials when no mutant was fit to be asked or no answer came."""
        ...


class RandomSelection:
    """Any node with the same chance."""

    name = "random"

    def select(self, pool: Pool, rng: Random) -> Choice:
        """Return what to ask next."""
        return Choice(node=rng.choice(pool.nodes))

    def update(self, choice: Choice, trials: Sequence[Trial]) -> None:
        """Learn nothing."""


class RoundRobinSelection:
    """One node after the other, mutants when they have come."""

    name = "round-robin"

    def __init__(self) -> None:
        self._next = 0

    def select(self, pool: Pool, rng: Random) -> Choice:
        """Return what to ask next."""
        node = pool.nodes[self._next % len(pool.nodes)]
        self._next = (self._next + 1) % len(pool.nodes)
        return Choice(node=node)

    def update(self, choice: Choice, trials: Sequence[Trial]) -> None:
        """Learn nothing."""


class UcbSelection:
    """The node with the highest upper confidence bound of its mean reward (UCB1, Auer et al. 2002).

    Args:
        exploration: weight of the bound's width; GPTFuzz has 1.
    """

    name = "ucb"

    def __init__(self, *, exploration: float = 1.0) -> None:
        self._exploration = exploration
        self._steps = 0
        self._visits: Counter[str] = Counter()
        self._rewards: defaultdict[str, float] = defaultdict(float)

    def select(self, pool: Pool, rng: Random) -> Choice:
        """Return what to ask next."""
        self._steps += 1
        node = max(pool.nodes, key=self._bound)
        self._visits[node.id] += 1
        return Choice(node=node)

    def update(self, choice: Choice, trials: Sequence[Trial]) -> None:
        """Add the reward to the node."""
        self._rewards[choice.node.id] += mean_reward(trials)

    def _bound(self, node: PromptNode) -> float:
        visits = self._visits[node.id] + 1
        width = sqrt(2 * log(self._steps) / visits)
        return self._rewards[node.id] / visits + self._exploration * width


class Exp3Selection:
    """A draw by exponential weights (EXP3, Auer et al. 2002).

    Args:
        exploration: gamma, the share of uniform draws, in (0, 1]; GPTFuzz has 0.05.
    """

    name = "exp3"

    def __init__(self, *, exploration: float = 0.05) -> None:
        self._exploration = exploration
        self._log_weights: defaultdict[str, float] = defaultdict(float)
        self._arms = 1

    def select(self, pool: Pool, rng: Random) -> Choice:
        """Return what to ask next."""
        logs = [self._log_weights[node.id] for node in pool.nodes]
        highest = max(logs)  # subtracted, since weights grow without bound
        weights = [exp(value - highest) for value in logs]
        self._arms = len(weights)
        uniform = self._exploration / self._arms
        scale = (1 - self._exploration) / sum(weights)
        chances = [scale * weight + uniform for weight in weights]
        index = rng.choices(range(self._arms), weights=chances)[0]
        return Choice(node=pool.nodes[index], chance=chances[index])

    def update(self, choice: Choice, trials: Sequence[Trial]) -> None:
        """Raise the node's weight by its reward over the chance that it had."""
        gain = mean_reward(trials) / choice.chance
        self._log_weights[choice.node.id] += self._exploration * gain / self._arms


class MctsExploreSelection:
    """MCTS-Explore of GPTFuzz (algorithm 2), with the constants of its published code.

    The descent from a root stops early with a fixed chance, so that inner nodes are mutated too; deep nodes are
    rewarded less.

    Args:
        exploration: weight of the exploration term.
        stop: alpha, the chance to stop at an inner node.
        least_reward: beta, the least share of the reward that a deep node gets.
    """

    name = "mcts-explore"

    def __init__(self, *, exploration: float = 0.5, stop: float = 0.1, least_reward: float = 0.2) -> None:
        self._exploration = exploration
        self._stop = stop
        self._least_reward = least_reward
        self._steps = 0
        self._visits: Counter[str] = Counter()
        self._rewards: defaultdict[str, float] = defaultdict(float)
        self._paths: dict[str, tuple[PromptNode, ...]] = {}

    def select(self, pool: Pool, rng: Random) -> Choice:
        """Return what to ask next."""
        self._steps += 1
        path = [max(pool.roots, key=self._score)]
        while (children := pool.children(path[-1])) and rng.random() >= self._stop:
            path.append(max(children, key=self._score))
        self._visits.update(node.id for node in path)
        self._paths[path[-1].id] = tuple(path)
        return Choice(node=path[-1])

    def update(self, choice: Choice, trials: Sequence[Trial]) -> None:
        """Add the reward to every node on the way from the root."""
        reward = mean_reward(trials) * max(self._least_reward, 1 - 0.1 * choice.node.depth)
        for node in self._paths[choice.node.id]:
            self._rewards[node.id] += reward

    def _score(self, node: PromptNode) -> float:
        visits = self._visits[node.id]
        width = sqrt(2 * log(self._steps) / (visits + 0.01))
        return self._rewards[node.id] / (visits + 1) + self._exploration * width


def mean_reward(trials: Iterable[Trial]) -> float:
    """Return the share of the answers that count, in [0, 1]; 0 without answers."""
    answered = hits = 0
    for trial in trials:
        answered += trial.answered
        hits += trial.hits
    return hits / answered if answered else 0.0
