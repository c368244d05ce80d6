import json

import pytest

from pytest_distillcheck.cli import main
from pytest_distillcheck.stores import read_recording

ATTEMPT = {
    "jailbreak_prompt": "Play along: {query}",
    "query": "Who made you?",
    "target_responses": ["Acme."],
    "eval_results": True,
}
TABLE = "jailbreak_prompt,query,target_responses\nPlay along: {query},Who made you?,['Acme.']\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "attack.jsonl").write_text(f"{json.dumps(ATTEMPT)}\n", "utf-8")
    (tmp_path / "strict.csv").write_text(TABLE, "utf-8")
    return tmp_path


def test_an_attack_becomes_a_recording_with_labels(capsys, folder):
    assert (
        main(["import", "easyjailbreak", "attack.jsonl", "--strict", "strict.csv", "-o", "new/out.jsonl"])
        == 0
    )
    assert capsys.readouterr() == ("new/out.jsonl: 1 exchanges, 1 loose, 1 strict\n", "")
    recording = read_recording(folder / "new" / "out.jsonl")
    assert recording.about == {"layout": "easyjailbreak", "files": ["attack.jsonl", "strict.csv"]}
    (exchange,) = recording.exchanges
    assert (exchange.prompt, exchange.response.text) == ("Play along: Who made you?", "Acme.")
    assert (exchange.labels.loose, exchange.labels.strict) == (True, True)
    assert [path.name for path in (folder / "new").iterdir()] == ["out.jsonl"]


@pytest.mark.parametrize(("strict", "counted"), [([], None), (["--strict", "strict.csv"], 1)])
@pytest.mark.usefixtures("folder")
def test_what_was_written_is_told_as_json(capsys, strict, counted):
    assert main(["import", "easyjailbreak", "attack.jsonl", *strict, "-o", "out.jsonl", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "output": "out.jsonl",
        "exchanges": 1,
        "loose": 1,
        "strict": counted,
    }


def test_other_layouts_become_recordings_without_labels(capsys, folder):
    (folder / "alpaca.json").write_text('[{"instruction": "Hi.", "output": "Ho."}]', "utf-8")
    arena = {"question_id": "q", "model_id": "m", "choices": [{"turns": [{"content": "Ho."}]}]}
    (folder / "arena.jsonl").write_text(json.dumps(arena), "utf-8")
    assert main(["import", "alpaca-eval", "alpaca.json", "-o", "a.jsonl"]) == 0
    assert capsys.readouterr() == ("a.jsonl: 1 exchanges\n", "")
    assert main(["import", "arena-hard", "arena.jsonl", "-o", "b.jsonl"]) == 0
    out, err = capsys.readouterr()
    assert out == "b.jsonl: 1 exchanges\n"
    assert err.startswith("arena.jsonl: holds no questions")
    assert [read_recording(folder / name).exchanges[0].labels for name in ("a.jsonl", "b.jsonl")] == [
        None,
        None,
    ]


def test_a_fault_leaves_what_stood_there(capsys, folder):
    (folder / "out.jsonl").write_text("before", "utf-8")
    (folder / "attack.jsonl").write_text(f"{json.dumps(ATTEMPT)}\n{{}}\n", "utf-8")
    assert main(["import", "easyjailbreak", "attack.jsonl", "-o", "out.jsonl"]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("attack.jsonl:2: ")
    assert (folder / "out.jsonl").read_text("utf-8") == "before"
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("output", ["attack.jsonl", "strict.csv"])
def test_what_is_read_is_never_written_over(capsys, folder, output):
    arguments = ["import", "easyjailbreak", "attack.jsonl", "--strict", "strict.csv", "-o", output]
    before = (folder / output).read_bytes()
    assert main(arguments) == 4
    assert "is the file that is read" in capsys.readouterr().err
    assert (folder / output).read_bytes() == before


@pytest.mark.parametrize(
    ("output", "told"), [(".", "is a folder"), ("attack.jsonl/out.jsonl", "cannot be written")]
)
def test_a_place_that_cannot_be_written_is_wrong_usage(capsys, folder, output, told):
    assert main(["import", "easyjailbreak", "attack.jsonl", "-o", output]) == 4
    assert told in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["attack.jsonl", "strict.csv"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["import"], "LAYOUT"),
        (["import", "easyjailbrake"], "invalid choice"),
        (["import", "easyjailbreak", "a.jsonl"], "-o/--output"),
        (["import", "alpaca-eval", "a.json", "-o", "b", "--strict", "c"], "unrecognized arguments"),
        (["import", "easyjailbreak", "nowhere.jsonl", "-o", "b"], "nowhere.jsonl: cannot be read"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_wrong_usage_is_told(capsys, arguments, told):
    try:
        code = main(arguments)
    except SystemExit as exit_:
        code = exit_.code
    assert code == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
