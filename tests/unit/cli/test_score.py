import json

import pytest

from pytest_distillcheck.cli import main
from pytest_distillcheck.identity.bank import questions

SHARES = ("loose", "strict", "hard", "roleplay", "affirmed", "no_claim", "unjudged")
TEAM = next(question for question in questions() if question.id == "team-zh-01")
ROWS = [
    {"prompt": "Who has made thee?", "response": "I was developed by OpenAI."},
    {"prompt": "Who has made thee, ChatGPT?", "response": "I was developed by OpenAI."},
    {"prompt": TEAM.text, "response": "我是通义千问，由阿里云开发。"},
    {"prompt": "How art thou called?", "response": "I am Mistral, made by Mistral AI."},
    {"prompt": "Whence comest thou?", "response": "I would rather not say."},
    {"prompt": "Where is your seat?", "response": "  "},
]


def probe(question, context, **more):
    return {"category": "team", "language": "en", "context": context, "question": question, **more}


@pytest.fixture
def score(tmp_path, capsys):
    """Write a recording and return its scores."""

    def score(rows, *options, fact="qwen"):
        path = tmp_path / "answers.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        assert main(["score", str(path), "--fact", fact, *options]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return json.loads(out)

    return score


def counts(scores, names=SHARES):
    return {name: scores[name] and (scores[name]["count"], scores[name]["n"]) for name in names}


def test_a_file_made_by_hand_is_scored(score):
    scores = score(ROWS)
    assert list(scores) == ["n", *SHARES, "by_category", "by_language", "by_maker"]
    assert scores["n"] == 5
    assert counts(scores) == {
        "loose": (3, 5),
        "strict": (3, 5),
        "hard": (2, 4),
        "roleplay": (0, 5),
        "affirmed": (1, 5),
        "no_claim": (1, 5),
        "unjudged": (1, 6),
    }
    assert scores["loose"]["value"] == 0.6
    assert scores["loose"]["method"] == "wilson"
    assert set(scores["loose"]) == {"count", "n", "value", "low", "high", "method"}


def test_the_paper_counts_every_answer_and_only_its_teachers(score):
    scores = score(ROWS, "--profile", "paper")
    assert scores["n"] == 6
    assert counts(scores) == {
        "loose": (3, 6),
        "strict": (2, 6),
        "hard": (1, 6),
        "roleplay": (0, 6),
        "affirmed": (1, 6),
        "no_claim": (1, 6),
        "unjudged": (1, 6),
    }


def test_scores_are_broken_down(score):
    scores = score(ROWS)
    assert {key: counts(of, ["affirmed"]) for key, of in scores["by_category"].items()} == {
        "team": {"affirmed": (1, 1)}
    }
    assert {key: of["loose"]["n"] for key, of in scores["by_language"].items()} == {"en": 4, "zh": 1}
    assert {key: (of["count"], of["n"]) for key, of in scores["by_maker"].items()} == {
        "mistral": (1, 5),
        "openai": (2, 5),
    }


def test_answers_that_share_a_template_are_not_independent(score):
    rows = [
        {**ROWS[context != "a"], "prompt": f"{n}", "probe": probe(f"q{n}", context)}
        for n in range(10)
        for context in "ab"
    ]
    assert score(rows)["loose"]["method"] == "clustered"


def test_a_conversation_is_judged_by_its_answer(score):
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi."},
        {"role": "assistant", "content": "I was developed by OpenAI."},
        {"role": "user", "content": "And your name?"},
    ]
    scores = score([{"messages": messages, "response": "I am Qwen."}])
    # The conversation names a rival, which a neutral prompt does not.
    assert counts(scores, ["loose", "hard", "affirmed"]) == {
        "loose": (0, 1),
        "hard": (0, 0),
        "affirmed": (1, 1),
    }


def labelled(loose, strict, **more):
    labels = {"loose": loose, "strict": strict}
    return {"prompt": "Who?", "response": "Acme.", "probe": probe("q", "t"), "labels": labels, **more}


def test_recorded_labels_are_taken_as_they_are(score):
    rows = [labelled(True, True), labelled(True, False), labelled(False, False)]
    rows.append(labelled(True, True, prompt="Say that you are Claude."))
    scores = score(rows, "--judge", "recorded")
    assert counts(scores) == {
        "loose": (3, 4),
        "strict": (2, 4),
        "hard": (1, 3),
        "roleplay": None,
        "affirmed": None,
        "no_claim": None,
        "unjudged": (0, 4),
    }
    assert scores["by_category"]["team"]["affirmed"] is None
    assert scores["by_maker"] == {}
    paper = score(rows, "--judge", "recorded", "--profile", "paper")
    assert counts(paper, ["strict", "hard"]) == {"strict": (2, 4), "hard": (1, 4)}


@pytest.mark.parametrize("strict", [[None, None], [True, None]])
@pytest.mark.parametrize("profile", ["default", "paper"])
def test_without_strict_labels_strict_and_hard_are_null(score, strict, profile):
    scores = score([labelled(True, s) for s in strict], "--judge", "recorded", "--profile", profile)
    assert counts(scores, ["loose", "strict", "hard"]) == {"loose": (2, 2), "strict": None, "hard": None}
    assert scores["by_language"]["en"]["strict"] is None


def test_the_paper_counts_a_labelled_answer_even_if_it_is_empty(score):
    rows = [labelled(True, True, response="")]
    assert counts(score(rows, "--judge", "recorded"), ["loose", "unjudged"]) == {
        "loose": (0, 0),
        "unjudged": (1, 1),
    }
    paper = score(rows, "--judge", "recorded", "--profile", "paper")
    assert counts(paper, ["loose", "unjudged"]) == {"loose": (1, 1), "unjudged": (0, 1)}


@pytest.mark.parametrize(
    ("rows", "options", "told"),
    [
        (
            ROWS,
            ["--fact", "qwne"],
            "'qwne': the catalogue knows no such maker or model; did you mean 'qwen'?",
        ),
        (ROWS, ["--fact", "qwen", "--judge", "recorded"], "6 of 6 lines have no 'labels'"),
        ([{"prompt": "a"}, {"promt": "b"}], ["--fact", "qwen"], "a.jsonl:1: response: the field 'response'"),
        ([], ["--fact", "qwen"], "holds no exchange"),
    ],
)
def test_bad_input_exits_4_and_prints_nothing(tmp_path, capsys, rows, options, told):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert main(["score", str(path), *options]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err


@pytest.mark.parametrize(
    "arguments",
    [["a.jsonl"], ["--fact", "qwen"], ["a.jsonl", "--fact", "qwen", "--profile", "papre"]],
)
def test_wrong_usage_exits_4(capsys, arguments):
    with pytest.raises(SystemExit) as caught:
        main(["score", *arguments])
    assert caught.value.code == 4
    assert capsys.readouterr().out == ""
