import threading
import time

import pytest

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.errors import JudgeError, NotSentError, RequestRefusedError
from pytest_distillcheck.running.asking import NobodySends
from pytest_distillcheck.running.chaining import Chain, Link
from pytest_distillcheck.running.lanes import LiveModel
from pytest_distillcheck.running.remote import RemoteBroker
from pytest_distillcheck.running.serving import BrokerServer


class ScriptedSource:
    """A broker that answers when it is told to.

    Attributes:
        outcomes: what has come of each key; None for no answer.
        planned: keys in the order in which they were planned, and `chained` those that were chained.
        looked: keys of each look.
    """

    def __init__(self):
        self.outcomes = {}
        self.planned = []
        self.chained = set()
        self.looked = []
        self.fails = None

    def plan(self, jobs, *, chained=False):
        keys = [job.key for job in jobs]
        self.planned += keys
        self.chained.update(keys if chained else ())

    def settled(self, keys):
        self.looked.append(sorted(keys))
        if self.fails:
            raise self.fails
        return {key: self.outcomes[key] for key in keys if key in self.outcomes}

    def result(self, job):
        raise AssertionError("a chain must not demand")

    def answers(self, *jobs):
        self.outcomes.update({job.key: Response(text=f"answer to {job.key}", source="live") for job in jobs})


def until(condition, within_s=5.0):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


@pytest.fixture
def source():
    return ScriptedSource()


@pytest.fixture
def chains():
    """Makes chains, and closes them."""
    made = []

    def make(links, source, **options):
        made.append(Chain(links, source, **options))
        return made[-1]

    yield make
    for chain in made:
        chain.close()


@pytest.fixture
def link(job):
    """A link of a pair: two answers, and two requests that are made of them."""

    def make(name, follow=None):
        def judged(answers):
            texts = "+".join(answer.text.removeprefix("answer to ") for answer in answers)
            return [job(f"{order} {texts}", model="judge") for order in ("after", "before")]

        return Link(awaited=(job(f"m{name}"), job(f"r{name}")), follow=follow or judged)

    return make


def over(chain):
    return not chain._thread.is_alive()


def test_requests_follow_once_all_their_answers_are_there(chains, source, link):
    pair = link(0)
    chains([pair], source)
    source.answers(pair.awaited[0])
    until(lambda: len(source.looked) > 2)
    assert source.planned == []
    source.answers(pair.awaited[1])
    until(lambda: source.planned)
    assert source.planned == [
        "judge/after model/m0+model/r0",
        "judge/before model/m0+model/r0",
    ]
    assert source.chained == set(source.planned)


def test_answers_are_given_in_the_order_in_which_they_are_awaited(chains, source, job):
    heard = []
    pair = Link(awaited=(job("b"), job("a"), job("b")), follow=lambda answers: heard.extend(answers) or ())
    source.answers(*pair.awaited)
    chain = chains([pair], source)
    until(lambda: over(chain))
    assert [answer.text for answer in heard] == [f"answer to model/{name}" for name in "bab"]


def test_a_link_does_not_wait_for_one_before_it(chains, source, link):
    slow, quick = link(0), link(1)
    source.answers(*quick.awaited)
    chains([slow, quick], source)
    until(lambda: source.planned)
    assert source.planned[0] == "judge/after model/m1+model/r1"


def test_no_more_links_are_open_than_the_look_ahead_allows(chains, source, link):
    links = [link(n) for n in range(5)]
    source.answers(*links[2].awaited)
    chains(links, source, look_ahead=2)
    until(lambda: len(source.looked) > 2)
    assert source.planned == []
    assert {key for keys in source.looked for key in keys} == {"model/m0", "model/m1", "model/r0", "model/r1"}
    source.answers(*links[0].awaited)
    until(lambda: len(source.planned) == 4)


def test_what_is_known_is_not_asked_for_again(chains, source, link):
    pair = link(0)
    source.answers(pair.awaited[0])
    chains([pair], source)
    until(lambda: len(source.looked) > 2)
    assert source.looked[:3] == [["model/m0", "model/r0"], ["model/r0"], ["model/r0"]]


def test_an_answer_of_several_links_is_had_for_each(chains, source, job):
    heard = []
    shared = job("r")
    links = [
        Link(awaited=(job(f"m{n}"), shared), follow=lambda answers: heard.append(answers) or ()) for n in "01"
    ]
    source.answers(links[0].awaited[0], shared)
    chain = chains(links, source)
    until(lambda: len(heard) == 1)
    source.answers(links[1].awaited[0])
    until(lambda: over(chain))
    assert [answers[1].text for answers in heard] == ["answer to model/r"] * 2


def test_a_link_without_an_answer_ends_and_nothing_follows(chains, source, link):
    failed, pair = link(0), link(1)
    source.outcomes[failed.awaited[0].key] = None
    source.answers(*pair.awaited)
    chain = chains([failed, pair], source, look_ahead=1)
    until(lambda: over(chain))
    assert source.planned == ["judge/after model/m1+model/r1", "judge/before model/m1+model/r1"]


@pytest.mark.parametrize(
    "error", [JudgeError, ValueError, SystemExit, KeyboardInterrupt, pytest.fail.Exception]
)
def test_a_link_that_raises_ends_alone_and_in_silence(chains, source, link, error, capfd):
    def follow(_):
        raise error("never")

    faulty, pair = link(0, follow), link(1)
    source.answers(*faulty.awaited, *pair.awaited)
    chain = chains([faulty, pair], source)
    until(lambda: over(chain))
    assert len(source.planned) == 2
    assert capfd.readouterr() == ("", "")


def test_a_link_may_have_nothing_to_follow(chains, source, link):
    unfit = link(0, lambda _: ())
    source.answers(*unfit.awaited)
    chain = chains([unfit], source)
    until(lambda: over(chain))
    assert source.planned == []


def test_a_link_that_awaits_nothing_is_planned_as_any_other_request(chains, source, job):
    chain = chains(
        [Link(awaited=(), follow=lambda answers: [job("j", model="judge")] * (not answers))], source
    )
    until(lambda: over(chain))
    assert source.planned == ["judge/j"]
    assert source.chained == set()


def test_closing_is_prompt_and_ends_all(chains, source, link):
    chain = chains([link(0)], source)
    until(lambda: source.looked)
    started = time.monotonic()
    chain.close()
    assert time.monotonic() - started < 1
    assert over(chain)
    source.answers(*link(0).awaited)
    time.sleep(0.05)
    assert source.planned == []
    chain.close()


def test_closing_in_the_middle_of_a_look_follows_no_more(chains, source, link):
    reached, go_on = threading.Event(), threading.Event()

    def follow(_):
        reached.set()
        go_on.wait(5)
        return ()

    links = [link(0, follow), link(1), link(2)]
    for each in links:
        source.answers(*each.awaited)
    chain = chains(links, source)
    assert reached.wait(5)
    closing = threading.Thread(target=chain.close)
    closing.start()
    until(chain._closing.is_set)
    go_on.set()
    closing.join(5)
    assert source.planned == []


def test_a_run_that_is_over_ends_the_chain_in_silence(chains, source, link, capfd):
    source.fails = NotSentError("not sent: the process that sends for the workers is gone")
    chain = chains([link(0)], source)
    until(lambda: over(chain))
    assert capfd.readouterr() == ("", "")


def test_without_a_broker_nothing_is_sent(chains, link):
    chain = chains([link(0)], NobodySends())
    chain.close()
    assert over(chain)


@pytest.fixture
def run_of(brokers, client_of):
    """A broker of a model and a judge, with what they are asked in one list."""

    def make(script=None, *, latency_s=0.0, **limits):
        model, judge = client_of(script, latency_s=latency_s), client_of(latency_s=latency_s)
        judge.sent = model.sent
        models = [LiveModel(name="model", client=model), LiveModel(name="judge", client=judge)]
        return brokers(models=models, **limits), model.sent

    return make


def test_looking_sends_nothing_and_demands_nothing(run_of, job):
    broker, sent = run_of(look_ahead=1, concurrency=1)
    jobs = [job(str(n)) for n in range(3)]
    broker.plan(jobs)
    until(lambda: broker.settled([jobs[0].key]))
    for _ in range(20):
        assert list(broker.settled([each.key for each in jobs])) == [jobs[0].key]
        time.sleep(0.005)
    assert sent == ["0"]
    assert broker.settled(["unheard of"]) == {}
    assert broker.progress().calls == 3


def test_a_settled_job_tells_its_answer_or_that_there_is_none(run_of, job):
    broker, _ = run_of(
        lambda prompt, _: RequestRefusedError("no") if prompt == "bad" else Response(text="", source="live")
    )
    jobs = [job("good"), job("bad")]
    broker.plan(jobs)
    until(lambda: len(broker.settled([each.key for each in jobs])) == 2)
    assert broker.settled([each.key for each in jobs]) == {
        "model/good": Response(text="", source="live"),
        "model/bad": None,
    }


def test_chained_requests_go_before_planned_ones_and_behind_demanded_ones(run_of, job):
    broker, sent = run_of(concurrency=1, latency_s=0.05)
    broker.plan([job(str(n)) for n in range(5)])
    until(lambda: sent)
    broker.plan([job("chained", model="judge")], chained=True)
    broker.result(job("demanded"))
    until(lambda: len(sent) == 7)
    assert sent == ["0", "demanded", "chained", "1", "2", "3", "4"]


def test_pairs_are_completed_before_the_last_answers_are_asked_for(run_of, chains, link):
    links = [link(n) for n in range(40)]
    broker, sent = run_of(concurrency=2, latency_s=0.02)
    broker.plan(job for each in links for job in each.awaited)
    chains(links, broker)
    until(lambda: len(sent) == 160, within_s=20)
    assert sent.index("before m0+r0") < sent.index("m39")


def test_under_a_bounded_plan_only_pairs_within_it_are_judged(run_of, chains, link):
    links = [link(n) for n in range(6)]
    broker, sent = run_of(look_ahead=4)
    broker.plan(job for each in links for job in each.awaited)
    chains(links, broker)
    until(lambda: len(sent) == 8)
    time.sleep(0.25)
    assert sorted(sent) == sorted(
        f"{kind}{n}" if len(kind) == 1 else f"{kind} m{n}+r{n}"
        for n in (0, 1)
        for kind in ("m", "r", "after", "before")
    )


def test_each_request_is_sent_once_although_the_test_asks_too(run_of, chains, link):
    links = [link(n) for n in range(20)]
    broker, sent = run_of()
    broker.plan(job for each in links for job in each.awaited)
    chains(links, broker)
    for each in links:
        answers = [broker.result(job) for job in each.awaited]
        for job in each.follow(answers):
            broker.result(job)
    assert len(sent) == len(set(sent)) == 80


@pytest.fixture
def served():
    """Serves a broker and connects workers to it. `looked` is set when one has looked."""
    closed = []

    class Worker(RemoteBroker):
        looked = threading.Event()

        def settled(self, keys):
            outcomes = super().settled(keys)
            self.looked.set()
            return outcomes

    def make(broker, *, workers=1):
        server = BrokerServer(broker)
        connected = [Worker(server.address) for _ in range(workers)]
        closed.extend((*connected, server))
        return server, *connected

    yield make
    for each in closed:
        each.close()


def test_workers_walk_the_same_chain_and_send_it_once(run_of, chains, link, served):
    links = [link(n) for n in range(10)]
    broker, sent = run_of()
    _, *workers = served(broker, workers=3)
    for worker in workers:
        worker.plan([job for each in links for job in each.awaited])
    walking = [chains(links, worker, look_ahead=3) for worker in workers]
    until(lambda: all(map(over, walking)) and len(sent) >= 40)
    assert len(sent) == len(set(sent)) == 40


def test_a_chained_plan_of_a_worker_goes_before_the_planned_ones(run_of, job, served):
    broker, sent = run_of(concurrency=1, latency_s=0.05)
    _, worker = served(broker)
    worker.plan([job(str(n)) for n in range(3)])
    worker.plan([job("chained", model="judge")], chained=True)
    until(lambda: len(sent) == 4)
    assert sent.index("chained") < sent.index("2")


def test_a_worker_hears_what_has_settled_as_the_broker_itself_does(run_of, job, served):
    broker, _ = run_of(
        lambda prompt, _: (
            RequestRefusedError("no") if prompt == "bad" else Response(text="\ud800", source="live")
        )
    )
    _, worker = served(broker)
    keys = [job("good").key, job("bad").key, "unheard of"]
    worker.plan([job("good"), job("bad")])
    until(lambda: len(broker.settled(keys)) == 2)
    assert worker.settled(keys) == broker.settled(keys)


def test_a_worker_whose_controller_is_gone_ends_its_chain(run_of, chains, link, served, capfd):
    broker, _ = run_of(latency_s=60)
    server, worker = served(broker)
    pair = link(0)
    worker.plan(pair.awaited)
    chain = chains([pair], worker)
    assert worker.looked.wait(5)
    server.close()
    until(lambda: over(chain))
    assert capfd.readouterr() == ("", "")


def test_answers_too_large_for_one_frame_come_in_several_looks(run_of, chains, link, served):
    large = "\ud800" * 2**20
    broker, _ = run_of(lambda *_: Response(text=large, source="live"))
    _, worker = served(broker)
    heard = []
    links = [link(n, lambda answers: heard.extend(len(a.text) for a in answers) or ()) for n in range(4)]
    keys = [job.key for each in links for job in each.awaited]
    worker.plan([job for each in links for job in each.awaited])
    until(lambda: len(broker.settled(keys)) == 8)
    assert len(worker.settled(keys)) == 2
    chain = chains(links, worker)
    until(lambda: over(chain))
    assert heard == [2**20] * 8
