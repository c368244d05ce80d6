import subprocess
import sys

import pytest

from pytest_distillcheck.cli import main


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["validat"], "invalid choice: 'validat'"),
        (["validate"], "the following arguments are required: PATH"),
        (["validate", "--jsno", "x"], "unrecognized arguments: --jsno"),
        (["schema", "sweet"], "invalid choice: 'sweet'"),
        (["schema", "-o"], "expected one argument"),
    ],
)
def test_wrong_usage_exits_as_pytest_does(capsys, arguments, told):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: distillcheck")
    assert told in err


@pytest.mark.parametrize("arguments", [["--help"], ["schema", "--help"], ["validate", "--help"]])
def test_help_is_no_error(capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("usage: distillcheck")


def test_a_reader_that_has_enough_is_no_error():
    code = "from pytest_distillcheck.cli import main; raise SystemExit(main(['schema', 'suite']))"
    ends = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert ends.stdout
    ends.stdout.close()
    _, told = ends.communicate(timeout=60)
    assert (ends.returncode, told) == (0, "")
