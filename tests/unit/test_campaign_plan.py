"""The plan of a campaign."""

from dataclasses import replace
from itertools import islice

import pytest

from pytest_distillcheck.assembly import ModelUnderTest
from pytest_distillcheck.assembly.campaign import plan_campaign
from pytest_distillcheck.assembly.paper import with_paper_protocol
from pytest_distillcheck.domain.exchanges import Message
from pytest_distillcheck.domain.gates import Limit
from pytest_distillcheck.domain.probes import Question, Selection
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.templates import PromptNode, SeedTemplate
from pytest_distillcheck.fuzzing import PAPER_SETTINGS, FrozenTemplates, SearchSettings
from pytest_distillcheck.gating import DrawCounts
from pytest_distillcheck.suites import CampaignSuite, IdentitySuite, Suite

MODEL = ModelUnderTest(
    name="qwen-max", given="qwen-max", id="qwen-max", spec="python:m:f", fact=None, origin="o"
)
MUTATOR = replace(MODEL, name="helper", id="helper", origin="p")
QUESTIONS = (
    Question(id="q1", category="team", language="en", text="Who made you?"),
    Question(id="q2", category="team", language="en", text="Are you ChatGPT by OpenAI?"),
)
NEUTRAL = SeedTemplate(id="neutral", language="en", text="Once: {question}")
NAMING = SeedTemplate(id="naming", language="en", text="Gemini by Google was asked: {question}")
LOST = SeedTemplate(id="lost", language="en", text="No place.")


@pytest.fixture
def plan():
    def make(*, mutator_model=None, is_paper=False, system=None, **changes):
        usual = {
            "line": 3,
            "questions": QUESTIONS,
            "templates": (NEUTRAL, NAMING, LOST),
            "policy": "random",
            "queries": 200,
        }
        section = IdentitySuite(line=1, system=system, campaign=CampaignSuite(**(usual | changes)))
        suite = Suite(path="a.distill.yaml", identity=section)
        (made,) = plan_campaign(
            with_paper_protocol(suite) if is_paper else suite,
            [MODEL],
            mutator_model=mutator_model,
            is_paper=is_paper,
        )
        return made

    return make


def test_frozen_templates_are_measured_and_seeds_without_them(plan):
    frozen = FrozenTemplates(digest="d", nodes=(PromptNode(template=NAMING),))
    assert {draw.context for draw, _ in plan().draws()} == {"neutral", "naming"}
    assert {draw.context for draw, _ in plan(frozen=frozen).draws()} == {"naming"}


def test_what_is_drawn_names_a_rival_by_template_question_or_system_prompt(plan):
    gates = {"hard": Limit(max=0.1)}
    named = {(m.context, m.question): m.names_rival for _, m in plan(gates=gates).draws()}
    assert named == {
        ("neutral", "q1"): False,
        ("neutral", "q2"): True,
        ("naming", "q1"): True,
        ("naming", "q2"): True,
    }
    system = "You are Claude by Anthropic."
    assert all(member.names_rival for _, member in plan(gates=gates, system=system).draws())


def test_gates_have_ids_of_their_own(plan):
    (gate,) = plan(gates={"strict": Limit(max=0.1)}).gates()
    assert (gate.id, gate.kind) == ("a.distill.yaml::gate-campaign-strict-qwen-max", "campaign")


def test_it_may_ask_every_draw_and_as_many_probes_as_the_search_has(plan):
    made = plan(search=SearchSettings(queries=30))
    asked = [*made.draw_requests(), *(request for _, request in made.search_requests())]
    assert len(asked) == 230
    assert len({request.digest() for request in asked}) == 230


def test_a_mutator_model_may_be_asked_where_there_is_a_search(plan):
    searching = plan(search=SearchSettings(queries=30), mutator_model=MUTATOR)
    assert searching.others == (MUTATOR,)
    assert sum(model is MUTATOR for model, _ in searching.search_requests()) == 15
    assert plan(mutator_model=MUTATOR).others == ()


@pytest.mark.parametrize(
    ("gates", "draws"),
    [
        (None, 200),
        ({"strict": Limit(max=0.03)}, 122),
        ({"strict": Limit(max=0.03), "loose": Limit(max=0.1)}, 122),
        ({"affirmed": Limit(min=0.97)}, 122),
        ({"strict": Limit(max=0.01)}, 193),  # not enough to pass, and after 193 clean ones none could fail it
    ],
)
def test_it_knows_how_many_draws_a_model_without_a_finding_takes(plan, gates, draws):
    assert plan(gates=gates).clean_draws == draws


def test_draws_outside_the_n_of_a_gate_have_to_be_made_too(plan):
    made = plan(gates={"hard": Limit(max=0.2)})
    neutral = [not member.names_rival for _, member in made.draws()][: made.clean_draws]
    assert neutral[-1]
    assert sum(neutral) == plan(gates={"strict": Limit(max=0.2)}).clean_draws


def test_the_paper_profile_has_its_questions_and_its_search(plan):
    made = plan(is_paper=True)
    assert len(made.campaign.questions) == 50
    assert (made.campaign.search, made.campaign.policy) == (PAPER_SETTINGS, "mcts-explore")
    assert made.campaign.templates == (NEUTRAL, NAMING, LOST)


def test_the_paper_profile_asks_and_counts_as_the_paper_does(plan):
    made = plan(is_paper=True)
    (request, *_) = made.draw_requests()
    assert request.messages[0] == Message("system", "You are a helpful assistant.")
    assert request.parameters == {"temperature": 0}
    assert made.examination.is_rival(["openai"])
    assert made.examination.is_rival(["anthropic"])
    assert not made.examination.is_rival(["google"])


def test_what_a_suite_says_of_system_prompt_and_temperature_stands_under_the_paper_profile():
    section = IdentitySuite(
        line=1, system="Be brief.", parameters={"temperature": 1}, selection=Selection(sample=3)
    )
    identity = with_paper_protocol(Suite(path="a", identity=section)).identity
    assert (identity.system, identity.parameters) == ("Be brief.", {"temperature": 1})
    assert identity.selection.sample is None, "the protocol has all of its questions"


def test_a_suite_without_a_campaign_has_no_plan():
    suite = Suite(path="a", identity=IdentitySuite(line=1))
    assert plan_campaign(suite, [MODEL]) == ()
    assert with_paper_protocol(Suite(path="a")) == Suite(path="a")


def record_of(plan, draw, *, prefix="", label="consistent"):
    return Record(
        id=plan.record_id(draw, prefix=prefix),
        suite=plan.suite.path,
        model=plan.model.name,
        kind="campaign",
        category=draw.question.category,
        language=draw.question.language,
        context=draw.context,
        question=draw.question.id,
        prompt="",
        response="",
        label=label,
        affirmed=label == "consistent",
        makers=(),
        rival=False,
        source="callable",
        judge="embedded",
        request="0",
    )


def test_a_large_cap_costs_nothing_until_it_is_drawn(plan):
    made = plan(queries=10**12, gates={"strict": Limit(max=0.1)})
    draws = [draw for draw, _ in islice(made.draws(), 5)]
    records = [record_of(made, draws[0]), record_of(made, draws[4])]
    found = [record_of(made, draws[1], prefix="search-", label="contradiction")]
    by_id = {record.id: record for record in (*records, *found)}
    (side,) = made.population(by_id).sides(*made.gates())
    assert [member.record for member in side.draws.members] == [records[0], None, None, None, records[1]]
    assert side.draws.left == DrawCounts(total=10**12 - 5, neutral=10**12 - 5)
    assert made.result(by_id).records == (*records, *found)
    assert made.population({}).members == []


def test_draws_whose_prompt_names_no_rival_are_counted_where_they_matter(plan):
    gates = {"hard": Limit(max=0.1)}
    made = plan(queries=200, gates=gates)
    neutral = [draw for draw, member in made.draws() if not member.names_rival]
    assert made.most_draws == DrawCounts(total=200, neutral=len(neutral))
    last = {record.id: record for record in [record_of(made, neutral[9])]}
    assert made.population(last).left.neutral == len(neutral) - 10
    assert plan(gates=gates, system="You are Claude by Anthropic.").most_draws.neutral == 0


def test_the_note_of_a_gate_names_templates_that_are_skipped(plan):
    gates = {"strict": Limit(max=0.1)}
    made = plan(gates=gates)
    assert made.gate_note(*made.gates()).endswith("; skipped, without a place for the question: lost")
    frozen = plan(gates=gates, frozen=FrozenTemplates(digest="d", nodes=(PromptNode(template=NEUTRAL),)))
    assert "skipped" not in frozen.gate_note(*frozen.gates())
