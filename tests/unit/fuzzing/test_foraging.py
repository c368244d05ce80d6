from random import Random

import pytest

from pytest_distillcheck.domain.probes import Probe
from pytest_distillcheck.fuzzing import ForagingSelection, SearchSettings
from pytest_distillcheck.fuzzing.campaign import Outcome

STEPS = SearchSettings(queries=80, questions=1, width=1, root_share=None)


def test_a_template_without_a_hit_is_left_after_one_round(bench, miss) -> None:
    result, _ = bench.run(lambda _: miss, policy=ForagingSelection(), settings=STEPS)
    assert {node.asked for node in result.nodes} == {1}


def test_a_weak_template_is_asked_until_its_questions_are_used_up(bench, hit, miss) -> None:
    result, model = bench.run(
        lambda probe: hit if probe.context == "seed-3" else miss, policy=ForagingSelection(), settings=STEPS
    )
    contexts = [probe.context for probe in model.probes]
    first = contexts.index("seed-3")
    assert contexts[first : first + 5] == ["seed-3"] * 5, "all of one language"
    assert len(result.findings) == 10, "and later those of the other"


def test_seeds_are_asked_as_they_stand(bench, miss) -> None:
    result, _ = bench.run(lambda _: miss, policy=ForagingSelection(), settings=STEPS)
    roots = {node.node.id for node in result.nodes if node.node.parent is None}
    assert roots == {template.id for template in bench.seeds}


def test_parents_are_the_weak_ones_once_there_are_any(bench, hit, miss) -> None:
    seen: set[str] = set()
    state = {"weak": False}

    def rule(probe: Probe) -> Outcome:
        seen.add(probe.context)
        state["weak"] |= probe.context == "seed-3"
        return hit if probe.context == "seed-3" else miss

    result, _ = bench.run(rule, policy=ForagingSelection(), settings=STEPS)
    order = [node.node for node in result.nodes]
    found = next(index for index, node in enumerate(order) if node.id == "seed-3")
    assert {node.parent for node in order[found + 1 :] if node.parent} == {"seed-3"}


@pytest.mark.parametrize("weak", ["en", "zh"])
def test_the_weak_language_is_learned(bench, hit, miss, weak: str) -> None:
    rng = Random(7)
    _, model = bench.run(
        lambda probe: hit if probe.question.language == weak and rng.random() < 0.4 else miss,
        policy=ForagingSelection(),
        settings=SearchSettings(queries=300),
    )
    late = [probe.question.language for probe in model.probes[150:]]
    assert late.count(weak) > 0.7 * len(late)


def test_inherited_weakness_is_followed_down_the_tree(bench, hit, miss, counting_mutator) -> None:
    weak = {"seed-0"}

    def rule(probe: Probe) -> Outcome:
        return hit if probe.context in weak else miss

    class Inheriting:
        name = "inheriting"

        async def mutate(self, mutation):  # type: ignore[no-untyped-def]
            from pytest_distillcheck.domain.templates import template_id

            text = await counting_mutator.mutate(mutation)
            if mutation.template.id in weak:
                weak.add(template_id("m", text))
            return text

    result, _ = bench.run(
        rule, policy=ForagingSelection(), mutator=Inheriting(), settings=SearchSettings(queries=200)
    )
    assert len(result.findings) > 100
    assert max(node.node.depth for node in result.nodes) >= 2


def test_an_outage_teaches_nothing(bench, hit) -> None:
    policy = ForagingSelection()
    calls = {"n": 0}

    def rule(_: Probe) -> Outcome:
        calls["n"] += 1
        return None if calls["n"] <= 12 else hit

    result, _ = bench.run(rule, policy=policy, settings=STEPS)
    assert result.missing == 12
    assert len(result.findings) == result.asked - 12
