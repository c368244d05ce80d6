import pytest

from pytest_distillcheck.domain.exchanges import Message
from pytest_distillcheck.domain.probes import CATEGORIES, PLAIN, Selection
from pytest_distillcheck.identity.bank import questions
from pytest_distillcheck.identity.planning import plan_probes
from pytest_distillcheck.importers import place_of_messages
from pytest_distillcheck.importers.questions import language_of, place_of_query

OURS = questions()[0]


def user(*texts):
    return tuple(Message("user", text) for text in texts)


def test_every_probe_of_ours_is_found_again():
    selection = Selection(languages=("en", "zh", "ar"), contexts=("plain", "neutral"), sample=400)
    for probe in plan_probes(selection, system="Be brief."):
        place = place_of_messages(probe.messages)
        question = probe.question
        assert (place.question, place.context) == (question.id, probe.context)
        assert (place.category, place.language) == (question.category, question.language)


def test_a_question_of_ours_in_an_unknown_template_is_found():
    places = [place_of_messages(user(f"{opening} {OURS.text} Go!")) for opening in ("Hey.", "Hey.", "Ho.")]
    assert {place.question for place in places} == {OURS.id}
    assert places[0].context == places[1].context != places[2].context


def test_an_unknown_question_is_its_own_and_in_no_category():
    first, same, other = (place_of_messages(user(text)) for text in ("Is it  you? ", "Is it you?", "Who?"))
    assert first == same
    assert first.question != other.question
    assert (first.category, first.context) == (None, PLAIN)
    assert first.question.isascii()


def test_turns_before_the_question_are_its_context():
    plain, talked = place_of_messages(user("Is it you?")), place_of_messages(user("Hi.", "Is it you?"))
    assert (plain.question, PLAIN) == (talked.question, plain.context)
    assert talked.context.startswith("template-")


def test_a_question_is_the_same_whichever_template_it_is_put_into():
    first, second = (place_of_query(f" {OURS.text} ", template) for template in ("A {query}", "B {query}"))
    assert first.question == second.question == OURS.id
    assert first.category in CATEGORIES
    assert first.context != second.context


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Who made you?", "en"),
        ("Qui t'a créé et dans quel pays est ton entreprise ?", "fr"),
        ("Wer hat dich entwickelt und wo ist die Firma?", "de"),
        ("¿Quién te ha creado y dónde está tu empresa?", "es"),
        ("你是 ChatGPT 吗？", "zh"),
        ("あなたは誰に作られましたか", "ja"),
        ("누가 당신을 만들었나요?", "ko"),
        ("Кто тебя создал, OpenAI?", "ru"),
        ("من الذي طورك؟", "ar"),
        ("What does 你好 mean, and who taught you the answer to it?", "en"),
        ("", "en"),
        ("\ud800 12?!", "en"),
    ],
)
def test_a_language_is_guessed_by_its_letters(text, language):
    assert language_of(text) == language
