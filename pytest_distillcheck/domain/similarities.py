"""What the ratings of a model against one reference came to, and what they must be read against."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pytest_distillcheck.domain.ratings import Aspect
from pytest_distillcheck.domain.scores import Mean, Share

Means = Mapping[Aspect, Mean]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """All that decides ratings beside the two models: runs in which any of it differs cannot be compared.

    Attributes:
        judge: its name.
        turns: which turns of a conversation are answered.
        system: the suite's system prompt; None for none.
        parameters: sampling parameters that the suite sets.
        sample: conversations drawn from each set; None for all.
        seed: of that draw; None without one.
        prompts: SHA-256 of what is asked, by prompt set.
    """

    judge: str
    turns: str
    system: str | None
    parameters: Mapping[str, object]
    sample: int | None
    seed: int | None
    prompts: Mapping[str, str]

    def to_builtins(self) -> dict[str, Any]:
        """Return the `measurement` of results.json."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What a mean overall rating must be read against; None for what could not be measured.

    Attributes:
        floor: macro mean of the model's answers against the reference's answers to other prompts of their set.
        ceiling: macro mean of the reference's answers against its own second answers.
        relative: similarity to this reference minus the mean similarity to the others.
        normalised: (score - floor) / (ceiling - floor).
        unavailable: why, by the name of each that is None.
    """

    floor: float | None = None
    ceiling: float | None = None
    relative: float | None = None
    normalised: float | None = None
    unavailable: Mapping[str, str] = field(default_factory=dict)

    def to_builtins(self) -> dict[str, Any]:
        """Return the `controls` of results.json."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Increase:
    """How much more similar to the reference a model is than the baseline's, on the prompts that both have.

    Attributes:
        model: the baseline's model, whose name may differ from that of the model under test.
        mean: of the paired differences: the unweighted mean over prompt sets.
        p_value: of the hypothesis that nothing increased, by sign flips, in (0, 1]; None without a pair.
    """

    model: str
    mean: Mean
    p_value: float | None

    def to_builtins(self) -> dict[str, Any]:
        """Return the `increase` of results.json."""
        return {"model": self.model, **self.mean.to_builtins(), "p_value": self.p_value}


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarityScores:
    """The similarity of one model to one reference on one suite.

    Means are over judged pairs alone; what cannot be judged is counted in `unjudged` and, by gates, against the model.

    Attributes:
        overall: by aspect, the unweighted mean of the sets' means (the macro mean of Lee et al., arXiv 2501.12619).
        by_set: the same within each prompt set.
        unjudged: n is the answers received.
        measurement: what decided the ratings.
        controls: what the overall mean must be read against.
        length_ratio: geometric mean over pairs of the answer's length by the reference's, in characters; above 0,
            None without a judged pair.
        repeated: how many of the model's judged answers are its most frequent one.
        repeated_reference: the same of the reference.
        increase: over the baseline, of `overall`; None without one.
    """

    overall: Means
    by_set: Mapping[str, Means]
    unjudged: Share
    measurement: Measurement
    controls: Controls = field(default_factory=Controls)
    length_ratio: float | None = None
    repeated: int = 0
    repeated_reference: int = 0
    increase: Increase | None = None

    def to_builtins(self) -> dict[str, object]:
        """Return what results.json says of one reference."""
        return {
            **_means(self.overall),
            "by_set": {name: _means(means) for name, means in self.by_set.items()},
            "unjudged": self.unjudged.to_builtins(),
            "controls": self.controls.to_builtins(),
            "length_ratio": self.length_ratio,
            "repeated": self.repeated,
            "repeated_reference": self.repeated_reference,
            "increase": self.increase.to_builtins() if self.increase else None,
            "measurement": self.measurement.to_builtins(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestReference:
    """Which of a suite's references a model is most similar to, if one stands out.

    Attributes:
        ranking: every reference with its score in natural logarithms, the most similar first.
        nearest: the first of them, or None when its lead is no more than unrelated models show.
        p_value: of the hypothesis that some other is as similar, in [0, 1].
        prompts: how many were compared.
    """

    suite: str
    model: str
    ranking: tuple[tuple[str, float], ...]
    nearest: str | None
    p_value: float
    prompts: int

    def to_builtins(self) -> dict[str, object]:
        """Return the `attribution` of results.json."""
        return {
            "ranking": [{"reference": name, "score": score} for name, score in self.ranking],
            "nearest": self.nearest,
            "p_value": self.p_value,
            "prompts": self.prompts,
        }


def _means(means: Means) -> dict[str, object]:
    return {aspect: mean.to_builtins() for aspect, mean in means.items()}
