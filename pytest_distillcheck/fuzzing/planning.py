"""What a search starts from, how far it goes, and in which steps."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from pytest_distillcheck.domain.probes import Question
from pytest_distillcheck.domain.templates import PromptNode, SeedTemplate
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


PAPER_SETTINGS = SearchSettings(
    queries=1000, iterations=1000, hits=1000, rejects=1000, questions=None, width=1, root_share=None
)
"""What the paper used (Lee et al., ACL 2025, as coded): with its 50 questions, all of them in each of 20 mutants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPlan:
    """What a search starts from; equal plans and equal answers make equal searches.

    Attributes:
        seeds: with ids that differ; those without a placeholder are skipped at no cost.
        questions: with ids that differ.
        settings: limits and steps.
        seed: decides every draw.

    Raises:
        UsageError: no seed has a placeholder, there is no question, an id occurs twice, or the budget is too small
            for one round in one template.
    """

    seeds: tuple[SeedTemplate, ...]
    questions: tuple[Question, ...]
    settings: SearchSettings = field(default_factory=SearchSettings)
    seed: int = 0

    def __post_init__(self) -> None:
        if not any(template.has_placeholder for template in self.seeds):
            raise UsageError(
                "no seed template has a place for the question; write {question} there"
                " (also {query} in a .json, [INSERT PROMPT HERE] in a .csv)"
            )
        if not self.questions:
            raise UsageError("a campaign has no question to ask; select some, or add your own")
        _refuse_repeated(template.id for template in self.seeds)
        _refuse_repeated(question.id for question in self.questions)
        queries, least = self.settings.queries, self._first_round()
        if queries < least:
            raise UsageError(f"queries: {queries} is below one round in one template; give at least {least}")

    def skipped(self) -> tuple[str, ...]:
        """Return the ids of the seeds without a placeholder."""
        return tuple(template.id for template in self.seeds if not template.has_placeholder)

    def roots(self) -> tuple[PromptNode, ...]:
        """Return the roots of the search: the seeds with a placeholder, or a draw of them that the budget bears."""
        seeds = [template for template in self.seeds if template.has_placeholder]
        kept: Iterable[int] = range(len(seeds))
        if (share := self.settings.root_share) is not None:
            most = max(1, int(share * self.settings.queries / self._first_round()))
            rng = Random(f"roots:{self.seed}")  # noqa: S311 - a draw that must be repeatable
            kept = sorted(rng.sample(range(len(seeds)), k=min(most, len(seeds))))
        return tuple(PromptNode(template=seeds[index]) for index in kept)

    def _first_round(self) -> int:
        """Return what a first round in one template costs, in queries."""
        return min(self.settings.questions or len(self.questions), len(self.questions))


def _refuse_repeated(ids: Iterable[str]) -> None:
    repeated = [name for name, count in Counter(ids).items() if count > 1]
    if repeated:
        raise UsageError(f"the id {repeated[0]!r} occurs twice in a campaign; rename one")
