import json

import pytest

from pytest_distillcheck.cli import main
from pytest_distillcheck.reports import results_schema_text
from pytest_distillcheck.suites import schema_text


@pytest.mark.parametrize(
    ("arguments", "schema"),
    [
        ([], schema_text("suite")),
        (["suite"], schema_text("suite")),
        (["config"], schema_text("config")),
        (["results"], results_schema_text()),
    ],
)
def test_a_schema_is_written_to_standard_output_alone(capsys, arguments, schema):
    assert main(["schema", *arguments]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == (schema, "")
    json.loads(out)


def test_a_schema_is_written_to_a_file(capsys, tmp_path):
    path = tmp_path / "distillcheck.schema.json"
    assert main(["schema", "config", "-o", str(path)]) == 0
    assert path.read_text("utf-8") == schema_text("config")
    assert capsys.readouterr() == ("", "")


def test_a_file_that_cannot_be_written_is_wrong_usage(capsys, tmp_path):
    path = tmp_path / "nowhere" / "s.json"
    assert main(["schema", "-o", str(path)]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"{path}: cannot be written (No such file or directory); choose another path\n"
