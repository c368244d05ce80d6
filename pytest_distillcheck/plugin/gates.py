"""Gates as tests.

A gate is a plain item without fixtures, since under pytest-xdist the controller runs it, where a user's session
fixtures must not start. Its name has neither brackets, which pytest 9.2 would take for parameters and lose under
`--lf`, nor dots.
"""

from pathlib import Path
from typing import Any

import pytest

from pytest_distillcheck.domain.gates import Decision, Gate
from pytest_distillcheck.plugin.outcomes import Infrastructure, raise_decision
from pytest_distillcheck.plugin.run import RUN


class GateItem(pytest.Item):
    """The test of one gate; it runs after every other test."""

    def __init__(self, *, gate: Gate, line: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.gate = gate
        self.line = line
        # What other plugins look for on an item.
        self.obj = self.runtest
        self.fixturenames: tuple[str, ...] = ()

    def _initrequest(self) -> None:
        """Do nothing: pytest-rerunfailures calls this on every item."""

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the suite's section stands."""
        return self.path, self.line - 1, self.name

    def setup(self) -> None:
        """Gather the decision.

        Raises:
            Infrastructure: members are missing, so there is none.
        """
        decision = self._decision()
        self.user_properties = [
            ("distill.decision", decision.outcome),
            ("distill.observed", str(decision.observed.value)),
            ("distill.missing", str(decision.missing)),
        ]
        if decision.outcome == "INCOMPLETE":
            raise Infrastructure(decision.reason)

    def runtest(self) -> None:
        """Raise what was decided.

        Raises:
            Finding: FAIL.
            Inconclusive: not enough evidence.
        """
        raise_decision(self._decision())

    def _decision(self) -> Decision:
        return self.config.stash[RUN].decision(self.gate)
