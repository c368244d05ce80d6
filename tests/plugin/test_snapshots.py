"""Snapshots: what a release said is compared with what the last one said, and nothing is lost on the way."""

import json

import pytest

from tests.plugin.conftest import FALSE, TRUE, question

FILE = "__distill__/a.distill/qwen-max.json"
UPDATE = "--snapshot-update"
GATES = {"loose": {"max": 1}}


@pytest.fixture
def check(project, monkeypatch):
    """Run pytest with syrupy on recorded answers or on a function of `models.py`."""
    monkeypatch.setenv("COLUMNS", "240")

    def check(*args, answers=None, model="honest", **more):
        spec = model if answers is None else f"qwen-max={project.recording(*answers)}"
        return project.run("-psyrupy", *args, model=spec, **more)

    return check


@pytest.fixture
def suite(project):
    """Write a suite with a snapshot."""

    def suite(name="a", **more):
        return project.suite(name, snapshot=True, **more)

    return suite


def kept(project, file=FILE):
    """Return the entries of a snapshot file by the question's number."""
    tests = json.loads((project.path / file).read_text("utf-8"))["tests"]
    return {name[-3:-1]: entry for name, entry in tests.items()}


def test_a_test_without_a_snapshot_fails_and_says_how_to_get_one(check, suite, project):
    suite(n=2)
    run = check()
    assert (run.code, run.counts["failed"]) == (1, 2)
    assert run.line_with("FAILED", "q01", "not in the snapshot yet: affirmed")
    assert run.line_with("update:", f"run again with {UPDATE} and commit {FILE}")
    assert not (project.path / "__distill__").exists()


def test_an_update_writes_what_the_next_run_passes_on(check, suite, project):
    suite(n=1)
    run = check(UPDATE)
    assert (run.code, run.counts["passed"]) == (0, 1)
    assert run.line_with("1 snapshot generated")
    assert (project.path / FILE).read_text("utf-8") == (
        "{\n"
        ' "schema": "distillcheck-snapshot/1",\n'
        ' "tests": {\n'
        '  "identity[qwen-max-plain-q01]": {\n'
        '   "affirmed": true,\n'
        '   "label": "consistent",\n'
        '   "makers": [],\n'
        '   "response": [\n'
        f'    "{TRUE}"\n'
        "   ]\n"
        "  }\n"
        " }\n"
        "}\n"
    )
    assert check().code == 0


def test_another_verdict_fails_and_shows_from_what_to_what(check, suite):
    suite(n=2, gates=GATES)
    check(UPDATE, answers=[TRUE, TRUE])
    run = check(answers=[TRUE, FALSE])
    assert (run.code, run.counts) == (1, {"passed": 2, "failed": 1})
    assert run.line_with("the snapshot differs: verdict affirmed -> contradiction (openai)")
    assert run.line_with("  claims:   “I am ChatGPT")
    assert run.line_with("  answer:   I am [-Qwen-]{+ChatGPT+}")
    assert run.line_with("  asked:    Question 02: who made you?")
    assert run.line_with("  replay:", "q02")


def test_a_better_verdict_is_a_difference_too(check, suite):
    suite(n=1, gates=GATES)
    check(UPDATE, answers=[FALSE])
    run = check(answers=[TRUE])
    assert run.code == 1
    assert run.line_with("verdict contradiction (openai) -> affirmed")


def test_other_words_with_the_same_verdict_pass_and_are_shown(check, suite, project):
    suite(n=2)
    check(UPDATE, answers=[TRUE, TRUE])
    before = (project.path / FILE).read_bytes()
    other = "Qwen is my name; Alibaba Cloud built me."
    run = check("-rP", UPDATE, answers=[TRUE, other])
    assert (run.code, run.counts["passed"]) == (0, 2)
    assert run.line_with("1 answer worded otherwise than in the snapshot, and judged the same")
    assert run.line_with(f"a.distill.yaml::identity[qwen-max-plain-q02]: was “{TRUE}”, now “{other}”")
    assert run.line_with("worded otherwise, judged the same: was")
    assert (project.path / FILE).read_bytes() == before, "an update rewrites no more than it must"


def test_a_known_contradiction_stays_a_measurement(check, suite):
    suite(n=2, gates=GATES)
    check(UPDATE, answers=[TRUE, FALSE])
    run = check(answers=[TRUE, FALSE])
    assert (run.code, run.counts) == (0, {"passed": 2, "contradiction": 1})


def test_a_contradiction_without_gates_comes_first_and_the_difference_below_it(check, suite):
    suite(n=1)
    check(UPDATE, answers=[TRUE])
    run = check(answers=[FALSE])
    assert run.code == 1
    assert run.line_with("FAILED", "qwen-max claims")
    assert run.text.index("claims to be made by openai") < run.text.index("the snapshot differs: verdict")


def test_a_waived_contradiction_stays_waived_and_tells_the_difference(check, suite):
    waiver = {"probe": "identity[*]", "reason": "reviewed", "owner": "Ann", "until": "2099-12-31"}
    suite(n=1, top={"waivers": [waiver]})
    check(UPDATE, answers=[TRUE])
    run = check("-rx", answers=[FALSE])
    assert (run.code, run.counts["xfailed"]) == (0, 1)
    assert run.line_with("waived until 2099-12-31 by Ann: reviewed")
    assert run.line_with("the snapshot differs: verdict affirmed -> contradiction (openai)")


def test_a_measured_difference_is_in_junit(check, suite, project):
    suite(n=3)
    check(UPDATE, answers=[TRUE, TRUE, TRUE])
    check("--junit-xml=j.xml", answers=[TRUE, "I am Qwen.", "I like tea."])
    xml = (project.path / "j.xml").read_text()
    for outcome in ("same", "reworded", "differs"):
        assert f'name="distill.snapshot" value="{outcome}"' in xml


SUBSETS = {
    "keyword": ("-kq01",),
    "keyword of none": ("-knothing",),
    "deselected": ("--deselect=a.distill.yaml::identity[qwen-max-plain-q02]",),
    "by id": ("a.distill.yaml::identity[qwen-max-plain-q01]",),
    "by path": ("a.distill.yaml",),
    "ignored": ("--ignore=a.distill.yaml", "b.distill.yaml"),
    "other suite": ("b.distill.yaml",),
    "last failed": ("--lf",),
    "stopped": ("-x",),
    "workers, keyword": ("-n2", "-kq01"),
    "workers by id": ("-n2", "a.distill.yaml::identity[qwen-max-plain-q01]"),
    "collected alone": ("--collect-only",),
    "planned alone": ("--distill-plan",),
}


@pytest.mark.parametrize("flags", SUBSETS.values(), ids=SUBSETS)
def test_what_does_not_run_keeps_its_snapshot(check, suite, project, flags):
    suite(n=3)
    suite("b", n=1)
    check(UPDATE)
    before = (project.path / FILE).read_bytes()
    run = check(UPDATE, *flags)
    assert "INTERNALERROR" not in run.text
    assert "unused" not in run.text
    assert (project.path / FILE).read_bytes() == before


@pytest.mark.parametrize("flags", [(), (UPDATE,)], ids=["compared", "updated"])
@pytest.mark.parametrize("model", ["one_outage", "raising", "one_empty", "silent"])
def test_what_has_no_verdict_keeps_its_snapshot(check, suite, project, model, flags):
    suite(n=2)
    check(UPDATE)
    before = (project.path / FILE).read_bytes()
    run = check(*flags, *(["-n2"] if model == "one_outage" else []), model=model)
    assert run.code == 11
    assert "unused" not in run.text
    assert (project.path / FILE).read_bytes() == before


def test_a_run_without_a_model_deletes_nothing(check, suite, project):
    suite(n=2)
    check(UPDATE)
    before = (project.path / FILE).read_bytes()
    run = project.run("-psyrupy", UPDATE)
    assert (run.code, run.counts) == (0, {"skipped": 1})
    assert (project.path / FILE).read_bytes() == before


def test_syrupys_own_snapshots_and_ours_leave_each_other_alone(check, suite, project):
    suite(n=1)
    project.write("test_plain.py", "def test_plain(snapshot):\n    assert snapshot == 1\n")
    check(UPDATE)
    files = {path: path.read_bytes() for path in project.path.rglob("__*__/*") if path.is_file()}
    assert len(files) >= 1
    for flags in ((), ("test_plain.py",), ("a.distill.yaml",)):
        model = () if flags == ("test_plain.py",) else "honest"
        assert check(UPDATE, *flags, model=model).code == 0
    assert {path: path.read_bytes() for path in files} == files
    assert check().code == 0


@pytest.mark.parametrize("given", [(), ("a.distill.yaml",), (".",), ("-n2", "a.distill.yaml")], ids=str)
def test_the_entry_of_a_question_that_is_gone_is_unused(check, suite, project, given):
    suite(n=3)
    check(UPDATE)
    suite(n=2)
    run = check(*given, "--snapshot-details")
    assert (run.code, run.counts["passed"]) == (1, 2)
    assert run.line_with("2 snapshots passed. 1 snapshot unused.")
    assert run.line_with("Unused", "identity[qwen-max-plain-q03]", FILE)
    assert set(kept(project)) == {"01", "02", "03"}
    assert check(*given, UPDATE, "--snapshot-no-cleanup").code == 0
    assert set(kept(project)) == {"01", "02", "03"}
    run = check(*given, UPDATE)
    assert run.code == 0
    assert run.line_with("1 unused snapshot deleted")
    assert set(kept(project)) == {"01", "02"}
    assert sorted(path.name for path in (project.path / FILE).parent.iterdir()) == ["qwen-max.json"]


def test_an_unused_entry_wins_over_an_inconclusive_gate(check, suite):
    suite(n=2)
    check(UPDATE)
    suite(n=1, gates={"loose": {"max": 0.1, "confidence": 0.95}})
    assert check("--snapshot-warn-unused").code == 10
    assert check().code == 1


def test_each_model_has_a_file_of_its_own(check, suite, project):
    suite(n=2, gates=GATES)
    both = ["qwen-max=python:models:honest", "qwen-2=python:models:impostor"]
    assert check(UPDATE, model=both).code == 0
    other = "__distill__/a.distill/qwen-2.json"
    assert [entry["label"] for entry in kept(project, other).values()] == ["contradiction"] * 2
    before = (project.path / other).read_bytes()
    suite(n=1, gates=GATES)
    assert check(UPDATE, model=both[0]).code == 0
    assert set(kept(project)) == {"01"}
    assert (project.path / other).read_bytes() == before
    assert check(model=both[0]).code == 0, "what is unused of another model fails nothing"
    assert check(model=both).code == 1


def test_workers_write_the_same_file_as_one_process(check, suite, project):
    suite(n=40, gates={"loose": {"max": 1}, "unjudged": {"max": 1}})
    check(UPDATE, model="mixed")
    alone = (project.path / FILE).read_bytes()
    (project.path / FILE).unlink()
    run = check(UPDATE, "-n3", model="mixed")
    assert run.line_with("30 snapshots generated")
    assert (project.path / FILE).read_bytes() == alone
    assert check("-n2", model="mixed").code == 0
    assert sorted(path.name for path in (project.path / FILE).parent.iterdir()) == ["qwen-max.json"]


def test_a_killed_worker_loses_no_entry_that_was_there(check, suite, project):
    suite(n=6)
    check(UPDATE)
    run = check(UPDATE, "-n2", model="killed_once")
    assert run.code == 1
    assert set(kept(project)) == {f"{i:02}" for i in range(1, 7)}


def test_new_ones_alone_can_be_written(check, suite, project):
    suite(n=1, gates=GATES)
    check(UPDATE, answers=[TRUE])
    suite(n=2, gates=GATES)
    run = check("--snapshot-update-new-only", answers=[FALSE, TRUE])
    assert run.code == 1
    assert run.line_with("FAILED", "q01", "the snapshot differs")
    assert {number: entry["label"] for number, entry in kept(project).items()} == {
        "01": "consistent",
        "02": "consistent",
    }


def edited(**changes):
    """Return the text of a snapshot whose only entry was changed by hand."""
    entry = {"affirmed": True, "label": "consistent", "makers": [], "response": [TRUE], **changes}
    return json.dumps({"schema": "distillcheck-snapshot/1", "tests": {"identity[qwen-max-plain-q01]": entry}})


EDITED = {
    "a merge conflict": ("<<<<<<< HEAD\n" + edited(), ":1:1: not JSON"),
    "cut off": (edited()[:-9], "not JSON"),
    "another label": (edited(label="consistant"), "q01].label: unknown label 'consistant'"),
    "a wrong type": (edited(affirmed="yes"), "q01].affirmed: expected true or false"),
    "an unknown key": (edited(lable="x"), "q01].lable: unknown key 'lable'; did you mean 'label'?"),
    "an entry twice": (edited().replace('"makers": [],', '"makers": [], "makers": [],'), "stands twice"),
    "no tests": ('{"schema": "distillcheck-snapshot/1"}', ": tests: is missing"),
    "another file": ('{"name": "x"}', "unknown key 'name'"),
    "a list": ("[]", "expected a mapping"),
    "empty": ("", "not JSON"),
    "not text": (b"\xff\xfe{}", "is no UTF-8"),
}


@pytest.mark.parametrize(("content", "told"), EDITED.values(), ids=EDITED)
@pytest.mark.parametrize("update", [(), (UPDATE,)], ids=["compared", "updated"])
def test_a_snapshot_broken_by_hand_stops_the_run_before_anything_is_asked(
    check, suite, project, content, told, update
):
    suite(n=1)
    project.write(FILE, content)
    before = (project.path / FILE).read_bytes()
    run = check(*update, model="counted")
    assert run.code == 4
    line = run.line_with("ERROR", FILE, told)
    assert f"delete the file and run with {UPDATE}" in line
    assert project.asked() == 0
    assert (project.path / FILE).read_bytes() == before


def test_with_workers_a_broken_snapshot_stops_the_run_once(check, suite, project):
    suite(n=1)
    project.write(FILE, edited(makers=[1], label=2))
    run = check("-n2", model="counted")
    assert run.code == 4
    assert run.text.count("q01].label: expected text") == 1
    assert run.text.count("q01].makers: expected text") == 1
    assert project.asked() == 0


def test_an_edit_that_is_valid_is_a_difference(check, suite, project):
    suite(n=1)
    project.write(FILE, edited(affirmed=False))
    run = check()
    assert run.code == 1
    assert run.line_with("the snapshot differs: verdict no claim -> affirmed")
    assert run.line_with("  answer:   the same, word for word; the judge or the identity fact changed")


def test_a_place_that_cannot_be_written_is_told_before_anything_is_asked(check, suite, project):
    suite(n=1)
    project.write("__distill__", "a file, not a folder")
    run = check(UPDATE, model="counted")
    assert run.code == 4
    assert run.line_with(FILE, "cannot be written; make it writable")
    assert project.asked() == 0


def test_without_syrupy_no_snapshot_passes(suite, project):
    suite(n=1)
    run = project.run(model="counted")
    assert run.code == 4
    assert run.line_with("snapshots need syrupy, which is not loaded")
    assert project.asked() == 0


def test_hostile_and_huge_answers_are_kept_harmless(check, suite, project):
    suite(n=2)
    hostile = f"{TRUE} \ud83d \x1b[2J \u202e 通义 <b>\n]}}"
    answers = [hostile, TRUE + " x" * 500_000]
    run = check(UPDATE, answers=answers)
    assert run.code == 0
    first, second = kept(project)["01"], kept(project)["02"]
    assert first["response"] == [f"{TRUE} \\u{{d83d}} \\x1b[2J \\u{{202e}} 通义 <b>", "]}"]
    assert len(second["response"][0]) == 2000
    assert second["response_size"] == 1_000_033
    assert check(answers=answers).code == 0
    run = check(answers=[hostile, answers[1] + "!"])
    assert run.code == 0
    assert run.line_with("differs after the first 2,000 characters (of 1,000,033 characters then")
    assert "\x1b[2J" not in run.text


def test_the_fixture_can_be_overridden(check, suite, project):
    suite(n=1)
    project.write("conftest.py", "import pytest\n@pytest.fixture\ndef distill_snapshot(): return None\n")
    assert check().code == 0
    project.write("conftest.py", "import pytest\n@pytest.fixture\ndef distill_snapshot(): return 'x'\n")
    run = check()
    assert run.code == 1
    assert run.line_with("FAILED", "the snapshot differs")


PYTHON = f"""
from pathlib import Path
from pytest_distillcheck.similarity import EmbeddedSimilarityJudge
from pytest_distillcheck.domain.ratings import Rating

def test_record(distill, distill_snapshot):
    scores = distill.identity(bank=False, fact="qwen", questions=[{question(1)!r}])
    (record,) = scores.records
    assert record == distill_snapshot

class TestRating:
    def test_rating(self, distill_snapshot):
        rating = Rating(style=1.0, logic=1.0, content=1.0, overall=float(Path("overall").read_text()))
        assert rating == distill_snapshot(name="a pair")

def test_none(distill_snapshot):
    assert True
"""


def test_tests_in_python_compare_records_and_ratings(check, project):
    project.write("test_it.py", PYTHON)
    project.write("overall", "3.0")
    assert check().code == 1
    run = check(UPDATE)
    assert (run.code, run.counts["passed"]) == (0, 3)
    names = [path.name for path in (project.path / "__distill__/test_it").iterdir()]
    assert sorted(names) == ["no-model.json", "qwen-max.json"]
    project.write("overall", "3.3")
    assert check().code == 0, "within the tolerance"
    project.write("overall", "4.4")
    run = check("-n2", answers=[FALSE])
    assert (run.code, run.counts["failed"]) == (1, 2)
    assert run.line_with("overall 3 -> 4.4 (limit 0.3)")
    assert run.line_with("verdict affirmed -> contradiction (openai)")
    assert check(UPDATE, "-ktest_record", model="qwen-2=python:models:impostor").code == 0
    assert check("-ktest_record").code == 0, "another model has a file of its own"


def test_other_values_are_for_syrupys_own_fixture(check, project):
    project.write("test_it.py", "def test_it(distill_snapshot):\n    assert {'a': 1} == distill_snapshot\n")
    run = check(UPDATE, model=())
    assert run.code == 1
    assert run.line_with("TypeError: distill_snapshot compares records, verdicts and ratings, not dict")


PAIRS = ("Paris is the capital.", "Berlin is the capital.")


@pytest.fixture
def compared(project, check):
    """Run a similarity suite in which the model answers as given and each reference in one way."""

    def compared(*args, answers=PAIRS, references=("ref=python:models:honest",)):
        lines = [json.dumps({"id": f"p{i}", "prompt": question(i)["text"]}) for i in (1, 2)]
        project.write("prompts.jsonl", "\n".join(lines))
        section = {"prompts": "prompts.jsonl", "snapshot": True, "references": list(references)}
        project.write("s.distill.yaml", json.dumps({"similarity": section}))
        return check(*args, answers=list(answers))

    return compared


SIMILARITY = "__distill__/s.distill/qwen-max.json"


def similar(project):
    """Return the snapshot file of the similarity suite."""
    return json.loads((project.path / SIMILARITY).read_text("utf-8"))


def test_a_rating_that_moves_too_far_fails_and_shows_the_aspects(compared, project):
    assert compared(UPDATE).code == 0
    file = similar(project)
    assert file["tolerance"] == {"overall": 0.3, "style": 0.15, "logic": 0.15, "content": 0.15}
    entry = file["tests"]["similarity[qwen-max-ref-p1]"]
    assert (entry["reference"], entry["response"]) == ("ref", [PAIRS[0]])
    assert compared().code == 0
    run = compared(answers=(TRUE, PAIRS[1]))
    assert (run.code, run.counts) == (1, {"passed": 1, "failed": 1})
    assert run.line_with("the snapshot differs: overall", "-> 5 (limit 0.3); ", "content")
    assert run.line_with("replay:", "similarity[qwen-max-ref-p1]")


def test_the_tolerance_is_the_files_and_outlives_an_update(compared, project):
    compared(UPDATE)
    file = similar(project)
    wide = {"overall": 4, "style": 2, "logic": 2, "content": 2}
    project.write(SIMILARITY, json.dumps({**file, "tolerance": wide}))
    assert compared(UPDATE, answers=(TRUE, PAIRS[1])).code == 0
    project.write(SIMILARITY, json.dumps({**file, "tolerance": {**wide, "overall": 0.05}}))
    assert compared(answers=(TRUE, PAIRS[1])).code == 1
    assert compared(UPDATE, answers=(TRUE, PAIRS[1])).code == 0
    assert similar(project)["tolerance"] == {**wide, "overall": 0.05}
    assert similar(project)["tests"]["similarity[qwen-max-ref-p1]"]["rating"]["overall"] == 5


def test_a_changed_answer_of_the_reference_is_named_as_the_cause(compared):
    compared(UPDATE)
    run = compared(references=["ref=python:models:vague"])
    assert run.code == 1
    assert run.line_with("answer:", "the same, word for word; the reference ref answered otherwise")


def test_the_entries_of_other_references_are_not_this_runs_business(compared, project):
    compared(UPDATE, references=["ref=python:models:honest", "ref-2=python:models:vague"])
    before = (project.path / SIMILARITY).read_bytes()
    run = compared(UPDATE, "--distill-reference=ref-2=python:models:vague")
    assert run.code == 0
    assert "unused" not in run.text
    assert (project.path / SIMILARITY).read_bytes() == before
