import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.domain.ratings import ASPECTS, RANGES, Rating
from pytest_distillcheck.domain.scrubbing import scrub
from pytest_distillcheck.domain.snapshots import TOLERANCE, KeptAnswer, SnapshotEntry
from pytest_distillcheck.domain.verdicts import Verdict
from pytest_distillcheck.errors import SourceError
from pytest_distillcheck.stores.snapshots import SnapshotFile, read_snapshots, render_snapshots

ANYTHING = st.text(st.characters(exclude_categories=()))
TEXT = ANYTHING.map(scrub)
ANSWERS = st.none() | st.one_of(ANYTHING, ANYTHING.map(lambda text: text + "x" * 2000)).map(KeptAnswer.of)
VERDICTS = st.builds(
    Verdict,
    label=st.sampled_from(["contradiction", "roleplay"]),
    affirmed=st.booleans(),
    makers=st.lists(TEXT).map(tuple),
)
RATINGS = st.builds(Rating, **{aspect: st.floats(*RANGES[aspect]) for aspect in ASPECTS})
ENTRIES = st.builds(
    SnapshotEntry,
    judgement=VERDICTS | RATINGS,
    answer=ANSWERS,
    reference=st.none() | TEXT,
    reference_digest=st.none() | TEXT,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A file to write and read."""
    return tmp_path_factory.mktemp("snapshots") / "qwen.json"


@given(entries=st.dictionaries(TEXT, ENTRIES))
def test_a_file_survives_its_way_to_the_disk(path, entries):
    path.write_text(render_snapshots(SnapshotFile(entries=entries)), "utf-8", newline="\n")
    assert read_snapshots(path).entries == entries


def test_a_file_that_is_not_there_holds_nothing(path):
    assert read_snapshots(path.with_name("none.json")) == SnapshotFile()


def verdict(text):
    return SnapshotEntry(judgement=Verdict(label="consistent"), answer=KeptAnswer.of(text))


def test_a_file_can_be_read_and_diffs_line_by_line():
    file = SnapshotFile(entries={"b": verdict("one\ntwo"), "a": verdict("通义千问")})
    lines = render_snapshots(file).split("\n")
    assert '   "response": [' in lines
    assert '    "one",' in lines
    assert '    "two"' in lines
    assert '    "通义千问"' in lines
    assert lines.index('  "a": {') < lines.index('  "b": {')
    assert lines[-1] == ""
    assert "tolerance" not in render_snapshots(file), "there is no rating"


def test_a_tolerance_may_name_some_aspects_alone(path):
    path.write_text(
        json.dumps({"schema": "distillcheck-snapshot/1", "tests": {}, "tolerance": {"overall": 1}})
    )
    assert read_snapshots(path).tolerance == {**TOLERANCE, "overall": 1}


VERDICT = {"label": "consistent", "affirmed": True, "makers": []}
RATING = {"rating": {"overall": 3, "style": 1, "logic": 1, "content": 1}}


def changed(entry, **changes):
    whole = {**entry, **changes}
    return {"tests": {"t": {key: value for key, value in whole.items() if value is not ...}}}


FAULTS = {
    "schema": ({"schema": "distillcheck-snapshot/2"}, "schema: 'distillcheck-snapshot/2' is not"),
    "tests": ({"tests": []}, "tests: expected a mapping, found a list"),
    "an entry": ({"tests": {"t": None}}, "tests.t: expected a mapping, found nothing"),
    "no label": (changed(VERDICT, label=...), "tests.t.label: is missing"),
    "label": (changed(VERDICT, label="Consistent"), "did you mean 'consistent'?"),
    "affirmed": (changed(VERDICT, affirmed=1), "tests.t.affirmed: expected true or false, found 1"),
    "makers": (changed(VERDICT, makers=["openai"]), "a consistent answer claims no false maker"),
    "a maker": (changed(VERDICT, label="roleplay", makers=[1]), "tests.t.makers: expected text, found 1"),
    "response": (changed(VERDICT, response="I am"), "tests.t.response: expected a list"),
    "a line": (changed(VERDICT, response=[None]), "tests.t.response: expected text, found nothing"),
    "digest alone": (changed(VERDICT, response_digest="x"), "tests.t.response_size: is missing"),
    "both": (changed(RATING, label="consistent"), "unknown key 'label'"),
    "no aspect": (changed(RATING, rating={}), "tests.t.rating.overall: is missing"),
    "aspect": (
        changed(RATING, rating={**RATING["rating"], "overal": 1}),
        "unknown aspect 'overal'; did you mean 'overall'?",
    ),
    "out of range": (changed(RATING, rating={**RATING["rating"], "style": 2.1}), "2.1 is not in [0, 2]"),
    "truth": (changed(RATING, rating={**RATING["rating"], "style": True}), "expected a number, found true"),
    "tolerance": ({"tolerance": {"overall": -0.1}}, "tolerance.overall: -0.1 is not in [0, 4]"),
    "no tolerance": ({"tolerance": 0.5}, "tolerance: expected a mapping, found 0.5"),
    "huge": (changed(RATING, rating={**RATING["rating"], "style": "HUGE"}), "inf is not in [0, 2]"),
}


@pytest.mark.parametrize(("changes", "told"), FAULTS.values(), ids=FAULTS)
def test_what_is_wrong_is_told_with_its_place_and_what_to_do(path, changes, told):
    data = {"schema": "distillcheck-snapshot/1", "tests": {}, **changes}
    path.write_text(json.dumps(data).replace('"HUGE"', "1e999"), "utf-8")
    with pytest.raises(SourceError) as caught:
        read_snapshots(path, shown="q.json")
    (line,) = {line for line in str(caught.value).split("\n") if told in line}
    assert line.startswith("q.json: ")
    assert line.endswith("; mend it, or delete the file and run with --snapshot-update")


BROKEN = {
    "NaN": '{"schema": NaN}',
    "deep": "[" * 100_000,
    "digits": '{"schema": ' + "9" * 5000 + "}",
    "a key twice": '{"tests": {}, "tests": {}}',
    "two values": "{} {}",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_is_no_json_is_one_fault(path, text):
    path.write_text(text, "utf-8")
    with pytest.raises(SourceError) as caught:
        read_snapshots(path)
    assert len(caught.value.faults) == 1
    assert "not JSON" in str(caught.value)


def test_every_fault_is_told_at_once(path):
    tests = {"a": {**VERDICT, "label": 1}, "b": {**VERDICT, "makers": 1}}
    path.write_text(json.dumps({"schema": "distillcheck-snapshot/1", "tests": tests}), "utf-8")
    with pytest.raises(SourceError) as caught:
        read_snapshots(path)
    assert [fault.where for fault in caught.value.faults] == ["tests.a.label", "tests.b.makers"]
