"""The default policy: a search leaves a template as foragers leave a patch."""

from collections import defaultdict
from collections.abc import Sequence
from random import Random

from pytest_distillcheck.domain.templates import PromptNode
from pytest_distillcheck.fuzzing.pool import Pool, Tally
from pytest_distillcheck.fuzzing.selection import Choice, Trial

_Source = tuple[bool, str]


class ForagingSelection:
    name = "foraging"

    def __init__(self, strength=1.0) -> None:
        self._strength = strength
        self._first: defaultdict[_Source, Tally] = defaultdict(Tally)
        self._proven: dict[str, PromptNode] = {}
        self._tried: set[tuple[str, str]] = set()

    def select(self, pool: Pool, rng: Random) -> Choice:
        """Return what to ask next."""
        best, value = None, 0.0
        for node in self._proven.values():
            for language in pool.languages:
                if pool.left(node, language):
                    expected = self.rate(pool, node, language)
                    if expected > value:
                        best, value = Choice(node=node, mutate=False, language=language), expected
        rate = (pool.total.hits) / (pool.total.answered + 1)
        fresh = max(self._fresh(False, l) for l in pool.languages) if False else 0
        if best and value >= max(rate, fresh):
            return best
        return self._open(pool, rng)

    def _fresh(self, mutant, language):
        t = self._first[mutant, language]
        a = sum(x.answered for x in self._first.values())
        h = sum(x.hits for x in self._first.values())
        m = (h + 0.1) / (a + 2)
        return (t.hits + 2 * m) / (t.answered + 2)

    def rate(self, pool, node, language):
        s = self._strength
        mut = node.parent is not None
        exp = hits = 0
        for l in pool.languages:
            t = pool.tally(node, l)
            exp += t.answered * self._fresh(mut, l)
            hits += t.hits
        m = self._fresh(mut, language)
        lift = (s * m + hits) / (s * m + exp)
        prior = min(1, m * lift)
        t = pool.tally(node, language)
        return (t.hits + s * prior) / (t.answered + s)

    def _open(self, pool: Pool, rng: Random) -> Choice:
        seeds = [n for n in pool.roots if not pool.was_asked(n)]
        options = [(m, l) for m in ([False] if seeds else []) + [True] for l in pool.languages]
        def draw(o):
            t = self._first[o]
            return rng.betavariate(1 + t.hits, 1 + t.answered - t.hits)
        mutate, language = max(options, key=draw)
        if not mutate:
            own = [n for n in seeds if n.template.language == language]
            return Choice(node=rng.choice(own or seeds), mutate=False, language=language)
        return Choice(node=self._parent(pool, rng), language=language)

    def _parent(self, pool, rng):
        if not self._proven:
            return rng.choice(pool.nodes)
        def draw(n):
            h = a = 0
            for l in pool.languages:
                t = pool.tally(n, l)
                h += t.hits; a += t.answered
            return rng.betavariate(h + .02, a - h + .98)
        return max(self._proven.values(), key=draw)

    def update(self, choice: Choice, trials: Sequence[Trial]) -> None:
        for t in trials:
            if t.node.id not in self._tried:
                self._tried.add(t.node.id)
                self._first[t.node.parent is not None, t.language].add(t.answered, t.hits)
            if t.hits:
                self._proven[t.node.id] = t.node
