import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_distillcheck.errors import JudgeError, TransientError
from pytest_distillcheck.judges import SIMILARITY_CONTROLS, ControlledSimilarityJudge, is_of_unfit_judge

PAIR = {"prompt": "p", "reference": "By colour and scent.", "response": "They look for colour first."}


@pytest.fixture
def sober(reply):
    """Rates equal answers 5, those with words in common 3, and others 1.5."""

    def rate(request):
        first, second = re.findall(
            r"<answer-[12]-\w+>\n(.*?)\n</answer-", request.messages[-1].content, re.DOTALL
        )
        if first.startswith(second) or second.startswith(first):
            return reply(5)
        words = [set(re.findall(r"[^\W\d_]{4,}", text)) for text in (first, second)]
        return reply(3 if len(words[0] & words[1]) > 4 else 1.5)

    return rate


@pytest.fixture
def controlled(judge_of):
    def make(script, **options):
        judge, model = judge_of(script)
        return ControlledSimilarityJudge(judge, **options), model

    return make


def test_a_judge_that_passes_rates_as_before(controlled, judge_of, sober):
    judge, _ = controlled(sober)
    alone, _ = judge_of(sober)
    assert judge.fault() is None
    assert judge.rate(**PAIR) == alone.rate(**PAIR)
    assert judge.name == alone.name


def test_the_controls_are_asked_before_the_first_pair_and_never_again(controlled, sober):
    judge, model = controlled(sober)
    for _ in range(3):
        judge.rate(**PAIR)
    assert model.asked == [*judge.control_requests(), *judge.requests(**PAIR) * 3]
    assert len(judge.control_requests()) == 18


@pytest.mark.parametrize("overall", [1, 3, 4, 5])
def test_a_judge_that_always_says_the_same_rates_nothing(controlled, reply, overall):
    judge, _ = controlled(lambda _: reply(overall))
    for _ in range(2):
        with pytest.raises(JudgeError, match=f"^it fails a control, .* answers: overall is {overall}, and"):
            judge.rate(**PAIR)


def test_a_judge_is_asked_no_more_once_it_failed(controlled, reply):
    judge, model = controlled(lambda _: reply(3))
    for _ in range(2):
        with pytest.raises(JudgeError):
            judge.rate(**PAIR)
    assert len(model.asked) == 1


def test_the_reason_says_what_was_answered_and_what_to_do(controlled):
    judge, _ = controlled(lambda _: "Alike.")
    with pytest.raises(JudgeError) as raised:
        judge.rate(**PAIR)
    assert str(raised.value) == (
        "it fails a control, identical answers: no rating: judge-model-7b: the reply is no rating: it is not JSON alone;"
        " it begins 'Alike.'; no rating of it counts, name another --distill-similarity-judge"
    )


def test_an_outage_is_no_fault_and_the_next_rating_tries_again(controlled, sober):
    outages = iter([TransientError("no answer came")])

    def once_out(request):
        if error := next(outages, None):
            raise error
        return sober(request)

    judge, _ = controlled(once_out)
    with pytest.raises(TransientError):
        judge.rate(**PAIR)
    assert judge.rate(**PAIR).overall == 1.5


def test_threads_that_rate_at_once_share_the_controls(controlled, sober):
    together = threading.Barrier(4)
    judge, model = controlled(sober)

    def rate(_):
        together.wait(10)
        return judge.rate(**PAIR)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(rate, range(4)))) == 1
    assert len(model.asked) == len(judge.control_requests()) + 4 * 2


def test_other_controls_can_be_given(controlled, reply):
    (unrelated,) = (control for control in SIMILARITY_CONTROLS if control.name == "unrelated answers")
    judge, model = controlled(lambda _: reply(2), controls=[unrelated])
    assert judge.rate(**PAIR).overall == 2
    assert len(model.asked) == 4


@pytest.mark.parametrize(
    ("reason", "unfit"),
    [
        ("the judge gave no rating (it fails a control, identical answers: overall is 3)", True),
        ("the judge gave no rating (judge: the reply is no rating: it begins '(it fails a control')", False),
        ("filtered by the provider", False),
    ],
)
def test_the_reason_of_an_unfit_judge_is_told_apart(reason, unfit):
    assert is_of_unfit_judge(reason) == unfit
