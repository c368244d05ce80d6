"""What a similarity must be read against: a ceiling, a floor and other references."""

from collections.abc import Mapping, Sequence
from random import Random
from statistics import fmean


def shuffled_pairs(prompts: Sequence[str], rng: Random) -> tuple[tuple[str, str], ...]:
    """Return each prompt with another one, for a floor: the answer to the first against that to the second.

    Every prompt gets exactly one other, no prompt gets itself.

    Args:
        prompts: ids, without repeats.
        rng: source of the order.

    Raises:
        ValueError: fewer than two prompts: there is no other.
    """
    if len(prompts) < 2:  # noqa: PLR2004 - one prompt has no other
        message = f"a floor needs at least two prompts, not {len(prompts)}"
        raise ValueError(message)
    order = rng.sample(sorted(prompts), len(prompts))
    partner = dict(zip(order, order[1:] + order[:1], strict=True))
    return tuple((prompt, partner[prompt]) for prompt in prompts)


def relative(scores: Mapping[str, float], reference: str) -> float | None:
    """Return the similarity to a reference minus the mean similarity to all others.

    Args:
        scores: the model's similarity to each reference, on any one scale.
        reference: a name among them.

    Returns:
        On the same scale; above 0 when the model is more similar to this reference than to the others. None
        without another reference.
    """
    others = [score for name, score in scores.items() if name != reference]
    return scores[reference] - fmean(others) if others else None


def normalised(score: float, *, floor: float, ceiling: float | None) -> float | None:
    """Return where a score stands between unrelated answers and the reference's own second answer.

    Args:
        score: similarity of the model to the reference.
        floor: similarity of shuffled pairs.
        ceiling: similarity of the reference to its own resample; None when there is none. The reference
            against the very same answers is no ceiling: it is 5 whatever the model is like.

    Returns:
        (score - floor) / (ceiling - floor): 0 at the floor, 1 at the ceiling, outside beyond them. None without
        a ceiling above the floor.
    """
    if ceiling is None or ceiling <= floor:
        return None
    return (score - floor) / (ceiling - floor)
