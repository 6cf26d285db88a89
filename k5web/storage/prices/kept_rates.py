"""Rates as they are kept whole with an order: prices may change, an order's price does not."""

from typing import Any

from k5web.domain.money import Price
from k5web.domain.prices.rating import Rate


def rate_facts(rate: Rate) -> dict[str, Any]:
    """Return a rate as it is kept with what was ordered or agreed by it."""
    return {
        "prefix": rate.prefix,
        "destination": rate.destination,
        "price_micro": rate.per_minute.micro,
        "currency": rate.per_minute.currency,
        "increment_s": rate.increment_s,
        "minimum_s": rate.minimum_s,
        "free_below_s": rate.free_below_s,
        "connect_fee_micro": rate.connect_fee.micro if rate.connect_fee else 0,
        "source": rate.source,
    }


def rate_of(facts: dict[str, Any]) -> Rate:
    """Return a rate that was kept."""
    fee_micro = facts["connect_fee_micro"]
    return Rate(
        prefix=facts["prefix"],
        destination=facts["destination"],
        per_minute=Price(facts["price_micro"], facts["currency"]),
        increment_s=facts["increment_s"],
        minimum_s=facts["minimum_s"],
        free_below_s=facts["free_below_s"],
        connect_fee=Price(fee_micro, facts["currency"]) if fee_micro else None,
        source=facts.get("source", ""),  # rates kept before versions were noted have none
    )
