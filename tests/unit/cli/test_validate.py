import json

import pytest

from pytest_distillcheck.cli import main

GOOD = "identity: {fact: qwen}\n"
BAD = "identity:\n  fcat: qwen\n  repeat: 0\n"


@pytest.fixture
def folder(tmp_path):
    for name, text in {"good": GOOD, "bad": BAD, "deep/er": BAD}.items():
        path = tmp_path / f"{name}.distill.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "other.yaml").write_text("not: a suite\n")
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_good_suites_exit_with_0(capsys, folder):
    path = str(folder / "good.distill.yaml")
    assert main(["validate", path, path]) == 0
    assert capsys.readouterr() == ("2 suites, 0 with faults\n", "")


def test_one_suite_is_told_in_the_singular(capsys, folder):
    main(["validate", str(folder / "good.distill.yaml")])
    assert capsys.readouterr().out == "1 suite, 0 with faults\n"


def test_every_fault_of_every_suite_below_a_folder_is_told(capsys, folder):
    assert main(["validate", str(folder)]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    expected = []
    for name in ("bad", "deep/er"):
        path = folder / f"{name}.distill.yaml"
        expected += [
            f"{path}:2:3: identity.fcat: unknown key 'fcat'; did you mean 'fact'?",
            "      fcat: qwen",
            "      ^",
            f"{path}:3:11: identity.repeat: 0 is too small; it must be at least 1",
            "      repeat: 0",
            "              ^",
        ]
    assert out.splitlines() == [*expected, "3 suites, 2 with faults"]


def test_json_is_the_only_output_when_it_is_asked_for(capsys, folder):
    path = folder / "bad.distill.yaml"
    assert main(["validate", "--json", str(path)]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out) == [
        {
            "path": str(path),
            "line": 2,
            "column": 3,
            "where": "identity.fcat",
            "message": "unknown key 'fcat'; did you mean 'fact'?",
            "excerpt": "  fcat: qwen",
        },
        {
            "path": str(path),
            "line": 3,
            "column": 11,
            "where": "identity.repeat",
            "message": "0 is too small; it must be at least 1",
            "excerpt": "  repeat: 0",
        },
    ]


def test_json_of_good_suites_is_an_empty_list(capsys, folder):
    assert main(["validate", "--json", str(folder / "good.distill.yaml")]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_folder_without_suites_is_wrong_usage(capsys, folder):
    path = folder / "empty"
    assert main(["validate", str(path)]) == 4
    assert capsys.readouterr() == ("", f"{path}: no *.distill.yaml below it; name a suite file\n")


def test_a_path_that_is_not_there_is_wrong_usage(capsys, folder):
    path = folder / "nowhere.distill.yaml"
    assert main(["validate", str(path)]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"{path}: ")


def test_a_suite_that_is_no_utf_8_is_told_without_a_traceback(capsys, folder):
    path = folder / "good.distill.yaml"
    path.write_bytes(b"identity: \xff\n")
    assert main(["validate", str(path)]) == 1
    assert capsys.readouterr().out.startswith(f"{path}:1:11: byte 0xff is no UTF-8; save the file as UTF-8\n")
