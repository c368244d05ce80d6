"""Which of several references a model is nearest to, or honestly none.

Three kinds of evidence are added, in natural logarithms:

- **Profile**: how much more or less often than the references together a model uses each word, counted in
  answers. The cosine of two such profiles is high for models that share habits, whatever the length or quality
  of their answers.
- **Hits**: of the three-word phrases that one reference alone uses in its answer to a prompt, how many does the
  model use in its own answer to it? Because they are divided by the phrases there were, a reference gains
  nothing by being long, short or ordinary.
- **Shape**: does the model make a list, a heading line or a long answer for those prompts for which the reference
  does and others do not? Plain answerers share words with the plain references, yet not these choices.

A first place is not yet a teacher: some reference is always first. The lead over every rival is therefore
measured against its own scatter over prompts, by a jackknife that also takes from the logarithms the bias that
small samples give them. Models that no reference taught lean to two references at once, or their kinds of
evidence disagree; then the lead is small against its scatter.

What this cannot see: when a teacher is not among the references, a near relative of it that is may stand out.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_distillcheck.similarity.profiles import Counts, Profiles, count_answers
from pytest_distillcheck.similarity.shapes import Shapes, shape_of
from pytest_distillcheck.similarity.texts import tokens_of
from pytest_distillcheck.similarity.uniqueness import Hits, count_hits
from pytest_distillcheck.statistics import regularised_beta

BLOCKS = 20
"""Parts of the prompts that the jackknife leaves out in turn."""
SIGNIFICANCE = 0.05
"""The p-value from which the first place is called nearest: the share of models, equally near to two references,
that may be attributed to one of them."""
LEAST_ANSWERS = 20
"""Different answers below which none is called nearest: a scatter cannot be seen in a handful, nor in one answer
that is given to every prompt."""
_PROFILE_WEIGHT = 10.0
_SHAPE_WEIGHT = 5.0
"""Logarithms that a full cosine and a full correlation are worth: all kinds of evidence then spread over unrelated
models by about the same, 0.4 to 0.9. Half or double of either weight changes little."""
_SAME_FAMILY = 0.5
"""Cosine of two references' profiles from which they count as one teacher, such as two releases of a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """How near a model is to each of several references.

    Attributes:
        ranking: references with their scores, most similar first. A score is in natural logarithms, 0 for the
            median reference; it compares references for one model, not models.
        nearest: the first of the ranking when its lead is more than chance gives, else None. Says "similar to",
            never "distilled from".
        p_value: of the hypothesis that some rival is as similar as the first, in [0, 1], doubled because the
            first was chosen by looking. References that are nearly the same model as the first are no rivals.
            1 when nothing can be compared.
        prompts: prompts that were compared: those that the model and every reference answered.
    """

    ranking: tuple[tuple[str, float], ...]
    nearest: str | None
    p_value: float
    prompts: int


def attribute(responses: Mapping[str, str], references: Mapping[str, Mapping[str, str]]) -> Attribution:
    """Return which reference a model is nearest to.

    At least a few hundred prompts are needed to tell related references apart. Deterministic; the time grows
    with the length of all answers, about six seconds for 17 references and 803 prompts.

    Args:
        responses: the model's answers by prompt id.
        references: by name of the reference, its answers by prompt id. Answers to prompts that the model was not
            asked are of use too: they make the references' profiles surer.
    """
    names = sorted(references)
    known = sorted(set(references[names[0]]).intersection(*references.values())) if names else []
    prompts = [prompt for prompt in known if prompt in responses]
    if not prompts:
        return Attribution(ranking=tuple((name, 0.0) for name in names), nearest=None, p_value=1.0, prompts=0)
    model = [responses[prompt] for prompt in prompts]
    shared = [[references[name][prompt] for prompt in prompts] for name in names]
    beyond = [prompt for prompt in known if prompt not in responses]
    further = [[references[name][prompt] for prompt in beyond] for name in names] if beyond else []
    evidence = _Evidence.gather([model, *shared], further)
    scores = evidence.scores()
    ranked = sorted(range(len(names)), key=lambda index: (-scores[index], names[index]))
    p_value = evidence.p_value(ranked[0])
    centre = sorted(scores)[len(scores) // 2]
    stands_out = p_value <= SIGNIFICANCE and len(set(model)) >= LEAST_ANSWERS
    return Attribution(
        ranking=tuple((names[index], scores[index] - centre) for index in ranked),
        nearest=names[ranked[0]] if stands_out else None,
        p_value=p_value,
        prompts=len(prompts),
    )


@dataclass(frozen=True, slots=True)
class _Evidence:
    """The evidence from all prompts, and from all but each block of them.

    Attributes:
        whole: a score for each reference.
        without: the same, for each block left out.
        families: for each reference, those that count as the same.
    """

    whole: Sequence[float]
    without: Sequence[Sequence[float]]
    families: Sequence[frozenset[int]]

    @classmethod
    def gather(cls, answers: Sequence[Sequence[str]], further: Sequence[Sequence[str]]) -> "_Evidence":
        """Return the evidence from answers.

        Args:
            answers: first the model's, then each reference's, in one order of prompts.
            further: each reference's answers to prompts that the model was not asked; empty when there are none.
        """
        parts = min(BLOCKS, len(answers[0]))
        # Dealt to the blocks in turn, so that prompts sorted by topic give blocks that are alike.
        blocks = [
            _read([own[part::parts] for own in answers], [own[part::parts] for own in further])
            for part in range(parts)
        ]
        known = len(answers[0]) + (len(further[0]) if further else 0)
        profiles = Profiles.of([counts for counts, _, _ in blocks], known)
        hits = Hits.total([own for _, own, _ in blocks])
        shapes = Shapes.total([own for _, _, own in blocks])
        without = [
            _combined(profiles.without(block), hits.minus(own_hits), shapes.minus(own_shapes))
            for block, (_, own_hits, own_shapes) in enumerate(blocks)
        ]
        return cls(_combined(profiles.whole(), hits, shapes), without, profiles.families(_SAME_FAMILY))

    def scores(self) -> list[float]:
        """Return the scores without the bias of small samples (Quenouille 1956)."""
        blocks = len(self.without)
        if blocks < 2:  # noqa: PLR2004 - one block leaves nothing to compare with
            return list(self.whole)
        means = [math.fsum(column) / blocks for column in zip(*self.without, strict=True)]
        return [blocks * whole - (blocks - 1) * mean for whole, mean in zip(self.whole, means, strict=True)]

    def p_value(self, first: int) -> float:
        """Return the largest p-value of the first's lead over any rival: every one must be beaten."""
        rivals = [index for index in range(len(self.whole)) if index not in self.families[first]]
        tail = max((self._lead_p_value(first, rival) for rival in rivals), default=1.0)
        # Of two that are equally near either may come first: looking before choosing doubles the chance.
        return min(1.0, 2 * tail)

    def _lead_p_value(self, first: int, rival: int) -> float:
        scores, blocks = self.scores(), len(self.without)
        if blocks < 2:  # noqa: PLR2004 - no scatter can be seen
            return 1.0
        leads = [part[first] - part[rival] for part in self.without]
        centre = math.fsum(leads) / blocks
        error = math.sqrt((blocks - 1) / blocks * math.fsum((lead - centre) ** 2 for lead in leads))
        lead = scores[first] - scores[rival]
        if error == 0:
            return 0.0 if lead > 0 else 1.0
        return _t_tail(lead / error, blocks - 1)


def _read(answers: Sequence[Sequence[str]], further: Sequence[Sequence[str]]) -> tuple[Counts, Hits, Shapes]:
    tokens = [[tokens_of(answer) for answer in own] for own in answers]
    model, *shared = map(count_answers, tokens)
    more = [count_answers([tokens_of(answer) for answer in own]) for own in further]
    known = [own + beyond for own, beyond in zip(shared, more, strict=True)] if further else []
    shapes = Shapes.of([[shape_of(answer) for answer in own] for own in answers])
    return Counts(model, shared, known), count_hits(tokens), shapes


def _combined(cosines: Iterable[float], hits: Hits, shapes: Shapes) -> list[float]:
    return [
        _PROFILE_WEIGHT * cosine + rate + _SHAPE_WEIGHT * agreement
        for cosine, rate, agreement in zip(cosines, hits.log_rates(), shapes.agreements(), strict=True)
    ]


def _t_tail(t: float, freedom: int) -> float:
    """Return the probability that Student's t with so many degrees of freedom is above `t`."""
    half = regularised_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2
    return half if t > 0 else 1 - half
