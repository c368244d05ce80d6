"""What the sections of a suite have in store for a model."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from pytest_distillcheck.assembly.models import ModelUnderTest
from pytest_distillcheck.domain.gates import Gate
from pytest_distillcheck.domain.records import Record, RecordKind
from pytest_distillcheck.domain.summaries import SectionResult
from pytest_distillcheck.gating import Population
from pytest_distillcheck.suites import Suite


class Plan(Protocol):
    """What one section of a suite asks of one model, and all that it takes to run it.

    Attributes:
        kind: of the section; the tests of a kind share one function.
        unit: what is counted in the section, in the plural.
        reference: the reference model's name, for similarity.
        others: the models that it asks beside the one under test.
        line: where the section stands in the file, 1-based.
        snapshot: whether its tests compare their records with the committed snapshot.
    """

    @property
    def kind(self) -> RecordKind: ...
    @property
    def unit(self) -> str: ...
    @property
    def suite(self) -> Suite: ...
    @property
    def model(self) -> ModelUnderTest: ...
    @property
    def reference(self) -> str | None: ...
    @property
    def others(self) -> "Sequence[ModelUnderTest]": ...
    @property
    def line(self) -> int: ...
    @property
    def snapshot(self) -> bool: ...

    def test_names(self) -> Sequence[str]:
        """Return the names of the section's tests, without their file, sorted."""
        ...

    def gates(self) -> Sequence[Gate]:
        """Return the section's gates."""
        ...

    def population(self, records: Mapping[str, Record]) -> Population:
        """Return what the gates are measured on.

        Args:
            records: every record of the run so far, by id.
        """
        ...

    def gate_note(self, gate: Gate) -> str | None:
        """Return what a gate needs before it can be decided; None when there is nothing to say."""
        ...

    def result(self, records: Mapping[str, Record]) -> SectionResult:
        """Return what the section came to so far."""
        ...
