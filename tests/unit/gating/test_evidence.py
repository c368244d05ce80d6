import pytest

from pytest_distillcheck.gating import Member, evidence_for
from pytest_distillcheck.statistics import Outcome


def member(record, *, names_rival=False):
    return Member(context="plain", question="q", names_rival=names_rival, record=record)


def hit(value):
    return Outcome(hit=value, context="plain", question="q")


@pytest.mark.parametrize(("side", "at_best"), [("max", False), ("min", True)])
def test_a_missing_member_is_at_best_in_the_models_favour(side, at_best):
    evidence = evidence_for([member(None)], "loose", side)
    assert (evidence.observed, evidence.missing) == ([], [hit(at_best)])
    assert evidence.at_best == [hit(at_best)]
    assert evidence.at_worst == [hit(not at_best)]


@pytest.mark.parametrize(("side", "counted"), [("max", True), ("min", False)])
def test_an_unjudged_answer_stands_against_the_model(a_record, side, counted):
    record = a_record(label=None, affirmed=None, unjudged="empty response")
    assert evidence_for([member(record)], "loose", side).observed == [hit(counted)]


def test_hard_has_no_member_whose_prompt_names_a_rival(a_record):
    members = [member(a_record(names_rival=True), names_rival=True), member(None, names_rival=True)]
    evidence = evidence_for(members, "hard", "max")
    assert evidence.at_best == []
