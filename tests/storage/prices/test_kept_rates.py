"""A rate that is kept with an order is whole: it comes back as it was, whatever the price list says since."""

import json

import pytest

from k5web.domain.money import Price
from k5web.domain.prices.rating import Rate
from k5web.storage.prices.kept_rates import rate_facts, rate_of

PLAIN = Rate("7495", "Москва", Price.parse("0.45"), 60, 60, 3)
FULL = Rate("996", "Кыргызстан", Price(1_500_001, "KGS"), 1, 30, 5, Price(250_000, "KGS"))


@pytest.mark.parametrize("rate", [PLAIN, FULL])
def test_a_rate_comes_back_as_it_was_kept(rate: Rate) -> None:
    assert rate_of(json.loads(json.dumps(rate_facts(rate)))) == rate


def test_prices_are_kept_as_whole_numbers() -> None:
    facts = rate_facts(FULL)
    assert (facts["price_micro"], facts["connect_fee_micro"]) == (1_500_001, 250_000)
    assert rate_facts(PLAIN)["connect_fee_micro"] == 0
    assert not [name for name, value in facts.items() if isinstance(value, float)]
