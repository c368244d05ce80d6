"""The one line that says why a gate was decided as it was."""

from dataclasses import dataclass

from pytest_distillcheck.domain.gates import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What the line tells.

    Attributes:
        found: the score with its interval.
        limit: what it had to keep.
        unit: what is counted, in the plural.
        missing: how many gave no answer.
        total: of how many.
        needs: how many more would probably decide; None when no number would.
        why_missing: may be empty.
    """

    found: str
    limit: str
    unit: str
    missing: int
    total: str
    needs: int | None
    why_missing: str = ""

    def text(self, outcome: Outcome) -> str:
        """Return the line for an outcome."""
        match outcome:
            case "PASS":
                return f"{self.found} keeps {self.limit}"
            case "FAIL":
                whatever = f", whatever {self.missing} missing {self.unit} say" if self.missing else ""
                return f"{self.found} breaks {self.limit}{whatever}"
            case "INCOMPLETE":
                why = f" ({self.why_missing})" if self.why_missing else ""
                return (
                    f"{self.missing} of {self.total} {self.unit} are missing{why};"
                    f" {self.found} so far, {self.limit}"
                )
            case "INCONCLUSIVE":
                more = f"about {self.needs} more" if self.needs else "no number of"
                return f"{self.found} does not decide {self.limit}; {more} {self.unit} would decide it"
