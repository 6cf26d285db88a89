"""An act of a month's services: what stands in it, and how the lines come from the ledger's charges."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from k5web.domain.books.ledger import EventName
from k5web.domain.books.period import next_month
from k5web.domain.books.service import ServiceKind, first_charge, kind_of
from k5web.domain.money import Money
from k5web.errors import NotFound

SECONDS_A_MINUTE: Final = 60
_ADDRESS: Final = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])(?:-(?!1$)([1-9][0-9]{0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Charge:
    """One posting against a `sale.` house account on a main account, or one that takes such a posting back."""

    owner_id: int
    seq: int
    day: date
    amount: Money  # above zero: taken from the subscriber
    counter: str
    name: EventName


@dataclass(frozen=True, slots=True)
class Use:
    """What a charge paid for: the service's own name, and of a call the seconds of talk."""

    title: str = ""
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class ActLine:
    """One line of an act: quantity × price = amount. `pieces` and `seconds` tell how many calls one line has."""

    kind: ServiceKind
    title: str
    quantity: int
    price: Money
    pieces: int
    seconds: int

    @property
    def amount(self) -> Money:
        """What the line comes to."""
        return Money(self.quantity * self.price.minor, self.price.currency)

    @property
    def minutes(self) -> int:
        """The minutes of talk, a begun one whole."""
        return -(-self.seconds // SECONDS_A_MINUTE)


@dataclass(frozen=True, slots=True)
class Operator:
    """Who rendered the services, as the act of that day names it; what is not known is empty."""

    name: str
    inn: str
    kpp: str
    ogrn: str
    address: str
    director: str
    vat: str  # «Без НДС»


@dataclass(frozen=True, slots=True)
class Act:
    """An act as it was made out; nothing in it changes. A later version of the same month takes its place."""

    owner_id: int
    month: date  # its first day
    version: int  # 1, 2, 3 …: from 2 on a corrected one
    year: int  # of the sequence of numbers
    number: int
    day: date
    contract: str
    contract_day: date
    operator: Operator
    lines: tuple[ActLine, ...]
    currency: str
    upto_seq: int  # the account's posting up to which the month is counted
    corrects: str = ""  # the label and day of the version before, of a corrected one

    @property
    def total(self) -> Money:
        """What all services of the month cost."""
        return sum((line.amount for line in self.lines), Money(0, self.currency))

    @property
    def label(self) -> str:
        """Its number as people say it: «15/2026»."""
        return f"{self.number}/{self.year}"

    @property
    def address(self) -> str:
        """What its page is called: the month, and the version of a corrected one. It tells of no other's acts."""
        return address_of(self.month, self.version)

    @property
    def last_day(self) -> date:
        """The last day of the month that it is about."""
        return next_month(self.month) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Service:
    """What is left of a charge when all that takes it back is counted."""

    name: EventName
    counter: str
    amount: Money


def address_of(month: date, version: int) -> str:
    """Return what an act is called in addresses and commands: `2026-11`, `2026-11-2`."""
    return f"{month:%Y-%m}" + (f"-{version}" if version > 1 else "")


def read_address(text: str) -> tuple[date, int]:
    """Return month and version of what an act is called. Raises: NotFound for anything that `address_of` never says."""
    found = NotFound.unless(_ADDRESS.fullmatch(text), f"act {text[:40]}")
    return date(int(found[1]), int(found[2]), 1), int(found[3] or 1)


def services_of(month: date, charges: Iterable[Charge]) -> list[Service]:
    """Return the services of a month: what was charged in it, less what these postings take back of that.

    A reversal counts in the month of its charge, whenever it was posted, and so does a right charge in place of a
    wrong one.
    """
    by_name: dict[EventName, list[Charge]] = {}
    for charge in charges:
        by_name.setdefault(first_charge(charge.name), []).append(charge)
    found = []
    for name, moves in by_name.items():
        first = next((move for move in moves if move.name == name), None)
        if first is not None and first.day.replace(day=1) == month:
            amount = sum((move.amount for move in moves), Money(0, first.amount.currency))
            found.append(Service(name, first.counter, amount))
    return [service for service in found if service.amount.minor]


def lines_of(services: Sequence[Service], uses: Mapping[EventName, Use]) -> tuple[ActLine, ...]:
    """Return the lines of an act: all calls together, all else by title and price. The order is that of the kinds."""
    calls = [each for each in services if kind_of(each.counter, each.name) is ServiceKind.CALLS]
    counted: dict[tuple[ServiceKind, str, int], int] = {}
    for each in services:
        if (kind := kind_of(each.counter, each.name)) is not ServiceKind.CALLS:
            line = (kind, uses.get(each.name, Use()).title, each.amount.minor)
            counted[line] = counted.get(line, 0) + 1
    kinds = list(ServiceKind)
    currency = services[0].amount.currency if services else ""
    lines = [
        ActLine(kind, title, quantity, Money(price, currency), quantity, 0)
        for (kind, title, price), quantity in sorted(counted.items(), key=lambda item: _place(kinds, *item[0]))
    ]
    if calls:
        sum_ = sum((each.amount for each in calls), Money(0, currency))
        seconds = sum(uses.get(each.name, Use()).seconds for each in calls)
        lines.insert(0, ActLine(ServiceKind.CALLS, "", 1, sum_, len(calls), seconds))
    return tuple(lines)


def _place(kinds: Sequence[ServiceKind], kind: ServiceKind, title: str, price: int) -> tuple[int, str, int]:
    return kinds.index(kind), title, -price
