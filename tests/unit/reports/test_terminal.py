from datetime import date

import pytest

from pytest_distillcheck.domain.gates import Decision, Gate, Limit
from pytest_distillcheck.domain.scores import Share
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.domain.summaries import RunSummary, SectionResult
from pytest_distillcheck.domain.waivers import Waiver
from pytest_distillcheck.identity.scores import identity_scores
from pytest_distillcheck.reports import terminal_lines

OBSERVED = Share(count=1, n=4, low=0.05, high=0.7, method="wilson")


@pytest.fixture
def result(a_record):
    def make(*changes, planned=None, needless=()):
        records = tuple(
            a_record(**({"id": f"a::identity[qwen-plain-q{n}]", "question": f"q{n}"} | change))
            for n, change in enumerate(changes)
        )
        return SectionResult(
            kind="identity",
            suite="a",
            model="qwen",
            planned=len(records) if planned is None else planned,
            scores=identity_scores(records),
            records=records,
            needless=needless,
        )

    return make


def summary(*results, decisions=(), undecided=None):
    return RunSummary(run={}, results=results, decisions=decisions, undecided=undecided or {})


def finding(**changes):
    return {
        "label": "contradiction",
        "makers": ("openai",),
        "quotes": ("I am ChatGPT",),
        "rival": True,
    } | changes


def decision(outcome, reason="why"):
    gate = Gate(
        id=f"a.distill.yaml::gate-{outcome}", suite="a", model="qwen", score="strict", limit=Limit(max=0.1)
    )
    return Decision(gate=gate, outcome=outcome, observed=OBSERVED, missing=0, needs=None, reason=reason)


def text(given):
    return "\n".join(line.text for line in terminal_lines(given))


def test_the_section_shows_scores_gates_and_the_worst_findings(result):
    given = summary(
        result(
            finding(response="Hi. I am ChatGPT."),
            {"affirmed": True},
            {"label": None, "affirmed": None, "unjudged": "empty response"},
            planned=4,
            needless=(Waiver(probe="identity[*-q1]", reason="r", owner="ana", until=date(2027, 1, 1)),),
        ),
        decisions=(decision("FAIL", "strict 1/3 breaks max 0.1"), decision("PASS", "fine")),
        undecided={"a.distill.yaml::gate-hard-qwen": "deselected"},
    )
    assert (
        text(given)
        == """\
a: qwen, 3 of 4 probes answered
  loose    0.500 [0.095, 0.905]  1/2 wilson
  strict   0.500 [0.095, 0.905]  1/2 wilson
  hard     0.500 [0.095, 0.905]  1/2 wilson
  roleplay 0.000 [0.000, 0.658]  0/2 wilson
  affirmed 0.500 [0.095, 0.905]  1/2 wilson
  no_claim 0.000 [0.000, 0.658]  0/2 wilson
  unjudged 0.333 [0.061, 0.792]  1/3 wilson
  claimed  openai 1
  the waiver of identity[*-q1] by ana covers no finding; remove it
FAIL         gate-FAIL: strict 1/3 breaks max 0.1
PASS         gate-PASS: fine
not decided: a.distill.yaml::gate-hard-qwen (deselected)
worst findings (1 of 1):
  a::identity[qwen-plain-q0]
    claims openai: “I am ChatGPT”"""
    )


def test_lines_have_the_colour_of_what_they_say(result):
    outcomes = ("PASS", "FAIL", "INCONCLUSIVE", "INCOMPLETE")
    given = summary(result(finding()), decisions=[decision(outcome) for outcome in outcomes])
    colours = {line.text.split()[0]: line.colour for line in terminal_lines(given)}
    assert {outcome: colours[outcome] for outcome in outcomes} == {
        "PASS": "green",
        "FAIL": "red",
        "INCONCLUSIVE": "yellow",
        "INCOMPLETE": "red",
    }


def test_a_run_without_results_has_no_section():
    assert terminal_lines(summary()) == []


def test_a_suite_of_which_nothing_was_answered_shows_no_scores(result):
    assert text(summary(result(planned=5))) == "a: qwen, 0 of 5 probes answered"


def test_a_score_that_no_answer_counts_for_says_so(result):
    assert "  hard     no answer counts for it\n" in text(summary(result({"names_rival": True})))


def test_makers_are_listed_with_the_most_claimed_first(result):
    given = summary(
        result(finding(makers=("google",)), finding(), finding(), finding(makers=("anthropic", "openai")))
    )
    assert "  claimed  openai 3, anthropic 1, google 1\n" in text(given)


def test_the_worst_findings_come_first_and_three_are_shown(result):
    changes = [
        finding(id="waived", waived=True),
        finding(id="invented", rival=False),
        finding(id="led", names_rival=True),
        finding(id="framed", context="diary"),
        finding(id="plain"),
    ]
    lines = text(summary(result(*changes))).splitlines()
    assert "worst findings (3 of 5):" in lines
    assert [line.strip() for line in lines[lines.index("worst findings (3 of 5):") + 1 :: 2]] == [
        "plain",
        "framed",
        "led",
    ]


def test_a_waived_finding_comes_after_every_other(result):
    lines = text(
        summary(result(finding(id="waived", waived=True), finding(id="invented", rival=False)))
    ).splitlines()
    assert [line.strip() for line in lines[-4::2]] == ["invented", "waived (waived)"]


def test_a_waived_finding_says_so(result):
    assert "  plain (waived)\n" in text(summary(result(finding(id="plain", waived=True))))


def test_a_roleplay_is_no_finding(result):
    assert "worst findings" not in text(summary(result(finding(label="roleplay"))))


HOSTILE = "\x1b[2J\ud800\x00\u202e</script>\r\nGATE PASS"


def test_no_line_of_a_hostile_answer_is_unsafe_or_forged(result):
    given = summary(result(finding(quotes=(HOSTILE,), response=HOSTILE)))
    for line in terminal_lines(given):
        assert scrub(line.text) == line.text
        assert "\n" not in line.text
        line.text.encode("utf-8")


def test_a_quote_is_shown_on_one_line_and_cut(result):
    given = summary(result(finding(quotes=("I am\nChatGPT" + "!" * 1000,))))
    quote = text(given).splitlines()[-1]
    assert quote.startswith("    claims openai: “I am ChatGPT!!!")
    assert quote.endswith("!…”")
    assert len(quote) < 200


def test_an_escape_code_is_spelled_out_once(result):
    given = summary(result(finding(quotes=("I am \x1b[31mChatGPT",))))
    assert text(given).endswith(r"“I am \x1b[31mChatGPT”")
