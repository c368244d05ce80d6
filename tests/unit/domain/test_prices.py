from datetime import date

import pytest

from pytest_distillcheck.domain.exchanges import Usage
from pytest_distillcheck.domain.prices import Price

PRICE = Price(input_usd_per_mtok=2.5, output_usd_per_mtok=10, as_of=date(2026, 11, 9))


@pytest.mark.parametrize(
    ("prompt", "completion", "usd"),
    [(0, 0, 0), (1_000_000, 0, 2.5), (0, 1_000_000, 10), (1_200, 300, 0.006)],
)
def test_tokens_of_the_prompt_and_of_the_answer_have_their_own_prices(prompt, completion, usd):
    assert PRICE.cost(Usage(prompt_tokens=prompt, completion_tokens=completion)) == pytest.approx(usd)
