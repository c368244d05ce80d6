import json

import pytest

from pytest_distillcheck.importers import import_alpaca_eval

ROWS = [
    {"dataset": "d", "instruction": "Name a river.", "output": "The Rhine.", "generator": "m-1"},
    {"instruction": "Name two.", "output": "", "datasplit": float("nan")},
]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_of_outputs_becomes_lines(tmp_path, indent):
    path = tmp_path / "outputs.json"
    path.write_text(json.dumps(ROWS, indent=indent), "utf-8")
    assert [dict(line) for line in import_alpaca_eval(path).lines] == [
        {"prompt": "Name a river.", "response": "The Rhine.", "model": "m-1"},
        {"prompt": "Name two.", "response": "", "model": None},
    ]


def test_json_lines_are_read_as_well(lines):
    assert len(import_alpaca_eval(lines(*ROWS)).lines) == 2


def test_a_fault_in_a_list_has_the_line_where_its_item_begins(tmp_path, faults):
    path = tmp_path / "outputs.json"
    path.write_text('[\n{"instruction": "a",\n "output": "b"},\n\n {"instruction": 1},\n 7\n]\n', "utf-8")
    assert faults(import_alpaca_eval, path) == [
        "outputs.json:5: instruction: expected text, found 1; put it in quotes",
        "outputs.json:5: output: the field is missing; is this the file that you mean?",
        "outputs.json:6: not a JSON object",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "outputs.json: holds no row"),
        ("[\n{}", "outputs.json:2: no comma and no end of the list"),
        ("[\n{},\n", "outputs.json:3:1: not JSON: expecting value"),
        ('[{"instruction": "a", "output": "b"}] [1]', "outputs.json:1: '[1]' after the list"),
        ('[{"instruction":\n "a" "b"}]', "outputs.json:2:6: not JSON: expecting ',' delimiter"),
    ],
)
def test_a_list_that_is_cut_off_is_told(tmp_path, faults, text, message):
    path = tmp_path / "outputs.json"
    path.write_text(text, "utf-8")
    assert any(told.startswith(message) for told in faults(import_alpaca_eval, path))
