"""The own list: numbers that a subscriber keeps here with a name, found as one types, the most used first."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from k5web.domain.prices.number import Msisdn

MOST: Final = 300  # of one subscriber: a long address book, and still a page of a few statements
LONGEST_QUERY: Final = 60  # characters
FRESH: Final = 1 << 10  # what a call of today counts
HALVED: Final = timedelta(days=14)
_NO_DIGIT: Final = re.compile(r"[^0-9]")
_SIGNS_OF_NUMBERS: Final = re.compile(r"[0-9+\s().\-]+")


@dataclass(frozen=True, slots=True)
class Favourite:
    """One entry of the list: a number and what its owner calls it."""

    number: Msisdn
    name: str
    added_at: datetime


def found(favourites: Iterable[Favourite], query: str) -> list[Favourite]:
    """Return the entries that a text means: each of its words begins a word of the name, or its digits stand in the
    number as it is written or as it is dialled at home. No text means all."""
    wanted = _folded(query[:LONGEST_QUERY]).split()
    digits = _NO_DIGIT.sub("", query) if _SIGNS_OF_NUMBERS.fullmatch(query) else ""
    return [each for each in favourites if _is_named(each.name, wanted) or _has(each.number, digits)]


def is_called(entry: Favourite, text: str) -> bool:
    """Return whether a text is the whole name of an entry, in small letters or great ones."""
    return _folded(entry.name).split() == _folded(text).split()


def by_use(favourites: Iterable[Favourite], calls: Iterable[tuple[str, datetime]], now: datetime) -> list[Favourite]:
    """Return the entries, the most used first, then those never called by their names.

    A call counts half as much for each two weeks that went by: who is rung every day stands above who was rung once
    this morning, and goes down when the calls end. `calls`: digits and moment of each, newest first.
    """
    used: Counter[str] = Counter()
    last: dict[str, datetime] = {}
    for digits, at in calls:
        used[digits] += max(FRESH >> max((now - at) // HALVED, 0), 1)
        last.setdefault(digits, at)
    return sorted(favourites, key=lambda each: (*_unused(each.number.digits, used, last), *_place(each)))


def _unused(digits: str, used: Mapping[str, int], last: Mapping[str, datetime]) -> tuple[int, float]:
    """Return a key that is the less the more a number is used; of two used alike the one called later comes first."""
    return -used.get(digits, 0), -last[digits].timestamp() if digits in last else 0.0


def by_name(favourites: Iterable[Favourite]) -> list[Favourite]:
    """Return the entries as a book has them."""
    return sorted(favourites, key=_place)


def _is_named(name: str, wanted: list[str]) -> bool:
    words = _folded(name).split()
    return all(any(word.startswith(beginning) for word in words) for beginning in wanted)


def _has(number: Msisdn, digits: str) -> bool:
    """Return whether these digits stand in a number; 8 916 means the number of +7 916 too."""
    if not digits:
        return False
    return digits in number.digits or (digits[0] in "08" and len(digits) > 1 and digits[1:] in number.digits)


def _place(favourite: Favourite) -> tuple[str, str]:
    return _folded(favourite.name), favourite.number.digits


def _folded(text: str) -> str:
    return text.casefold().replace("ё", "е")
