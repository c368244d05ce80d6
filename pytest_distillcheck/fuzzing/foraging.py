"""The default selection policy: a search leaves a template as a forager leaves a patch.

Why it is the default: on each of the five landscapes of `tests/benchmarks/bench_fuzzing.py` it finds at least as many
contradictions as a random search, and several times as many where weakness is rare or passed on; the GPTFuzz policies
spend a whole budget of 1,000 on the first round of their roots. The rules are few, and the results hardly move with
the two constants (the benchmark shows both).

1. *Leave in time.* Charnov's marginal value theorem (1976): a patch is left when it is expected to yield less than the
   search does on average. Hence a template without a hit is left after its first round, and a weak one keeps being
   asked until its questions are used up.
2. *Open by Thompson sampling.* When no template is worth staying in, a new one is opened: a seed or a mutant, for
   questions of one language. How well first rounds of each kind went is drawn from its posterior (Thompson 1933), so
   the search learns whether weakness is passed on, and in which language the model is weak. The many templates are not
   arms themselves: with more arms than draws, sampling every arm never stops exploring (Bayati et al. 2020).
3. *Mutate what is weak.* Parents are drawn among templates with hits, each by its own posterior.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from random import Random

from pytest_distillcheck.domain.templates import PromptNode
from pytest_distillcheck.fuzzing.pool import Pool, Tally
from pytest_distillcheck.fuzzing.selection import Choice, Trial

_Origin = tuple[bool, str]
"""Whether a template is a mutant, and the language of the questions."""


_RARE, _FEW = 0.05, 2.0
"""What is expected before anything was asked: a share of hits, and how many answers outweigh it."""


class ForagingSelection:
    """Stays in weak templates, leaves others after one round, and learns where new ones are weak.

    Args:
        strength: how many answers an expectation weighs that comes from elsewhere: for a template from others of its
            origin, for one of its languages from the template's other ones. Above 0.
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
        if patch is not None and expected >= pool.total.hits / pool.total.answered:
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
        usual = {
            mutant: {language: self._usual(mutant, language) for language in pool.languages}
            for mutant in (False, True)
        }
        for node in self._weak.values():
            rates = usual[node.parent is not None]
            tallies = {language: pool.tally(node, language) for language in pool.languages}
            hits = sum(tally.hits for tally in tallies.values())
            due = sum(tally.answered * rates[language] for language, tally in tallies.items())
            for language, tally in tallies.items():
                if pool.left(node, language):
                    weight = self._strength * rates[language]
                    # A gamma prior on how much weaker the template is than others, in any language.
                    from_others = min(1.0, rates[language] * (weight + hits) / (weight + due))
                    expected = _shrunk(tally, from_others, self._strength)
                    yield expected, Choice(node=node, mutate=False, language=language)

    def _usual(self, mutant: bool, language: str) -> float:
        """Return the share of hits in first rounds of an origin, shrunk towards that of all first rounds."""
        overall = Tally()
        for tally in self._openings.values():
            overall.add(tally.answered, tally.hits)
        return _shrunk(self._openings[mutant, language], _shrunk(overall, _RARE, _FEW), _FEW)

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
