"""Which of several references a model is most similar to, suite by suite."""

from collections.abc import Iterable, Mapping

from pytest_distillcheck.assembly.comparisons import SimilarityPlan
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.similarities import NearestReference
from pytest_distillcheck.similarity import attribute

LEAST_PROMPTS = 10
"""Shared prompts below which a ranking would be noise."""


def nearest_references(
    plans: Iterable[SimilarityPlan], records: Mapping[str, Record]
) -> tuple[NearestReference, ...]:
    """Return for each suite and model with several references which one the model is most similar to.

    References that answered nothing are left out, and a ranking of too few prompts or of one reference is not made.
    """
    groups: dict[tuple[str, str], list[SimilarityPlan]] = {}
    for plan in plans:
        groups.setdefault((plan.suite.path, plan.model.name), []).append(plan)
    found = (_nearest(group, records) for group in groups.values())
    return tuple(each for each in found if each is not None)


def _nearest(plans: list[SimilarityPlan], records: Mapping[str, Record]) -> NearestReference | None:
    answers = {plan.reference: plan.answers(records) for plan in plans}
    responses: dict[str, str] = {}
    for own, _ in answers.values():
        # A callable may answer otherwise each time; every reference is compared with one and the same answer.
        responses = {**own, **responses}
    references = {name: theirs for name, (_, theirs) in answers.items() if theirs}
    shared = set(responses).intersection(*references.values())
    if len(references) < 2 or len(shared) < LEAST_PROMPTS:  # noqa: PLR2004 - one reference has no rival
        return None
    attribution = attribute(responses, references)
    return NearestReference(
        suite=plans[0].suite.path,
        model=plans[0].model.name,
        ranking=attribution.ranking,
        nearest=attribution.nearest,
        p_value=attribution.p_value,
        prompts=attribution.prompts,
    )
