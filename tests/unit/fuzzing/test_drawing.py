"""What a measurement draws."""

from collections import Counter

from pytest_distillcheck.domain.exchanges import Message
from pytest_distillcheck.domain.probes import Question
from pytest_distillcheck.domain.templates import SeedTemplate
from pytest_distillcheck.fuzzing import draw_pairs, draw_probes

TEMPLATES = [SeedTemplate(id=f"t{i}", language="en", text=f"Sheet {i}: {{question}}") for i in range(3)]
QUESTIONS = [
    Question(id=f"q-{language}-{i}", category="team", language=language, text=f"Who, {language} {i}?")
    for language in ("en", "zh")
    for i in range(2)
]


def test_every_question_goes_with_every_template_whatever_the_language():
    drawn = draw_probes(TEMPLATES, QUESTIONS, most=1200, seed=0)
    pairs = Counter((probe.context, probe.question.id) for probe in drawn)
    assert len(pairs) == 12
    # Six standard deviations of a binomial count around 100.
    assert all(abs(count - 100) < 6 * 9.6 for count in pairs.values())


def test_a_pair_that_is_drawn_again_is_the_next_sample():
    drawn = draw_probes(TEMPLATES[:1], QUESTIONS[:1], most=3, seed=0)
    assert [(probe.id, probe.sample) for probe in drawn] == [
        ("t0-q-en-0", 0),
        ("t0-q-en-0-r2", 1),
        ("t0-q-en-0-r3", 2),
    ]


def test_more_draws_go_on_where_fewer_ended_and_the_order_of_what_is_drawn_from_does_not_matter():
    some = list(draw_probes(TEMPLATES, QUESTIONS, most=20, seed=4))
    assert list(draw_probes(TEMPLATES[::-1], QUESTIONS[::-1], most=50, seed=4))[:20] == some
    assert list(draw_probes(TEMPLATES, QUESTIONS, most=20, seed=5)) != some


def test_ids_are_unique():
    drawn = draw_probes(TEMPLATES, QUESTIONS, most=500, seed=1)
    assert len({probe.id for probe in drawn}) == 500


def test_templates_without_a_placeholder_are_not_drawn():
    lost = SeedTemplate(id="lost", language="en", text="No place.")
    assert {p.context for p in draw_probes([lost, *TEMPLATES], QUESTIONS, most=200, seed=0)} == {
        "t0",
        "t1",
        "t2",
    }


def test_a_system_prompt_comes_first():
    (probe,) = draw_probes(TEMPLATES, QUESTIONS, most=1, seed=0, system="Be kind.")
    assert probe.messages[0] == Message("system", "Be kind.")


def test_nothing_is_made_before_it_is_drawn():
    drawn = draw_probes(TEMPLATES, QUESTIONS, most=10**12, seed=0)
    assert [next(drawn) for _ in range(20)] == list(draw_probes(TEMPLATES, QUESTIONS, most=20, seed=0))


def test_pairs_are_those_of_the_probes():
    pairs = draw_pairs(TEMPLATES, QUESTIONS, most=50, seed=2)
    probes = draw_probes(TEMPLATES, QUESTIONS, most=50, seed=2)
    assert [(template.id, question) for template, question in pairs] == [
        (probe.context, probe.question) for probe in probes
    ]
