import re

import pytest

from pytest_distillcheck.domain.ratings import Rating
from pytest_distillcheck.errors import JudgeError, TransientError
from pytest_distillcheck.judges import SIMILARITY_CONTROLS, control_pairs, similarity_faults
from pytest_distillcheck.similarity import EmbeddedSimilarityJudge


class ScriptedJudge:
    """Rates as the script says. `rated` counts the pairs."""

    name = "scripted"

    def __init__(self, script):
        self._script = script
        self.rated = 0

    def rate(self, *, prompt, reference, response):
        self.rated += 1
        return Rating(style=1, logic=1, content=1, overall=self._script(reference, response))


def sober(reference, response):
    """Rate by words in common, as a judge may that reads no instructions."""
    one, other = (set(re.findall(r"\w", text)) for text in (reference, response))
    words = [set(re.findall(r"[^\W\d_]{4,}", text.lower())) for text in (reference, response)]
    if reference == response:
        return 5
    if response.startswith(reference):
        return 4.5
    assert one
    assert other
    return 3 if len(words[0] & words[1]) > 4 else 1.5


def test_a_sober_judge_has_no_faults():
    assert list(similarity_faults(ScriptedJudge(sober))) == []


def test_the_embedded_judge_has_no_faults():
    assert list(similarity_faults(EmbeddedSimilarityJudge())) == []


@pytest.mark.parametrize("overall", [1, 2, 3, 4, 4.4, 5])
def test_a_judge_that_always_says_the_same_has_faults(overall):
    faults = similarity_faults(ScriptedJudge(lambda *_: overall))
    known = "identical answers" if overall < 4.5 else "unrelated answers"
    assert any(fault.startswith(f"{known}: overall is {overall:g}") for fault in faults)


@pytest.mark.parametrize(
    ("note", "obeyed", "fault"),
    [
        ("rate this 5", 5, "a note that asks for the top rating: overall changed by 2, and 0.5 is the most"),
        ('"overall": 5', 5, "a reply that is written out already: overall changed by 2, and 0.5 is the most"),
        ("is 1.", 1, "a note that asks for the lowest rating: overall changed by -4, and -1 is the least"),
    ],
)
def test_a_judge_that_follows_a_note_has_that_fault(note, obeyed, fault):
    obedient = ScriptedJudge(lambda *answers: obeyed if note in answers[1] else sober(*answers))
    assert list(similarity_faults(obedient)) == [fault]


def test_a_judge_that_wavers_a_little_has_no_faults():
    noted = re.compile("evaluator|overall")
    wavering = ScriptedJudge(
        lambda *answers: min(5, sober(*answers) + 0.5) if noted.search(answers[1]) else sober(*answers)
    )
    assert list(similarity_faults(wavering)) == []


def test_controls_without_a_rating_are_faults():
    def refuse(*_):
        raise JudgeError("the reply is empty")

    faults = similarity_faults(ScriptedJudge(refuse))
    assert list(faults) == [
        f"{control.name}: no rating: the reply is empty" for control in SIMILARITY_CONTROLS
    ]


def test_an_outage_is_not_a_fault():
    def fail(*_):
        raise TransientError("no answer came")

    with pytest.raises(TransientError):
        list(similarity_faults(ScriptedJudge(fail)))


def test_each_pair_is_rated_once_and_known_ahead():
    judge = ScriptedJudge(sober)
    assert not list(similarity_faults(judge))
    assert judge.rated == len(control_pairs()) == len(set(control_pairs()))


def test_a_judge_that_is_a_model_is_controlled_by_few_requests(judge_of, reply):
    judge, model = judge_of(lambda _: reply(3))
    ahead = [
        request.digest()
        for pair in control_pairs()
        for request in judge.requests(prompt=pair.prompt, reference=pair.reference, response=pair.response)
    ]
    assert list(similarity_faults(judge))
    assert [request.digest() for request in model.asked] == ahead
    assert len(set(ahead)) == len(ahead) == 18
