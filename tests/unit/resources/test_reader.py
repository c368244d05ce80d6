import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_distillcheck.errors import SuiteError
from pytest_distillcheck.resources import ReadError, load_yaml, read_text, read_yaml
from pytest_distillcheck.resources.reader import MAX_ALIAS_NODES, MAX_BYTES, MAX_DEPTH


def data(text):
    return read_yaml(text).data


def faults(text):
    """Return the faults of a text as (line, column, message)."""
    with pytest.raises(ReadError) as caught:
        read_yaml(text)
    return [(fault.line, fault.column, fault.message) for fault in caught.value.faults]


def message_of_file(path):
    with pytest.raises(SuiteError) as caught:
        load_yaml(path, SuiteError, shown="a.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("0", 0),
        ("-12", -12),
        ("+12", 12),
        ("012", 12),
        ("0o17", 15),
        ("0xfF", 255),
        ("1.5", 1.5),
        ("-.5", -0.5),
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("2.5E-1", 0.25),
        ("9" * 300, int("9" * 300)),
    ],
)
def test_a_plain_scalar_of_yaml_1_2_is_no_text(scalar, value):
    read = data(f"- {scalar}\n")[0]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    "scalar",
    [
        *("no", "yes", "on", "off", "y", "n", "No", "tRUE", "nUll"),
        *(
            "2024-01-01",
            "2024-01-01T00:00:00Z",
            "12:30:45",
            "1_000",
            "0b101",
            "0X1F",
            "0o8",
            "1.2.3",
            "1e",
            "+",
        ),
        *(".inf", "-.INF", ".nan", "1e999", "9" * 5000, "٣", "<", "="),
        *("'12'", '"true"', "''", '"~"'),
    ],
)
def test_every_other_scalar_is_text(scalar):
    assert data(f"- {scalar}\n") == [scalar.strip("'\"")]


def test_block_scalars_are_text():
    assert data("a: |\n  12\nb: >-\n  true\nc: |\n") == {"a": "12\n", "b": "true", "c": ""}


def test_keys_are_text():
    assert data("1: a\ntrue: b\nnull: c\n2024-01-01: d\n") == {
        "1": "a",
        "true": "b",
        "null": "c",
        "2024-01-01": "d",
    }


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_read_as_python_writes_it(number):
    assert math.isclose(data(f"- {number!r}\n")[0], number, rel_tol=0, abs_tol=0)


def test_a_document_knows_the_places_of_keys_and_values():
    document = read_yaml("# a comment\nidentity:\n  fact: qwen\n  tags: [a,\n    b]\n  list:\n    - x: 1\n")
    assert document.place(("identity",), key=True) == (2, 1)
    assert document.place(("identity",)) == (3, 3)
    assert document.place(("identity", "fact"), key=True) == (3, 3)
    assert document.place(("identity", "fact")) == (3, 9)
    assert document.place(("identity", "tags", 1)) == (5, 5)
    assert document.place(("identity", "list", 0, "x"), key=True) == (7, 7)
    assert document.place(("identity", "list", 0, "x")) == (7, 10)


@pytest.mark.parametrize(
    "path", [("identity", "nothing"), ("identity", "fact", "deeper"), ("identity", "fact", 0)]
)
def test_a_path_that_leads_nowhere_has_the_place_of_its_deepest_part(path):
    document = read_yaml("identity:\n  fact: qwen\n")
    assert document.place(path) in {(2, 3), (2, 9)}


def test_columns_count_characters():
    assert read_yaml("通义: {千问: x}\n").place(("通义", "千问")) == (1, 10)


def test_a_fault_shows_its_line():
    fault = read_yaml("a: 1\nb: [x, 2]\n").fault(("b", 1), "is wrong")
    assert fault.render("f.yaml") == "f.yaml:2:8: b[1]: is wrong\n    b: [x, 2]\n           ^"


@pytest.mark.parametrize("line", ["a: " + "x" * 200, "a: x\u202ey"])
def test_a_line_that_is_too_long_or_unsafe_is_not_shown(line):
    assert read_yaml(line).fault(("a",), "is wrong").render("f") == "f:1:4: a: is wrong"


def test_a_duplicate_key_is_a_fault_and_reading_goes_on():
    assert faults("a: 1\nb: 2\na: 3\nb: 4\n") == [
        (3, 1, "duplicate key 'a', first on line 1; remove one"),
        (4, 1, "duplicate key 'b', first on line 2; remove one"),
    ]


def test_keys_that_are_spelled_in_two_ways_are_duplicates():
    assert faults("{1: a, '1': b}") == [(1, 8, "duplicate key '1', first on line 1; remove one")]


def test_one_key_in_two_mappings_is_no_duplicate():
    assert data("- a: 1\n- a: 2\n") == [{"a": 1}, {"a": 2}]


def test_an_alias_stands_for_what_its_anchor_names():
    assert data("a: &x [1, 2]\nb: *x\nc: &y text\nd: *y\n") == {
        "a": [1, 2],
        "b": [1, 2],
        "c": "text",
        "d": "text",
    }


def test_an_anchor_on_a_key_names_the_key():
    assert data("&x key: *x\n") == {"key": "key"}


def test_an_anchor_that_is_given_again_names_the_later_value():
    assert data("[&x 1, &x 2, *x]") == [1, 2, 2]


def test_anchors_without_aliases_cost_nothing():
    many = "".join(f"- &a{n} x\n" for n in range(MAX_ALIAS_NODES + 10))
    assert len(data(many)) == MAX_ALIAS_NODES + 10


def test_aliases_may_add_as_many_nodes_as_the_limit_and_not_one_more():
    least = "- &x [" + ",".join("1" * (MAX_ALIAS_NODES // 10 - 1)) + "]\n" + "- *x\n" * 10
    assert len(data(least)) == 11
    message = f"aliases add more than {MAX_ALIAS_NODES:,} nodes; write fewer of them"
    assert faults(least + "- *x\n") == [(12, 3, message)]


def test_an_alias_bomb_is_refused():
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    ((line, _, message),) = faults(bomb)
    assert line < 10
    assert message == "aliases add more than 50,000 nodes; write fewer of them"


@pytest.mark.parametrize("text", ["&x [*x]", "a: &x\n  b: *x\n", "&x [&y [*x]]"])
def test_an_alias_within_its_own_anchor_is_refused(text):
    ((_, _, message),) = faults(text)
    assert message == "alias *x contains itself"


def test_an_alias_without_an_anchor_is_refused():
    ((line, column, message),) = faults("a: 1\nb: *x\n")
    assert (line, column) == (2, 4)
    assert "x" in message
    assert "anchor" in message or "undefined alias" in message


@pytest.mark.parametrize(
    "tagged", ["!!str 1", "!!python/object:os.system x", "!mine {a: 1}", "!!binary aGk=", "!!set {a}"]
)
def test_a_tag_on_a_value_is_refused(tagged):
    ((line, column, message),) = faults(f"a: {tagged}\n")
    assert (line, column) == (1, 4)
    assert message.endswith("is not allowed; write plain values")
    assert message.startswith("tag '")


def test_a_tag_on_a_key_is_refused():
    ((line, column, message),) = faults("!!int a: 1\n")
    assert (line, column) == (1, 1)
    assert message == "tag 'tag:yaml.org,2002:int' is not allowed; write plain values"


def test_several_tags_are_told_at_once():
    assert [line for line, _, _ in faults("a: !!str 1\nb: 2\nc: !x 3\n")] == [1, 3]


def test_the_depth_is_limited():
    assert data("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    deeper = MAX_DEPTH + 1
    assert faults("[" * deeper + "]" * deeper) == [(1, deeper, f"nested deeper than {MAX_DEPTH} levels")]


def test_a_depth_that_would_end_the_stack_is_refused():
    # The parser itself looks ahead, and gives up first.
    ((line, _, message),) = faults("[" * 100_000)
    assert line == 1
    assert "nest" in message


def test_merge_keys_are_refused():
    ((line, column, message),) = faults("a: &x {k: 1}\nb:\n  <<: *x\n")
    assert (line, column, message) == (3, 3, "merge keys (`<<`) are not allowed; write the keys out")


def test_a_quoted_merge_key_is_a_key():
    assert data('"<<": 1') == {"<<": 1}


@pytest.mark.parametrize("key", ["[a]", "{a: b}", "? [a]\n"])
def test_a_key_that_is_no_scalar_is_refused(key):
    assert [message for _, _, message in faults(f"{key}: 1")] == ["a key must be plain text"]


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f"])
def test_a_control_character_is_refused_with_its_place(character):
    ((line, column, message),) = faults(f"a: 1\nb: x{character}y\n")
    assert (line, column) == (2, 5)
    assert message == f"a character that YAML does not allow (U+{ord(character):04X}); remove it"


def test_the_place_of_a_control_character_counts_characters():
    ((line, column, _),) = faults("通义千问: 通义\nb: 通\x1by\n")
    assert (line, column) == (2, 5)


def test_a_lone_surrogate_is_refused_with_its_place():
    assert faults("a: 1\nb: x\ud800y\n") == [(2, 5, "half of a surrogate pair; remove it")]


def test_half_of_a_surrogate_pair_in_an_escape_does_not_get_in():
    assert faults('a: "\\ud800"\n')


def test_what_is_no_yaml_is_told_with_its_place():
    ((line, column, message),) = faults("a: 1\nb: [x\nc: 2\n")
    assert line in {2, 3}
    assert column >= 1
    assert message.startswith("not YAML: ")


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n"])
def test_an_empty_file_is_refused(text):
    assert faults(text) == [(1, 1, "empty file; write a mapping")]


def test_a_second_document_is_refused():
    assert faults("a: 1\n---\nb: 2\n") == [(2, 1, "a second document; one file holds one document")]


@pytest.mark.parametrize("text", ["---\na: 1\n", "a: 1\n...\n", "%YAML 1.2\n---\na: 1\n"])
def test_the_marks_of_a_single_document_are_allowed(text):
    assert data(text) == {"a": 1}


@given(st.text(alphabet="ab:-[]{}&*!|>'\"#?,%@` \n\t0.~<", max_size=60))
def test_any_text_is_read_or_refused(text):
    faults = []
    try:
        read_yaml(text)
    except ReadError as error:
        faults = error.faults
    assert all(fault.line >= 1 and fault.column >= 1 and fault.message for fault in faults)


PLAIN_DATA = st.recursive(
    st.booleans() | st.integers() | st.none() | st.sampled_from(["", "x", "no", "12"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN_DATA)
def test_json_is_yaml(value):
    assert data(json.dumps([value])) == [value]


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    document = load_yaml(path, SuiteError)
    assert document.data == {"a": 1}
    assert document.place(("a",), key=True) == (1, 1)


def test_windows_line_ends_are_newlines(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: |\r\n  x\r\n  y\r\nb: 2\r\n")
    document = load_yaml(path, SuiteError)
    assert document.data == {"a": "x\ny\n", "b": 2}
    assert document.fault(("b",), "m").render("f") == "f:4:4: b: m\n    b: 2\n       ^"


@pytest.mark.parametrize("line_end", ["\r", "\u2028", "\x85"])
def test_a_fault_shows_its_own_line_whatever_ends_the_lines_before(line_end):
    document = read_yaml(f"a: 1 # x{line_end}b: 2\nc: 3\nd: 4\n")
    assert document.fault(("c",), "m").excerpt in {"c: 3", ""}


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"a: 1\nb: x\xffy\n", "2:5: byte 0xff"),
        ("通: 1\nb: 通".encode() + b"\xe9\n", "2:5: byte 0xe9"),
        (b"\xef\xbb\xbfa: 1\nb: x\xffy\n", "2:5: byte 0xff"),
        (b"\xff\xfea\x00", "1:1: byte 0xff"),
        (b"a: 1\r\nb: \xe4\r\n", "2:4: byte 0xe4"),
        (b"a: \xed\xa0\x80\n", "1:4: byte 0xed"),
        (b"a: \xe9\x80", "1:4: byte 0xe9"),
    ],
)
def test_a_byte_that_is_no_utf_8_is_told_with_its_place(tmp_path, raw, place):
    path = tmp_path / "a.yaml"
    path.write_bytes(raw)
    assert message_of_file(path) == f"a.yaml:{place} is no UTF-8; save the file as UTF-8"


def test_a_missing_file_is_told_by_its_name(tmp_path):
    message = message_of_file(tmp_path / "missing.yaml")
    assert message == "a.yaml: cannot be read (No such file or directory); check the path"


def test_a_folder_is_no_file(tmp_path):
    assert message_of_file(tmp_path) == "a.yaml: cannot be read (Is a directory); check the path"


def test_a_file_over_the_limit_is_refused_before_it_is_parsed(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"[" * (MAX_BYTES + 1))
    assert message_of_file(path) == "a.yaml: larger than 10,000,000 bytes; split the file"


def test_a_file_at_the_limit_is_read(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\n#" + b"x" * (MAX_BYTES - 6))
    assert load_yaml(path, SuiteError).data == {"a": 1}


def test_a_text_without_a_limit_may_be_larger(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"x" * (MAX_BYTES + 1))
    assert len(read_text(path, max_bytes=None)) == MAX_BYTES + 1
