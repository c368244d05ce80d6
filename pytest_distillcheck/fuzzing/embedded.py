"""The embedded mutators: the five of GPTFuzz as rules, without a model, in English and Chinese."""

import re
from collections.abc import Callable, Sequence
from random import Random

from pytest_distillcheck.domain.probes import PLACEHOLDER
from pytest_distillcheck.domain.templates import Mutation, MutatorKind
from pytest_distillcheck.fuzzing.rules import Rules, rules

_SENTENCE_START = re.compile(r"(?<=[^\d][.!?] )|(?<=[。！？])(?![”」』\s])|(?<=\n)")
_OFTEN = 0.7
"""Chance that an expression gives way to another one; below 1, so that one template has many paraphrases."""
_EVEN = 0.5


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
        drawn_by = (str(self._seed), mutation.kind, mutation.template.text, partner, str(mutation.draw))
        rng = Random("\0".join(drawn_by))  # noqa: S311 - draws that must be repeatable
        tables = rules(mutation.template.language)
        if mutation.kind == "crossover":
            return cross_over(mutation.template.text, partner, rng)
        return _RULES[mutation.kind](mutation.template.text, tables, rng)


def generate_similar(text: str, tables: Rules, rng: Random) -> str:
    """Return a template of the same style that tells of other things, or begins with another scene."""
    other = _exchange(text, tables.kinds, rng, chance=1.0)
    if other == text or rng.random() < _EVEN:
        return _below(tables.scene(rng, 1), other)
    return other


def cross_over(text: str, partner: str, rng: Random) -> str:
    """Return a template with parts of both, and the question's line from one of them."""
    before, line, after = _around_question(text)
    other_before, other_line, other_after = _around_question(partner)
    crosses = (
        before + other_line + other_after,
        other_before + line + after,
        other_before + before + line + after,
        before + line + other_after,
        before + other_line + after,
    )
    new = [cross for cross in crosses if cross not in {text, partner} and cross.strip() != PLACEHOLDER]
    return rng.choice(new) if new else text


def expand(text: str, tables: Rules, rng: Random) -> str:
    """Return the whole template after three new sentences."""
    return _below(tables.scene(rng, 3), text)


def shorten(text: str, tables: Rules, rng: Random) -> str:
    """Return the template without its fillers and some of its sentences: one at least, or up to half of them."""
    for filler in tables.fillers:
        text = text.replace(filler, "")
    sentences = [sentence for sentence in _SENTENCE_START.split(text) if sentence]
    kept = {index for index, sentence in enumerate(sentences) if PLACEHOLDER in sentence}
    others = [index for index, sentence in enumerate(sentences) if index not in kept and sentence.strip()]
    least = min(1, len(others))
    kept.update(rng.sample(others, k=len(others) - rng.randint(least, max(least, len(others) // 2))))
    return "".join(
        sentence for index, sentence in enumerate(sentences) if index in kept or not sentence.strip()
    ).strip()


def rephrase(text: str, tables: Rules, rng: Random) -> str:
    """Return the template in other words, or below a remark on what is asked."""
    other = _exchange(text, tables.synonyms, rng, chance=_OFTEN)
    if other == text or rng.random() < _EVEN:
        return _below([rng.choice(tables.remarks)], other)
    return other


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
    """Return what stands before the question's line, the line, and what stands after it; joined, they are the text."""
    question = text.find(PLACEHOLDER)
    start = text.rfind("\n", 0, question) + 1
    end = text.find("\n", question)
    return (text[:start], text[start:], "") if end < 0 else (text[:start], text[start:end], text[end:])


def _below(sentences: Sequence[str], text: str) -> str:
    # Above the text, never below it: many templates end where the model is to go on.
    return "".join(sentences).strip() + "\n\n" + text
