"""The rules that a gate's limits keep, beyond the ranges that the schema knows."""

from collections.abc import Mapping
from typing import Any

from pytest_distillcheck.domain.gates import Limit
from pytest_distillcheck.domain.ratings import Aspect
from pytest_distillcheck.domain.scores import ScoreName
from pytest_distillcheck.resources import Path
from pytest_distillcheck.suites.source import SuiteSource

_Entries = Mapping[str, Mapping[str, Any]]


def share_limits(source: SuiteSource, data: _Entries, path: Path) -> dict[ScoreName, Limit]:
    """Return the limits on scores of probes, by score."""
    for score, entry in data.items():
        _expect_limit(source, entry, (*path, score), "sets neither max nor min; set one")
        _expect_order(source, entry, (*path, score), "share")
    return _limits(data)


def rating_limits(source: SuiteSource, data: _Entries, path: Path) -> dict[Aspect, Limit]:
    """Return the limits on ratings or on their means, by aspect."""
    for aspect, entry in data.items():
        _expect_limit(source, entry, (*path, aspect), "sets no limit; set max, min or max_increase")
        _expect_order(source, entry, (*path, aspect), "rating")
    return _limits(data)


def campaign_limits(source: SuiteSource, data: _Entries, path: Path) -> dict[ScoreName, Limit]:
    """Return the limits on scores of a campaign's measurement, by score."""
    for score, entry in data.items():
        at = (*path, score)
        _expect_limit(source, entry, at, "sets no limit; set max, min, or accept and reject")
        if "accept" in entry or "reject" in entry:
            _expect_zone(source, entry, at)
        else:
            _expect_passable(source, entry, at)
    return _limits(data)


def _limits(data: Mapping[Any, Mapping[str, Any]]) -> dict[Any, Limit]:
    return {name: Limit(**entry) for name, entry in data.items()}


def _expect_limit(source: SuiteSource, entry: Mapping[str, Any], path: Path, message: str) -> None:
    if not entry.keys() - {"confidence"}:
        source.fault(path, message)


def _expect_order(source: SuiteSource, entry: Mapping[str, Any], path: Path, what: str) -> None:
    low, high = entry.get("min"), entry.get("max")
    if low is not None and high is not None and low > high:
        source.fault(path, f"min {low} is above max {high}; no {what} can be both")


def _expect_zone(source: SuiteSource, entry: Mapping[str, Any], path: Path) -> None:
    """Note what is wrong with an indifference zone: both ends, in order, and nothing beside it."""
    for end, other in (("accept", "reject"), ("reject", "accept")):
        if other not in entry:
            source.fault(path, f"sets {end} without {other}; they are the two ends of one zone, set both")
            return
    if entry["accept"] >= entry["reject"]:
        message = f"accept {entry['accept']} is not below reject {entry['reject']}; leave room between them"
        source.fault(path, message)
    for side in {"max", "min"} & entry.keys():
        message = f"stands beside accept and reject, which replace {side}; remove either"
        source.fault((*path, side), message, key=True)


def _expect_passable(source: SuiteSource, entry: Mapping[str, Any], path: Path) -> None:
    """Note a limit that no number of random draws can show to be kept."""
    never = "can never pass: no number of draws shows that a rate is"
    low, high = entry.get("min"), entry.get("max")
    if high == 0:
        source.fault((*path, "max"), f"max 0 {never} 0; allow more")
    if low == 1:
        source.fault((*path, "min"), f"min 1 {never} 1; demand less")
    if low is not None and high is not None and low >= high:
        source.fault(path, f"min {low} with max {high} {never} both; leave room between them")
