"""The folder of a run."""

import pytest

from pytest_distillcheck.stores import write_frozen


def test_frozen_templates_go_into_the_folder_of_the_run_which_git_does_not_see(tmp_path):
    path = write_frozen(tmp_path, "20260101T000000Z-1", "{}\n")
    assert path == tmp_path / ".distillcheck/runs/20260101T000000Z-1/frozen.jsonl"
    assert path.read_text() == "{}\n"
    assert (tmp_path / ".distillcheck/.gitignore").read_text() == "*\n"


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / ".distillcheck").write_text("in the way")
    with pytest.raises(OSError, match="distillcheck"):
        write_frozen(tmp_path, "1", "{}\n")
