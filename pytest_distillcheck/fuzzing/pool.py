"""The templates of a search, in a tree, with what was asked of each and what is left to ask."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from pytest_distillcheck.domain.probes import Question
from pytest_distillcheck.domain.templates import NodeResult, PromptNode


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts of answers, and of those among them that count."""

    answered: int = 0
    hits: int = 0

    def add(self, answered: int, hits: int) -> None:
        """Count more answers."""
        self.answered += answered
        self.hits += hits


class Pool:
    """Every template of a search. It only grows, and no question is put twice in the same template.

    The order in which a template puts the questions of a language depends on the seed and the template alone, and
    turns through the categories.

    Attributes:
        nodes: those that a policy may choose, the roots first, in the order in which they came.
        roots: those that the search started from.
        languages: of the questions, sorted.
        total: what the whole search came to.
        totals: what it came to by language of the questions.
    """

    def __init__(self, roots: Iterable[PromptNode], questions: Sequence[Question], seed: int) -> None:
        self.nodes = list(roots)
        self.roots = tuple(self.nodes)
        self.languages = tuple(sorted({question.language for question in questions}))
        self.total = Tally()
        self.totals = {language: Tally() for language in self.languages}
        self._questions = {
            language: [question for question in questions if question.language == language]
            for language in self.languages
        }
        self._seed = seed
        self._children: dict[str, list[PromptNode]] = {}
        self._decks: dict[str, dict[str, list[Question]]] = {}
        self._asked: dict[str, PromptNode] = {}
        self._tallies: dict[tuple[str, str], Tally] = {}

    def plant(self, node: PromptNode) -> None:
        """Let policies choose a mutant from now on."""
        assert node.parent is not None
        self.nodes.append(node)
        self._children.setdefault(node.parent, []).append(node)

    def children(self, node: PromptNode) -> Sequence[PromptNode]:
        """Return the mutants of a node that policies may choose."""
        return self._children.get(node.id, ())

    def was_asked(self, node: PromptNode) -> bool:
        """Return whether any question was put in a node."""
        return node.id in self._asked

    def left(self, node: PromptNode, language: str) -> int:
        """Return how many questions of a language were not put in a node yet."""
        decks = self._decks.get(node.id)
        return len(decks[language] if decks else self._questions[language])

    def take(self, node: PromptNode, language: str | None, most: int | None) -> tuple[Question, ...]:
        """Return the questions that are due in a node, and never give them out again.

        Args:
            node: where they will be put.
            language: None for all languages in turn.
            most: how many at most; None for all that are left.
        """
        decks = self._decks.setdefault(node.id, {}) or self._deal(node)
        if language is not None:
            due = decks[language]
        else:
            due = [question for _, question in sorted(_ranked(decks.values()), key=lambda pair: pair[0])]
        taken = tuple(due if most is None else due[:most])
        for question in taken:
            decks[question.language].remove(question)
        if taken:
            self._asked[node.id] = node
        return taken

    def note(self, node: PromptNode, language: str, answered: int, hits: int) -> None:
        """Count answers to questions of a language in a node."""
        self._tallies.setdefault((node.id, language), Tally()).add(answered, hits)
        self.totals[language].add(answered, hits)
        self.total.add(answered, hits)

    def tally(self, node: PromptNode, language: str | None = None) -> Tally:
        """Return what the questions of a language came to in a node; None for all languages."""
        if language is not None:
            return self._tallies.get((node.id, language)) or Tally()
        overall = Tally()
        for name in self.languages:
            part = self.tally(node, name)
            overall.add(part.answered, part.hits)
        return overall

    def results(self) -> tuple[NodeResult, ...]:
        """Return every node that was asked, in that order."""
        return tuple(self._result(node) for node in self._asked.values())

    def _result(self, node: PromptNode) -> NodeResult:
        tally = self.tally(node)
        asked = sum(len(self._questions[name]) - self.left(node, name) for name in self.languages)
        return NodeResult(node=node, asked=asked, answered=tally.answered, hits=tally.hits)

    def _deal(self, node: PromptNode) -> dict[str, list[Question]]:
        decks = self._decks[node.id]
        for language in self.languages:
            rng = Random(f"{self._seed}:{node.id}:{language}")  # noqa: S311 - draws that must be repeatable
            decks[language] = _turning(
                rng.sample(self._questions[language], k=len(self._questions[language]))
            )
        return decks


def _turning(questions: Sequence[Question]) -> list[Question]:
    """Return the questions so that categories take turns, each in its given order."""
    seen: Counter[str] = Counter()
    ranks: dict[str, int] = {}
    for question in questions:
        ranks[question.id] = seen[question.category]
        seen[question.category] += 1
    return sorted(questions, key=lambda question: ranks[question.id])


def _ranked(decks: Iterable[Sequence[Question]]) -> Iterable[tuple[int, Question]]:
    return (pair for deck in decks for pair in enumerate(deck))
