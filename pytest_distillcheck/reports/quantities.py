"""Counts, sums of money and stretches of time as people read them."""

_TINY_P = 0.001
_CENT_MATTERS_BELOW = 1.0
_MINUTE_S = 60
_HOUR_S = 3600


def counted(number: int, noun: str) -> str:
    """Return `1 call` or `2 calls`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def p_text(p_value: float) -> str:
    """Return a p-value; of a tiny one only that it is tiny."""
    return f"p = {p_value:.3f}" if p_value >= _TINY_P else f"p < {_TINY_P}"


def usd_text(amount: float) -> str:
    """Return a sum in US dollars; small ones with more places."""
    return f"${amount:,.4f}" if amount < _CENT_MATTERS_BELOW else f"${amount:,.2f}"


def cost_text(cost_usd: float, unpriced: int) -> str:
    """Return what is known of a cost: a price that is not known must never look like none.

    Args:
        cost_usd: of all that has a price.
        unpriced: how many calls have none.
    """
    if not unpriced:
        return usd_text(cost_usd)
    return f"{usd_text(cost_usd)} and {unpriced} unpriced" if cost_usd else "unpriced"


def duration_text(seconds: float) -> str:
    """Return a stretch of time in its two largest units, rounded to seconds or minutes."""
    whole = round(seconds)
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min {whole % _MINUTE_S:02} s"
    minutes = round(seconds / _MINUTE_S)
    return f"{minutes // _MINUTE_S} h {minutes % _MINUTE_S:02} min"
