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

A first place is not yet a teacher: some reference is always first. It must pass two tests.

- **Not tied**: the lead over every rival is large against its own scatter over prompts, found by a jackknife that
  also takes from the logarithms the bias that small samples give them. Models that no reference taught lean to
  two references at once, or their kinds of evidence disagree; then it is not.
- **Not ordinary**, where there are few references: its score is further from those of its rivals than one more
  rival's would be. Of two references that have nothing to do with a model one is nearer, and surely so; of many
  some other is nearly as near.

A model most of whose answers are a reference's, nearly word for word, needs no rivals to be told by.

What this cannot see: when a teacher is not among the references, a near relative of it that is may stand out.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pvariance, variance

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
LEAST_RIVALS = 4
"""Rivals, relatives counted as one, below which only a copy is called nearest: how far unrelated references are from
each other cannot be seen in fewer."""
MANY_RIVALS = 10
"""Rivals from which a tie is all that is tested: beating each of so many is as hard as not being ordinary."""
_PROFILE_WEIGHT = 15.0
_SHAPE_WEIGHT = 5.0
"""Logarithms that a full cosine and a full correlation are worth. The profile is worth most: a student that answers
better or at greater length than its teacher keeps its words, but neither its phrases nor its shapes. A third more
or less of either weight changes little."""
_TELLING_RUNS = 8
"""Runs of three words that an answer must have: a capital's name is everybody's answer."""
_SAME_FAMILY = 0.5
"""Cosine of two references' profiles from which they count as one teacher, such as two releases of a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """How near a model is to each of several references.

    Attributes:
        ranking: references with their scores, most similar first. A score is in natural logarithms, 0 for the
            median reference; it compares references for one model, not models.
        nearest: the first of the ranking when it stands out from the others, else None. Says "similar to", never
            "distilled from".
        p_value: of the hypothesis that some rival is as similar as the first, in [0, 1]; with fewer than
            `MANY_RIVALS` also of the one that the first is a reference like its rivals, and the larger counts.
            References that are nearly the same model as the first are no rivals. 1 when nothing can be compared, or
            fewer than `LEAST_RIVALS` are left and the model copies none.
        prompts: prompts that were compared: those that the model and every reference answered.
    """

    ranking: tuple[tuple[str, float], ...]
    nearest: str | None
    p_value: float
    prompts: int


def attribute(responses: Mapping[str, str], references: Mapping[str, Mapping[str, str]]) -> Attribution:
    """Return which reference a model is nearest to.

    At least five references of different families, and a few hundred prompts, are needed to call one nearest that
    the model does not copy word for word.
    Deterministic; the time grows with the length of all answers, about six seconds for 17 references and 803
    prompts.

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
    first = ranked[0]
    p_value = evidence.p_value(first, is_copied=_is_copied(model, shared[first]))
    centre = sorted(scores)[len(scores) // 2]
    stands_out = p_value <= SIGNIFICANCE and len(set(model)) >= LEAST_ANSWERS
    return Attribution(
        ranking=tuple((names[index], scores[index] - centre) for index in ranked),
        nearest=names[first] if stands_out else None,
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
        means = map(fmean, zip(*self.without, strict=True))
        return [blocks * whole - (blocks - 1) * mean for whole, mean in zip(self.whole, means, strict=True)]

    def p_value(self, first: int, *, is_copied: bool = False) -> float:
        """Return the p-value of the first place: neither tied with a rival nor, among few, as ordinary as they are."""
        rivals = self._rivals(first)
        least = 1 if is_copied else LEAST_RIVALS
        if len(rivals) < least or len(self.without) < 2:  # noqa: PLR2004 - no scatter can be seen
            return 1.0
        tied = self._tied(first, rivals)
        return tied if is_copied or len(rivals) >= MANY_RIVALS else max(tied, self._ordinary(first, rivals))

    def _rivals(self, first: int) -> list[int]:
        """Return the references that are no relatives of the first, only the nearest of each family."""
        scores = self.scores()
        rivals: list[int] = []
        for index in sorted(range(len(scores)), key=lambda index: -scores[index]):
            if self.families[index].isdisjoint([first, *rivals]):
                rivals.append(index)
        return rivals

    def _tied(self, first: int, rivals: Sequence[int]) -> float:
        """Return the p-value of the first and some rival being equally near: every one must be beaten."""
        scores, blocks = self.scores(), len(self.without)
        leads = [[part[first] - part[rival] for part in self.without] for rival in rivals]
        variances = [(blocks - 1) * pvariance(own) for own in leads]
        common = fmean(variances)
        # Twenty blocks tell little of a scatter: each is drawn half-way to that of all.
        least = min(
            _in_units(scores[first] - scores[rival], (own + common) / 2)
            for rival, own in zip(rivals, variances, strict=True)
        )
        # Of two that are equally near either may come first: looking before choosing doubles the chance.
        return min(1.0, 2 * _t_tail(least, blocks - 1))

    def _ordinary(self, first: int, rivals: Sequence[int]) -> float:
        """Return the p-value of the first being drawn from where its rivals are (Student's prediction of one more)."""
        scores = self.scores()
        theirs = [scores[rival] for rival in rivals]
        distance = scores[first] - fmean(theirs)
        return _t_tail(_in_units(distance, variance(theirs) * (1 + 1 / len(theirs))), len(theirs) - 1)


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


def _is_copied(model: Sequence[str], reference: Sequence[str]) -> bool:
    """Return whether most answers long enough to tell are the reference's, nearly word for word."""
    runs = [(_runs(own), _runs(theirs)) for own, theirs in zip(model, reference, strict=True)]
    told = [(own, theirs) for own, theirs in runs if min(len(own), len(theirs)) >= _TELLING_RUNS]
    copied = sum(2 * len(own & theirs) > len(own | theirs) for own, theirs in told)
    return 2 * copied > len(told) >= LEAST_ANSWERS


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of three tokens of a text."""
    words = tokens_of(text)
    return frozenset(zip(words, words[1:], words[2:], strict=False))


def _in_units(difference: float, variance: float) -> float:
    """Return a difference in standard deviations; without any variance every difference is beyond measure."""
    if variance > 0:
        return difference / math.sqrt(variance)
    return math.copysign(math.inf, difference) if difference else 0.0


def _t_tail(t: float, freedom: int) -> float:
    """Return the probability that Student's t with so many degrees of freedom is above `t`."""
    half = regularised_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2
    return half if t > 0 else 1 - half
