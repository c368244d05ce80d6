"""The scores of a campaign."""

import pytest

from pytest_distillcheck.identity.campaigns import campaign_scores
from pytest_distillcheck.identity.scores import identity_scores


@pytest.fixture
def draws(a_record):
    def make(*, n=40, hits=(), named=()):
        return [
            a_record(
                id=str(i),
                kind="campaign",
                context=f"t{i % 4}",
                question=f"q{i % 10}",
                label="contradiction" if i in hits else "consistent",
                rival=i in hits,
                makers=("openai",) if i in hits else (),
                names_rival=i in named,
            )
            for i in range(n)
        ]

    return make


def test_the_identity_scores_are_those_of_the_draws(draws):
    records = draws(hits={0, 4, 8})
    assert campaign_scores(records).identity == identity_scores(records)


def test_the_lift_is_what_a_named_rival_adds(draws):
    scores = campaign_scores(draws(hits=set(range(10)), named=set(range(20))))
    assert (scores.strict_named.value, scores.strict_neutral.value) == (0.5, 0)
    assert scores.lift is not None
    assert scores.lift.value == 0.5
    assert -1 <= scores.lift.low < 0.5 < scores.lift.high <= 1


@pytest.mark.parametrize("named", [set(), set(range(40))])
def test_there_is_no_lift_without_both_kinds_of_prompts(draws, named):
    assert campaign_scores(draws(named=named)).lift is None


def test_hits_in_one_template_raise_the_design_effect(draws):
    clustered = campaign_scores(draws(hits={i for i in range(40) if i % 4 == 0}))
    spread = campaign_scores(draws(hits={0, 5, 10, 15, 20, 25, 30, 35, 3, 38}))
    assert clustered.design_effects["strict"] > 5 > spread.design_effects["strict"]
    # Ten hits in one of four templates tell nothing of the next run.
    assert clustered.detectable is None
    assert 0 < spread.detectable < 1


def test_sequences_hold_the_observed_share(draws):
    scores = campaign_scores(draws(hits={1, 2, 3}))
    low, high = scores.sequences["strict"]
    assert low < 3 / 40 < high


def test_nothing_is_made_up_without_a_draw():
    scores = campaign_scores([])
    assert (scores.lift, scores.detectable, scores.sequences, scores.design_effects) == (None, None, {}, {})
    assert scores.strict_named.n == 0


def test_a_score_that_no_draw_counts_for_is_left_out(draws):
    scores = campaign_scores(draws(named=set(range(40))))
    assert set(scores.design_effects) == set(scores.sequences) == {"loose", "strict"}


def test_builtins_hold_everything(draws):
    data = campaign_scores(draws(hits={1}, named={1, 2})).to_builtins()
    assert set(data) >= {"loose", "strict", "by_maker", "strict_named", "lift", "sequences", "detectable"}
