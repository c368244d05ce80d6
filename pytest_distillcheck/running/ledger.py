"""Counts what a run sends, gets and spends."""

from dataclasses import replace

from pytest_distillcheck.domain.exchanges import Response
from pytest_distillcheck.domain.prices import Price
from pytest_distillcheck.domain.progress import Progress
from pytest_distillcheck.errors import ClientError, NotSentError, TransientError
from pytest_distillcheck.running.budget import Budget


class Ledger:
    """The run's counts together with its budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._progress = Progress()

    @property
    def in_flight(self) -> int:
        """Requests on their way."""
        return self._progress.in_flight

    def progress(self, *, calls: int) -> Progress:
        """Return a copy of the counts."""
        return replace(self._progress, calls=calls, cost_usd=self._budget.spent_usd)

    def admit(self, ceiling_usd: float | None) -> bool:
        """Count a request that goes; return False when it must wait for others to come back.

        Raises:
            NotSentError: the budget is used up.
        """
        if not self._budget.admit(ceiling_usd):
            return False
        progress = self._progress
        progress.sent += 1
        progress.in_flight += 1
        progress.peak_in_flight = max(progress.peak_in_flight, progress.in_flight)
        return True

    def came_back(
        self, outcome: Response | ClientError, *, price: Price | None, ceiling_usd: float | None
    ) -> None:
        """Count what became of a request."""
        progress, cost_usd = self._progress, 0.0
        progress.in_flight -= 1
        if isinstance(outcome, Response):
            progress.unpriced += price is None
            cost_usd = ceiling_usd or 0.0
            if usage := outcome.usage:
                progress.prompt_tokens += usage.prompt_tokens
                progress.completion_tokens += usage.completion_tokens
                cost_usd = price.cost(usage) if price else 0.0
        elif isinstance(outcome, TransientError):
            progress.rate_limited += outcome.rate_limited
            if outcome.maybe_billed:
                progress.maybe_billed += 1
                cost_usd = ceiling_usd or 0.0
        self._budget.settle(ceiling_usd, cost_usd)

    def retried(self) -> None:
        """Count a request that will be repeated."""
        self._progress.retried += 1

    def finished(self, outcome: Response | Exception) -> None:
        """Count a call that is through."""
        progress = self._progress
        if not isinstance(outcome, Response):
            progress.failed += 1
            progress.not_sent += isinstance(outcome, NotSentError)
        elif outcome.source == "store":
            progress.from_store += 1
        else:
            progress.answered += 1
