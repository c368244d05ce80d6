"""What a gate needs before it can pass, told before anything is asked."""

from pytest_distillcheck.domain.gates import Gate
from pytest_distillcheck.statistics import smallest_n


def sample_size_note(gate: Gate, planned: int) -> str | None:
    """Return how many probes a gate with a confidence needs to pass; None for a census, which needs none.

    The number is for a model without a finding and for independent answers; shared contexts raise it.
    """
    limit = gate.limit
    if limit.confidence is None:
        return None
    needs = [
        smallest_n(value, limit.confidence, side=side)
        for side, value in limit.sides()
        if side != "max_increase"
    ]
    name = gate.name
    least = max((n for n in needs if n is not None), default=0)
    if None in needs:
        return f"{name} ({limit}) can never pass: no number of probes proves it; loosen the limit"
    if planned < least:
        return f"{name} ({limit}) can never pass: it needs {least} probes and has {planned}; ask more"
    return f"{name} ({limit}) needs at least {least} probes to pass; it has {planned}"
