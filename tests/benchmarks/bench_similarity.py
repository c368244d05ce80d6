"""Pairs a second that the embedded similarity judge rates, and seconds that an attribution takes.

    python tests/benchmarks/bench_similarity.py

Bounds: 700 pairs a second of 2 kB texts, 2 s for a pair of 1 MB texts, 20 s for one model against 17
references and 803 prompts, all on one core. The texts are drawn from a seeded vocabulary with the shape of
answers: an opening, a list with bold heads, a closing.
"""

import random
import time
from collections.abc import Callable

from measuring import median

from pytest_distillcheck.similarity import EmbeddedSimilarityJudge, attribute

PAIRS, ROUNDS = 200, 7
LONG = 1_000_000
MODELS, PROMPTS = 18, 803
SYLLABLES = ("ba", "con", "der", "el", "fi", "gra", "in", "lo", "mer", "no", "pre", "ra", "si", "tion", "ver")
FUNCTION_WORDS = ("the", "of", "and", "to", "a", "in", "is", "that", "for", "you", "with", "as", "are", "can")


def main() -> None:
    """Print the three figures."""
    rng = random.Random(0)
    vocabulary = ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) for _ in range(4_000)]
    judge = EmbeddedSimilarityJudge()
    pairs = [(_answer(rng, vocabulary, 2_000), _answer(rng, vocabulary, 2_000)) for _ in range(PAIRS)]

    def rate_all() -> None:
        for reference, response in pairs:
            judge.rate(prompt="What matters when a city is planned?", reference=reference, response=response)

    print(f"{PAIRS / median(_cpu_s(rate_all) for _ in range(ROUNDS)):.0f} pairs of 2 kB a second (bound 700)")
    first, second = _answer(rng, vocabulary, LONG), _answer(rng, vocabulary, LONG)
    long_s = _cpu_s(lambda: judge.rate(prompt="?", reference=first, response=second))
    print(f"{long_s:.2f} s for a pair of 1 MB (bound 2)")
    models = {
        f"m{model}": {str(prompt): _answer(rng, vocabulary, 1_200) for prompt in range(PROMPTS)}
        for model in range(MODELS)
    }
    attribution_s = _cpu_s(lambda: attribute(models.pop("m0"), models))
    print(f"{attribution_s:.1f} s for {MODELS - 1} references and {PROMPTS} prompts (bound 20)")


def _answer(rng: random.Random, vocabulary: list[str], length: int) -> str:
    lines = ["Sure! Here are some points to consider:", ""]
    size = 0
    while size < length - 100:
        words = [rng.choice(FUNCTION_WORDS if rng.random() < 0.45 else vocabulary) for _ in range(25)]
        lines.append(f"{len(lines)}. **{words[0].title()}**: {' '.join(words)}. It isn't {words[1]}, though.")
        size += len(lines[-1]) + 1
    return "\n".join([*lines, "", "I hope this helps."])


def _cpu_s(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


if __name__ == "__main__":
    main()
