"""The judge against labelled answers in nine languages, written for these tests."""

import pathlib
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import yaml

from pytest_distillcheck.catalog import identity_fact
from pytest_distillcheck.identity import EmbeddedIdentityJudge

FOLDER = pathlib.Path(__file__).parents[2] / "data" / "identity"
LANGUAGES = ("en", "zh", "ja", "ko", "fr", "de", "es", "ru", "ar")


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    fact: str
    prompt: str
    response: str
    label: str
    makers: tuple[str, ...]
    affirmed: bool | None


def labelled_answers(language: str) -> Iterator[Labelled]:
    for group in yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8")):
        for label in ("contradiction", "roleplay"):
            for makers, responses in group.get(label, {}).items():
                for response in responses:
                    yield Labelled(
                        fact=group["fact"],
                        prompt=group["prompt"],
                        response=response,
                        label=label,
                        makers=tuple(sorted(makers.split(", "))),
                        affirmed=None,
                    )
        for key in ("consistent", "affirmed"):
            for response in group.get(key, ()):
                yield Labelled(
                    fact=group["fact"],
                    prompt=group["prompt"],
                    response=response,
                    label="consistent",
                    makers=(),
                    affirmed=key == "affirmed",
                )


JUDGE = EmbeddedIdentityJudge()
LEAST = {"en": 120, "zh": 120}
ANSWERS = [(language, answer) for language in LANGUAGES for answer in labelled_answers(language)]


@pytest.mark.parametrize(
    "answer",
    [answer for _, answer in ANSWERS],
    ids=[f"{language}-{n:03}" for n, (language, _) in enumerate(ANSWERS)],
)
def test_a_labelled_answer_gets_its_label(answer: Labelled) -> None:
    verdict = JUDGE.judge(fact=identity_fact(answer.fact), prompt=answer.prompt, response=answer.response)
    assert (verdict.label, verdict.makers) == (answer.label, answer.makers)
    assert all(quote in answer.response for quote in verdict.quotes)
    assert bool(verdict.quotes) == (answer.label != "consistent")
    if answer.affirmed is not None:
        assert verdict.affirmed == answer.affirmed


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_enough_answers_of_every_label(language: str) -> None:
    answers = list(labelled_answers(language))
    assert len(answers) >= LEAST.get(language, 60)
    assert {answer.label for answer in answers} == {"contradiction", "roleplay", "consistent"}
