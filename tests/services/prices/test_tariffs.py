"""What a minute costs, for people: by country, by operator, by number (A3, A5)."""

from datetime import UTC, datetime
from functools import partial

import pytest

from k5web import pricelists
from k5web.domain.prices.number import Msisdn
from k5web.domain.prices.tariff import fold
from k5web.errors import NoDeck, NoRate
from k5web.services.ports import Ports
from k5web.services.prices import tariffs
from k5web.services.prices.ratedecks import import_deck
from k5web.storage.session import open_sessions
from tests.conftest import Clock
from tests.effort import is_cheaper
from tests.fakes.doors import open_doors

# How people speak, and what stands in the list
SPOKEN = {
    "Киргизия": "Кыргызстан",
    "киргизия мегаком": "Мегаком",
    "Белоруссия": "Беларусь",
    "Молдавия": "Молдова",
    "Туркмения": "Туркменистан",
    "Англия": "Великобритания",
    "Эмираты": "ОАЭ",
    "Дубай": "Дубай",
    "Голландия": "Нидерланды",
    "Ташкент": "Узбекистан",
    "Бишкек": "Бишкек",
    "Алма-Ата": "Алматы",
    "Питер": "Санкт-Петербург",
    "спб": "Санкт-Петербург",
    "мегаком": "Мегаком",
    "Megacom": "Мегаком",
    "Uzbekistan": "Узбекистан",
    "Russia": "Россия",
    "Америка": "США",
    "USA": "США",
    "рф": "Россия",
    "рф мобильный": "Россия мобильный",
    "beeline": "Билайн",
    "Билайн": "Билайн",
    "киев": "Киев",
}


@pytest.fixture
def ports(sqlite_url: str) -> Ports:
    """A house with the whole list of K5."""
    clock = Clock(datetime(2026, 12, 1, 9, tzinfo=UTC))
    sessions = open_sessions(sqlite_url, sqlite_url)
    house = open_doors(sessions, clock)
    import_deck(house, pricelists.path("k5"), "k5", house.today())
    return house


def test_the_whole_list_is_searched_and_priced_as_calls_are(ports: Ports) -> None:
    """A3, A5. One house for all: its list takes seconds to import."""
    moscow = tariffs.search(ports, "k5", "+7 (495) 123-45-67")
    assert moscow.exact is not None
    assert (moscow.exact.prefix, str(moscow.exact.per_minute)) == ("7495", "0.45")
    assert 0 < len(moscow.rows) <= 25
    assert all(any(prefix.startswith("7") for prefix in row.prefixes) for row in moscow.rows)

    by_name = tariffs.search(ports, "k5", " болгария ")
    assert by_name.exact is None
    assert by_name.rows
    assert all("болгария" in row.destination.lower() for row in by_name.rows)

    quote = tariffs.quote(ports, "k5", Msisdn("79161234567"), Msisdn("74951234567"))
    assert str(quote.per_minute) == "2.20"
    with pytest.raises(NoRate):
        tariffs.quote(ports, "k5", Msisdn("79161234567"), Msisdn("99912345678"))
    with pytest.raises(NoDeck):
        tariffs.search(ports, "clovertel", "7")

    for page, after in (("", None), ("7", None), ("мобильный", None)):
        seen: list[str] = []
        while True:
            found = tariffs.search(ports, "k5", page, after)
            seen += [row.key for row in found.rows]
            after = found.next_after
            if after is None:
                break
        assert len(seen) == len(set(seen)) > 25

    for spoken, listed in SPOKEN.items():
        rows = tariffs.search(ports, "k5", spoken).rows
        assert rows, spoken
        assert all(listed in row.destination for row in rows), (spoken, rows[0].destination)
    assert tariffs.search(ports, "k5", "0555123456").exact.prefix.startswith("996")  # type: ignore[union-attr]
    assert not tariffs.search(ports, "k5", "Атлантида").rows

    def walk() -> list[str]:
        return [fold(rate.destination) for rate in ports.rates.table("k5").rates()]

    assert len(walk()) > 60_000
    for query in ["", "мобильный", "болгария билайн", "нет такой страны", "79161234567", "12025550123", "55", "8495"]:
        assert is_cheaper(partial(tariffs.search, ports, "k5", query), walk), f"{query} walks all prices"


@pytest.mark.parametrize(
    ("query", "digits"),
    [
        ("+7 495 123-45-67", "74951234567"),
        ("84951234567", "74951234567"),
        ("8 495", "7495"),
        ("8(916)", "7916"),
        ("(495) 123-45-67", "74951234567"),
        ("+84 95", "8495"),  # Vietnam, written out
        ("+8495", "8495"),
        ("810 996", "996"),
        ("00 49", "49"),
        ("7", "7"),
        ("8", "8"),
        ("996555123456", "996555123456"),
        ("+44 (0)20 7946 0958", "442079460958"),
        ("Москва", None),
        ("", None),
        ("495 Москва", None),
        ("+", None),
        ("٧٤٩٥", None),
        ("7495;DROP TABLE rate", None),
    ],
)
def test_a_query_is_a_number_its_beginning_or_words(query: str, digits: str | None) -> None:
    assert tariffs.digits_of(query) == digits
