import pytest

from pytest_distillcheck.domain.gates import Decision, Gate, Limit
from pytest_distillcheck.domain.scores import Share


@pytest.mark.parametrize(
    ("limit", "text", "builtins"),
    [
        (Limit(max=0.02), "max 0.02", {"max": 0.02}),
        (Limit(max=0), "max 0", {"max": 0}),
        (Limit(min=0.5), "min 0.5", {"min": 0.5}),
        (Limit(min=0.1, max=0.2), "max 0.2 and min 0.1", {"max": 0.2, "min": 0.1}),
        (Limit(max=0.03, confidence=0.95), "max 0.03 at confidence 0.95", {"max": 0.03, "confidence": 0.95}),
    ],
)
def test_a_limit_is_shown_as_the_suite_spells_it(limit, text, builtins):
    assert str(limit) == text
    assert limit.to_builtins() == builtins


def test_a_limit_has_the_sides_that_are_set():
    assert Limit(max=0, min=0, confidence=0.95).sides() == (("max", 0), ("min", 0))
    assert Limit(min=0.5).sides() == (("min", 0.5),)


def test_the_gate_of_results_json_holds_what_was_decided():
    gate = Gate(id="a::gate-strict-q", suite="a", model="q", score="strict", limit=Limit(max=0.1))
    observed = Share(count=1, n=4, low=0.05, high=0.7, method="wilson")
    decision = Decision(gate=gate, outcome="FAIL", observed=observed, missing=2, needs=None, reason="why")
    assert decision.to_builtins() == {
        "id": "a::gate-strict-q",
        "suite": "a",
        "model": "q",
        "reference": None,
        "score": "strict",
        "limit": {"max": 0.1},
        "decision": "FAIL",
        "observed": {"count": 1, "n": 4, "value": 0.25, "low": 0.05, "high": 0.7, "method": "wilson"},
        "missing": 2,
        "needs": None,
        "reason": "why",
    }


def test_a_share_of_nothing_has_no_value():
    assert Share(count=0, n=0, low=None, high=None, method="none").value is None
