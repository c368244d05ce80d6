"""Similarity suites for the project of `conftest.py`, with answers written for these tests."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests.plugin.conftest import Project

TOPICS = (
    "a kettle that whistles too early",
    "the tide table of a small harbour",
    "planting beans beside maize",
    "why a bicycle stays upright",
    "choosing a rope for a swing",
    "a letter to a late library",
    "how bread rises in the cold",
    "the shadow of a church tower",
    "mending a cracked plate",
    "a rota for four flatmates",
    "measuring a well without a rope",
    "how bees find their way home",
)

MODELS = '''
"""Models that answer prompts on a topic, each in a voice of its own; "Prompt 03: explain <topic>."."""
import re

def topic(messages):
    return re.search(r"explain (.*)\\.", messages[-1]["content"])[1]

def number(messages):
    return int(re.search(r"Prompt ([0-9]+)", messages[-1]["content"])[1])

def teacher(messages, **parameters):
    t = topic(messages)
    return (f"Great question! Let's look at {t} step by step.\\n\\n1. **What matters**: with {t}, one thing at a time."
            f"\\n2. **What to do**: try it twice, and write down what you see.\\n\\nI hope this helps with {t}!")

def student(messages, **parameters):
    return teacher(messages).replace("one thing at a time", "go slowly").replace("twice", "three times")

def stranger(messages, **parameters):
    return f"hm. {topic(messages)}? never cared much; ask around the village, somebody old will know."

def other(messages, **parameters):
    return f"Concerning {topic(messages)}, the literature distinguishes several causes; none of them is conclusive."

def parrot(messages, **parameters):
    return "I can help with many things. What would you like to know today?"

def silent(messages, **parameters):
    return ""

def one_silent(messages, **parameters):
    return "" if number(messages) == 1 else stranger(messages)

def one_outage(messages, **parameters):
    if number(messages) == 1:
        raise RuntimeError("the model is out")
    return stranger(messages)

def one_copy(messages, **parameters):
    return teacher(messages) if number(messages) == 1 else stranger(messages)

def thinking(messages, **parameters):
    return "<think>" + teacher(messages) + "</think>" + stranger(messages)

def endless(messages, **parameters):
    return stranger(messages) + " and so on" * 100_000
'''


def prompt(number: int, set_name: str = "talk") -> dict[str, str]:
    """Return a prompt of a prompt file."""
    topic = TOPICS[number % len(TOPICS)]
    return {
        "id": f"p{number:02}",
        "set": set_name,
        "prompt": f"Prompt {number:02}: explain {topic}.",
    }


def write_suite(
    project: Project,
    name: str = "s",
    *,
    n: int = 4,
    prompts: Sequence[Mapping[str, str]] | None = None,
    top: Mapping[str, Any] | None = None,
    **section: Any,
) -> str:
    """Write `NAME.distill.yaml` with a prompt file and `pairs.py`, and return its file name; None takes a key away.

    Half of the n prompts are in the set `talk`, half in `work`.
    """
    project.write("pairs.py", MODELS)
    asked = prompts or [prompt(i, "talk" if i <= n / 2 else "work") for i in range(1, n + 1)]
    project.write(f"{name}.jsonl", "".join(json.dumps(each) + "\n" for each in asked))
    whole = {"prompts": f"{name}.jsonl", "references": [spec("teacher")], **section}
    data = {"similarity": {key: value for key, value in whole.items() if value is not None}, **(top or {})}
    return project.write(f"{name}.distill.yaml", json.dumps(data, indent=1))


def spec(function: str, name: str | None = None) -> str:
    """Return NAME=SPEC of a function of `pairs.py`, by default under its own name."""
    return f"{name or function}=python:pairs:{function}"


def recording(
    project: Project, name: str, answers: Mapping[int, Sequence[str] | str], *, set_name: str = "talk"
) -> str:
    """Write a recording that answers prompts by their numbers, with one sample or several; return NAME=SPEC."""
    lines = [
        json.dumps({"prompt": prompt(number, set_name)["prompt"], "response": text})
        for number, texts in answers.items()
        for text in ([texts] if isinstance(texts, str) else texts)
    ]
    return f"{name}=recorded:{project.write(f'{name}.recorded.jsonl', chr(10).join(lines))}"
