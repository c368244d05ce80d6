"""What the terminal says of a campaign."""

from dataclasses import replace

import pytest

from pytest_distillcheck.domain.campaigns import CampaignNote, MeasurementNote, SearchNote
from pytest_distillcheck.domain.summaries import RunSummary, SectionResult
from pytest_distillcheck.identity.campaigns import campaign_scores
from pytest_distillcheck.identity.paper import paper_scores
from pytest_distillcheck.reports import terminal_lines

MEASURED = MeasurementNote(
    drawn=3, missing=1, most=10, stopped="queries", templates=2, questions=5, frozen=None
)
SEARCHED = SearchNote(policy="foraging", mutator="embedded", stopped="queries", asked=40)


@pytest.fixture
def told(a_record):
    """Return the lines of a campaign with three draws, the second of them a contradiction of a prompt that names none."""
    base = {"kind": "campaign", "makers": (), "rival": False, "label": "consistent"}
    found = {**base, "label": "contradiction", "makers": ("openai",), "rival": True}
    changes = [{**base, "names_rival": True}, found, {**base, "names_rival": True}]
    records = tuple(
        a_record(id=f"a::campaign[qwen]-t{n}-q{n}", context=f"t{n}", question=f"q{n}", **change)
        for n, change in enumerate(changes)
    )

    def make(note, **summary):
        result = SectionResult(
            kind="campaign",
            suite="a",
            model="qwen",
            planned=10,
            scores=campaign_scores(records if note else ()),
            records=records if note else (),
            note=note,
        )
        run = RunSummary(run={}, results=(result,), decisions=(), undecided={}, **summary)
        return "\n".join(line.text for line in terminal_lines(run))

    make.records = records
    return make


def test_it_begins_with_how_it_was_measured(told):
    text = told(CampaignNote(measurement=MEASURED))
    head = "a: qwen, campaign: 3 of at most 10 draws, 1 of them without an answer (all of them) from 2 templates x 5 questions"
    assert text.splitlines()[0] == head


def test_frozen_templates_are_told_by_their_digest(told):
    text = told(CampaignNote(measurement=replace(MEASURED, frozen="a" * 64)))
    assert "from 2 frozen templates aaaaaaaaaaaa x" in text


def test_it_shows_scores_with_design_effect_and_lift(told):
    text = told(CampaignNote(measurement=MEASURED))
    assert "strict   0.333" in text
    assert "1/3 wilson, design effect 1.0" in text
    assert "strict with a rival named 0.000, without 1.000: lift -1.000 [" in text
    assert "claimed  openai 1" in text


def test_a_search_is_told_to_be_no_score(told):
    note = CampaignNote(measurement=MEASURED, search=replace(SEARCHED, refused={"empty": 2}, skipped=("x",)))
    text = told(note)
    assert (
        "search (foraging, embedded mutator): 40 probes, 2 mutants refused, 1 templates without a placeholder skipped;"
        " ended: its queries are spent"
    ) in text
    assert "it found 0 contradictions in 0 templates: findings, and no score" in text


@pytest.mark.parametrize("stopped", ["outage", "stalled"])
def test_a_search_that_is_not_complete_says_so(told, stopped):
    assert "INCOMPLETE" in told(CampaignNote(measurement=MEASURED, search=replace(SEARCHED, stopped=stopped)))


def test_it_says_where_found_templates_are_and_what_to_do_with_them(told):
    text = told(CampaignNote(measurement=MEASURED), frozen=".distillcheck/runs/1/frozen.jsonl")
    assert "found templates: .distillcheck/runs/1/frozen.jsonl; commit it beside the suite" in text


def test_the_papers_scores_stand_beside_ours(told):
    paper = paper_scores(told.records).to_builtins()
    assert "as the paper counts: loose 1/3, strict 1/3, hard 1/3" in told(
        CampaignNote(measurement=MEASURED, paper=paper)
    )


def test_a_campaign_that_did_not_run_has_no_scores(told):
    assert told(None) == "a: qwen, campaign: none of at most 10 draws"
