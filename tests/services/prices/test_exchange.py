"""Price lists of other currencies: K5's own at a fixed rate, to hundredths, half up."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from k5web.domain.prices.deck import DeckVersion
from k5web.errors import NoDeck, WrongRate
from k5web.services.ports import Ports
from k5web.services.prices.exchange import convert_deck, exchange_rate
from k5web.services.prices.ratedecks import DeckImport


def convert(ports: Ports, rate: str, after_days: int = 0) -> DeckVersion:
    effective = ports.today() + timedelta(days=after_days)
    return convert_deck(ports, "k5", "k5-kgs", "KGS", Decimal(rate), effective)


def test_every_price_is_converted_to_hundredths_half_up(put: Callable[..., DeckImport], ports: Ports) -> None:
    put("7495,Москва,0.45\n79,Россия мобильный,1.75\n")
    convert(ports, "1.1")
    rates = {rate.prefix: rate.per_minute for rate in ports.rates.table("k5-kgs").rates()}
    assert {prefix: str(price) for prefix, price in rates.items()} == {"7495": "0.50", "79": "1.93"}
    assert {price.currency for price in rates.values()} == {"KGS"}
    assert exchange_rate(ports, "k5-kgs") == "1.1"
    assert exchange_rate(ports, "k5") is None


def test_the_same_conversion_again_is_the_same_version(put: Callable[..., DeckImport], ports: Ports) -> None:
    put("7495,Москва,0.45\n")
    first = convert(ports, "1.1")
    assert convert(ports, "1.1").id == first.id
    assert convert(ports, "1.2").id != first.id


def test_a_rate_by_which_a_price_becomes_nothing_is_refused(put: Callable[..., DeckImport], ports: Ports) -> None:
    put("7495,Москва,0.45\n")
    with pytest.raises(WrongRate):
        convert(ports, "0.01")
    assert exchange_rate(ports, "k5-kgs") is None


def test_what_is_not_in_force_cannot_be_converted(ports: Ports) -> None:
    with pytest.raises(NoDeck):
        convert(ports, "1.1")
