"""The journal as a file: a page of it is in memory at a time, however long it is."""

import csv
from collections.abc import Callable, Iterator
from datetime import date
from typing import TextIO

from k5web.domain.bank.printable import printable
from k5web.domain.books import hledger
from k5web.domain.books.csv_cells import BOM, DELIMITER, decimal, plain
from k5web.domain.books.journal import JournalLine, Opening, shown_name
from k5web.domain.money import CURRENCIES, Money
from k5web.services.ports import Ports
from k5web.storage.books import journal_rows
from k5web.storage.session import transactional

PAGE = 2000
HEADING = ("day", "number", "origin", "key", "owner", "account", "purpose", "counter", "amount", "unit", "balance")

Days = tuple[date, date]  # the first and the last, both included
Progress = Callable[[int, int], None]  # postings written, postings in all


def write_csv(ports: Ports, days: Days, to: TextIO, progress: Progress = lambda done, total: None) -> int:
    """Write every posting of these days, a line each, allowances too; return how many. Raises: Unavailable."""
    to.write(BOM)
    writer = csv.writer(to, delimiter=DELIMITER)
    writer.writerow((*HEADING, "actor", "reverses"))
    written = 0
    for line in _lines(ports, days, only_money=False, progress=progress):
        writer.writerow(_cells(line))
        written += 1
    return written


def write_hledger(ports: Ports, days: Days, to: TextIO, progress: Progress = lambda done, total: None) -> int:
    """Write the money of these days as plain-text accounting; return how many postings. Raises: Unavailable."""
    first, last = days
    _write(to, hledger.head(first, last))
    for counter, posted in _against(ports, days):
        _write(to, hledger.opening(first, hledger.house_name(counter), posted))
    for found in _openings(ports, days):
        _write(to, hledger.purse_opening(first, found))
    written = 0
    for line in _lines(ports, days, only_money=True, progress=progress):
        _write(to, hledger.entry(line))
        written += 1
    return written


def _lines(ports: Ports, days: Days, only_money: bool, progress: Progress) -> Iterator[JournalLine]:
    total, done, after = _count(ports, days, only_money), 0, None
    while found := _page(ports, days, after, only_money):
        yield from found
        done += len(found)
        progress(min(done, total), total)
        last = found[-1].posting
        after = (last.owner_id, last.account_id, last.day, last.seq)


def _openings(ports: Ports, days: Days) -> Iterator[Opening]:
    after = None
    while found := _openings_page(ports, days, after):
        yield from found
        after = (found[-1].owner_id, found[-1].account_id)


@transactional
def _count(ports: Ports, days: Days, only_money: bool) -> int:
    with ports.reading(days[1]) as db:
        return journal_rows.count(db, days, only_money)


@transactional
def _page(ports: Ports, days: Days, after: journal_rows.Key | None, only_money: bool) -> list[JournalLine]:
    with ports.reading(days[1]) as db:
        return journal_rows.page(db, days, after, PAGE, only_money)


@transactional
def _openings_page(ports: Ports, days: Days, after: tuple[int, int] | None) -> list[Opening]:
    with ports.reading(days[1]) as db:
        return journal_rows.openings(db, days, after, PAGE)


@transactional
def _against(ports: Ports, days: Days) -> list[tuple[str, Money]]:
    with ports.reading(days[1]) as db:
        return journal_rows.against(db, days)


def _cells(line: JournalLine) -> list[str]:
    posting = line.posting
    origin, _, key = shown_name(posting.name).partition(" ")
    ids = [str(posting.owner_id), str(posting.account_id)]
    sums = [_amount(posting.amount), posting.amount.currency, _amount(posting.balance)]
    start = [posting.day.isoformat(), str(posting.number), _text(origin), _text(key), *ids]
    said = [line.actor, shown_name(line.reverses) if line.reverses else ""]
    return [*start, _text(line.purpose), _text(posting.counter), *sums, *map(_text, said)]


def _text(text: str) -> str:
    return plain(printable(text))


def _amount(counted: Money) -> str:
    """Return an amount of money with a comma; seconds, messages and KB are whole."""
    return decimal(counted) if counted.currency in CURRENCIES else str(counted.minor)


def _write(to: TextIO, lines: Iterator[str]) -> None:
    to.writelines(f"{line}\n" for line in lines)
