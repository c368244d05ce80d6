"""Gates on mean ratings: a census by the macro mean itself, a gate with a confidence by one-sided bootstrap bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from random import Random
from statistics import fmean
from typing import cast

from pytest_distillcheck.domain.gates import Decision, Gate, Outcome, Side
from pytest_distillcheck.domain.ratings import RANGES, Aspect
from pytest_distillcheck.domain.records import Record
from pytest_distillcheck.domain.scores import Mean
from pytest_distillcheck.gating.reasons import Reason
from pytest_distillcheck.similarity.scores import RESAMPLES
from pytest_distillcheck.statistics import MeanBootstrap, bootstrap_macro_mean

LEAST_PAIRS = 30
"""Pairs that bounds need. With fewer the bootstrap knows too little of the scatter: with 10 ratings one false FAIL in
twelve and one false PASS in seven were seen where one in twenty was asked for."""

_ROUNDING = 1e-9
"""The limit is a decimal fraction and a difference of floats is none: 1.1 - 1.0 must not be more than 0.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One prompt of a gate's population.

    Attributes:
        record: None when the pair is missing: an answer of the model or of the reference, or a judge that is fit.
        why_missing: what else is known of that; may be empty.
        before: the baseline's rating, by aspect; None when it has none.
    """

    prompt_set: str
    record: Record | None
    why_missing: str = ""
    before: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True)
class PairMembers:
    """The prompts that one model and one reference are compared on, with what is recorded of them.

    Attributes:
        seed: together with a gate's id, that of its resamples.
    """

    pairs: Sequence[Pair]
    seed: int = 0

    def sides(self, gate: Gate) -> "list[MeanSide]":
        """Return a gate's limits, each with its evidence."""
        pairs = [pair for pair in self.pairs if gate.prompt_set in {None, pair.prompt_set}]
        return [
            MeanSide(
                gate=gate,
                side=side,
                limit=limit,
                evidence=_evidence(pairs, cast("Aspect", gate.score), side),
                seed=self.seed,
            )
            for side, limit in gate.limit.sides()
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanEvidence:
    """What speaks for and against one side of a gate, by prompt set.

    Attributes:
        observed: a rating, or for `max_increase` a difference, for each pair; an unjudged one counts as the worst.
        at_best: the same with every missing pair at the end of the scale that speaks for the model.
        at_worst: the same with every missing pair at the other end.
        why_missing: what is known of the first such pair; may be empty.
    """

    observed: Sequence[Sequence[float]]
    at_best: Sequence[Sequence[float]]
    at_worst: Sequence[Sequence[float]]
    why_missing: str = ""

    @property
    def n(self) -> int:
        """Pairs that were answered."""
        return sum(map(len, self.observed))

    @property
    def missing(self) -> int:
        """Pairs that were not."""
        return sum(map(len, self.at_best)) - self.n


@dataclass(frozen=True, kw_only=True)
class MeanSide:
    """One of a gate's limits on a mean, with its evidence.

    A census compares the macro mean with the limit: the unweighted mean of the sets' means. With `confidence` c,
    one-sided BCa bootstrap bounds at c decide, resampled within sets: PASS when the bound on the far side is within the
    limit, FAIL when the near one is beyond it, else INCONCLUSIVE. The p-value that Holm's correction takes is that of
    the inverted bound. `max_increase` is the same on paired differences to the baseline.

    An unjudged pair counts against the model. With members missing a gate is FAIL if it fails with all of them at the
    end of the scale that speaks for the model (bounds, which stragglers widen: at either end), else INCOMPLETE.
    """

    gate: Gate
    side: Side
    limit: float
    evidence: MeanEvidence
    seed: int

    def p_value(self) -> float | None:
        """Return the larger p-value against the limit of those with the missing at their best and at their worst."""
        evidence = self.evidence
        if self.gate.limit.confidence is None:
            return None
        if evidence.n < LEAST_PAIRS:
            return 1.0
        cases = [evidence.at_best, evidence.at_worst] if evidence.missing else [evidence.observed]
        return max(self._bootstrap(case).p_value(self._sign * self.limit) for case in cases)

    def level(self) -> float:
        """Return the level of a false FAIL."""
        return 1 - (self.gate.limit.confidence or 0)

    def decision(self, *, fails: bool) -> Decision:
        """Return the decision."""
        if self.gate.limit.confidence is None:
            fails = self._beyond(self.evidence.at_best)
        outcome, needs = self._outcome(fails=fails)
        return Decision(
            gate=self.gate,
            outcome=outcome,
            observed=self._observed,
            missing=self.evidence.missing,
            needs=needs,
            reason=_reason(self, outcome, self._observed, needs),
        )

    @property
    def _sign(self) -> int:
        """What turns the scale so that more speaks against the model."""
        return -1 if self.side == "min" else 1

    def _beyond(self, strata: Sequence[Sequence[float]]) -> bool:
        return bool(strata) and self._sign * (fmean(map(fmean, strata)) - self.limit) > _ROUNDING

    def _bootstrap(self, strata: Sequence[Sequence[float]]) -> MeanBootstrap:
        # Anew from the seed: the decision does not hang on which other gates there are, and the interval is the score's.
        rng = Random(self.seed)  # noqa: S311 - resamples, hides nothing
        turned = [[self._sign * value for value in values] for values in strata]
        return bootstrap_macro_mean(turned, rng, resamples=RESAMPLES)

    @cached_property
    def _resampled(self) -> MeanBootstrap:
        return self._bootstrap(self.evidence.observed)

    @cached_property
    def _observed(self) -> Mean:
        n = self.evidence.n
        value = self._sign * self._resampled.estimate if n else None
        if n < 2:  # noqa: PLR2004 - one value has no scatter
            return Mean(n=n, value=value, low=None, high=None, method="none")
        interval = self._resampled.interval()
        low, high = sorted((self._sign * interval.low, self._sign * interval.high))
        return Mean(n=n, value=value, low=low, high=high, method="bootstrap")

    def _outcome(self, *, fails: bool) -> tuple[Outcome, int | None]:
        if fails:
            return "FAIL", None
        if self.evidence.missing or not self.evidence.n:
            return "INCOMPLETE", None
        confidence = self.gate.limit.confidence
        if confidence is None:
            return "PASS", None
        if self.evidence.n < LEAST_PAIRS:
            return "INCONCLUSIVE", LEAST_PAIRS - self.evidence.n
        limit = self._sign * self.limit
        bound = self._resampled.upper_bound(confidence)
        if bound <= limit + _ROUNDING:
            return "PASS", None
        return "INCONCLUSIVE", _more_pairs(self._resampled, confidence, limit, n=self.evidence.n)


def mean_note(gate: Gate, planned: int) -> str | None:
    """Return what a gate with a confidence needs before it can be decided; None for a census."""
    if gate.limit.confidence is None:
        return None
    if planned < LEAST_PAIRS:
        return (
            f"{gate.name} ({gate.limit}) can never be decided: bounds need {LEAST_PAIRS} prompts and it has {planned};"
            " ask more, or leave `confidence` out"
        )
    return f"{gate.name} ({gate.limit}) is decided by bounds on the mean over {planned} prompts"


def _evidence(pairs: Sequence[Pair], aspect: Aspect, side: Side) -> MeanEvidence:
    """Return the evidence on one side of a gate on an aspect."""
    low, high = RANGES[aspect]
    best, worst = (high, low) if side == "min" else (low, high)
    observed: dict[str, list[float]] = {}
    missing: dict[str, list[tuple[float, float]]] = {}
    for pair in pairs:
        before = 0.0
        if side == "max_increase":
            if pair.before is None:
                continue  # only prompts that both have are compared
            before = pair.before[aspect]
        if pair.record is None:
            missing.setdefault(pair.prompt_set, []).append((best - before, worst - before))
            continue
        rating = pair.record.rating
        value = worst if rating is None else rating[aspect]
        observed.setdefault(pair.prompt_set, []).append(value - before)
    names = sorted({*observed, *missing})
    return MeanEvidence(
        observed=[observed[name] for name in names if name in observed],
        at_best=[observed.get(name, []) + [best for best, _ in missing.get(name, ())] for name in names],
        at_worst=[observed.get(name, []) + [worst for _, worst in missing.get(name, ())] for name in names],
        why_missing=next((pair.why_missing for pair in pairs if pair.why_missing), ""),
    )


def _more_pairs(bootstrap: MeanBootstrap, confidence: float, limit: float, *, n: int) -> int | None:
    """Return about how many more pairs would decide: bounds close in on the mean with the root of their number."""
    distance = abs(limit - bootstrap.estimate)
    if distance <= _ROUNDING:
        return None
    lower, upper = bootstrap.lower_bound(confidence), bootstrap.upper_bound(confidence)
    reach = max(upper - bootstrap.estimate, bootstrap.estimate - lower)
    return max(1, ceil(n * (reach / distance) ** 2) - n)


def _reason(side: MeanSide, outcome: Outcome, observed: Mean, needs: int | None) -> str:
    gate, missing = side.gate, side.evidence.missing
    limit = f"{side.side} {side.limit:g}"
    if gate.limit.confidence:
        limit += f" at confidence {gate.limit.confidence:g}"
    if not side.evidence.n and not missing:
        return f"no prompt counts for {gate.score}; the baseline shares none"
    found = f"{gate.score} {_shown(observed, change=side.side == 'max_increase')}"
    if outcome == "INCONCLUSIVE" and side.evidence.n < LEAST_PAIRS:
        return f"{found} does not decide {limit}: bounds need {LEAST_PAIRS} prompts"
    return Reason(
        found=found,
        limit=limit,
        unit="pairs",
        missing=missing,
        why_missing=side.evidence.why_missing,
        total=str(missing + side.evidence.n),
        needs=needs,
    ).text(outcome)


def _shown(observed: Mean, *, change: bool) -> str:
    if observed.value is None:
        return "has no answer"
    sign = "+" if change else ""
    told = f"{'changed by ' if change else ''}{observed.value:{sign}.3f}"
    if observed.low is not None and observed.high is not None:
        told += f" [{observed.low:{sign}.3f}, {observed.high:{sign}.3f}]"
    return f"{told} over {observed.n} prompt{'s' if observed.n != 1 else ''}"
