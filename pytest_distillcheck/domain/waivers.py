"""Reviewed findings that a team accepts for a time."""

import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One reviewed finding, or several alike.

    Attributes:
        probe: the test's name, such as `identity[qwen-plain-team-en-01]`; only `*` is special.
        reason: why it is accepted.
        owner: who answers for it.
        until: the last day that it is in force.
    """

    probe: str
    reason: str
    owner: str
    until: date

    def covers(self, name: str) -> bool:
        """Return whether the waiver names the test."""
        # Not fnmatch: it would read the brackets of a test's name as a set of characters.
        pattern = ".*".join(re.escape(part) for part in self.probe.split("*"))
        return re.fullmatch(pattern, name, re.DOTALL) is not None

    def expired(self, today: date) -> bool:
        """Return whether the waiver is no longer in force."""
        return today > self.until
