"""How far the requests of a run have come, and what they cost."""

from dataclasses import dataclass


@dataclass(slots=True, kw_only=True)
class Progress:
    """Counts of one run. A call is what the run wants answered, once; a request is an attempt at it.

    Attributes:
        calls: known so far.
        answered: calls that a model answered.
        from_store: calls that the response store answered.
        failed: calls without an answer.
        not_sent: those of them that were not sent, or not again.
        sent: requests.
        retried: requests after a failure.
        rate_limited: requests that were told to come later.
        maybe_billed: requests that may have been paid for although no answer came.
        in_flight: requests on their way.
        peak_in_flight: the most there were.
        prompt_tokens: of all answers that tell.
        completion_tokens: of all answers that tell.
        cost_usd: as far as prices are known; the most it can have been where tokens are not.
        unpriced: answers without a price, which are not in `cost_usd`.
    """

    calls: int = 0
    answered: int = 0
    from_store: int = 0
    failed: int = 0
    not_sent: int = 0
    sent: int = 0
    retried: int = 0
    rate_limited: int = 0
    maybe_billed: int = 0
    in_flight: int = 0
    peak_in_flight: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float = 0.0
    unpriced: int = 0

    @property
    def done(self) -> int:
        """Calls that are through, one way or the other."""
        return self.answered + self.from_store + self.failed
