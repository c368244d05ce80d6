"""What a run may spend, checked before a request is sent."""

from pytest_distillcheck.domain.exchanges import ModelRequest, Usage
from pytest_distillcheck.domain.prices import Price
from pytest_distillcheck.errors import NotSentError

ASSUMED_COMPLETION_TOKENS = 4096
"""Length of an answer whose request sets no `max_tokens`."""

PER_MESSAGE_TOKENS = 8
"""What chat templates add around a turn."""


def ceiling_usd(price: Price, request: ModelRequest) -> float:
    """Return what an answer may cost at most; without `max_tokens` in the request, its length is assumed.

    A token of a byte-level vocabulary holds at least one byte, so bytes bound the prompt's tokens.
    """
    longest = request.parameters.get("max_tokens")
    prompt = sum(
        len(message.content.encode("utf-8", "surrogatepass")) + PER_MESSAGE_TOKENS
        for message in request.messages
    )
    completion = longest if isinstance(longest, int) else ASSUMED_COMPLETION_TOKENS
    return price.cost(Usage(prompt_tokens=prompt, completion_tokens=completion))


class Budget:
    """Requests and US dollars of one run; every attempt is a request.

    A request in flight counts with its ceiling, so that what comes back does not exceed the budget.
    """

    def __init__(self, *, max_requests: int | None = None, max_cost_usd: float | None = None) -> None:
        self._max_requests = max_requests
        self._max_cost_usd = max_cost_usd
        self._requests = 0
        self._spent_usd = 0.0
        self._in_flight_usd = 0.0

    @property
    def spent_usd(self) -> float:
        """What was spent, as far as prices are known."""
        return self._spent_usd

    def admit(self, ceiling_usd: float | None) -> bool:
        """Count a request that is about to be sent; return False when it must wait for others to come back.

        Args:
            ceiling_usd: what it may cost at most; None when there is no price.

        Raises:
            NotSentError: the budget is used up.
        """
        if self._max_requests is not None and self._requests >= self._max_requests:
            raise NotSentError(
                f"the budget of {self._max_requests} requests is used up; raise --distill-max-requests"
            )
        if self._max_cost_usd is not None:
            if ceiling_usd is None:
                raise NotSentError(
                    "a cost limit needs a price for every model; add `price:` to the model's entry"
                )
            if self._spent_usd + ceiling_usd > self._max_cost_usd:
                raise NotSentError(
                    f"the budget of {self._max_cost_usd:g} USD is used up ({self._spent_usd:.4f} spent, the next"
                    f" request may cost {ceiling_usd:.4f}); raise --distill-max-cost or set max_tokens"
                )
            if self._spent_usd + self._in_flight_usd + ceiling_usd > self._max_cost_usd:
                return False
        self._requests += 1
        self._in_flight_usd += ceiling_usd or 0
        return True

    def settle(self, ceiling_usd: float | None, cost_usd: float) -> None:
        """Count what an admitted request cost."""
        self._in_flight_usd -= ceiling_usd or 0
        self._spent_usd += cost_usd
