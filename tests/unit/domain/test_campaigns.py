"""What a campaign tells crosses from a worker unharmed."""

import json

from pytest_distillcheck.domain.campaigns import CampaignNote, MeasurementNote, SearchNote
from pytest_distillcheck.domain.templates import PromptNode, SeedTemplate

NODE = PromptNode(
    template=SeedTemplate(id="m-1", language="en", text="Once: {question}"),
    parent="en-a",
    partner="en-b",
    mutator="crossover",
    depth=1,
)
NOTE = CampaignNote(
    measurement=MeasurementNote(
        drawn=9, missing=1, most=10, stopped="outage", templates=3, questions=2, frozen=None, fault="no"
    ),
    search=SearchNote(
        policy="foraging",
        mutator="embedded",
        stopped="queries",
        asked=4,
        found=(NODE,),
        findings=("a",),
        skipped=("b",),
    ),
)


def test_a_note_comes_back_from_builtins_that_went_through_json():
    assert CampaignNote.from_builtins(json.loads(json.dumps(NOTE.to_builtins()))) == NOTE
    bare = CampaignNote(measurement=NOTE.measurement, paper={"loose": {}})
    assert CampaignNote.from_builtins(json.loads(json.dumps(bare.to_builtins()))) == bare


def test_the_summary_names_templates_and_leaves_their_texts_to_the_frozen_file():
    assert NOTE.summary()["search"]["found"] == ["m-1"]


def test_a_search_that_ran_dry_or_out_is_not_complete():
    stopped = {
        name: SearchNote(policy="p", mutator="m", stopped=name).is_complete
        for name in ("hits", "outage", "stalled")
    }
    assert stopped == {"hits": True, "outage": False, "stalled": False}
