"""The baseline: the results.json of an earlier run, which `max_increase` compares with, and whether it is fit to."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_distillcheck.domain.ratings import RANGES
from pytest_distillcheck.domain.similarities import Measurement
from pytest_distillcheck.errors import UsageError
from pytest_distillcheck.reports import RESULTS_SCHEMA

OPTION = "--distill-baseline"


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRatings:
    """What an earlier run rated one model at, against one reference on one suite.

    Attributes:
        model: its name then.
        ratings: by prompt id and aspect; a prompt that was not judged has none.
    """

    model: str
    ratings: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """An earlier run's results.json.

    Attributes:
        path: as messages name it.
    """

    path: str
    _data: Mapping[str, Any] = field(repr=False)

    def ratings(self, *, suite: str, model: str, reference: str, measurement: Measurement) -> EarlierRatings:
        """Return what to compare a model with.

        That is the model of the same name or, since an old build may have had another name, the only model that the
        suite was run for.

        Raises:
            UsageError: there is none, or it was measured in another way; the message says in which.
        """
        earlier = self._model(suite, model)
        scores = self._similarity(suite, earlier)
        if reference not in scores:
            raise self._unfit(
                f"{suite} compares {earlier!r} with {_listed(list(scores))} in it, not with {reference!r}"
            )
        then = scores[reference].get("measurement")
        if not isinstance(then, dict):
            raise self._unfit("it does not say how it was measured")
        now = measurement.to_builtins()
        if differences := list(_differences(then, now)):
            raise self._unfit(f"{suite} was measured otherwise: {'; '.join(differences)}")
        return EarlierRatings(model=earlier, ratings=self._ratings(suite, earlier, reference))

    def _model(self, suite: str, model: str) -> str:
        names: list[str] = [name for name in self._data["models"] if self._similarity(suite, name)]
        if model in names:
            return model
        if len(names) == 1:
            return names[0]
        if names:
            raise self._unfit(f"{suite} has {_listed(names)} in it, and none is called {model!r}")
        others = sorted({name for entry in self._data["models"].values() for name in entry["suites"]})
        raise self._unfit(f"it has no similarity of {suite}; its suites are {_listed(others)}")

    def _similarity(self, suite: str, model: str) -> Mapping[str, Any]:
        scores: Mapping[str, Any] = self._data["models"][model]["suites"].get(suite, {}).get("similarity", {})
        return scores

    def _ratings(self, suite: str, model: str, reference: str) -> Mapping[str, Mapping[str, float]]:
        wanted = ("similarity", suite, model, reference)
        return {
            record["question"]: record["rating"]
            for record in self._data["records"]
            if (record["kind"], record["suite"], record["model"], record["reference"]) == wanted
            and record["rating"] is not None
        }

    def _unfit(self, why: str) -> UsageError:
        return UsageError(
            f"{OPTION}: {self.path} cannot be compared with: {why}; give results.json of a run of the same suite"
        )


def read_baseline(path: Path) -> Baseline:
    """Read the results.json of an earlier run.

    Raises:
        UsageError: it cannot be read, or is no such file.
    """
    try:
        data: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{OPTION}: {path} cannot be read ({error.strerror or error})") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{OPTION}: {path} is no JSON ({error}); give a results.json") from None
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != RESULTS_SCHEMA:
        raise UsageError(
            f"{OPTION}: {path} is no results.json of this version: its schema is {schema!r}, not {RESULTS_SCHEMA!r}"
        )
    if not _is_sound(data):
        raise UsageError(f"{OPTION}: {path} is damaged; take it anew from the run that wrote it")
    return Baseline(path=str(path), _data=data)


def _is_sound(data: Mapping[str, Any]) -> bool:
    """Return whether what is read of a results.json has the form that its schema asks for."""
    try:
        suites = [suite for model in data["models"].values() for suite in model["suites"].values()]
        sections = [suite.get("similarity", {}) for suite in suites]
        return all(isinstance(scores, dict) for section in sections for scores in section.values()) and all(
            _is_sound_record(record) for record in data["records"]
        )
    except (AttributeError, KeyError, TypeError):
        return False


def _is_sound_record(record: Mapping[str, Any]) -> bool:
    names = [record[key] for key in ("suite", "model", "question")]
    rating = record["rating"]
    return all(isinstance(name, str) for name in names) and (
        record["kind"] != "similarity"
        or rating is None
        or all(low <= rating[aspect] <= high for aspect, (low, high) in RANGES.items())
    )


def _differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield in what two measurements differ."""
    for key, value in now.items():
        before = then.get(key)
        if before == value:
            continue
        if key == "prompts":
            yield f"other prompts were asked in {_changed_sets(before or {}, value)}"
        else:
            yield f"{key} was {json.dumps(before)} and is {json.dumps(value)}"


def _changed_sets(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    changed = sorted(name for name in {*then, *now} if then.get(name) != now.get(name))
    return f"the set{'s' if len(changed) > 1 else ''} {_listed(changed)}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names) or "none"
