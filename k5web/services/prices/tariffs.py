"""What a minute costs, for people: search in the price list, the price of a callback."""

import csv
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from k5web.domain.prices.number import HOMES, Msisdn
from k5web.domain.prices.rating import Quote
from k5web.domain.prices.tariff import TariffList, TariffPage, fold
from k5web.errors import WrongNumber
from k5web.services.ports import Ports
from k5web.services.prices.countries import LONGEST_NAME, countries_called, countries_named

PAGE = 25  # rows
LONGEST_QUERY = 80  # letters looked at

_DIGITS = re.compile(r"[+(\s]*[0-9][0-9\s().\u2010-\u2015\u00a0-]*", re.ASCII)
_WAY_OUT = re.compile(r"(?:810|00)")
_TRUNK = re.compile(r"8[3489][0-9]*", re.ASCII)  # Russian area and mobile codes after the trunk digit: 8 495, 8 916


def quote(ports: Ports, deck: str, a: Msisdn, b: Msisdn) -> Quote:
    """Return the price of a callback between two numbers. Raises: NoDeck, NoRate."""
    return ports.rates.table(deck).quote(a.digits, b.digits)


def search(ports: Ports, deck: str, query: str, after: str | None = None, limit: int = PAGE) -> TariffPage:
    """Return the rows for a country, an operator, or the beginning of a number; `after` is a page's `next_after`.

    Raises: NoDeck.
    """
    tariffs = _list_of(ports, deck)
    query = query.strip()[:LONGEST_QUERY]
    digits = digits_of(query)
    if digits is not None:
        return tariffs.by_digits(digits, after or "", limit)
    words, countries = understood(query)
    if countries and tariffs.has_country(countries):
        return tariffs.by_name(words, after or "", limit, countries)
    return tariffs.by_name(listed_words(query), after or "", limit)


def _list_of(ports: Ports, deck: str) -> TariffList:
    snapshot = ports.rates.snapshot(deck)
    if snapshot.tariffs is None:
        snapshot.tariffs = TariffList(snapshot.table, countries_named)  # two threads may both build it: the same list
    return snapshot.tariffs


def understood(query: str) -> tuple[str, frozenset[str]]:
    """Return the countries that a query names, after its other words as price lists have them."""
    words, countries, rest = fold(query).split(), frozenset[str](), []
    while words:
        length = next((n for n in range(LONGEST_NAME, 0, -1) if countries_called(" ".join(words[:n]))), 0)
        if length:
            countries |= countries_called(" ".join(words[:length]))
        else:
            rest.append(words[0])
        words = words[max(length, 1) :]
    return listed_words(" ".join(rest)), countries


def listed_words(text: str) -> str:
    """Return a text in the words of price lists: Питер is Санкт-Петербург there."""
    words, found = fold(text).split(), []
    while words:
        length = next((n for n in range(len(words), 0, -1) if " ".join(words[:n]) in _spoken()), 0)
        found.append(_spoken()[" ".join(words[:length])] if length else words[0])
        words = words[max(length, 1) :]
    return " ".join(found)


@cache
def _spoken() -> Mapping[str, str]:
    with Path(__file__).with_name("spoken.csv").open(encoding="utf-8", newline="") as file:
        return {fold(row["spoken"]): row["listed"] for row in csv.DictReader(file)}


def digits_of(query: str) -> str | None:
    """Return the international digits that a query begins a number with, or None for words.

    A whole number is read as everywhere. A part of one is read literally with a plus; without it 8 and a Russian
    code is the trunk digit, as Russians write: 8 495 is Moscow, +84 95 is Vietnam.
    """
    if not _DIGITS.fullmatch(query):
        return None
    for home in HOMES.values():
        with suppress(WrongNumber):
            return Msisdn.parse(query, home).digits
    digits = re.sub(r"[^0-9]", "", query)
    if "+" in query:
        return digits
    if _TRUNK.fullmatch(digits):
        return f"7{digits[1:]}"
    return _WAY_OUT.sub("", digits, count=1) if _WAY_OUT.match(digits) else digits
