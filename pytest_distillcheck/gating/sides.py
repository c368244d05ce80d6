"""What deciding needs to know of a gate's evidence, whatever its score is."""

from collections.abc import Sequence
from typing import Protocol

from pytest_distillcheck.domain.gates import Decision, Gate


class GateSide(Protocol):
    """One of a gate's limits, with the evidence on it."""

    @property
    def gate(self) -> Gate:
        """The gate."""
        ...

    def p_value(self) -> float | None:
        """Return the p-value against the limit, whatever missing members would have answered.

        None for a census, which decides by the score itself and is in no family.
        """
        ...

    def level(self) -> float:
        """Return the level of a false FAIL that a gate with a p-value allows, in (0, 1)."""
        ...

    def decision(self, *, fails: bool) -> Decision:
        """Return the decision.

        Args:
            fails: whether Holm's correction lets the p-value decide for FAIL; False for a census.
        """
        ...


class Population(Protocol):
    """What one or more gates are measured on."""

    def sides(self, gate: Gate) -> Sequence[GateSide]:
        """Return a gate's limits, each with its evidence."""
        ...
