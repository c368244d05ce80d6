"""The similarity section of a suite: which models are compared with which references, and who rates them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_distillcheck.assembly.baselines import Baseline
from pytest_distillcheck.assembly.comparisons import SimilarityPlan
from pytest_distillcheck.assembly.models import ModelUnderTest, Sources, assemble_models
from pytest_distillcheck.domain.prompts import Prompt
from pytest_distillcheck.domain.similarities import Measurement
from pytest_distillcheck.errors import UsageError
from pytest_distillcheck.ports import SimilarityJudge
from pytest_distillcheck.running import Comparison
from pytest_distillcheck.similarity.prompts import expand, prompt_sets, select
from pytest_distillcheck.suites import SimilaritySuite, Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarityTerms:
    """What a run says of all similarity sections.

    Attributes:
        sources: where references are looked up.
        references: those of the command line or its files, in place of the suites'; empty for none.
        judge: who rates.
        judge_model: the model behind the judge; None for the embedded one.
        allow_self_judge: whether that may be a model that is compared.
        baseline: what `max_increase` compares with; None without one.
    """

    sources: Sources
    references: tuple[ModelUnderTest, ...] = ()
    judge: SimilarityJudge
    judge_model: ModelUnderTest | None = None
    allow_self_judge: bool = False
    baseline: Baseline | None = None


def plan_similarity(
    suite: Suite, models: Iterable[ModelUnderTest], terms: SimilarityTerms, *, folder: Path, seed: int = 0
) -> tuple[SimilarityPlan, ...]:
    """Return the plans of a suite's similarity section: one for each model that it fits and each reference.

    Args:
        suite: the suite.
        models: the models under test.
        terms: what the run says of all similarity sections.
        folder: of the suite file, where the paths of its references start.
        seed: of samples, resamples and shuffled pairs.

    Raises:
        UsageError: there is no reference, or one that is the model under test; the judge is a model that is compared;
            the baseline is unfit; or two tests or gates would have one name.
    """
    section = suite.similarity
    fitting = [model for model in models if section and section.fits(model.name)]
    if section is None or not fitting:
        return ()
    references = terms.references or assemble_models(
        section.references, replace(terms.sources, folder=folder)
    )
    if not references:
        raise UsageError(
            f"{suite.path}: similarity has no reference to compare with; give --distill-reference=NAME or `references:`"
        )
    asked = expand(select(section.prompts, section.selection, seed=seed), section.turns)
    prompts = tuple(sorted(asked, key=lambda prompt: prompt.id))
    plans = [
        SimilarityPlan(
            suite=suite,
            section=section,
            model=model,
            reference_model=reference,
            references=tuple(each.name for each in references),
            prompts=prompts,
            comparison=Comparison(
                suite=suite.path, model=model.name, reference=reference.name, judge=terms.judge
            ),
            judge_model=terms.judge_model,
            measurement=_measurement(section, prompts, terms.judge, seed=seed),
            earlier=None,
            seed=seed,
        )
        for model in fitting
        for reference in references
    ]
    for plan in plans:
        _expect_two_models(plan)
        _expect_third_judge(plan, terms)
    _expect_different_names(plans)
    return tuple(_with_baseline(plan, terms.baseline) for plan in plans)


def _measurement(
    section: SimilaritySuite, prompts: Sequence[Prompt], judge: SimilarityJudge, *, seed: int
) -> Measurement:
    sample = section.selection.sample
    return Measurement(
        judge=judge.name,
        turns=section.turns,
        system=section.system,
        parameters=section.parameters,
        sample=sample,
        seed=None if sample is None else seed,
        prompts={group.name: group.digest() for group in prompt_sets(prompts)},
    )


def _with_baseline(plan: SimilarityPlan, baseline: Baseline | None) -> SimilarityPlan:
    """Return a plan with what its gates compare with; a plan without such a gate need not stand in the baseline."""
    if baseline is None or all(gate.limit.max_increase is None for gate in plan.gates()):
        return plan
    earlier = baseline.ratings(
        suite=plan.suite.path,
        model=plan.model.name,
        reference=plan.reference,
        measurement=plan.measurement,
    )
    return replace(plan, earlier=earlier)


def _expect_two_models(plan: SimilarityPlan) -> None:
    model, reference = plan.model, plan.reference_model
    if model.is_same_as(reference):
        raise UsageError(
            f"{plan.suite.path}: the reference {reference.name!r} is the model under test {model.name!r} itself"
            f" ({reference.spec}), which says nothing; name another reference"
        )


def _expect_third_judge(plan: SimilarityPlan, terms: SimilarityTerms) -> None:
    judge = terms.judge_model
    if judge is None or terms.allow_self_judge:
        return
    for model in (plan.model, plan.reference_model):
        if judge.is_same_as(model):
            raise UsageError(
                f"{plan.suite.path}: the similarity judge {judge.name!r} is the compared model {model.name!r}, and"
                " judges favour their own answers; name another judge, or give --distill-allow-self-judge"
            )


def _expect_different_names(plans: Sequence[SimilarityPlan]) -> None:
    """Refuse names of models, references and sets that come to one test or gate: only one of them would be seen."""
    taken: set[str] = set()
    for plan in plans:
        for name in (*plan.test_names(), *(gate.name for gate in plan.gates())):
            if name in taken:
                raise UsageError(
                    f"{plan.suite.path}: two tests would be called {name!r}; rename a model, a reference or a set"
                )
            taken.add(name)
