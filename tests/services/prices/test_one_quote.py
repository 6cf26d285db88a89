"""The price of one callback asked by itself is that of the whole list in memory, whatever is published (A3)."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.rating import Quote
from k5web.errors import DirectionBlocked, K5Error, NoDeck, NoRate
from k5web.services.prices import one_quote, tariffs
from k5web.services.prices.deck_publishing import ImportOptions
from k5web.services.prices.ratedecks import import_deck
from k5web.storage.session import Sessions
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.services.visits import statements

HEAD = "prefix,destination,per_minute,currency,effective_from\n"
NOW = "7,Россия,9.00,RUB,\n79,Мобильный,1.75,RUB,\n7495,Москва,0.45,RUB,\n74951,Москва,0.55,RUB,2026-12-03\n"
CLOSED = "7900,Закрыт,blocked,RUB,\n"
LATER = HEAD + "79,Мобильный,1.85,RUB,\n7495,Москва,0.45,RUB,\n"
WHOLE = ImportOptions(replace=True, without_notice="a test")
NUMBERS = ("79161234567", "74951234567", "78121234567", "79001234567", "99912345678", "77271234567")


def told(ask: Callable[[], Quote]) -> str:
    """What is answered, or why nothing is."""
    try:
        found = ask()
    except K5Error as error:
        return f"{type(error).__name__} {error}"
    return f"{found.a} {found.b} {found.per_minute}"


def test_one_price_is_that_of_the_whole_list_at_each_moment(sessions: Sessions, clock: Clock, tmp_path: Path) -> None:
    ports = open_doors(sessions, clock)
    a, b = Msisdn(NUMBERS[0]), Msisdn(NUMBERS[1])
    with pytest.raises(NoDeck):
        one_quote.quote(sessions, "k5", a, b, clock())
    for days, text in ((0, HEAD + NOW + CLOSED), (5, LATER)):
        (tmp_path / "list.csv").write_text(text)
        import_deck(ports, tmp_path / "list.csv", "k5", ports.today() + timedelta(days=days), options=WHOLE)
    seen: set[str] = set()
    for _ in range(3):  # today, a price that follows in the list, the list that follows
        ports = open_doors(sessions, clock)
        for one in map(Msisdn, NUMBERS):
            whole = told(partial(tariffs.quote, ports, "k5", one, b))
            assert told(partial(one_quote.quote, sessions, "k5", one, b, clock())) == whole
            seen.add(whole)
        clock.forward(days=3)
    assert len(seen) > len(NUMBERS)
    assert {DirectionBlocked.__name__, NoRate.__name__} <= {each.split()[0] for each in seen}
    asked: list[str] = []
    with statements(sessions, asked, ("SELECT",)):
        one_quote.quote(sessions, "k5", a, b, clock())
    assert len(asked) == 3
