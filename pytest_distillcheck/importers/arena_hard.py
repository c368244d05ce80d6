"""Model answers of Arena-Hard-Auto, JSON lines in either of its layouts.

Since April 2025 (v2.0) an answer holds its conversation: `uid`, `model` and `messages`, the last of which is the
assistant's, with `{"answer": ...}` as its content. Before, it was `question_id`, `model_id` and `choices` with `turns`,
and the questions stood in a file of their own.
"""

import pathlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pytest_distillcheck.importers.lines import Imported, Line
from pytest_distillcheck.importers.reading import Row, Source, check

_Messages = list[dict[str, str]]


def import_arena_hard(answers: pathlib.Path, questions: pathlib.Path | None = None) -> Imported:
    """Read a file of answers.

    Args:
        answers: in either layout.
        questions: the `question.jsonl` that old answers are to. Without it a question's id stands for its text.

    Raises:
        SourceError, UsageError: with every fault of both files.
    """
    source = Source(answers)
    asked = Source(questions) if questions else None
    reader = _Reader(source, _questions(asked) if asked else None)
    lines = tuple(line for row in source.objects() for line in reader.lines(row))
    check(*filter(None, (source, asked)))
    note = f"{answers}: holds no questions, and their ids stand for them; give --questions question.jsonl"
    return Imported(lines=lines, notes=(note,) if reader.nameless else ())


@dataclass(slots=True)
class _Reader:
    """Reads answers.

    Attributes:
        questions: by id, the turns of each; None when nobody gave them.
        nameless: ids that stand for a question's text.
    """

    source: Source
    questions: Mapping[str, tuple[str, ...]] | None
    nameless: set[str] = field(default_factory=set)

    def lines(self, row: Row) -> Iterator[Line]:
        match row.data:
            case {"messages": [_, *_] as messages}:
                yield self.line(row, [self.message(row, message) for message in messages])
            case {"choices": [_, *_] as choices, "question_id": str() | int() as question}:
                for choice in choices:
                    yield self.line(row, self.conversation(row, str(question), choice))
            case _:
                self.source.add(row.line, "no answer; expected 'messages', or 'question_id' and 'choices'")

    def line(self, row: Row, messages: _Messages) -> Line:
        if len(messages) < 2 or messages[-1]["role"] != "assistant":  # noqa: PLR2004 - what was asked, and the answer
            self.source.add(row.line, "the conversation does not end with a question and its answer")
        model = row.data.get("model", row.data.get("model_id"))
        return {
            "messages": messages[:-1],
            "response": messages[-1]["content"],
            "model": model if isinstance(model, str) else None,
        }

    def message(self, row: Row, message: object) -> dict[str, str]:
        match message:
            case {"role": "system" | "user" | "assistant" as role, "content": content}:
                return {"role": role, "content": self.content(row, content)}
        self.source.add(row.line, "a message has no role and content", where="messages")
        return {"role": "", "content": ""}

    def content(self, row: Row, content: object) -> str:
        match content:
            case (str() as text) | {"answer": str() as text}:
                return text
        self.source.add(row.line, "a turn without text; remove the row, since there was no answer")
        return ""

    def conversation(self, row: Row, question: str, choice: object) -> _Messages:
        """Return the turns of an old answer, each with the question's turn that it is to."""
        match choice:
            case {"turns": [_, *_] as turns}:
                answers = [
                    self.content(row, turn.get("content") if isinstance(turn, dict) else turn)
                    for turn in turns
                ]
            case _:
                self.source.add(row.line, "no list of turns in it", where="choices")
                return [{"role": "assistant", "content": ""}]
        return [
            {"role": role, "content": text}
            for pair in zip(self.asked(row, question, len(answers)), answers, strict=True)
            for role, text in zip(("user", "assistant"), pair, strict=True)
        ]

    def asked(self, row: Row, question: str, turns: int) -> Sequence[str]:
        if self.questions is None:
            self.nameless.add(question)
            return [question, *(f"{question}, turn {number}" for number in range(2, turns + 1))]
        texts = self.questions.get(question, ())
        if len(texts) < turns:
            message = f"the questions file has {len(texts)} turns of {question!r} and the answer {turns}"
            self.source.add(row.line, message, where="question_id")
            return [""] * turns
        return texts[:turns]


def _questions(source: Source) -> dict[str, tuple[str, ...]]:
    return {
        str(row.data.get("question_id", row.data.get("uid"))): _turns(source, row) for row in source.objects()
    }


def _turns(source: Source, row: Row) -> tuple[str, ...]:
    texts: list[Any] = []
    match row.data:
        case {"turns": [_, *_] as turns}:
            texts = [turn.get("content") if isinstance(turn, dict) else turn for turn in turns]
        case {"prompt": prompt}:
            texts = [prompt]
    if not texts or not all(isinstance(text, str) for text in texts):
        source.add(
            row.line, "no question; expected 'turns', each with a text as its 'content', or a 'prompt'"
        )
        return ()
    return tuple(texts)
