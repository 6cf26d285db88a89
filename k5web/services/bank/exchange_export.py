"""The money that came in and went back, as 1C loads it: a document a day, way and reason.

A document is the sum of a day, not a payment: whose each was is told by the journal's table, and does not concern 1C.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TextIO

from k5web.domain.bank.exchange_writer import LINE_END, ExchangeDocument, Statement, write_exchange
from k5web.domain.bank.printable import printable
from k5web.domain.books.month import DayMoved, Section, section_of, what_of
from k5web.domain.money import Money
from k5web.errors import WrongSetting
from k5web.services.ports import OPERATOR_ZONE, Ports
from k5web.storage.books import month_rows
from k5web.storage.session import transactional

ROUBLES = "RUB"  # the format has no other currency
BANK, SUBSCRIBERS = "банк", "Абоненты"  # the other side, where no provider is one
_WORDS = {
    Section.CAME_IN: "Авансы абонентов за услуги связи, поступившие {day} через {way}, в количестве {count}. {vat}",
    Section.CLOSED: "Поступившее в банк не от абонентов, отнесённое {day} на {way}, в количестве {count}. {vat}",
    Section.TAKEN_BACK: "Авансы абонентов, отменённые {day} через {way}, в количестве {count}. {vat}",
    Section.REFUNDED: "Возвраты авансов абонентам {day}, в количестве {count}. {vat}",
    Section.CHARGED_BACK: "Авансы, отозванные банками абонентов {day}, в количестве {count}. {vat}",
}
_ORDER = list(_WORDS)


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: documents, what came and went by them, and how many postings of other currencies are not in
    the file."""

    documents: int
    received: Money
    spent: Money
    left_out: int


@dataclass(frozen=True, slots=True)
class _DaySum:
    """What moved on a day by one way for one reason. Units: minor."""

    day: date
    section: Section
    way: str
    minor: int
    count: int


def write(ports: Ports, days: tuple[date, date], account: str, to: TextIO) -> Exported:
    """Write the documents of these days, both included, for this account of ours, the payee's where it is empty.

    Raises: WrongSetting (nobody says who is paid), Unavailable.
    """
    if ports.payee is None:
        raise WrongSetting(name="K5_PAYEE", reason="must say who is paid: the file of 1C names it in each document")
    moved = _moved(ports, days)
    found = _documents([one for one in moved if one.moved.currency == ROUBLES], ports.payee.vat)
    made_at = ports.clock().astimezone(OPERATOR_ZONE)
    statement = Statement(ports.payee, account or ports.payee.account, *days, made_at)
    to.writelines(f"{line}{LINE_END}" for line in write_exchange(statement, found))
    amounts = [one.amount.minor for one in found]
    left_out = sum(one.count for one in moved if one.moved.currency != ROUBLES)
    received = sum(minor for minor in amounts if minor > 0)
    return Exported(len(found), Money(received), Money(received - sum(amounts)), left_out)


@transactional
def _moved(ports: Ports, days: tuple[date, date]) -> list[DayMoved]:
    with ports.sessions.read() as db:
        return month_rows.cash(db, days)


def _documents(moved: Sequence[DayMoved], vat: str) -> list[ExchangeDocument]:
    found = []
    for day, sums in groupby(_sums(moved), key=lambda one: one.day):
        for n, one in enumerate(sums, 1):
            words = _WORDS[one.section].format(day=f"{day:%d.%m.%Y}", way=one.way, count=one.count, vat=vat)
            found.append(ExchangeDocument(f"{day:%m%d}{n:02}", day, Money(one.minor), one.way, words))
    return found


def _way(section: Section, what: str) -> str:
    """Return who stands on the other side as the accountant reads it: a partner, the bank, or the subscribers."""
    if section in (Section.REFUNDED, Section.CHARGED_BACK):
        return SUBSCRIBERS
    return BANK if what.startswith("bank") else printable(what)


def _sums(moved: Sequence[DayMoved]) -> list[_DaySum]:
    """Return what is a document, day by day. What suspense gives to its owner came on the day it came to suspense: both
    sides are of one way, and nothing is left of them."""
    found: dict[tuple[date, int, str], _DaySum] = {}
    for one in moved:
        section = section_of(one.moved.column, one.moved.counter, one.moved.name)
        way = _way(section, what_of(section, one.moved.counter, one.moved.name))
        sign = -1 if section is Section.ASSIGNED else 1
        section = Section.CAME_IN if section is Section.ASSIGNED else section
        if section in _WORDS:
            key = one.day, _ORDER.index(section), way
            before = found.get(key, _DaySum(one.day, section, way, 0, 0))
            minor, count = before.minor + one.moved.minor, before.count + sign * one.count
            found[key] = _DaySum(one.day, section, way, minor, count)
    return [found[key] for key in sorted(found) if found[key].minor]
