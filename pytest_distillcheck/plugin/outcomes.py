"""What our tests raise, how reports show it, and what the exit code becomes."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from _pytest._io import TerminalWriter
    from _pytest.outcomes import Failed, Skipped

    from pytest_distillcheck.domain.gates import Decision
else:
    Failed, Skipped = (
        pytest.fail.Exception,
        pytest.skip.Exception,
    )  # the public names, which mypy cannot subclass

Status = Literal["contradiction", "unjudged", "finding", "infrastructure", "inconclusive"]

EXIT_INCONCLUSIVE = 10
EXIT_INCOMPLETE = 11

SHOWN: dict[Status, tuple[str, str, tuple[str, dict[str, bool]]]] = {
    "contradiction": ("contradiction", "c", ("CONTRADICTION", {"yellow": True})),
    "unjudged": ("unjudged", "u", ("UNJUDGED", {"yellow": True})),
    "inconclusive": ("inconclusive", "?", ("INCONCLUSIVE", {"red": True})),
}
"""Category, letter and word of what is neither passed nor failed."""


class Finding(Failed):
    """The model, or its score, is not what the suite demands."""

    status: Status = "finding"

    def __init__(self, message: str) -> None:
        super().__init__(message, pytrace=False)


class Infrastructure(Failed):
    """There is no evidence: says nothing about the model, and is never a pass."""

    status: Status = "infrastructure"

    def __init__(self, message: str) -> None:
        super().__init__(message, pytrace=False)


class Inconclusive(Skipped):
    """There is not enough evidence to decide a gate."""

    status: Status = "inconclusive"

    def __init__(self, message: str) -> None:
        super().__init__(message, _use_item_location=True)


STATUS = pytest.StashKey[Status]()
"""On an item: the status of a test that passed as a measurement."""

RECORDS = pytest.StashKey[list[Any]]()
"""On an item: what it measured."""

EXCHANGES = pytest.StashKey[list[tuple[str, str]]]()
"""On an item: a model's name and the line of its recording, when one is to be written."""


NOTE = pytest.StashKey[dict[str, Any]]()
"""On a campaign's item: what it tells beside its records, as plain builtins."""

REWORDED = pytest.StashKey[str]()
"""On an item: how its answer is worded otherwise than in its snapshot, and judged the same."""

DECISIONS = pytest.StashKey[list[Any]]()
"""On a test written in Python: what its gates came to, as plain builtins."""


_CARRIED: dict[str, pytest.StashKey[Any]] = {
    "exchanges": EXCHANGES,
    "note": NOTE,
    "reworded": REWORDED,
    "decisions": DECISIONS,
}
"""What a report carries as it stands on the item."""


def raise_decision(decision: "Decision") -> None:
    """Raise what a gate came to; nothing for PASS.

    Raises:
        Finding: FAIL.
        Inconclusive: not enough evidence.
        Infrastructure: members are missing, so there is none.
    """
    match decision.outcome:
        case "FAIL":
            raise Finding(decision.reason)
        case "INCONCLUSIVE":
            raise Inconclusive(decision.reason)
        case "INCOMPLETE":
            raise Infrastructure(decision.reason)


def annotate(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Put the record and the status on a report, as plain builtins that cross from worker to controller."""
    ours: dict[str, Any] = {}
    error = call.excinfo.value if call.excinfo else None
    if isinstance(error, Finding | Infrastructure | Inconclusive):
        ours["status"] = error.status
        # Without the class's name, with which pytest would begin.
        if isinstance(error, Inconclusive) and isinstance(report.longrepr, tuple):
            report.longrepr = (*report.longrepr[:2], f"inconclusive: {error.msg}")
        else:
            report.longrepr = str(error.msg)
    elif call.when == "call" and report.passed and STATUS in item.stash:
        ours["status"] = item.stash[STATUS]
    # On the call, or on the set-up that raised: once for each attempt.
    if call.when == "call" or (call.when == "setup" and error is not None):
        if RECORDS in item.stash:
            ours["records"] = [record.to_builtins() for record in item.stash[RECORDS]]
        ours |= {name: item.stash[key] for name, key in _CARRIED.items() if key in item.stash}
    if ours:
        report.distill = {**ours_of(report), **ours}  # type: ignore[attr-defined]  # pytest carries extra attributes


def ours_of(report: object) -> dict[str, Any]:
    """Return what `annotate` put on a report."""
    ours: dict[str, Any] = getattr(report, "distill", {})
    return ours


class Told:
    """The text of a failed report, whose first line is what summaries show."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.reprcrash = SimpleNamespace(message=text.partition("\n")[0])

    def __str__(self) -> str:
        return self.text

    def toterminal(self, writer: "TerminalWriter") -> None:
        """Write the text, as pytest's own representations do."""
        for line in self.text.splitlines():
            writer.line(line)


def with_headline(report: pytest.TestReport) -> None:
    """Let summaries show the first line of our reports alone.

    It is done where reports are shown: an object of ours would not cross from a worker.
    """
    if "status" in ours_of(report) and isinstance(report.longrepr, str):
        report.longrepr = Told(report.longrepr)  # type: ignore[assignment]  # pytest asks for these methods alone


@dataclass(slots=True)
class Tally:
    """What kinds of reports a run has seen, for its exit code."""

    findings: int = 0
    infrastructure: int = 0
    inconclusive: int = 0
    others: int = 0
    internal_error: bool = False

    def add(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        """Count a report."""
        status = ours_of(report).get("status")
        if status == "inconclusive":
            self.inconclusive += report.skipped
        elif report.failed:
            match status:
                case "finding":
                    self.findings += 1
                case "infrastructure":
                    self.infrastructure += 1
                case _:
                    self.others += 1

    def exit_status(
        self, status: int, *, undecided: bool, report_lost: bool, inconclusive_passes: bool
    ) -> int:
        """Return the exit code: 1 over 11 over 10 over 0, and pytest's own 2 to 6 stay.

        Args:
            status: what pytest would say.
            undecided: whether a gate that was selected got no decision.
            report_lost: whether the report that the user wants could not be written.
            inconclusive_passes: whether the user lets inconclusive gates pass.
        """
        ok, failed = pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED
        if status == failed and self.infrastructure and not (self.findings or self.others):
            return EXIT_INCOMPLETE
        if status != ok:
            return status
        if self.internal_error or report_lost:
            # pytest-xdist may drop a worker's failed report together with the error and still say 0.
            return pytest.ExitCode.INTERNAL_ERROR
        if undecided:
            return EXIT_INCOMPLETE
        if self.inconclusive and not inconclusive_passes:
            return EXIT_INCONCLUSIVE
        return status
