"""The suites that a newcomer runs first come to what the README shows."""

import shutil
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "example_suites"
IDENTITY_GATES = [
    "example_suites/neutral.distill.yaml::gate-strict-smollm2-impostor",
    "example_suites/plain.distill.yaml::gate-strict-smollm2-impostor",
]
SIMILARITY_GATE = "example_suites/similarity.distill.yaml::gate-overall-smollm2-impostor-smollm2"


@pytest.fixture
def run(pytester):
    """Run the examples in a copy, and return the exit code, the tests that failed and the outcomes' counts."""
    shutil.copytree(EXAMPLES, pytester.path / "example_suites")

    def run(*args, path="example_suites"):
        result = pytester.runpytest_subprocess(path, *args)
        failed = [line.split()[1] for line in result.outlines if line.startswith("FAILED ")]
        return result.ret, failed, result.parseoutcomes()

    return run


@pytest.mark.parametrize("workers", [("-n0",), ("-n2",)], ids=["n0", "n2"])
@pytest.mark.parametrize(
    ("model", "code", "broken", "counts"),
    [
        ("smollm2", 0, [], {"passed": 221, "contradiction": 8}),
        ("smollm2-impostor", 1, IDENTITY_GATES, {"passed": 126, "contradiction": 101, "failed": 2}),
    ],
)
def test_the_model_keeps_its_gates_and_the_impostor_does_not(run, model, code, broken, counts, workers):
    assert run(f"--distill-model={model}", *workers) == (code, broken, counts)


def test_what_a_model_is_told_to_say_of_itself_does_not_hide_whose_weights_it_has(run):
    code, broken, counts = run(
        "--distill-model=smollm2-impostor",
        "--distill-reference=smollm2",
        path="example_suites/similarity.distill.yaml",
    )
    assert (code, broken, counts) == (1, [SIMILARITY_GATE], {"passed": 24, "failed": 1})
