from collections import Counter
from collections.abc import Callable
from math import log, sqrt
from random import Random

import pytest

from pytest_distillcheck.domain.templates import PromptNode, SeedTemplate
from pytest_distillcheck.fuzzing import (
    SELECTION_POLICIES,
    Exp3Selection,
    MctsExploreSelection,
    RandomSelection,
    RoundRobinSelection,
    SelectionPolicy,
    UcbSelection,
)
from pytest_distillcheck.fuzzing.pool import Pool
from pytest_distillcheck.fuzzing.selection import Choice, Trial, mean_reward


def node(name: str, parent: PromptNode | None = None) -> PromptNode:
    return PromptNode(
        template=SeedTemplate(id=name, language="en", text=f"{name} {{question}}"),
        parent=parent.id if parent else None,
        depth=parent.depth + 1 if parent else 0,
    )


ROOTS = tuple(node(name) for name in "abcd")


@pytest.fixture
def pool(bench) -> Pool:
    return Pool(ROOTS, bench.questions, seed=0)


def play(policy: SelectionPolicy, pool: Pool, turns: int, rewards: Callable[[str], float]) -> Counter[str]:
    """Play a policy on nodes whose mutants have a fixed share of hits."""
    rng = Random(1)
    chosen: Counter[str] = Counter()
    for _ in range(turns):
        choice = policy.select(pool, rng)
        chosen[choice.node.id] += 1
        hits = round(100 * rewards(choice.node.id))
        policy.update(choice, [Trial(node=choice.node, language="en", answered=100, hits=hits)])
    return chosen


@pytest.mark.parametrize("name", SELECTION_POLICIES)
def test_a_policy_goes_by_its_name_and_starts_fresh(name: str) -> None:
    first, second = SELECTION_POLICIES[name](), SELECTION_POLICIES[name]()
    assert first.name == name
    assert first is not second


@pytest.mark.parametrize("name", SELECTION_POLICIES)
def test_equal_seeds_make_equal_choices(name: str, pool: Pool) -> None:
    def choices() -> list[Choice]:
        policy, rng = SELECTION_POLICIES[name](), Random(5)
        made = []
        for turn in range(20):
            choice = policy.select(pool, rng)
            made.append(choice)
            policy.update(choice, [Trial(node=choice.node, language="en", answered=2, hits=turn % 2)])
        return made

    assert choices() == choices()


@pytest.mark.parametrize("name", SELECTION_POLICIES)
def test_choices_can_be_made_before_any_answer(name: str, pool: Pool, rng: Random) -> None:
    policy = SELECTION_POLICIES[name]()
    choices = [policy.select(pool, rng) for _ in range(4)]
    for choice in choices:
        policy.update(choice, [])
    assert policy.select(pool, rng).node in pool.nodes


def test_random_takes_every_node(pool: Pool) -> None:
    chosen = play(RandomSelection(), pool, 400, lambda name: float(name == "a"))
    assert all(70 <= chosen[name] <= 130 for name in "abcd")


def test_round_robin_takes_one_after_the_other_and_mutants_when_they_come(pool: Pool, rng: Random) -> None:
    policy = RoundRobinSelection()
    assert [policy.select(pool, rng).node.id for _ in range(3)] == ["a", "b", "c"]
    pool.plant(node("m", ROOTS[0]))
    assert [policy.select(pool, rng).node.id for _ in range(4)] == ["d", "m", "a", "b"]


@pytest.mark.parametrize("policy", [UcbSelection(), Exp3Selection(exploration=0.2), MctsExploreSelection()])
def test_a_learning_policy_comes_to_prefer_what_yields_more(policy: SelectionPolicy, pool: Pool) -> None:
    chosen = play(policy, pool, 600, lambda name: 0.9 if name == "c" else 0.1)
    assert chosen["c"] > 300
    assert all(chosen[name] > 0 for name in "abd")


def test_ucb_has_the_published_bound(pool: Pool, rng: Random) -> None:
    policy = UcbSelection(exploration=1.0)
    visits, rewards = Counter[str](), Counter[str]()
    for step in range(1, 60):
        bounds = {
            root.id: rewards[root.id] / (visits[root.id] + 1) + sqrt(2 * log(step) / (visits[root.id] + 1))
            for root in ROOTS
        }
        choice = policy.select(pool, rng)
        assert choice.node.id == max("abcd", key=lambda name: bounds[name])
        visits[choice.node.id] += 1
        hits = 3 if choice.node.id == "b" else 1
        rewards[choice.node.id] += hits / 4
        policy.update(choice, [Trial(node=choice.node, language="en", answered=4, hits=hits)])


def test_exp3_tells_the_chance_it_drew_with(pool: Pool, rng: Random) -> None:
    policy = Exp3Selection(exploration=0.1)
    choice = policy.select(pool, rng)
    assert choice.chance == pytest.approx(0.25)
    policy.update(choice, [Trial(node=choice.node, language="en", answered=1, hits=1)])
    weight = 2.718281828459045 ** (0.1 * (1 / 0.25) / 4)
    expected = 0.9 * weight / (weight + 3) + 0.1 / 4
    again = next(made for made in (policy.select(pool, rng) for _ in range(100)) if made.node == choice.node)
    assert again.chance == pytest.approx(expected)


def test_exp3_survives_any_number_of_rewards(pool: Pool) -> None:
    assert play(Exp3Selection(exploration=1.0), pool, 5000, lambda _: 1.0).total() == 5000


def test_mcts_takes_every_root_before_any_twice_as_its_paper_had_it(pool: Pool) -> None:
    chosen = play(MctsExploreSelection(), pool, 4, lambda name: float(name == "a"))
    assert chosen == {"a": 1, "b": 1, "c": 1, "d": 1}


def test_mcts_goes_down_to_mutants_and_sometimes_stops_on_the_way(pool: Pool) -> None:
    pool.plant(node("m", ROOTS[0]))
    chosen = play(MctsExploreSelection(), pool, 200, lambda name: 0.9 if name in {"a", "m"} else 0.0)
    assert chosen["m"] > 4 * chosen["a"] > 0


def test_mcts_never_stops_on_the_way_without_a_chance_to(pool: Pool) -> None:
    pool.plant(node("m", ROOTS[0]))
    assert play(MctsExploreSelection(stop=0.0), pool, 100, lambda _: 0.5)["a"] == 0


def test_a_reward_is_a_share_of_the_answers() -> None:
    trials = [
        Trial(node=ROOTS[0], language="en", answered=2, hits=2),
        Trial(node=ROOTS[0], language="zh", answered=2, hits=1),
    ]
    assert mean_reward(trials) == 0.75
    assert mean_reward([]) == 0.0
