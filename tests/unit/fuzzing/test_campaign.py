import asyncio
from random import Random

import pytest

from pytest_distillcheck.domain.exchanges import Message
from pytest_distillcheck.domain.probes import Probe
from pytest_distillcheck.domain.templates import MUTATOR_KINDS, Mutation, SeedTemplate
from pytest_distillcheck.domain.verdicts import Unjudged, Verdict
from pytest_distillcheck.errors import ClientError
from pytest_distillcheck.fuzzing import (
    PAPER_SETTINGS,
    SELECTION_POLICIES,
    EmbeddedMutator,
    MctsExploreSelection,
    RandomSelection,
    SearchPlan,
    SearchSettings,
    Target,
    freeze,
    read_frozen,
    search,
    seed_templates,
)
from pytest_distillcheck.fuzzing.campaign import MOST_IDLE_ROUNDS, Outcome
from pytest_distillcheck.identity.bank import questions


class Saying:
    """A mutator that always says the same."""

    name = "saying"

    def __init__(self, text: str | ClientError) -> None:
        self._text = text

    async def mutate(self, mutation: Mutation) -> str:
        if isinstance(self._text, ClientError):
            raise self._text
        return self._text


def chance(share: float):
    """A model at temperature 0: equal probes have equal outcomes, whatever the order."""

    def rule(probe: Probe) -> Outcome:
        weak = Random(probe.messages[-1].content).random() < share
        return Verdict(label="contradiction" if weak else "consistent")

    return rule


@pytest.mark.parametrize("name", SELECTION_POLICIES)
def test_the_query_limit_is_never_passed_and_used_up(bench, name: str) -> None:
    for queries in (2, 7, 61):
        settings = SearchSettings(queries=queries, energy=2)
        result, model = bench.run(chance(0.2), policy=SELECTION_POLICIES[name](), settings=settings)
        assert result.asked == len(model.probes) == queries
        assert result.stopped == "queries"


@pytest.mark.parametrize("name", SELECTION_POLICIES)
def test_equal_answers_and_seeds_replay_bit_for_bit(bench, name: str) -> None:
    def run(seed: int):
        return bench.run(chance(0.2), policy=SELECTION_POLICIES[name](), seed=seed)

    (first, asked), (again, asked_again), (other, _) = run(1), run(1), run(2)
    assert first == again
    assert asked.batches == asked_again.batches
    assert first.nodes != other.nodes


def test_answers_that_were_stored_replay_a_search_offline(bench) -> None:
    result, model = bench.run(chance(0.3))
    stored = {probe.messages: chance(0.3)(probe) for probe in model.probes}
    replayed, _ = bench.run(lambda probe: stored[probe.messages])
    assert replayed == result


@pytest.mark.parametrize("name", SELECTION_POLICIES)
def test_no_pair_of_template_and_question_is_asked_twice(bench, name: str) -> None:
    _, model = bench.run(chance(0.3), policy=SELECTION_POLICIES[name](), settings=SearchSettings(queries=200))
    ids = [probe.id for probe in model.probes]
    assert len(set(ids)) == len(ids)
    assert len({probe.messages for probe in model.probes}) == len(ids)


def test_hits_are_findings_with_their_probe_and_node(bench, hit, miss) -> None:
    result, _ = bench.run(lambda probe: hit if probe.question.category == "team" else miss)
    assert result.findings
    for finding in result.findings:
        assert finding.probe.question.category == "team"
        assert finding.probe.context == finding.node.id
        assert finding.probe.id == f"{finding.node.id}-{finding.probe.question.id}"
        assert finding.verdict == hit
    assert sum(node.hits for node in result.nodes) == len(result.findings)
    assert {node.id for node in result.found} == {finding.node.id for finding in result.findings}


def test_what_counts_can_be_narrowed(bench, hit) -> None:
    target = {"n": 0}

    async def ask(probes):
        target["n"] += len(probes)
        return [hit] * len(probes)

    plan = SearchPlan(seeds=bench.seeds, questions=bench.questions, settings=SearchSettings(queries=20))
    narrow = Target(ask=ask, counts=lambda verdict: "google" in verdict.makers)
    result = asyncio.run(search(plan, narrow, policy=RandomSelection(), mutator=EmbeddedMutator()))
    assert (result.findings, target["n"]) == ((), 20)


def test_the_system_prompt_opens_every_probe(bench, miss) -> None:
    seen: list[Probe] = []

    async def ask(probes):
        seen.extend(probes)
        return [miss] * len(probes)

    plan = SearchPlan(seeds=bench.seeds, questions=bench.questions, settings=SearchSettings(queries=8))
    target = Target(ask=ask, system="Be brief.")
    asyncio.run(search(plan, target, policy=RandomSelection(), mutator=EmbeddedMutator()))
    assert {probe.messages[0] for probe in seen} == {Message("system", "Be brief.")}
    assert all(probe.messages[1].role == "user" for probe in seen)


@pytest.mark.parametrize(
    ("limit", "share", "stopped"),
    [
        ({"iterations": 9}, 0.5, "iterations"),
        ({"hits": 5}, 1.0, "hits"),
        ({"rejects": 5}, 0.0, "rejects"),
    ],
)
def test_every_limit_ends_the_search(bench, limit, share: float, stopped: str) -> None:
    result, _ = bench.run(chance(share), settings=SearchSettings(queries=500, **limit))
    assert result.stopped == stopped
    assert result.asked <= 24
    if stopped == "iterations":
        assert result.iterations == 9


def test_a_failure_of_the_endpoint_is_no_answer(bench, hit) -> None:
    calls = {"n": 0}

    def rule(_: Probe) -> Outcome:
        calls["n"] += 1
        return None if calls["n"] % 2 else hit

    result, _ = bench.run(rule)
    assert result.missing == 30
    assert result.asked == 60
    assert {node.reward for node in result.nodes} == {1.0}


def test_an_outage_ends_the_search_long_before_its_budget(bench) -> None:
    result, _ = bench.run(lambda _: None, settings=SearchSettings(queries=10_000))
    assert result.stopped == "outage"
    assert result.asked == result.missing <= 8 * MOST_IDLE_ROUNDS
    assert all(node.answered == 0 for node in result.nodes)


def test_what_ask_raises_ends_the_search(bench) -> None:
    def rule(_: Probe) -> Outcome:
        raise ClientError("the endpoint was given up")

    with pytest.raises(ClientError, match="given up"):
        bench.run(rule)


@pytest.mark.parametrize("extra", [-1, 1])
def test_a_target_that_loses_or_adds_an_outcome_is_a_mistake(bench, miss, extra: int) -> None:
    async def ask(probes):
        return [miss] * (len(probes) + extra)

    plan = SearchPlan(seeds=bench.seeds, questions=bench.questions)
    with pytest.raises(ValueError, match="outcomes came back"):
        asyncio.run(search(plan, Target(ask=ask), policy=RandomSelection(), mutator=EmbeddedMutator()))


def test_an_unjudged_answer_is_an_answer_but_no_hit(bench) -> None:
    result, _ = bench.run(lambda _: Unjudged("empty response"))
    assert (result.unjudged, result.missing, result.findings) == (60, 0, ())
    assert all(node.answered == node.asked for node in result.nodes)


@pytest.mark.parametrize(
    ("mutator", "reason"),
    [
        (Saying(""), "empty"),
        (Saying("Who made you?"), "placeholder lost"),
        (Saying("Seed 0. {question} Thank you."), "known already"),
        (Saying("You are GPT-4 by OpenAI. {question}"), "names a maker"),
        (Saying("x" * 100_000 + "{question}"), "too long"),
        (Saying(ClientError("down")), "no answer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mutant_that_is_not_fit_costs_no_query(bench, miss, mutator: Saying, reason: str) -> None:
    result, _ = bench.run(lambda _: miss, mutator=mutator)
    assert result.asked == 0
    assert result.stopped == "stalled"
    assert result.refused == {reason: 4 * MOST_IDLE_ROUNDS}


def test_a_mutant_is_asked_once_however_often_it_comes(bench, miss) -> None:
    result, _ = bench.run(lambda _: miss, mutator=Saying("Always this: {question}"))
    assert [node.node.template.text for node in result.nodes] == ["Always this: {question}"]
    assert result.refused.keys() == {"known already"}


def test_templates_without_a_placeholder_are_skipped_at_no_cost(bench, miss) -> None:
    blank = SeedTemplate(id="blank", language="en", text="Nothing to ask")
    result, model = bench.run(
        lambda _: miss, seeds=(blank, *bench.seeds), policy=SELECTION_POLICIES["foraging"]()
    )
    assert result.skipped == ("blank",)
    assert "blank" not in {probe.context for probe in model.probes}


def test_draws_of_a_mutation_are_numbered(bench, miss, counting_mutator) -> None:
    bench.run(lambda _: miss, mutator=counting_mutator, settings=SearchSettings(queries=200))
    wanted = [
        (mutation.kind, mutation.template.id, mutation.partner and mutation.partner.id, mutation.draw)
        for mutation in counting_mutator.mutations
    ]
    assert len(set(wanted)) == len(wanted)
    assert any(draw > 0 for *_, draw in wanted)


def test_nodes_know_their_lineage(bench, miss, counting_mutator) -> None:
    result, _ = bench.run(lambda _: miss, mutator=counting_mutator, settings=SearchSettings(queries=300))
    nodes = {node.node.id: node.node for node in result.nodes}
    for node in nodes.values():
        assert node.parent is not None
        depth = nodes[node.parent].depth if node.parent in nodes else 0
        assert node.depth == depth + 1
        assert (node.partner is not None) == (node.mutator == "crossover")
    assert {node.mutator for node in nodes.values()} == set(MUTATOR_KINDS)


def test_partners_of_a_crossover_speak_the_same_language(bench, miss, counting_mutator) -> None:
    chinese = tuple(SeedTemplate(id=f"zh-{n}", language="zh", text=f"第{n}：{{question}}") for n in range(3))
    bench.run(lambda _: miss, mutator=counting_mutator, seeds=(*bench.seeds[:3], *chinese))
    crossed = [mutation for mutation in counting_mutator.mutations if mutation.partner]
    assert crossed
    assert all(mutation.partner.language == mutation.template.language for mutation in crossed)


def test_a_lonely_template_is_never_crossed(bench, miss) -> None:
    result, _ = bench.run(lambda _: miss, seeds=bench.seeds[:1], settings=SearchSettings(queries=10, width=1))
    first = result.nodes[0].node
    assert first.mutator != "crossover"


def test_gptfuzz_keeps_only_mutants_with_a_hit(bench, miss, counting_mutator) -> None:
    settings = SearchSettings(queries=100, keep="hits")
    result, _ = bench.run(lambda _: miss, mutator=counting_mutator, settings=settings)
    assert {node.node.depth for node in result.nodes} == {1}


def test_the_papers_settings_ask_every_question_of_twenty_mutants(counting_mutator, miss) -> None:
    fifty = tuple(question for question in questions() if question.language in {"en", "zh"})[:50]
    batches: list[int] = []

    async def ask(probes):
        batches.append(len(probes))
        return [miss] * len(probes)

    plan = SearchPlan(seeds=seed_templates(), questions=fifty, settings=PAPER_SETTINGS)
    result = asyncio.run(
        search(plan, Target(ask=ask), policy=MctsExploreSelection(), mutator=counting_mutator)
    )
    assert batches == [50] * 20
    assert len({node.node.parent for node in result.nodes}) == 20, (
        "every one of a root of its own, method.md 2.8"
    )


def test_a_search_with_our_own_parts_finds_freezes_and_reads_back() -> None:
    async def ask(probes):
        return [chance(0.1)(probe) for probe in probes]

    english = tuple(question for question in questions() if question.language == "en")
    plan = SearchPlan(seeds=seed_templates(), questions=english, settings=SearchSettings(queries=200))
    result = asyncio.run(
        search(plan, Target(ask=ask), policy=SELECTION_POLICIES["foraging"](), mutator=EmbeddedMutator())
    )
    frozen = read_frozen(freeze(result.found), path="found.jsonl")
    assert {node.id for node in frozen.nodes} == {finding.node.id for finding in result.findings}
    assert frozen.nodes
