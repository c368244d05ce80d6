from pytest_distillcheck.domain.exchanges import Message, ModelRequest
from pytest_distillcheck.domain.prices import Price
from pytest_distillcheck.reports import plan_lines
from pytest_distillcheck.reports.plan import ASSUMPTIONS
from pytest_distillcheck.running.forecasting import PlannedSuite, Terms, forecast_run
from pytest_distillcheck.running.jobs import Job

TERMS = {
    "qwen": Terms(price=Price(input_usd_per_mtok=1, output_usd_per_mtok=10), requests_per_minute=1),
    "free": Terms(price=None, requests_per_minute=None),
}


def planned(suite="a", model="qwen", *, n=2, probes=None, gates=(), spare=0, most=""):
    request = ModelRequest(messages=(Message("user", "x" * 40),), parameters={"max_tokens": 100})
    jobs = tuple(Job(model=model, request=request, key=f"{model}/{i}") for i in range(n + spare))
    return PlannedSuite(
        suite=suite,
        model=model,
        spec="s",
        probes=n if probes is None else probes,
        most=most,
        jobs=jobs[:n],
        spare=jobs[n:],
        gates=gates,
    )


def told(*suites, kept=(), warnings=()):
    run = forecast_run(suites, TERMS, concurrency=1, kept=kept)
    return [line.text for line in plan_lines(run, warnings)]


def test_a_suite_tells_calls_tokens_cost_time_and_gates():
    assert told(planned(gates=("gate-strict-qwen counts all 2 probes",))) == [
        "a: qwen (s)",
        "  2 probes: 2 calls",
        "  tokens  about 36 in and 200 out",
        "  cost    about $0.0020; with the longest answers $0.0021",
        "  time    about 2 min 00 s",
        "  gate-strict-qwen counts all 2 probes",
        ASSUMPTIONS,
        "nothing was asked, judged or decided",
    ]


def test_a_model_without_a_price_is_unpriced():
    assert "  cost    unpriced" in told(planned(model="free"))


def test_answers_that_are_kept_and_requests_asked_already_are_no_calls():
    lines = told(planned(), planned("b", n=3), kept={"qwen/0"})
    assert "  2 probes: 1 call, 1 answer kept" in lines
    assert "  3 probes: 1 call, 2 not sent: asked already, or skipped" in lines


def test_several_suites_are_summed():
    lines = told(planned(), planned("b", "free"))
    total = lines[lines.index("in all") :]
    assert total[1:5] == [
        "  4 calls",
        "  tokens  about 72 in and 400 out",
        "  cost    about $0.0020 and 2 unpriced; with the longest answers $0.0021",
        "  time    about 2 min 00 s",
    ]


def test_a_model_that_is_not_live_is_sent_nothing():
    assert told(planned(n=0, probes=7)) == [
        "a: qwen (s)",
        "  7 probes, nothing is sent",
        "nothing was asked, judged or decided",
    ]


def test_a_plan_that_is_all_kept_estimates_nothing():
    lines = told(planned(), kept={"qwen/0", "qwen/1"})
    assert lines[1:] == ["  2 probes: 0 calls, 2 answers kept", "nothing was asked, judged or decided"]


def test_warnings_are_told_and_names_are_scrubbed():
    lines = told(planned("a\x1b[2J"), warnings=["no key"])
    assert lines[0] == "a\\x1b[2J: qwen (s)"
    assert "no key" in lines


def test_what_depends_on_the_answers_is_told_as_a_range():
    lines = told(planned(spare=3, most="a campaign of at most 5 draws"), kept={"qwen/0"})
    assert lines[1:] == [
        "  a campaign of at most 5 draws: 1 to 4 calls, 1 answer kept",
        "  tokens  about 18 to 72 in and 100 to 400 out",
        "  cost    about $0.0010 to $0.0041; with the longest answers $0.0010 to $0.0042",
        "  time    about 1 min 00 s to 4 min 00 s",
        "lower figures are for models without a finding; one whose gates fail at once is asked less",
        ASSUMPTIONS,
        "nothing was asked, judged or decided",
    ]
