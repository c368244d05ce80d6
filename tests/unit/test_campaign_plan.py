"""The plan of a campaign."""

from dataclasses import replace

import pytest

from pytest_distillcheck.assembly import ModelUnderTest
from pytest_distillcheck.assembly.campaign import plan_campaign
from pytest_distillcheck.assembly.paper import with_paper_protocol
from pytest_distillcheck.domain.gates import Limit
from pytest_distillcheck.domain.probes import Question
from pytest_distillcheck.domain.templates import PromptNode, SeedTemplate
from pytest_distillcheck.fuzzing import PAPER_SETTINGS, FrozenTemplates, SearchSettings
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
    assert {draw.context for draw in plan().draws} == {"neutral", "naming"}
    assert {draw.context for draw in plan(frozen=frozen).draws} == {"naming"}


def test_what_is_drawn_names_a_rival_by_template_question_or_system_prompt(plan):
    gates = {"hard": Limit(max=0.1)}
    named = {(m.context, m.question): m.names_rival for m in plan(gates=gates).undrawn}
    assert named == {
        ("neutral", "q1"): False,
        ("neutral", "q2"): True,
        ("naming", "q1"): True,
        ("naming", "q2"): True,
    }
    system = "You are Claude by Anthropic."
    assert all(member.names_rival for member in plan(gates=gates, system=system).undrawn)


def test_gates_have_ids_of_their_own(plan):
    (gate,) = plan(gates={"strict": Limit(max=0.1)}).gates()
    assert (gate.id, gate.kind) == ("a.distill.yaml::gate-campaign-strict-qwen-max", "campaign")


def test_it_may_ask_every_draw_and_as_many_probes_as_the_search_has(plan):
    asked = list(plan(search=SearchSettings(queries=30)).may_ask())
    assert len(asked) == 230
    assert len({request.digest() for _, request in asked}) == 230


def test_a_mutator_model_may_be_asked_where_there_is_a_search(plan):
    searching = plan(search=SearchSettings(queries=30), mutator_model=MUTATOR)
    assert searching.others == (MUTATOR,)
    assert sum(model is MUTATOR for model, _ in searching.may_ask()) == 15
    assert plan(mutator_model=MUTATOR).others == ()


def test_the_paper_profile_has_its_questions_and_its_search(plan):
    made = plan(is_paper=True)
    assert len(made.campaign.questions) == 50
    assert (made.campaign.search, made.campaign.policy) == (PAPER_SETTINGS, "mcts-explore")
    assert made.campaign.templates == (NEUTRAL, NAMING, LOST)


def test_a_suite_without_a_campaign_has_no_plan():
    suite = Suite(path="a", identity=IdentitySuite(line=1))
    assert plan_campaign(suite, [MODEL]) == ()
    assert with_paper_protocol(Suite(path="a")) == Suite(path="a")
