import random

import pytest
from scipy.stats import t as student_t

from pytest_distillcheck.similarity import Attribution, attribute
from pytest_distillcheck.similarity.attribution import (
    LEAST_ANSWERS,
    LEAST_RIVALS,
    MANY_RIVALS,
    SIGNIFICANCE,
    _Evidence,
    _t_tail,
)

SYLLABLES = ("ba", "do", "ki", "lu", "me", "no", "ra", "ti")
COMMON = [first + second for first in SYLLABLES for second in SYLLABLES]
HABITS = {
    "alpha": ["certainly", "delve", "tapestry", "crucial", "moreover"],
    "beta": ["sure", "basically", "stuff", "kinda", "anyway"],
    "gamma": ["indeed", "whilst", "thus", "herein", "notwithstanding"],
    "delta": ["yes", "okay", "simple", "quick", "easy"],
    "epsilon": ["perhaps", "maybe", "roughly", "somewhat", "likely"],
    "zeta": ["absolutely", "amazing", "wonderful", "brilliant", "love"],
}
EVERYDAY = [*COMMON, *(word for own in HABITS.values() for word in own)]
PROMPTS = 120


def answers(habits: list[str], seed: int, *, share: float = 0.25, count: int = PROMPTS) -> dict[str, str]:
    """Return answers whose words are drawn from common ones, those of the prompt and a model's habits."""
    rng = random.Random(seed)
    written = {}
    for prompt in range(count):
        topic = ["".join(random.Random(prompt * 5 + number).choices(SYLLABLES, k=4)) for number in range(5)]
        words = [
            rng.choice(habits) if habits and rng.random() < share else rng.choice([*EVERYDAY, *topic, *topic])
            for _ in range(60)
        ]
        written[f"p{prompt:03}"] = " ".join(words) + "."
    return written


@pytest.fixture(scope="module")
def references() -> dict[str, dict[str, str]]:
    return {name: answers(habits, seed) for seed, (name, habits) in enumerate(HABITS.items())}


@pytest.mark.parametrize("name", sorted(HABITS))
def test_a_model_with_a_references_habits_is_nearest_to_it(references, name):
    found = attribute(answers(HABITS[name], 99, share=0.15), references)
    assert found.nearest == found.ranking[0][0] == name
    assert found.p_value < 0.001
    assert found.prompts == PROMPTS


def test_a_model_with_habits_of_its_own_is_nearest_to_none(references):
    for seed in range(100, 104):
        assert attribute(answers(["own", "way", "of", "saying"], seed), references).nearest is None


def test_a_model_between_two_references_is_nearest_to_none(references):
    found = attribute(answers(HABITS["alpha"] + HABITS["beta"], 99), references)
    assert {name for name, _ in found.ranking[:2]} == {"alpha", "beta"}
    assert found.nearest is None


def test_two_releases_of_one_reference_are_no_rivals(references):
    twins = {**references, "alpha-2": answers(HABITS["alpha"], 50)}
    found = attribute(answers(HABITS["alpha"], 99), twins)
    assert {name for name, _ in found.ranking[:2]} == {"alpha", "alpha-2"}
    assert found.nearest in {"alpha", "alpha-2"}


def test_relatives_among_the_rivals_count_as_one(references):
    enough = {name: references[name] for name in sorted(HABITS)[: LEAST_RIVALS + 1]}
    model = answers(HABITS["alpha"], 99)
    assert attribute(model, enough).nearest == "alpha"
    related = {**enough, "delta": answers(HABITS["beta"], 50)}
    assert (attribute(model, related).nearest, attribute(model, related).p_value) == (None, 1.0)


@pytest.mark.parametrize("count", range(2, LEAST_RIVALS + 2))
def test_few_references_name_nobody_but_the_one_that_is_copied(references, count):
    few = {name: references[name] for name in sorted(HABITS)[:count]}
    alike = attribute(answers(HABITS["alpha"], 99), few)
    assert alike.ranking[0][0] == "alpha"
    assert (alike.nearest == "alpha") == (count > LEAST_RIVALS)
    assert attribute(references["alpha"], few).nearest == "alpha"


def test_a_copy_with_a_word_changed_here_and_there_is_a_copy(references):
    changed = {prompt: text.replace(text.split()[7], "well") for prompt, text in references["beta"].items()}
    two = {name: references[name] for name in ("alpha", "beta")}
    assert attribute(changed, two).nearest == "beta"


def test_short_answers_that_all_models_give_are_no_copies():
    capitals = {f"p{number:02}": f"It is city number {number}." for number in range(40)}
    two = {"alpha": capitals, "beta": {prompt: f"Well, {text}" for prompt, text in capitals.items()}}
    assert attribute(dict(capitals), two).nearest is None


def test_a_reference_under_another_name_is_nearest_to_itself(references):
    for name, written in references.items():
        found = attribute(dict(written), references)
        assert found.nearest == name
        assert found.p_value < 0.0001


def evidence(*scores: float, scatter: float = 0.001) -> _Evidence:
    rng = random.Random(1)
    without = [[score + rng.gauss(0, scatter) for score in scores] for _ in range(20)]
    return _Evidence(scores, without, [frozenset([index]) for index in range(len(scores))])


def test_a_sure_lead_that_is_no_wider_than_those_among_the_rivals_is_ordinary():
    assert evidence(3.0, 2.0, 1.0, 0.0, -1.0, -2.0).p_value(0) > SIGNIFICANCE
    assert evidence(6.0, 2.0, 1.0, 0.0, -1.0, -2.0).p_value(0) < SIGNIFICANCE


def test_among_many_rivals_a_tie_is_all_that_is_tested():
    many = [3.0, *(2.9 - number / 2 for number in range(MANY_RIVALS))]
    assert evidence(*many).p_value(0) < SIGNIFICANCE < evidence(*many[:-1]).p_value(0)


def test_a_wide_lead_that_is_small_against_its_scatter_may_be_a_tie():
    assert evidence(6.0, 2.0, 1.0, 0.0, -1.0, -2.0, scatter=0.6).p_value(0) > SIGNIFICANCE


def test_scores_without_any_scatter_are_told_apart_unless_they_are_equal():
    assert evidence(1.0, 0.0, 0.0, 0.0, 0.0, scatter=0).p_value(0) == 0.0
    assert evidence(1.0, 1.0, 0.0, 0.0, 0.0, scatter=0).p_value(0) == 1.0


def test_the_ranking_names_every_reference_once_and_falls(references):
    ranking = attribute(answers(HABITS["beta"], 99), references).ranking
    assert sorted(name for name, _ in ranking) == sorted(HABITS)
    scores = [score for _, score in ranking]
    assert scores == sorted(scores, reverse=True)


def test_the_order_of_references_and_prompts_does_not_matter(references):
    model = answers(HABITS["beta"], 99)
    turned = {name: dict(reversed(written.items())) for name, written in reversed(references.items())}
    assert attribute(dict(reversed(model.items())), turned) == attribute(model, references)


def test_only_prompts_that_all_answered_are_compared(references):
    model = {**answers(HABITS["beta"], 99, count=40), "elsewhere": "sure basically"}
    assert attribute(model, references).prompts == 40


def test_answers_to_further_prompts_make_the_references_profiles_truer(references):
    model = answers(HABITS["beta"], 99, share=0.1, count=24)
    cut = {name: {prompt: written[prompt] for prompt in model} for name, written in references.items()}
    of_all, of_shared = attribute(model, references), attribute(model, cut)
    assert of_all.ranking != of_shared.ranking
    assert of_all.nearest == of_shared.nearest == "beta"
    assert of_all.prompts == of_shared.prompts == 24


def test_a_model_that_makes_lists_where_one_reference_does_is_nearest_to_it():
    rng = random.Random(3)
    written = {name: answers(habits, seed, count=480) for seed, (name, habits) in enumerate(HABITS.items())}
    plain = answers([word for habits in HABITS.values() for word in habits], 99, count=480)

    def listed(plain: dict[str, str], prompts: set[str]) -> dict[str, str]:
        return {
            prompt: "\n".join(f"- {part}" for part in text.split(" ", 3)) if prompt in prompts else text
            for prompt, text in plain.items()
        }

    choices = {name: set(rng.sample(sorted(plain), 240)) for name in HABITS}
    theirs = {name: listed(written[name], prompts) for name, prompts in choices.items()}
    assert attribute(listed(plain, choices["gamma"]), theirs).nearest == "gamma"
    assert attribute(listed(plain, set(rng.sample(sorted(plain), 240))), theirs).nearest is None


@pytest.mark.parametrize("count", [LEAST_ANSWERS - 1, LEAST_ANSWERS])
def test_a_handful_of_answers_names_nobody(references, count):
    copy = dict(list(references["beta"].items())[:count])
    assert (attribute(copy, references).nearest == "beta") == (count >= LEAST_ANSWERS)


def test_one_answer_to_every_prompt_names_nobody_even_when_it_is_a_references_own(references):
    text = next(iter(references["beta"].values()))
    assert attribute(dict.fromkeys(references["beta"], text), references).nearest is None


def test_references_that_answer_alike_are_told_apart_by_nobody(references):
    found = attribute(answers(["own"], 99), {"one": references["beta"], "two": references["beta"]})
    assert (found.nearest, found.p_value) == (None, 1.0)


def test_an_endless_answer_is_read(references):
    model = answers(HABITS["beta"], 99)
    model["p000"] = "certainly delve " * 65_000
    assert attribute(model, references).nearest == "beta"


@pytest.mark.parametrize("model", [{}, {"unknown": "text"}])
def test_without_a_common_prompt_nothing_is_said(references, model):
    found = attribute(model, references)
    assert (found.nearest, found.p_value, found.prompts) == (None, 1.0, 0)
    assert found.ranking == tuple((name, 0.0) for name in sorted(HABITS))


def test_without_references_nothing_is_said():
    assert attribute({"p": "text"}, {}) == Attribution(ranking=(), nearest=None, p_value=1.0, prompts=0)


def test_a_single_reference_has_no_rival_to_beat(references):
    found = attribute(answers(HABITS["beta"], 99), {"beta": references["beta"]})
    assert (found.nearest, found.p_value) == (None, 1.0)


@pytest.mark.parametrize("text", ["", "\ud800", "same answer to everything", "中文回答。"])
def test_odd_answers_are_attributed_to_nobody_and_raise_nothing(references, text):
    assert attribute(dict.fromkeys(references["alpha"], text), references).nearest is None


def test_one_prompt_is_not_enough(references):
    one = {name: {"p000": written["p000"]} for name, written in references.items()}
    assert attribute(one["alpha"], one).nearest is None


@pytest.mark.parametrize("t", [-3.0, -0.5, 0.0, 0.7, 2.1, 12.0])
def test_the_tail_of_students_t_is_scipys(t):
    assert _t_tail(t, 19) == pytest.approx(student_t.sf(t, 19), rel=1e-9)
