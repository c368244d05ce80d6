"""What a measurement asks: templates and questions, drawn by seed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

from pytest_distillcheck.domain.exchanges import Message
from pytest_distillcheck.domain.probes import Probe, Question
from pytest_distillcheck.domain.templates import SeedTemplate


def draw_pairs(
    templates: Sequence[SeedTemplate], questions: Sequence[Question], *, most: int, seed: int
) -> Iterator[tuple[SeedTemplate, Question]]:
    """Yield what a measurement draws, in its order: independent, and each pair with the same chance.

    What is drawn from is every question in every template, whatever their languages: that is also what a search
    explores and what the paper asks (Lee et al., ACL 2025), so whatever a search finds can be measured. Draws depend
    on the seed, the templates and the questions alone: every model is asked alike, and a larger `most` goes on where a
    smaller one ended. Each is made when it is wanted, so that what may be drawn costs nothing until it is.

    Args:
        templates: what is measured; those without a placeholder are left out, and at least one has one.
        questions: at least one.
        most: how many draws, at least 1.
        seed: decides every draw.
    """
    usable = sorted((t for t in templates if t.has_placeholder), key=lambda template: template.id)
    asked = sorted(questions, key=lambda question: question.id)
    rng = Random(f"draws:{seed}")  # noqa: S311 - draws that must be repeatable
    for _ in range(most):
        template, question = divmod(rng.randrange(len(usable) * len(asked)), len(asked))
        yield usable[template], asked[question]


def draw_probes(
    templates: Sequence[SeedTemplate],
    questions: Sequence[Question],
    *,
    most: int,
    seed: int,
    system: str | None = None,
) -> Iterator[Probe]:
    """Yield the probes of what `draw_pairs` draws. A pair that is drawn again is asked again, as the next sample.

    Args:
        templates: as there, and so are the next three.
        questions: likewise.
        most: likewise.
        seed: likewise.
        system: the system prompt of every probe; None or empty for none.
    """
    opening = (Message("system", system),) if system else ()
    samples: Counter[tuple[str, str]] = Counter()
    for template, question in draw_pairs(templates, questions, most=most, seed=seed):
        pair = template.id, question.id
        sample = samples[pair]
        samples[pair] += 1
        yield Probe(
            id="-".join(pair) + (f"-r{sample + 1}" if sample else ""),
            question=question,
            context=template.id,
            messages=(*opening, Message("user", template.put(question))),
            sample=sample,
        )
