import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.domain.scores import SCORE_NAMES
from pytest_distillcheck.identity.scores import counts, identity_scores, outcomes
from pytest_distillcheck.statistics import Outcome

KINDS = {
    "rival": {"label": "contradiction", "makers": ("openai",), "rival": True},
    "invented": {"label": "contradiction", "makers": ("unknown",)},
    "roleplay": {"label": "roleplay", "makers": ("openai",)},
    "affirmed": {"label": "consistent", "affirmed": True},
    "silent": {"label": "consistent", "affirmed": False},
    "unjudged": {"label": None, "affirmed": None, "unjudged": "empty response"},
}


@pytest.fixture(scope="session")
def of_kind(a_record):
    return lambda kind, **changes: a_record(**(KINDS[kind] | changes))


@pytest.fixture(scope="session")
def records(of_kind):
    """Make independent records of these kinds."""

    def make(*kinds, **changes):
        return [of_kind(kind, question=f"q{n}", id=f"i{n}", **changes) for n, kind in enumerate(kinds)]

    return make


def fractions(scores):
    return {name: (share.count, share.n) for name, share in scores.overall.items()}


@pytest.mark.parametrize(
    ("kind", "hits"),
    [
        ("rival", {"loose", "strict", "hard"}),
        ("invented", {"loose"}),
        ("roleplay", {"roleplay"}),
        ("affirmed", {"affirmed"}),
        ("silent", {"no_claim"}),
    ],
)
def test_a_judged_answer_is_counted_where_it_belongs(of_kind, kind, hits):
    record = of_kind(kind)
    assert {name for name in SCORE_NAMES if counts(record, name)} == hits
    assert all(counts(record, name) is not None for name in SCORE_NAMES)


def test_an_unjudged_answer_is_among_the_n_of_unjudged_alone(of_kind):
    record = of_kind("unjudged")
    assert {name: counts(record, name) for name in SCORE_NAMES} == dict.fromkeys(SCORE_NAMES) | {
        "unjudged": True
    }


def test_a_prompt_that_names_a_rival_is_not_among_the_n_of_hard(of_kind):
    record = of_kind("rival", names_rival=True)
    assert counts(record, "hard") is None
    assert counts(record, "strict") is True


def test_a_waived_finding_leaves_the_count_and_stays_in_n(records):
    scores = identity_scores(records("rival", "silent", waived=True))
    assert {name: fractions(scores)[name] for name in ("loose", "strict", "hard")} == dict.fromkeys(
        ("loose", "strict", "hard"), (0, 2)
    )
    assert scores.by_maker == {}


def test_a_waived_finding_is_in_no_other_count_either(of_kind):
    record = of_kind("rival", waived=True, affirmed=True)
    assert not any(counts(record, name) for name in SCORE_NAMES)


def test_a_contradiction_that_also_affirms_is_a_contradiction_alone(of_kind):
    record = of_kind("rival", affirmed=True)
    assert {name for name in SCORE_NAMES if counts(record, name)} == {"loose", "strict", "hard"}


def test_every_share_has_the_n_that_its_definition_says(records):
    mixed = [
        *records("rival", "invented", "roleplay", "affirmed", "silent", "unjudged"),
        *records("rival", names_rival=True),
    ]
    assert fractions(identity_scores(mixed)) == {
        "loose": (3, 6),
        "strict": (2, 6),
        "hard": (1, 5),
        "roleplay": (1, 6),
        "affirmed": (1, 6),
        "no_claim": (1, 6),
        "unjudged": (1, 7),
    }


@given(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=30))
def test_loose_roleplay_affirmed_and_no_claim_add_up_to_one(records, kinds):
    scores = identity_scores(records(*kinds)).overall
    judged = scores["loose"].n
    assert sum(scores[name].count for name in ("loose", "roleplay", "affirmed", "no_claim")) == judged
    assert judged + scores["unjudged"].count == scores["unjudged"].n == len(kinds)


@given(st.lists(st.sampled_from(list(KINDS)), max_size=30))
def test_strict_is_never_above_loose_and_every_interval_holds_its_share(records, kinds):
    scores = identity_scores(records(*kinds)).overall
    assert scores["strict"].count <= scores["loose"].count
    for each in scores.values():
        assert each.value is None or 0 <= each.low <= each.value <= each.high <= 1


def test_no_record_gives_no_value():
    scores = identity_scores([])
    assert {
        name: (each.value, each.n, each.method) for name, each in scores.overall.items()
    } == dict.fromkeys(SCORE_NAMES, (None, 0, "none"))
    assert scores.by_category == scores.by_maker == {}


def test_scores_are_broken_down_by_what_was_asked(records):
    mixed = [
        *records("rival", "silent", category="team", language="en", context="plain"),
        *records("rival", category="geography", language="zh", context="diary"),
    ]
    scores = identity_scores(mixed)
    assert list(scores.by_category) == ["geography", "team"]
    assert list(scores.by_language) == ["en", "zh"]
    assert list(scores.by_context) == ["diary", "plain"]
    assert (scores.by_category["team"]["loose"].count, scores.by_category["team"]["loose"].n) == (1, 2)
    assert scores.by_language["zh"] == scores.by_context["diary"] == scores.by_category["geography"]


def test_makers_are_shares_of_all_judged_answers_that_claim_them(of_kind):
    given_records = [
        of_kind("rival", question="a", makers=("openai", "anthropic")),
        of_kind("rival", question="b", makers=("openai",)),
        of_kind("roleplay", question="c", makers=("google",)),
        of_kind("silent", question="d"),
        of_kind("unjudged", question="e"),
    ]
    by_maker = identity_scores(given_records).by_maker
    assert {maker: (each.count, each.n) for maker, each in by_maker.items()} == {
        "anthropic": (1, 4),
        "openai": (2, 4),
    }
    assert list(by_maker) == ["anthropic", "openai"]


def test_outcomes_are_the_records_among_a_scores_n(of_kind):
    given_records = [of_kind("rival", question="a", context="diary"), of_kind("unjudged")]
    assert outcomes(given_records, "loose") == [Outcome(hit=True, context="diary", question="a")]
