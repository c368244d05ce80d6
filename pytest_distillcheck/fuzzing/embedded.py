"""The embedded mutators: the five of GPTFuzz as rules, without a model, in English and Chinese."""

import re
from collections.abc import Callable, Sequence
from random import Random

from pytest_distillcheck.domain.probes import PLACEHOLDER
from pytest_distillcheck.domain.templates import Mutation, MutatorKind
from pytest_distillcheck.fuzzing.rules import Rules, rules

_SENTENCE = re.compile(r".+?(?:[.!?:](?=\s)|[。！？：]|$)[”」』\"]?\s*", re.DOTALL)
_GROUPS_REPLACED = 0.7
"""Chance that an expression gives way to another one of its group; below 1, so that mutants of mutants differ."""


class EmbeddedMutator:
    """Makes mutants by rule. The placeholder stays as often as it stood.

    Args:
        seed: decides every draw, together with the mutation.
    """

    name = "embedded"

    def __init__(self, *, seed: int = 0) -> None:
        self._seed = seed

    async def mutate(self, mutation: Mutation) -> str:
        """Return the mutant's text, equal for equal mutations."""
        partner = mutation.partner.text if mutation.partner else ""
        rng = Random(
            "\0".join((str(self._seed), mutation.kind, mutation.template.text, partner, str(mutation.draw)))
        )
        tables = rules(mutation.template.language)
        if mutation.kind == "crossover":
            return cross_over(mutation.template.text, partner, rng)
        return _RULES[mutation.kind](mutation.template.text, tables, rng)


def generate_similar(text: str, tables: Rules, rng: Random) -> str:
    """Return a template of the same style that tells of other things, after a scene of its own."""
    other = _exchange(text, tables.kinds, rng, chance=1.0)
    scene = tables.scene(rng, 1)
    # What can be exchanged is soon used up, so the scene is what makes one similar template differ from the next.
    return _paragraphs(_joined(scene), other) if rng.random() < 0.5 or other == text else other


def cross_over(text: str, partner: str, rng: Random) -> str:
    """Return a template with parts of both, and the placeholder from one of them."""
    before, line, after = _around_question(text)
    other_before, other_line, other_after = _around_question(partner)
    return rng.choice(
        (
            _paragraphs(before, other_line, other_after),
            _paragraphs(other_before, line, after),
            _paragraphs(other_before, before, line, after),
            _paragraphs(before, line, other_after),
        )
    )


def expand(text: str, tables: Rules, rng: Random) -> str:
    """Return the whole template after three new sentences."""
    return _paragraphs(_joined(tables.scene(rng, 3)), text)


def shorten(text: str, tables: Rules, rng: Random) -> str:
    """Return the template without its fillers and some of its sentences, up to a half of them."""
    for filler in tables.fillers:
        text = text.replace(filler, "")
    sentences = _SENTENCE.findall(text)
    droppable = [index for index, sentence in enumerate(sentences) if PLACEHOLDER not in sentence]
    # The last one stays: without any, nothing would be left but the question.
    most = max(1, len(droppable) // 2) if len(droppable) > 1 else 0
    dropped = set(rng.sample(droppable, k=rng.randint(1, most))) if most else set()
    return "".join(sentence for index, sentence in enumerate(sentences) if index not in dropped).strip()


def rephrase(text: str, tables: Rules, rng: Random) -> str:
    """Return the template in other words, with a remark at the end when there were none to be found."""
    other = _exchange(text, tables.synonyms, rng, chance=_GROUPS_REPLACED)
    return other if other != text else _paragraphs(text, rng.choice(tables.remarks))


_RULES: dict[MutatorKind, Callable[[str, Rules, Random], str]] = {
    "generate-similar": generate_similar,
    "expand": expand,
    "shorten": shorten,
    "rephrase": rephrase,
}


def _exchange(text: str, groups: Sequence[Sequence[str]], rng: Random, *, chance: float) -> str:
    """Replace expressions by others of their groups, an expression by the same one throughout."""
    replacements: dict[str, str] = {}
    for group in groups:
        for expression in group:
            others = [other for other in group if other != expression]
            replacements[expression.lower()] = rng.choice(others) if rng.random() < chance else expression
    pattern = "|".join(
        _bounded(expression)
        for expression in sorted((word for group in groups for word in group), key=len, reverse=True)
    )

    def replace(match: re.Match[str]) -> str:
        replacement = replacements[match[0].lower()]
        return replacement[0].upper() + replacement[1:] if match[0][0].isupper() else replacement

    # Part by part, since the placeholder is a word too.
    parts = [re.sub(pattern, replace, part, flags=re.IGNORECASE) for part in text.split(PLACEHOLDER)]
    return PLACEHOLDER.join(parts)


def _bounded(expression: str) -> str:
    escaped = re.escape(expression)
    return rf"\b{escaped}\b" if expression.isascii() else escaped


def _around_question(text: str) -> tuple[str, str, str]:
    """Return the lines before the question's, its line, and the lines after."""
    lines = text.split("\n")
    at = next((index for index, line in enumerate(lines) if PLACEHOLDER in line), len(lines) - 1)
    return "\n".join(lines[:at]), lines[at], "\n".join(lines[at + 1 :])


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def _joined(sentences: Sequence[str]) -> str:
    return "".join(
        sentence if sentence.endswith("。") or index == len(sentences) - 1 else sentence + " "
        for index, sentence in enumerate(sentences)
    )
