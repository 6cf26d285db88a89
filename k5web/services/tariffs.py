"""What a minute costs, for people: search in the price list, the price of a callback."""

import re

from k5web.domain.number import Msisdn
from k5web.domain.rating import Quote
from k5web.domain.tariff import TariffPage
from k5web.errors import WrongNumber
from k5web.services.ports import Ports

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
    tariffs = ports.rates.tariffs(deck)
    query = query.strip()[:LONGEST_QUERY]
    digits = digits_of(query)
    if digits is not None:
        return tariffs.by_digits(digits, after or "", limit)
    return tariffs.by_name(query, after or "", limit)


def digits_of(query: str) -> str | None:
    """Return the international digits that a query begins a number with, or None for words.

    A whole number is read as everywhere. A part of one is read literally with a plus; without it 8 and a Russian
    code is the trunk digit, as Russians write: 8 495 is Moscow, +84 95 is Vietnam.
    """
    if not _DIGITS.fullmatch(query):
        return None
    try:
        return Msisdn.parse(query).digits
    except WrongNumber:
        digits = re.sub(r"[^0-9]", "", query)
        if "+" in query:
            return digits
        if _TRUNK.fullmatch(digits):
            return f"7{digits[1:]}"
        return _WAY_OUT.sub("", digits, count=1) if _WAY_OUT.match(digits) else digits
