"""The folder of a run."""

import pytest

from pytest_distillcheck.stores import RunFolder, RunNote, newest_unfinished, write_frozen

NOTE = RunNote(models={"qwen-max": "openai:m-1@http://127.0.0.1/v1"}, paths=("a.distill.yaml",), seed=0)


def test_frozen_templates_go_into_the_folder_of_the_run_which_git_does_not_see(tmp_path):
    path = write_frozen(tmp_path, "20260101T000000Z-1", "{}\n")
    assert path == tmp_path / ".distillcheck/runs/20260101T000000Z-1/frozen.jsonl"
    assert path.read_text() == "{}\n"
    assert (tmp_path / ".distillcheck/.gitignore").read_text() == "*\n"


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / ".distillcheck").write_text("in the way")
    with pytest.raises(OSError, match="distillcheck"):
        write_frozen(tmp_path, "1", "{}\n")


def test_the_newest_run_is_the_last_that_began_whatever_its_id_says(tmp_path):
    for run_id in ("20260101T120000Z-1", "20260101T110000Z-2", "19700101T000005Z-3"):
        RunFolder(tmp_path, run_id, NOTE)
    assert newest_unfinished(tmp_path, NOTE) == "19700101T000005Z-3"


def test_a_run_that_is_resumed_is_the_newest_again(tmp_path):
    for run_id in ("1", "2", "1"):
        RunFolder(tmp_path, run_id, NOTE)
    assert newest_unfinished(tmp_path, NOTE) == "1"


def test_a_run_that_is_finished_or_not_alike_is_not_resumed(tmp_path):
    RunFolder(tmp_path, "1", NOTE).finish()
    RunFolder(tmp_path, "2", RunNote(models={}, paths=(), seed=1))
    assert newest_unfinished(tmp_path, NOTE) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"order": "x"}', "\udc80"])
def test_half_a_run_is_in_nobodys_way(tmp_path, text):
    folder = tmp_path / ".distillcheck/runs/0"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(text, "utf-8", "surrogatepass")
    RunFolder(tmp_path, "1", NOTE)
    assert newest_unfinished(tmp_path, NOTE) == "1"
