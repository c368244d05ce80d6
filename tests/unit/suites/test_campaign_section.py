import json

import pytest

from pytest_distillcheck.domain.gates import Limit
from pytest_distillcheck.domain.templates import PromptNode, SeedTemplate
from pytest_distillcheck.fuzzing import FrozenTemplates, SearchSettings, freeze, read_frozen, seed_templates
from pytest_distillcheck.identity.bank import questions
from pytest_distillcheck.suites import CampaignSuite

IMPORTED = json.dumps({"x": ["Tell me: {query}", "no place for it"]})
FROZEN = freeze([PromptNode(template=SeedTemplate(id="m-1", language="en", text="Well, {question}"))])


@pytest.fixture
def campaign(load):
    """Return the campaign of an identity section whose other keys are given too."""

    def campaign(body, identity=""):
        return load(f"identity:\n{identity}  campaign: {body}\n").identity.campaign

    return campaign


@pytest.fixture
def told_of(told):
    def told_of(body):
        return [line.split(": ", 1)[1] for line in told(f"identity:\n  campaign: {body}\n")]

    return told_of


def bank(languages=("en", "zh"), categories=None):
    return tuple(
        question
        for question in sorted(questions(), key=lambda question: question.id)
        if question.language in languages and (categories is None or question.category in categories)
    )


def test_a_campaign_that_says_nothing_measures_the_seed_templates_of_the_package(campaign):
    assert campaign("{}") == CampaignSuite(
        line=2, questions=bank(), templates=seed_templates(), policy="foraging"
    )


def test_a_campaign_says_all_that_its_file_says(campaign, write):
    write("found.jsonl", FROZEN)
    assert campaign(
        "{templates: builtin, frozen: found.jsonl, queries: 20,"
        " search: {queries: 100, policy: ucb, iterations: 9, hits: 8, rejects: 7, questions: 3, width: 2, energy: 5, keep: hits},"
        " gates: {strict: {max: 0.03, confidence: 0.9}, loose: {accept: 0.01, reject: 0.05}}}"
    ) == CampaignSuite(
        line=2,
        questions=bank(),
        templates=seed_templates(),
        policy="ucb",
        search=SearchSettings(
            queries=100, iterations=9, hits=8, rejects=7, questions=3, width=2, energy=5, keep="hits"
        ),
        frozen=read_frozen(FROZEN, path="x"),
        queries=20,
        gates={"strict": Limit(max=0.03, confidence=0.9), "loose": Limit(accept=0.01, reject=0.05)},
    )
    assert isinstance(campaign("{frozen: found.jsonl}").frozen, FrozenTemplates)


def test_a_search_may_take_the_defaults(campaign):
    assert campaign("{search: {}}").search == SearchSettings()


def test_the_probes_select_the_questions_by_category_and_language_and_by_nothing_else(campaign):
    identity = """\
  probes: {categories: [team], languages: [en], contexts: [diary], sample: 1}
  questions: [{id: x, category: industry, language: sv, text: "Vem?"}]
"""
    put = campaign("{}", identity).questions
    assert [question.id for question in put] == [*(q.id for q in bank(("en",), ("team",))), "x"]


def test_templates_of_several_files_are_one_list_without_repeats(campaign, write):
    write("one.json", IMPORTED)
    write("two.csv", 'text\n"Tell me: [INSERT PROMPT HERE]"\n')
    templates = campaign("{templates: [one.json, builtin, two.csv]}").templates
    assert len(templates) == len(seed_templates()) + 2
    assert {*seed_templates()} < {*templates}
    assert [template.has_placeholder for template in templates[:2]] == [True, False]


def test_a_thousand_templates_are_taken(campaign, write):
    write("many.json", json.dumps({"x": [f"{n}: {{query}}" for n in range(1000)]}))
    assert len(campaign("{templates: many.json, search: {queries: 2}}").templates) == 1000


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "{templates: nowhere.csv}",
            "identity.campaign.templates: nowhere.csv: cannot be read (No such file or directory); check the path",
        ),
        (
            "{templates: [builtin, seeds.txt]}",
            "identity.campaign.templates[1]: seeds.txt: not a file of seed templates; give a .csv of GPTFuzz or a .json of EasyJailbreak",
        ),
        (
            "{templates: unfit.json}",
            "identity.campaign.templates: no seed template has a place for the question; write {question} there (also {query} in a .json, [INSERT PROMPT HERE] in a .csv)",
        ),
        (
            "{templates: [unfit.json, nowhere.csv]}",
            "identity.campaign.templates[1]: nowhere.csv: cannot be read (No such file or directory); check the path",
        ),
        (
            "{search: {queries: 1}}",
            "identity.campaign.search.queries: 1 is below one round in one template; give at least 2",
        ),
        (
            "{frozen: edited.jsonl}",
            "identity.campaign.frozen: edited.jsonl:1: the templates are not those that the search froze; restore the file, or search again",
        ),
        (
            "{gates: {strict: {max: 0}}}",
            "identity.campaign.gates.strict.max: max 0 can never pass: no number of draws shows that a rate is 0; allow more",
        ),
        (
            "{gates: {affirmed: {min: 1}}}",
            "identity.campaign.gates.affirmed.min: min 1 can never pass: no number of draws shows that a rate is 1; demand less",
        ),
        (
            "{gates: {loose: {min: 0.2, max: 0.2}}}",
            "identity.campaign.gates.loose: min 0.2 with max 0.2 can never pass: no number of draws shows that a rate is both; leave room between them",
        ),
        (
            "{gates: {loose: {accept: 0.2}}}",
            "identity.campaign.gates.loose: sets accept without reject; they are the two ends of one zone, set both",
        ),
        (
            "{gates: {loose: {reject: 0.2, max: 0.1}}}",
            "identity.campaign.gates.loose: sets reject without accept; they are the two ends of one zone, set both",
        ),
        (
            "{gates: {loose: {accept: 0.2, reject: 0.2}}}",
            "identity.campaign.gates.loose: accept 0.2 is not below reject 0.2; leave room between them",
        ),
        (
            "{gates: {loose: {accept: 0.1, reject: 0.2, max: 0.1}}}",
            "identity.campaign.gates.loose.max: stands beside accept and reject, which replace max; remove either",
        ),
        (
            "{gates: {loose: {confidence: 0.9}}}",
            "identity.campaign.gates.loose: sets no limit; set max, min, or accept and reject",
        ),
    ],
)
def test_what_only_meaning_shows_is_told_in_the_users_words(told_of, write, body, message):
    write("seeds.txt", "x")
    write("unfit.json", json.dumps({"x": ["no place for it"]}))
    write("edited.jsonl", FROZEN.replace("Well", "Now"))
    assert told_of(body) == [message]


def test_a_limit_that_draws_can_show_to_be_kept_is_fine(campaign):
    gates = campaign("{gates: {loose: {min: 0.1, max: 0.2}, hard: {max: 1}, affirmed: {min: 0}}}").gates
    assert gates == {"loose": Limit(min=0.1, max=0.2), "hard": Limit(max=1), "affirmed": Limit(min=0)}


def test_a_campaign_without_a_question_is_told_once(told):
    (message,) = told("identity:\n  bank: false\n  campaign: {search: {}}\n")
    assert message.startswith("a:2:3: identity: asks nothing")


def test_a_question_whose_id_stands_twice_is_told_once_and_where_it_stands(told):
    question = "{id: x, category: team, language: en, text: Who?}"
    lines = told(f"identity:\n  questions: [{question}, {question}]\n  campaign: {{}}\n")
    assert [line for line in lines if "'x'" in line] == lines
    assert len(lines) == 1
    assert "identity.questions[1].id: a second question 'x'" in lines[0]


@pytest.mark.parametrize("part", ["queries", "search: {queries"])
def test_a_cap_beyond_all_use_is_refused(told_of, part):
    closing = "}" if "{" in part else ""
    (line,) = told_of(f"{{{part}: 1000000000{closing}}}")
    assert line.endswith("1000000000 is too large; it must be at most 100000")
