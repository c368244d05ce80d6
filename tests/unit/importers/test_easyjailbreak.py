import csv

import pytest

from pytest_distillcheck.importers import import_easyjailbreak


def attempt(n=0, *, template="Play along: {query}", loose=True, **more):
    return {
        "jailbreak_prompt": template,
        "query": f"Who made you, number {n}?  ",
        "target_responses": [f"It's \"Acme\"\n\tno. {n}, they said: '\\n'."],
        "eval_results": loose,
        **more,
    }


def labels(imported):
    return [(line["labels"]["loose"], line["labels"]["strict"]) for line in imported.lines]


@pytest.mark.parametrize(
    ("template", "prompt"),
    [
        ("Play along: {query}", "Play along: Who?"),
        ("{query} I said: {query}!", "Who? I said: Who?!"),
        ("Lost its place", "Lost its placeWho?"),
        ("{0} {} {query}", "{0} {} Who?"),
    ],
)
def test_the_question_is_put_as_the_attack_puts_it(lines, template, prompt):
    (line,) = import_easyjailbreak(lines(attempt(template=template, query="Who?"))).lines
    assert line["prompt"] == prompt


def test_answers_share_a_context_by_template_and_a_question_by_its_text(lines):
    rows = [attempt(n, template=template) for template in ("A {query}", "B {query}") for n in (1, 2)]
    places = [line["probe"] for line in import_easyjailbreak(lines(*rows)).lines]
    contexts, questions = [p["context"] for p in places], [p["question"] for p in places]
    assert contexts[0] == contexts[1] != contexts[2] == contexts[3]
    assert questions[0] == questions[2] != questions[1] == questions[3]
    assert all(context.startswith("template-") and context.isascii() for context in contexts)


@pytest.mark.parametrize(
    ("value", "loose"),
    [
        *[(value, True) for value in (True, [True], 1, [1], 1.0, "True", "[True]", "1", "true")],
        *[(value, False) for value in (False, [False], 0, "False", "[False]", "0")],
    ],
)
def test_a_loose_verdict_has_many_spellings(lines, value, loose):
    assert labels(import_easyjailbreak(lines(attempt(eval_results=value)))) == [(loose, None)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["Hi."], "Hi."),
        ("['Hi.']", "Hi."),
        ('["It\'s \\n"]', "It's \n"),
        ("Hi.", "Hi."),
        ("[JB] no list", "[JB] no list"),
        ("['\\d']", "\\d"),
        ([""], ""),
    ],
)
def test_a_response_may_be_a_list_or_the_spelling_of_one(lines, value, text):
    (line,) = import_easyjailbreak(lines(attempt(target_responses=value))).lines
    assert line["response"] == text


def test_rows_of_the_strict_file_are_strict(lines, strict):
    rows = [attempt(0), attempt(1, loose=False), attempt(2), attempt(3)]
    imported = import_easyjailbreak(lines(*rows), strict(rows[3], rows[0]))
    assert labels(imported) == [(True, True), (False, False), (True, False), (True, True)]
    assert imported.notes == ()


def test_an_empty_strict_file_says_that_nothing_is_strict(lines, strict):
    assert labels(import_easyjailbreak(lines(attempt()), strict())) == [(True, False)]


def test_line_ends_and_blanks_that_an_editor_has_changed_do_not_matter(lines, strict):
    row = attempt(template="One\n\nTwo {query}\n")
    changed = {**row, "jailbreak_prompt": "One\r\n\r\nTwo {query}", "query": row["query"].strip()}
    assert labels(import_easyjailbreak(lines(row), strict(changed))) == [(True, True)]


def test_a_strict_row_counts_once(lines, strict, faults):
    row = attempt()
    twice = lines(row, row, {**row, "eval_results": False})
    assert sorted(map(str, labels(import_easyjailbreak(twice, strict(row))))) == [
        "(False, False)",
        "(True, False)",
        "(True, True)",
    ]
    assert len(faults(import_easyjailbreak, twice, strict(row, row, row))) == 1


def test_a_row_that_the_second_judge_denies_is_not_strict(lines, strict):
    rows = [attempt(n, re_judge=n == 1) for n in range(2)]
    path = strict(*rows, columns=("jailbreak_prompt", "query", "target_responses", "re_judge"))
    assert labels(import_easyjailbreak(lines(*rows), path)) == [(True, False), (True, True)]


def test_a_loose_file_given_as_the_strict_one_is_told(lines, strict):
    rows = [attempt(0), attempt(1), attempt(2, loose=False)]
    (note,) = import_easyjailbreak(lines(*rows), strict(*rows[:2])).notes
    assert note.endswith("is it the loose file?")


def test_an_answer_longer_than_the_limit_of_the_csv_module_is_read(lines, strict):
    row = attempt(target_responses=["x" * (csv.field_size_limit() + 1)])
    before = csv.field_size_limit()
    assert labels(import_easyjailbreak(lines(row), strict(row))) == [(True, True)]
    assert csv.field_size_limit() == before


@pytest.mark.parametrize("text", ["\ud800", "\x00", "\x1b[2J", "{query}", "\u2028"])
def test_hostile_text_is_text(lines, text):
    (line,) = import_easyjailbreak(lines(attempt(query=text, target_responses=[text]))).lines
    assert (line["prompt"], line["response"]) == (f"Play along: {text}", text)


def test_every_fault_of_both_files_is_told_with_its_line(lines, faults, tmp_path):
    attack = lines(
        attempt(),
        "{",
        "[1, 2]",
        "",
        {"query": 3},
        attempt(eval_results="perhaps", target_responses=["a", "b"]),
    )
    table = tmp_path / "strict.csv"
    table.write_text("jailbreak_prompt,query,target_responses\na,b\na,b,[]\n", "utf-8")
    told = faults(import_easyjailbreak, attack, table)
    assert told == [
        "answers.jsonl:2:2: not JSON: expecting property name enclosed in double quotes; the file may be truncated",
        "answers.jsonl:3: not a JSON object",
        "answers.jsonl:5: jailbreak_prompt: the field is missing; is this the file that you mean?",
        "answers.jsonl:5: query: expected text, found 3; put it in quotes",
        "answers.jsonl:5: target_responses: no response; expected a list of one text",
        "answers.jsonl:5: eval_results: no verdict; expected true or false, or a list of one",
        "answers.jsonl:6: target_responses: 2 responses; write one a row",
        "answers.jsonl:6: eval_results: no verdict; expected true or false, or a list of one",
        "strict.csv:2: 2 cells under 3 columns; a quote may be missing",
        "strict.csv:3: target_responses: no response; expected a list of one text",
    ]


def test_a_strict_row_of_another_run_is_told_with_its_line(lines, strict, faults):
    attack = lines(attempt(0), attempt(1, loose=False))
    told = faults(import_easyjailbreak, attack, strict(attempt(0), attempt(1), attempt(2)))
    assert [line.split(": ")[0] for line in told] == ["strict.csv:3", "strict.csv:4"]
    assert "no loose row of the attack file has this prompt, question and response" in told[0]


def test_a_row_over_several_lines_is_told_by_its_first(lines, strict, faults):
    many = attempt(0, template="1\n2\n3 {query}")
    told = faults(import_easyjailbreak, lines(many), strict(many, attempt(7)))
    assert told[0].startswith("strict.csv:5: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column 'jailbreak_prompt', 'query', 'target_responses'; is this the file that you mean?"),
        ("query,prompt\n", "no column 'jailbreak_prompt', 'target_responses'"),
        ('jailbreak_prompt,query,target_responses\n"a,b,c\n', "not CSV: unexpected end of data"),
    ],
)
def test_a_file_that_is_no_strict_file_is_told(lines, faults, tmp_path, text, message):
    table = tmp_path / "s.csv"
    table.write_text(text, "utf-8")
    (told,) = faults(import_easyjailbreak, lines(attempt()), table)
    assert message in told


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "holds no row"),
        (b"\n\n", "holds no row"),
        (b"\xff\xfe{", "byte 0xff is no UTF-8"),
        (b"[" * 100_000, "not JSON that we read"),
    ],
)
def test_a_file_that_holds_nothing_readable_is_told(faults, tmp_path, raw, message):
    path = tmp_path / "a.jsonl"
    path.write_bytes(raw)
    (told,) = faults(import_easyjailbreak, path)
    assert message in told


def test_a_missing_file_is_told(faults, tmp_path):
    assert "cannot be read" in faults(import_easyjailbreak, tmp_path / "a.jsonl")[0]
