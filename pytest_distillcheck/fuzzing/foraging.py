"""The default selection policy: a search leaves a template as a forager leaves a patch.

Why it is the default: `tests/benchmarks/bench_fuzzing.py` simulates models on five landscapes. It finds as many
contradictions as a random search where no search can find more, and several times as many on the others, whatever its
strength and whatever the steps. MCTS-Explore with the paper's settings finds what a random search finds: its budget
ends before it has been in every root once.

1. *Leave in time.* A patch is left when it is expected to yield less than the search does on average (the marginal
   value theorem, Charnov 1976). So a template without a hit is left after its first round, and a weak one is asked
   as long as it yields more than others would.
2. *Open new templates by Thompson sampling* (Thompson 1933) when none is worth staying in: a seed or a mutant, for
   questions of one language. How often first rounds of each such origin hit is drawn from its posterior, so the search
   learns whether weakness is passed on and in which language the model is weak. Single templates are no arms of this
   draw: with as many arms as queries, sampling each of them would never stop exploring (Bayati et al. 2020).
3. *Mutate what is weak.* Parents are drawn among templates with hits, each by its posterior.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from random import Random

from pytest_distillcheck.domain.templates import PromptNode
from pytest_distillcheck.fuzzing.pool import Pool, Tally
from pytest_distillcheck.fuzzing.selection import Choice, Trial

_Origin = tuple[bool, str]
"""Whether a template is a mutant, and the language of the questions."""

_RARE, _FEW, _MANY = 0.05, 2.0, 20.0
"""The share of hits that is expected before anything was asked, how many answers outweigh it, and how many it takes to
tell one language from another: a single weak template must not pass for a weak language."""


class ForagingSelection:
    """Stays in weak templates, leaves others after one round, and learns where new ones are weak.

    Args:
        strength: how many answers an expectation from elsewhere weighs: for a template, what the search came to; for
            one of its languages, what its other ones came to. Above 0.
    """

    name = "foraging"

    def __init__(self, *, strength: float = 1.0) -> None:
        self._strength = strength
        self._openings: defaultdict[_Origin, Tally] = defaultdict(Tally)
        self._opened: set[str] = set()
        self._weak: dict[str, PromptNode] = {}

    def select(self, pool: Pool, rng: Random) -> Choice:
        """Return what to ask next."""
        expected, patch = max(self._patches(pool), key=lambda pair: pair[0], default=(0.0, None))
        if patch is not None and expected >= pool.total.hits / max(1, pool.total.answered):
            return patch
        return self._opening(pool, rng)

    def update(self, choice: Choice, trials: Sequence[Trial]) -> None:
        """Learn what came of a choice."""
        for trial in trials:
            if trial.node.id not in self._opened:
                origin = (trial.node.parent is not None, trial.language)
                self._openings[origin].add(trial.answered, trial.hits)
            if trial.hits:
                self._weak[trial.node.id] = trial.node
        self._opened.update(trial.node.id for trial in trials)

    def _patches(self, pool: Pool) -> Iterator[tuple[float, Choice]]:
        """Give every weak template with questions left, by language, and the share of hits expected there."""
        average = _shrunk(pool.total, _RARE, _FEW)
        rates = {language: _shrunk(tally, average, _MANY) for language, tally in pool.totals.items()}
        for node in self._weak.values():
            tallies = {language: pool.tally(node, language) for language in pool.languages}
            hits = sum(tally.hits for tally in tallies.values())
            due = sum(tally.answered * rates[language] for language, tally in tallies.items())
            for language, tally in tallies.items():
                if pool.left(node, language):
                    prior = self._strength * rates[language]
                    # A gamma prior on how much weaker the template is than others, whatever the language.
                    in_general = min(1.0, rates[language] * (prior + hits) / (prior + due))
                    expected = _shrunk(tally, in_general, self._strength)
                    yield expected, Choice(node=node, mutate=False, language=language)

    def _opening(self, pool: Pool, rng: Random) -> Choice:
        seeds = [node for node in pool.roots if not pool.was_asked(node)]
        origins = [
            (mutant, language)
            for mutant in ((False, True) if seeds else (True,))
            for language in pool.languages
        ]
        mutant, language = max(origins, key=lambda origin: _drawn(self._openings[origin], rng))
        if mutant:
            return Choice(node=self._parent(pool, rng), language=language)
        fitting = [node for node in seeds if node.template.language == language]
        return Choice(node=rng.choice(fitting or seeds), mutate=False, language=language)

    def _parent(self, pool: Pool, rng: Random) -> PromptNode:
        if not self._weak:
            return rng.choice(pool.nodes)
        average = _shrunk(pool.total, _RARE, _FEW)
        return max(
            self._weak.values(),
            key=lambda node: _drawn(pool.tally(node), rng, towards=average, strength=self._strength),
        )


def _shrunk(tally: Tally, towards: float, strength: float) -> float:
    return (tally.hits + strength * towards) / (tally.answered + strength)


def _drawn(tally: Tally, rng: Random, *, towards: float = 0.5, strength: float = 2.0) -> float:
    """Draw a share of hits from its posterior; by default the prior is uniform."""
    misses = tally.answered - tally.hits
    return rng.betavariate(strength * towards + tally.hits, strength * (1 - towards) + misses)
