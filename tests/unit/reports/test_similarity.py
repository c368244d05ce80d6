from dataclasses import replace

import pytest

from pytest_distillcheck.domain.scores import Mean, Share
from pytest_distillcheck.domain.similarities import (
    Controls,
    Increase,
    Measurement,
    NearestReference,
    SimilarityScores,
)
from pytest_distillcheck.domain.summaries import RunSummary, SectionResult
from pytest_distillcheck.domain.waivers import Waiver
from pytest_distillcheck.reports import results, terminal_lines

MEASUREMENT = Measurement(
    judge="embedded",
    turns="last",
    system=None,
    parameters={},
    sample=None,
    seed=None,
    prompts={"math": "0" * 64},
)


def mean(value, low=None, high=None, n=3):
    return Mean(n=n, value=value, low=low, high=high, method="none" if low is None else "bootstrap")


SCORES = SimilarityScores(
    overall={"overall": mean(3.2, 3.0, 3.4), "style": mean(1.0), "logic": mean(1.0), "content": mean(1.0)},
    by_set={"math": {"overall": mean(3.2), "style": mean(1.0), "logic": mean(1.0), "content": mean(1.0)}},
    unjudged=Share(count=0, n=3, low=0.0, high=0.5, method="wilson"),
    measurement=MEASUREMENT,
    controls=Controls(floor=1.5, unavailable={"ceiling": "why not", "relative": "alone", "normalised": "no"}),
    length_ratio=1.25,
    repeated=1,
    repeated_reference=1,
)


@pytest.fixture
def summary(a_record):
    def make(*, ratings=(4.0, 2.0, 3.5), nearest=(), needless=(), **changes):
        records = tuple(
            a_record(
                id=f"a::similarity[m-r-p{n}]",
                kind="similarity",
                question=f"p{n}",
                rating=None if rating is None else {"overall": rating},
                unjudged=None if rating is not None else "empty response",
            )
            for n, rating in enumerate(ratings, 1)
        )
        result = SectionResult(
            kind="similarity",
            suite="a",
            model="mine",
            reference="gpt",
            planned=4,
            scores=replace(SCORES, **changes),
            records=records,
            needless=needless,
        )
        return RunSummary(run={}, results=(result,), decisions=(), undecided={}, nearest=nearest)

    return make


def text(summary):
    return "\n".join(line.text for line in terminal_lines(summary))


def test_scores_stand_beside_what_they_must_be_read_against(summary):
    assert text(summary()) == (
        "a: mine compared with gpt, 3 of 4 prompts rated by embedded\n"
        "  overall  3.200 [3.000, 3.400]  math 3.20\n"
        "  style    1.000  math 1.00\n"
        "  logic    1.000  math 1.00\n"
        "  content  1.000  math 1.00\n"
        "  read it against: floor 1.50, answers 1.25 times as long\n"
        "    no ceiling: why not\n"
        "  closest prompts: p1 4.00, p3 3.50, p2 2.00"
    )


def test_a_full_set_of_controls_is_told_in_one_line(summary):
    full = Controls(floor=1.5, ceiling=4.5, relative=-0.25, normalised=0.567)
    assert (
        "read it against: floor 1.50, ceiling 4.50, -0.25 over the other references,"
        " 57% of the way between floor and ceiling, answers 1.25 times as long"
    ) in text(summary(controls=full))


def test_unjudged_pairs_are_counted_with_their_reasons(summary):
    unjudged = Share(count=1, n=3, low=0.0, high=0.9, method="wilson")
    shown = text(summary(ratings=(4.0, None, 3.5), unjudged=unjudged))
    assert "2 of 4 prompts rated" in shown
    assert "unjudged 1 of 3: empty response" in shown


def test_without_a_rated_pair_there_is_no_score(summary):
    assert "overall" not in text(summary(ratings=(None,)))


def test_an_increase_names_the_baselines_model(summary):
    increase = Increase(model="old", mean=mean(0.25, 0.1, 0.4, n=40), p_value=0.0001)
    shown = text(summary(increase=increase))
    assert (
        "over the baseline (old): overall +0.250 [+0.100, +0.400] on 40 prompts, p < 0.001 by sign flips"
        in shown
    )
    none = Increase(model="old", mean=mean(None, n=0), p_value=None)
    assert "over the baseline (old): no prompt was rated in both" in text(summary(increase=none))


@pytest.mark.parametrize(("repeated", "warned"), [(3, True), (1, False)])
def test_a_model_with_one_answer_for_all_is_warned_of(summary, repeated, warned):
    shown = text(summary(repeated=repeated, repeated_reference=1))
    assert ("mine gave one answer to 3 of 3 prompts: its similarity says nothing" in shown) == warned


def test_a_needless_waiver_is_told(summary):
    waiver = Waiver(probe="similarity[*]", reason="r", owner="ana", until=None)
    assert "the waiver of similarity[*] by ana covers no finding" in text(summary(needless=(waiver,)))


def test_nearness_is_told_without_accusing(summary):
    near = NearestReference(
        suite="a",
        model="mine",
        ranking=(("gpt", 1.5), ("other", -0.25)),
        nearest="gpt",
        p_value=0.0001,
        prompts=200,
    )
    shown = text(summary(nearest=(near,)))
    assert "a: mine is most similar to gpt (p < 0.001, 200 prompts): gpt +1.50, other -0.25" in shown
    shown = text(summary(nearest=(replace(near, nearest=None, p_value=0.4),)))
    assert "most similar to no reference more than chance gives (p = 0.400" in shown
    assert "distilled" not in shown


def test_results_hold_scores_by_reference_and_the_attribution_beside_them(summary):
    near = NearestReference(
        suite="a", model="mine", ranking=(("gpt", 1.5),), nearest=None, p_value=1.0, prompts=20
    )
    suite = results(summary(nearest=(near,)))["models"]["mine"]["suites"]["a"]
    assert suite["similarity"]["gpt"]["overall"]["value"] == 3.2
    assert suite["similarity"]["gpt"]["by_set"]["math"]["overall"]["value"] == 3.2
    assert suite["similarity"]["gpt"]["measurement"]["prompts"] == {"math": "0" * 64}
    assert suite["attribution"] == {
        "ranking": [{"reference": "gpt", "score": 1.5}],
        "nearest": None,
        "p_value": 1.0,
        "prompts": 20,
    }
