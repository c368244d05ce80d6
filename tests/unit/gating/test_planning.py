import pytest

from pytest_distillcheck.domain.gates import Gate, Limit
from pytest_distillcheck.gating import sample_size_note


def note(planned, **limit):
    gate = Gate(id="a::gate-strict-qwen", suite="a", model="qwen", score="strict", limit=Limit(**limit))
    return sample_size_note(gate, planned)


def test_a_census_needs_no_number_of_probes():
    assert note(1, max=0) is None


@pytest.mark.parametrize(
    ("planned", "limit", "text"),
    [
        (
            200,
            {"max": 0.03, "confidence": 0.95},
            "gate-strict-qwen (max 0.03 at confidence 0.95) needs at least 99 probes to pass; it has 200",
        ),
        (
            99,
            {"min": 0.97, "confidence": 0.95},
            "gate-strict-qwen (min 0.97 at confidence 0.95) needs at least 99 probes to pass; it has 99",
        ),
        (
            98,
            {"max": 0.03, "confidence": 0.95},
            "gate-strict-qwen (max 0.03 at confidence 0.95) can never pass: it needs 99 probes and has 98; ask more",
        ),
        (
            1000,
            {"max": 0, "confidence": 0.95},
            "gate-strict-qwen (max 0 at confidence 0.95) can never pass: no number of probes proves it; loosen the limit",
        ),
        (
            1000,
            {"max": 0.5, "min": 1, "confidence": 0.9},
            "gate-strict-qwen (max 0.5 and min 1 at confidence 0.9) can never pass: no number of probes proves it; loosen the limit",
        ),
    ],
)
def test_a_gate_with_a_confidence_says_how_many_probes_it_needs(planned, limit, text):
    assert note(planned, **limit) == text
