"""Beta, binomial and Student t distributions in plain floats.

Everything works on logarithms, so no tail underflows before it is returned, and the two gamma terms of a
large beta function never cancel against each other: at a million trials plain `lgamma` would leave eight digits.
"""

import math
import sys

_CONVERGED = 1e-15
_NEWTON_STEPS = 100
_NEWTON_CLOSE = 1e-9
_STIRLING_FROM = 16  # six terms of the series are exact to rounding from here
_SERIES_WITHIN = 0.1
_SERIES_ORDERS = (3, 5, 7, 9, 11, 13, 15)  # 0.1 ** 16 is below rounding


def regularised_beta(a: float, b: float, x: float) -> float:
    """Return I_x(a, b), the probability that a Beta(a, b) variable is at most `x`.

    Args:
        a: above 0.
        b: above 0.
        x: in [0, 1].

    Raises:
        ValueError: an argument is out of its range.
    """
    _require(a > 0 and b > 0, "a and b must be above 0")
    _require(0 <= x <= 1, "x must be in [0, 1]")
    return math.exp(_log_lower_tail(a, b, x, 1 - x))


def beta_quantile(level: float, a: float, b: float) -> float:
    """Return the x at which I_x(a, b) is `level`.

    Args:
        level: in [0, 1].
        a: above 0.
        b: above 0.

    Raises:
        ValueError: an argument is out of its range.
    """
    _require(0 <= level <= 1, "level must be in [0, 1]")
    _require(a > 0 and b > 0, "a and b must be above 0")
    if level in {0, 1}:
        return float(level)
    return math.exp(_log_quantile(level, a, b))


def binomial_at_most(k: int, n: int, rate: float) -> float:
    """Return P(X <= k) for X ~ Binomial(n, rate).

    Args:
        k: any whole number.
        n: trials, at least 0.
        rate: in [0, 1].

    Raises:
        ValueError: an argument is out of its range.
    """
    _require_binomial(n, rate)
    if k < 0:
        return 0.0
    if k >= n:
        return 1.0
    return math.exp(_log_lower_tail(n - k, k + 1, 1 - rate, rate))


def binomial_at_least(k: int, n: int, rate: float) -> float:
    """Return P(X >= k) for X ~ Binomial(n, rate).

    Args:
        k: any whole number.
        n: trials, at least 0.
        rate: in [0, 1].

    Raises:
        ValueError: an argument is out of its range.
    """
    _require_binomial(n, rate)
    if k <= 0:
        return 1.0
    if k > n:
        return 0.0
    return math.exp(_log_lower_tail(k, n - k + 1, rate, 1 - rate))


def student_t_quantile(level: float, df: float) -> float:
    """Return the t below which a share `level` of the Student distribution lies.

    T² / (df + T²) is Beta(1/2, df/2) (Abramowitz and Stegun 26.5.27).

    Args:
        level: in (0, 1).
        df: degrees of freedom, above 0.

    Raises:
        ValueError: an argument is out of its range.
    """
    _require(0 < level < 1, "level must be in (0, 1)")
    _require(df > 0, "df must be above 0")
    within = abs(2 * level - 1)
    if within == 0:
        return 0.0
    log_x = _log_quantile(within, 0.5, df / 2)
    return math.copysign(math.sqrt(-df * math.exp(log_x) / math.expm1(log_x)), level - 0.5)


def _log_quantile(level: float, a: float, b: float) -> float:
    """Return ln x with I_x(a, b) = level, by Newton's method on ln I as a function of ln x.

    That function is concave for b >= 1, so Newton never overshoots from below; it is convex for b < 1, so it
    never overshoots from above, and only a step beyond x = 1 must be replaced. For small x it is a line.
    """
    log_x = math.log(a / (a + b))
    for _ in range(_NEWTON_STEPS):
        x, y = math.exp(log_x), -math.expm1(log_x)
        if x < sys.float_info.min:
            break
        log_tail = _log_lower_tail(a, b, x, y)
        slope = math.exp(_log_power_term(a, b, x, y) - log_tail) / y
        step = (math.log(level) - log_tail) / slope
        log_x = log_x + step if log_x + step < 0 else math.log1p(-y / 2)
        # Newton doubles the digits: the step after one this small would be below rounding.
        if abs(step) < _NEWTON_CLOSE * min(1.0, -log_x):
            break
    return log_x


def _log_lower_tail(a: float, b: float, x: float, y: float) -> float:
    """Return ln I_x(a, b), where y = 1 - x is given because a small one cannot be had from `x`."""
    if x <= 0:
        return -math.inf
    if y <= 0:
        return 0.0
    if x < (a + 1) / (a + b + 2):
        return _log_power_term(a, b, x, y) - _log_fraction(a, b, x, y)
    return math.log1p(-math.exp(_log_power_term(b, a, y, x) - _log_fraction(b, a, y, x)))


def _log_power_term(a: float, b: float, x: float, y: float) -> float:
    """Return ln(x^a y^b / B(a, b)), in a form that keeps all digits where its terms are large.

    Saddle-point expansion of Loader, "Fast and accurate computation of binomial probabilities" (2000).
    """
    n = a + b
    return (
        0.5 * math.log(a * b / (2 * math.pi * n))
        + _stirling_error(n)
        - _stirling_error(a)
        - _stirling_error(b)
        - _deviance(a, n * x)
        - _deviance(b, n * y)
    )


def _stirling_error(z: float) -> float:
    """Return ln Γ(z) minus Stirling's formula for it."""
    if z < _STIRLING_FROM:
        return math.lgamma(z) - (z - 0.5) * math.log(z) + z - 0.5 * math.log(2 * math.pi)
    w = 1 / (z * z)
    return (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - w * 691 / 360360))))) / z


def _deviance(value: float, mean: float) -> float:
    """Return value·ln(value / mean) + mean - value without cancellation when the two are close (Loader)."""
    ratio = (value - mean) / (value + mean)
    if abs(ratio) > _SERIES_WITHIN:
        return value * math.log(value / mean) + mean - value
    total = (value - mean) * ratio
    power = 2 * value * ratio
    for order in _SERIES_ORDERS:
        power *= ratio * ratio
        total += power / order
    return total


def _log_fraction(a: float, b: float, x: float, y: float) -> float:
    """Return the logarithm of the continued fraction of I_x(a, b) = x^a y^b / B(a, b) / fraction.

    DiDonato and Morris, "Significant digit computation of the incomplete beta function ratios" (1992), by
    Lentz's method. For x < (a + 1) / (a + b + 2) it converges in about sqrt(max(a, b)) / 2 terms.
    """
    fraction = ahead = a * (a * y - b * x + 1) / (a + 1)
    behind = 0.0
    factor = 0.0
    m = 0
    while abs(factor - 1) > _CONVERGED:
        m += 1
        odd = a + 2 * m - 1
        numerator = (a + m - 1) * (a + b + m - 1) * m * (b - m) * (x / odd) ** 2
        term = m + m * (b - m) * x / odd + (a + m) * (a * y - b * x + 1 + m * (1 + y)) / (odd + 2)
        behind = 1 / (term + numerator * behind)
        ahead = term + numerator / ahead
        factor = ahead * behind
        fraction *= factor
    return math.log(fraction)


def _require_binomial(n: int, rate: float) -> None:
    _require(n >= 0, "n must be at least 0")
    _require(0 <= rate <= 1, "rate must be in [0, 1]")


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)
