from pytest_distillcheck.domain.templates import PromptNode, SeedTemplate
from pytest_distillcheck.fuzzing.pool import Pool


def node(name: str, parent: str | None = None) -> PromptNode:
    return PromptNode(
        template=SeedTemplate(id=name, language="en", text=f"{name} {{question}}"), parent=parent
    )


def test_no_question_is_given_out_twice(bench) -> None:
    pool = Pool([node("a")], bench.questions, seed=0)
    taken = [question.id for _ in range(6) for question in pool.take(node("a"), None, 3)]
    assert sorted(taken) == sorted(question.id for question in bench.questions)
    assert pool.left(node("a"), "en") == pool.left(node("a"), "zh") == 0


def test_a_language_can_be_asked_alone(bench) -> None:
    pool = Pool([node("a")], bench.questions, seed=0)
    assert {question.language for question in pool.take(node("a"), "zh", None)} == {"zh"}
    assert (pool.left(node("a"), "en"), pool.left(node("a"), "zh")) == (5, 0)


def test_languages_and_categories_take_turns(bench) -> None:
    pool = Pool([node("a")], bench.questions, seed=0)
    first = pool.take(node("a"), None, 4)
    assert sorted(question.language for question in first) == ["en", "en", "zh", "zh"]
    rest = Pool([node("b")], bench.questions * 1, seed=0).take(node("b"), "en", None)
    assert len({question.category for question in rest[:5]}) == 5


def test_the_order_of_questions_depends_on_the_seed_and_the_template_alone(bench) -> None:
    def order(name: str, seed: int, before: int) -> list[str]:
        pool = Pool([node("a"), node("b")], bench.questions, seed)
        pool.take(node("a" if name == "b" else "b"), None, before)
        return [question.id for question in pool.take(node(name), None, None)]

    assert order("a", 0, 0) == order("a", 0, 5)
    assert order("a", 0, 0) != order("b", 0, 0)
    assert order("a", 0, 0) != order("a", 1, 0)


def test_results_list_what_was_asked_in_order(bench) -> None:
    pool = Pool([node("a"), node("b"), node("c")], bench.questions, seed=0)
    pool.take(node("b"), "en", 2)
    pool.take(node("a"), None, 3)
    pool.note(node("b"), "en", answered=1, hits=1)
    assert [(result.node.id, result.asked, result.answered, result.hits) for result in pool.results()] == [
        ("b", 2, 1, 1),
        ("a", 3, 0, 0),
    ]
    assert [result.reward for result in pool.results()] == [1.0, 0.0]
    assert (pool.total.answered, pool.total.hits) == (1, 1)


def test_planted_mutants_are_children_that_can_be_chosen(bench) -> None:
    pool = Pool([node("a")], bench.questions, seed=0)
    pool.plant(node("m", parent="a"))
    assert [child.id for child in pool.children(node("a"))] == ["m"]
    assert [member.id for member in pool.nodes] == ["a", "m"]
    assert [root.id for root in pool.roots] == ["a"]
    assert list(pool.children(node("m"))) == []
