"""Seed templates, what mutators make of them, and what a search found out about each."""

import hashlib
from dataclasses import dataclass
from typing import Literal, get_args

from pytest_distillcheck.domain.probes import PLACEHOLDER, Probe, Question
from pytest_distillcheck.domain.verdicts import Verdict

MutatorKind = Literal["generate-similar", "crossover", "expand", "shorten", "rephrase"]
MUTATOR_KINDS: tuple[MutatorKind, ...] = get_args(MutatorKind)
"""The five mutators of GPTFuzz (Yu et al., arXiv 2309.10253, section 3.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedTemplate:
    """A text that puts an identity question; as in fuzzing, a mutant that joins the pool is a seed too.

    Attributes:
        id: permanent and ASCII, such as `en-transcript`; it is part of probe ids.
        language: ISO 639-1 code of the text, not of the questions that it may put.
        text: with the placeholder `{question}`; once in ours, once or more in a user's.
    """

    id: str
    language: str
    text: str

    @property
    def has_placeholder(self) -> bool:
        """Whether the template can put a question at all; one that cannot is skipped at no cost."""
        return PLACEHOLDER in self.text

    def put(self, question: Question) -> str:
        """Return the probe prompt."""
        return self.text.replace(PLACEHOLDER, question.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A mutant that is wanted. Equal mutations give equal mutants, whatever happened in between.

    Attributes:
        partner: the other parent of a crossover, of the same language; None for the other kinds.
        draw: from 0; how often the same was wanted before.
    """

    kind: MutatorKind
    template: SeedTemplate
    partner: SeedTemplate | None = None
    draw: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptNode:
    """A template in the tree of a search.

    Attributes:
        parent: id of the template that it was made of; None for a root.
        partner: id of a crossover's other parent.
        mutator: what made it; None for a root.
        depth: 0 for a root.
    """

    template: SeedTemplate
    parent: str | None = None
    partner: str | None = None
    mutator: MutatorKind | None = None
    depth: int = 0

    @property
    def id(self) -> str:
        """The template's id."""
        return self.template.id


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeResult:
    """What a search found out about one node.

    Attributes:
        asked: probes that were sent.
        answered: how many of them were answered, judged or not.
        hits: how many of the answers count.
    """

    node: PromptNode
    asked: int
    answered: int
    hits: int

    @property
    def reward(self) -> float:
        """Share of the answers that count, in [0, 1]; 0 without answers."""
        return self.hits / self.answered if self.answered else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One hit of a search. It is a finding and no score: the search went where hits were."""

    probe: Probe
    node: PromptNode
    verdict: Verdict


def template_id(prefix: str, text: str) -> str:
    """Return an id that the text alone decides: the prefix, a hyphen and 12 hexadecimal digits of its SHA-256."""
    return f"{prefix}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
