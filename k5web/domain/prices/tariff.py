"""A price list as people read it: rows by destination, found by name or by number, the nearest first."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from k5web.domain.money import Price
from k5web.domain.prices.rating import Rate, RateTable

SHORT_WORD = 3  # letters

Countries = Callable[[str], frozenset[str]]  # the countries (ISO 3166) that words name

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class TariffRow:
    """One line of the page: a destination, its price and all its prefixes, sorted. The first one is the row's key."""

    destination: str
    per_minute: Price
    prefixes: tuple[str, ...]
    rate: Rate | None  # of one of them: all have the same price and terms; None: a price list has those of each number

    @property
    def key(self) -> str:
        """No two rows share a prefix, so the first one names the row, also when the list has changed meanwhile."""
        return self.prefixes[0]


@dataclass(frozen=True, slots=True)
class TariffPage:
    """The price that digits would really get, where digits were asked; the rows; where the next page begins."""

    exact: Rate | None
    rows: tuple[TariffRow, ...]
    next_after: str | None


class TariffList:
    """The rows of one table, by key. Built once per table, never changed."""

    __slots__ = ("_countries", "_keys", "_names", "_rows", "_table")

    def __init__(self, table: RateTable, countries: Countries = lambda text: frozenset()) -> None:
        self._table = table
        groups: dict[tuple[object, ...], list[Rate]] = {}
        for rate in table.rates():
            terms = (rate.increment_s, rate.minimum_s, rate.free_below_s, rate.connect_fee, rate.is_blocked)
            groups.setdefault((rate.destination, rate.per_minute.micro, *terms), []).append(rate)
        rows = (
            TariffRow(rates[0].destination, rates[0].per_minute, tuple(sorted(rate.prefix for rate in rates)), rates[0])
            for rates in groups.values()
        )
        self._rows = sorted(rows, key=lambda row: row.key)
        self._keys = [row.key for row in self._rows]
        self._names = [f" {fold(row.destination)} " for row in self._rows]
        heads = [row.destination.partition(",")[0] for row in self._rows]
        known = {head: countries(head) for head in set(heads)}
        self._countries = [known[head] for head in heads]

    def __len__(self) -> int:
        return len(self._rows)

    def has_country(self, countries: frozenset[str]) -> bool:
        """Return whether a destination's words name one of these countries."""
        return any(found & countries for found in self._countries)

    def by_name(self, text: str, after: str, limit: int, countries: frozenset[str] = frozenset()) -> TariffPage:
        """Return the rows whose destination has every word of the text in it; of these countries, if some are given.

        A word of up to three letters must begin one of the destination's, a single letter be one: рф is not in Норфолк.
        """
        words = fold(text).split()
        start = bisect_right(self._keys, after)
        found: list[TariffRow] = []
        for at in range(start, len(self._rows)):
            is_there = not countries or self._countries[at] & countries
            if is_there and all(_begins(word) in self._names[at] for word in words):
                found.append(self._rows[at])
                if len(found) > limit:
                    break
        return _page(None, found, limit)

    def by_digits(self, digits: str, after: str, limit: int) -> TariffPage:
        """Return the price these first digits get, then the other rows of that country, the nearest first."""
        exact = self._table.longest(digits)
        country = country_code(digits)
        ranked = sorted((-_shared(row.prefixes, digits), row.key, row) for row in self._of_country(country))
        start = next((at + 1 for at, (_, key, _) in enumerate(ranked) if key == after), 0)
        rows = (row for _, _, row in ranked[start:])
        others = [row for row in rows if exact is None or not _has(row.prefixes, exact.prefix)]
        return _page(exact, others[: limit + 1], limit)

    def _of_country(self, country: str) -> Iterable[TariffRow]:
        """Yield the rows that have a prefix in a country."""
        for row in self._rows:
            at = bisect_left(row.prefixes, country)
            if row.prefixes[at : at + 1] and row.prefixes[at].startswith(country):
                yield row


def fold(text: str) -> str:
    """Return text as it is searched: no case, Ё is Е, letters and digits alone, one space between words."""
    return " ".join(_WORD.findall(text.casefold().replace("ё", "е")))


def _begins(word: str) -> str:
    return f" {word} " if len(word) == 1 else f" {word}" if len(word) <= SHORT_WORD else word


def country_code(digits: str) -> str:
    """Return the country code these digits begin with; where there is none, the digits' beginning."""
    codes = (digits[:length] for length in (1, 2, 3) if int(digits[:length] or 0) in COUNTRY_CODE_TO_REGION_CODE)
    return next(codes, digits[:3])


def _shared(prefixes: tuple[str, ...], digits: str) -> int:
    """Return how many first digits the nearest of the sorted prefixes has in common with `digits`."""
    at = bisect_left(prefixes, digits)
    return max(_common(prefix, digits) for prefix in prefixes[max(0, at - 1) : at + 1])


def _common(left: str, right: str) -> int:
    return next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def _has(prefixes: tuple[str, ...], prefix: str) -> bool:
    at = bisect_left(prefixes, prefix)
    return prefixes[at : at + 1] == (prefix,)


def _page(exact: Rate | None, found: list[TariffRow], limit: int) -> TariffPage:
    rows = tuple(found[:limit])
    return TariffPage(exact, rows, rows[-1].key if len(found) > limit else None)
