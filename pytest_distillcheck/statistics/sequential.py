"""The betting test up to a cap: its boundaries, and what it costs and how often it errs, exactly."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from pytest_distillcheck.statistics.betting import BettingTest

Decision = Literal["pass", "fail", "inconclusive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """The decision for every count up to a cap, as tables.

    Attributes:
        pass_at: by number of draws from 0 to the cap, the most hits at which the test passes; -1 for none.
        fail_at: by number of draws, the fewest hits at which it fails; one more than the draws for none.
    """

    pass_at: tuple[int, ...]
    fail_at: tuple[int, ...]

    @property
    def cap(self) -> int:
        """The largest number of draws."""
        return len(self.pass_at) - 1

    @property
    def can_pass(self) -> bool:
        """Whether the test can pass within the cap at all."""
        return self.pass_at[self.cap] >= 0

    def decide(self, n: int, hits: int) -> Decision | None:
        """Return what is certain after `hits` in `n` draws, or None while it is open.

        `inconclusive` comes as soon as no continuation within the cap could pass or fail: neither draws
        without a hit nor draws with nothing else would reach a boundary. Both boundaries rise with n, and the
        upper one by at most 1 a draw, so it is enough to look at the cap.

        Args:
            n: draws, at most the cap.
            hits: how many of them count.
        """
        if hits >= self.fail_at[n]:
            return "fail"
        if hits <= self.pass_at[n]:
            return "pass"
        within_reach = hits <= self.pass_at[self.cap] or hits + self.cap - n >= self.fail_at[self.cap]
        return None if within_reach else "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingCharacteristics:
    """What a capped test does at one true rate.

    Attributes:
        expected_draws: mean number of draws until it stops.
        passes: chance of PASS.
        fails: chance of FAIL.
        inconclusive: chance of neither.
    """

    expected_draws: float
    passes: float
    fails: float
    inconclusive: float


def boundary(test: BettingTest, cap: int) -> Boundary:
    """Tabulate a test up to `cap` draws. Time is linear in the cap.

    Args:
        test: what is tested.
        cap: the largest number of draws, at least 1.
    """
    pass_at, fail_at = [-1], [1]
    # A hit never helps to pass and a miss never helps to fail, so each boundary rises by 0 or 1 a draw.
    for n in range(1, cap + 1):
        most, fewest = pass_at[-1], fail_at[-1]
        pass_at.append(most + test.passes(n, most + 1))
        fail_at.append(fewest + (fewest > n or not test.fails(n, fewest)))
    return Boundary(pass_at=tuple(pass_at), fail_at=tuple(fail_at))


def operating_characteristics(
    bounds: Boundary, rate: float, *, n: int = 0, hits: int = 0
) -> OperatingCharacteristics:
    """Return the exact cost and error rates at a true rate, by following the chance of every count.

    Time grows with the cap to the power 1.5: about 10 ms at a cap of 1,000.

    Args:
        bounds: the test with its cap.
        rate: the true rate, in [0, 1].
        n: draws made already, where the test is still open; `expected_draws` counts further ones.
        hits: how many of them count.
    """
    open_chances = {hits: 1.0}
    ended: dict[Decision, float] = {"pass": 0.0, "fail": 0.0, "inconclusive": 0.0}
    expected = 0.0
    for drawn in range(n + 1, bounds.cap + 1):
        expected += sum(open_chances.values())
        reached: defaultdict[int, float] = defaultdict(float)
        for count, chance in open_chances.items():
            reached[count] += chance * (1 - rate)
            reached[count + 1] += chance * rate
        open_chances = {}
        for count, chance in reached.items():
            decision = bounds.decide(drawn, count)
            if decision is None:
                open_chances[count] = chance
            else:
                ended[decision] += chance
    return OperatingCharacteristics(
        expected_draws=expected,
        passes=ended["pass"],
        fails=ended["fail"],
        inconclusive=ended["inconclusive"],
    )
