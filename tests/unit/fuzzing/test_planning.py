import pytest

from pytest_distillcheck.domain.templates import SeedTemplate
from pytest_distillcheck.errors import UsageError
from pytest_distillcheck.fuzzing import PAPER_SETTINGS, SearchPlan, SearchSettings


def many(count: int) -> tuple[SeedTemplate, ...]:
    return tuple(
        SeedTemplate(id=f"s-{index}", language="en", text=f"{index}: {{question}}") for index in range(count)
    )


def plan(bench, seeds: tuple[SeedTemplate, ...], **settings: object) -> SearchPlan:
    return SearchPlan(seeds=seeds, questions=bench.questions, settings=SearchSettings(**settings))  # type: ignore[arg-type]


def test_a_thousand_templates_do_not_use_up_the_budget_before_the_search_begins(bench) -> None:
    roots = plan(bench, many(1000), queries=400, questions=2).roots()
    assert len(roots) == 50
    assert [root.id for root in roots] != [template.id for template in many(50)]


def test_the_draw_of_roots_depends_on_the_seed(bench) -> None:
    def roots(seed: int) -> list[str]:
        drawn = SearchPlan(seeds=many(1000), questions=bench.questions, seed=seed).roots()
        return [root.id for root in drawn]

    assert roots(1) == roots(1) != roots(2)


def test_few_templates_all_stay_in_their_order(bench) -> None:
    assert [root.id for root in plan(bench, many(3)).roots()] == ["s-0", "s-1", "s-2"]
    assert len(plan(bench, many(76), queries=100, questions=10).roots()) == 2
    assert len(plan(bench, many(76), queries=100, questions=10, root_share=None).roots()) == 76


def test_templates_without_a_placeholder_are_skipped_and_told(bench) -> None:
    blank = SeedTemplate(id="blank", language="en", text="Nothing to ask")
    mixed = plan(bench, (blank, *many(2)))
    assert mixed.skipped() == ("blank",)
    assert [root.id for root in mixed.roots()] == ["s-0", "s-1"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"queries": 1}, "queries: 1 is below one round in one template; give at least 2"),
        ({"queries": 9, "questions": None}, "give at least 10"),
        ({"queries": 0}, "queries: 0 is too small"),
        ({"width": 0}, "width: 0 is too small"),
        ({"energy": -1}, "energy: -1 is too small"),
        ({"questions": 0}, "questions: 0 is too small"),
        ({"hits": 0}, "hits: 0 is too small"),
        ({"root_share": 0.0}, "root_share: 0 is no share"),
        ({"root_share": 1.5}, "root_share: 1.5 is no share"),
    ],
)
def test_a_number_out_of_range_is_refused(bench, settings: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan(bench, many(3), **settings)


def test_more_questions_a_round_than_there_are_is_no_fault(bench) -> None:
    assert plan(bench, many(3), queries=10, questions=99)


def test_a_plan_without_a_usable_template_is_refused(bench) -> None:
    blank = SeedTemplate(id="blank", language="en", text="Nothing to ask")
    for seeds in ((), (blank,)):
        with pytest.raises(UsageError, match="no seed template has a place for the question"):
            plan(bench, seeds)


def test_a_plan_without_a_question_is_refused() -> None:
    with pytest.raises(UsageError, match="no question to ask"):
        SearchPlan(seeds=many(1), questions=())


def test_an_id_that_occurs_twice_is_refused(bench) -> None:
    with pytest.raises(UsageError, match="'s-0' occurs twice"):
        plan(bench, many(1) * 2)
    with pytest.raises(UsageError, match="'en-0' occurs twice"):
        SearchPlan(seeds=many(1), questions=bench.questions[:1] * 2)


def test_the_papers_settings_make_twenty_templates_of_fifty_questions() -> None:
    assert PAPER_SETTINGS.queries // 50 == 20
    assert PAPER_SETTINGS.questions is None
    assert PAPER_SETTINGS.energy == 1
