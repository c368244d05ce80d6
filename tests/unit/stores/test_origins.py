import json

import pytest

from pytest_distillcheck.domain.exchanges import Response, digest
from pytest_distillcheck.errors import RecordingError
from pytest_distillcheck.stores import (
    Exchange,
    Labels,
    Origin,
    parse_exchange,
    read_recording,
    write_recording,
)

LINE = {"prompt": "Who made you?", "response": "Acme."}
ORIGIN = {"category": "team", "language": "en", "context": "plain", "question": "team-en-01"}


def told(**more):
    with pytest.raises(RecordingError) as caught:
        parse_exchange(json.dumps({**LINE, **more}))
    return str(caught.value)


def test_a_line_says_which_probe_it_answers():
    assert parse_exchange(json.dumps({**LINE, "probe": ORIGIN})).origin == Origin(**ORIGIN)


@pytest.mark.parametrize("origin", [{**ORIGIN, "category": None}, {k: ORIGIN[k] for k in list(ORIGIN)[1:]}])
def test_a_question_may_be_in_no_category(origin):
    assert parse_exchange(json.dumps({**LINE, "probe": origin})).origin.category is None


@pytest.mark.parametrize(
    ("labels", "read"),
    [
        ({"loose": True, "strict": True}, Labels(loose=True, strict=True)),
        ({"loose": False, "strict": False}, Labels(loose=False, strict=False)),
        ({"loose": True, "strict": None}, Labels(loose=True, strict=None)),
        ({"loose": False}, Labels(loose=False, strict=None)),
    ],
)
def test_a_line_carries_its_labels(labels, read):
    assert parse_exchange(json.dumps({**LINE, "labels": labels})).labels == read


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"probe": []}, "probe: expected a mapping, found a list"),
        ({"probe": {}}, "probe.context: expected text, found nothing"),
        ({"probe": {**ORIGIN, "langauge": "en"}}, "unknown key 'langauge'; did you mean 'language'?"),
        ({"probe": {**ORIGIN, "category": "tema"}}, "probe.category: unknown category; did you mean 'team'?"),
        ({"probe": {**ORIGIN, "question": 3}}, "probe.question: expected text, found 3"),
        ({"labels": {}}, "labels.loose: expected true or false, found nothing"),
        ({"labels": {"loose": 1}}, "labels.loose: expected true or false, found 1"),
        ({"labels": {"loose": True, "hard": True}}, "labels.hard: unknown key 'hard'"),
        (
            {"labels": {"loose": False, "strict": True}},
            "labels.strict: cannot be true where 'loose' is false",
        ),
    ],
)
def test_what_a_line_says_of_itself_is_checked(more, message):
    assert message in told(**more)


def test_origin_and_labels_are_written_and_sealed_by_the_digest(tmp_path):
    path = tmp_path / "r.jsonl"
    exchange = Exchange(
        prompt="Who made you?",
        response=Response(text="Acme.", source="recording"),
        origin=Origin(**ORIGIN),
        labels=Labels(loose=True, strict=None),
    )
    write_recording(path, [exchange], about={})
    (read,) = read_recording(path).exchanges
    assert (read.origin, read.labels) == (exchange.origin, exchange.labels)
    data = json.loads(path.read_text("ascii").splitlines()[1])
    assert data.pop("digest") == digest(data)
    assert data["labels"] == {"loose": True, "strict": None}
    path.write_text(path.read_text("ascii").replace('"loose": true', '"loose": false'), "ascii")
    with pytest.raises(RecordingError, match="the digest does not fit"):
        read_recording(path)
