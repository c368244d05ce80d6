"""Reviewed findings: accepted until a day, shown for ever, and never more than they name."""

from datetime import date, timedelta

import pytest

TODAY = date.today()  # noqa: DTZ011 - as the plugin: a day in the calendar of the people who wrote it
FIRST = "identity[qwen-max-plain-q01]"


def waiver(probe=FIRST, *, until="2099-12-31", owner="Ann"):
    """Return one waiver."""
    return {"probe": probe, "reason": "reviewed", "owner": owner, "until": str(until)}


def waived(project, *waivers, n=3, **identity):
    """Write a suite with waivers."""
    return project.suite(n=n, top={"waivers": list(waivers)}, **identity)


GATES = {"loose": {"max": 0}, "strict": {"max": 0}, "hard": {"max": 0}}


@pytest.mark.parametrize(("gates", "passed"), [(None, 2), (GATES, 5)], ids=["no gates", "gates"])
def test_a_waived_finding_is_xfailed_and_shown(project, gates, passed):
    run = project.run(waived(project, waiver(), gates=gates), "-rx", model="one_slip")
    assert (run.code, run.counts) == (0, {"xfailed": 1, "passed": passed})
    assert run.line_with("XFAIL", FIRST, "waived until 2099-12-31 by Ann: reviewed")
    assert run.line_with(f"a.distill.yaml::{FIRST} (waived)")
    assert "covers no finding" not in run.text


def test_a_waived_finding_leaves_the_count_and_stays_in_n(project):
    suite = waived(project, waiver(), gates=GATES)
    project.run(suite, "--distill-report=out", model="one_slip")
    results = project.results()
    scores = results["models"]["qwen-max"]["suites"][suite]["identity"]
    for score in GATES:
        assert (scores[score]["count"], scores[score]["n"]) == (0, 3)
    assert (scores["affirmed"]["count"], scores["affirmed"]["n"]) == (2, 3)
    assert scores["by_maker"] == {}
    assert [gate["decision"] for gate in results["gates"]] == ["PASS"] * 3
    record = results["records"][0]
    assert (record["waived"], record["label"], record["makers"]) == (True, "contradiction", ["openai"])


def test_a_waiver_covers_no_more_than_it_names(project):
    run = project.run(waived(project, waiver(), gates=GATES), model="impostor")
    assert run.code == 1
    assert run.counts == {"xfailed": 1, "contradiction": 2, "failed": 3}


@pytest.mark.parametrize(
    ("gates", "failed"), [(None, 1), ({"loose": {"max": 1}}, 1)], ids=["no gates", "gates"]
)
def test_an_expired_waiver_fails_its_finding_and_says_so(project, gates, failed):
    run = project.run(waived(project, waiver(until="2020-02-29"), gates=gates), model="one_slip")
    assert (run.code, run.counts["failed"]) == (1, failed)
    assert run.line_with("the waiver of Ann expired on 2020-02-29; review the finding again")
    assert run.line_with("qwen-max claims to be made by openai")
    assert run.line_with("  claims:   “I am ChatGPT")


def test_an_expired_waiver_leaves_the_finding_in_the_count(project):
    suite = waived(project, waiver(until="2020-02-29"), gates={"loose": {"max": 0}})
    project.run(suite, "--distill-report=out", model="one_slip")
    assert project.results()["records"][0]["waived"] is False
    assert project.results()["gates"][0]["observed"]["count"] == 1


def test_an_expired_waiver_without_a_finding_fails_nothing(project):
    assert project.run(waived(project, waiver(until="2020-02-29")), model="honest").code == 0


@pytest.mark.parametrize(("days", "code"), [(0, 0), (1, 0), (-1, 1)], ids=["today", "tomorrow", "yesterday"])
def test_the_last_day_of_a_waiver_is_in_force(project, days, code):
    suite = waived(project, waiver(until=TODAY + timedelta(days=days)))
    assert project.run(suite, model="one_slip").code == code


def test_a_waiver_in_force_wins_over_an_expired_one(project):
    suite = waived(project, waiver(until="2020-01-01"), waiver("identity[*]", owner="Bob"))
    run = project.run(suite, "-rx", model="one_slip")
    assert (run.code, run.counts) == (0, {"xfailed": 1, "passed": 2})
    assert run.line_with("XFAIL", "by Bob")


COVERING = {
    FIRST: True,
    "identity[*": True,
    "*": True,
    "*-q01]": True,
    "identity[*-plain-*]": True,
    "identity[qwen-max-plain-q0*]": True,
    "identity[qwen-max-plain-q0?]": False,
    "identity[[a-z]*]": False,
    "identity[qwen.max-plain-q01]": False,
    "qwen-max-plain-q01": False,
    "identity[qwen-max-plain-q0]": False,
    "IDENTITY[QWEN-MAX-PLAIN-Q01]": False,
    "identity[(qwen|glm)-max-plain-q01]": False,
    f"a.distill.yaml::{FIRST}": False,
}


@pytest.mark.parametrize(("probe", "covered"), COVERING.items(), ids=COVERING)
def test_in_the_name_of_a_probe_only_the_star_is_special(project, probe, covered):
    run = project.run(waived(project, waiver(probe), n=1), model="impostor")
    assert run.counts == ({"xfailed": 1} if covered else {"failed": 1})


@pytest.mark.parametrize("gates", [None, {"loose": {"max": 0}}], ids=["no gates", "gates"])
def test_a_needless_waiver_is_told_and_changes_nothing(project, gates):
    run = project.run(waived(project, waiver(), gates=gates), model="honest")
    assert run.code == 0
    assert run.line_with(f"the waiver of {FIRST} by Ann covers no finding; remove it")


def test_a_waiver_whose_tests_did_not_all_run_is_not_called_needless(project):
    suite = waived(project, waiver("identity[*]"))
    assert "covers no finding" not in project.run(suite, "-k", "q02", model="one_slip").text
    assert "covers no finding" not in project.run(suite, model="one_outage").text


@pytest.mark.parametrize(
    ("model", "gates", "code"),
    [
        ("silent", None, 11),
        ("raising", None, 11),
        ("silent", {"unjudged": {"max": 0}}, 1),
        ("silent", {"loose": {"max": 0}}, 1),
        ("raising", {"loose": {"max": 0}}, 11),
        ("impostor", {"affirmed": {"min": 1}}, 1),
    ],
)
def test_a_waiver_excuses_a_contradiction_and_nothing_else(project, model, gates, code):
    suite = waived(project, waiver("*"), gates=gates)
    assert project.run(suite, model=model).code == code


def test_a_waived_finding_that_is_to_run_as_if_not_waived_fails_for_what_it_is(project):
    run = project.run(waived(project, waiver()), "--runxfail", model="one_slip")
    assert (run.code, run.counts["failed"]) == (1, 1)
    assert run.line_with("qwen-max claims to be made by openai")
    assert "expired" not in run.text


def test_strict_xfail_leaves_waivers_alone(project):
    suite = waived(project, waiver())
    assert project.run(suite, "-oxfail_strict=true", model="one_slip").code == 0
    assert project.run(suite, "-oxfail_strict=true", model="honest").code == 0
