"""Scores as tests written in Python see them."""

from dataclasses import dataclass
from typing import Protocol

from pytest_distillcheck.assembly import Plan
from pytest_distillcheck.domain.gates import Gate
from pytest_distillcheck.domain.scores import ScoreName, Share
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.gating import Population
from pytest_distillcheck.plugin.outcomes import Infrastructure


@dataclass(frozen=True, slots=True)
class Score:
    """One identity score, with the answers that it is measured on."""

    name: ScoreName
    scores: "Scored"

    @property
    def share(self) -> Share:
        """Its value, and how far chance may have moved it."""
        return self.scores.share(self.name)

    @property
    def value(self) -> float | None:
        """The share in [0, 1]; None when no answer counts for it.

        Raises:
            Infrastructure: answers are missing, so the share is of no known population; `Distill.gate` can still
                decide where no answer would change it.
        """
        value = self.share.value
        if missing := self.scores.missing_text():
            raise Infrastructure(scrub(missing))
        return value

    def __float__(self) -> float:
        if (value := self.value) is None:
            raise Infrastructure(f"no answer counts for {self.name}; ask other probes")
        return value


class Scored(Protocol):
    """What was asked, with every score of it."""

    plan: Plan

    def share(self, name: ScoreName) -> Share:
        """Return a score's share."""
        ...

    def missing_text(self) -> str:
        """Return how many answers are missing, and why one of them is; empty when none is."""
        ...

    def population(self, gate: Gate) -> Population:
        """Return what a gate is decided on."""
        ...

    def score(self, name: ScoreName) -> Score:
        """Return a score by its name."""
        return Score(name, self)

    @property
    def loose(self) -> Score:
        """Share of the judged answers that contradict."""
        return self.score("loose")

    @property
    def strict(self) -> Score:
        """Share that contradict and name a rival maker."""
        return self.score("strict")

    @property
    def hard(self) -> Score:
        """Strict share among the prompts that name no rival."""
        return self.score("hard")

    @property
    def roleplay(self) -> Score:
        """Share that claim another identity only in a persona."""
        return self.score("roleplay")

    @property
    def affirmed(self) -> Score:
        """Share that claim the true identity."""
        return self.score("affirmed")

    @property
    def no_claim(self) -> Score:
        """Share that claim none."""
        return self.score("no_claim")

    @property
    def unjudged(self) -> Score:
        """Share of the answers that could not be judged."""
        return self.score("unjudged")
