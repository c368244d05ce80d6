"""Which waiver covers a finding, and which waivers nobody needs any more."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from pytest_distillcheck.domain.waivers import Waiver


def waiver_for(waivers: Iterable[Waiver], name: str, today: date) -> Waiver | None:
    """Return the waiver that covers a test, one in force before an expired one; None when none does."""
    covering = [waiver for waiver in waivers if waiver.covers(name)]
    in_force = (waiver for waiver in covering if not waiver.expired(today))
    return next(in_force, covering[0] if covering else None)


def needless_waivers(
    waivers: Iterable[Waiver], planned: Sequence[str], found: Mapping[str, bool]
) -> list[Waiver]:
    """Return the waivers whose tests all ran and found nothing.

    Args:
        waivers: the suite's.
        planned: names of all tests that the suite plans.
        found: by name of a test that got an answer, whether there was a finding.
    """
    needless = []
    for waiver in waivers:
        covered = [name for name in planned if waiver.covers(name)]
        if covered and all(found.get(name) is False for name in covered):
            needless.append(waiver)
    return needless
