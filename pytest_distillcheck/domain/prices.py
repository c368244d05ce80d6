"""What answers cost."""

from dataclasses import dataclass
from datetime import date

from pytest_distillcheck.domain.exchanges import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a provider asks for a million tokens, in US dollars; both sums are at least 0.

    Attributes:
        input_usd_per_mtok: for the tokens of a prompt.
        output_usd_per_mtok: for the tokens of an answer, its reasoning included.
        as_of: the day on which the provider's list said so; None when the user says so.
    """

    input_usd_per_mtok: float
    output_usd_per_mtok: float
    as_of: date | None = None

    def cost(self, usage: Usage) -> float:
        """Return what an answer cost, in US dollars."""
        input_cost = usage.prompt_tokens * self.input_usd_per_mtok
        output_cost = usage.completion_tokens * self.output_usd_per_mtok
        return (input_cost + output_cost) / 1e6
