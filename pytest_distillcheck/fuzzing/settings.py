"""How far a search goes, and in which steps."""

from dataclasses import dataclass
from typing import Literal

from pytest_distillcheck.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchSettings:
    """How far a search goes, and in which steps. Limits are looked at between rounds; only `queries` is never passed.

    Attributes:
        queries: most probes to send.
        iterations: most choices of the policy; None for no limit, here and below.
        hits: enough answers that count.
        rejects: enough answers that do not count.
        questions: how many are put in a template at a time; None for all.
        width: choices that are asked at the same time: a wider search learns later and ends sooner.
        energy: mutants of a node that is chosen to be mutated.
        keep: which mutants may be chosen later: all, or those with a hit, as in GPTFuzz.
        root_share: roots are left out, by draw, until a first round in each costs this share of the queries, so that
            the budget is not spent before the search begins; None keeps all of them.

    Raises:
        UsageError: a number is out of its range.
    """

    queries: int = 400
    iterations: int | None = None
    hits: int | None = None
    rejects: int | None = None
    questions: int | None = 2
    width: int = 4
    energy: int = 1
    keep: Literal["all", "hits"] = "all"
    root_share: float | None = 0.25

    def __post_init__(self) -> None:
        for name in ("queries", "iterations", "hits", "rejects", "questions", "width", "energy"):
            number = getattr(self, name)
            if number is not None and number < 1:
                raise UsageError(f"{name}: {number} is too small; give at least 1")
        if self.root_share is not None and not 0 < self.root_share <= 1:
            raise UsageError(f"root_share: {self.root_share:g} is no share; give more than 0 and at most 1")

    def first_round(self, questions: int) -> int:
        """Return what a first round in one template costs, in queries, of so many questions."""
        return questions if self.questions is None else min(self.questions, questions)


PAPER_SETTINGS = SearchSettings(
    queries=1000, iterations=1000, hits=1000, rejects=1000, questions=None, width=1, root_share=None
)
"""What the paper used (Lee et al., ACL 2025, as coded): with its 50 questions, all of them in each of 20 mutants."""
