"""The operator's month: opening and all lines are the closing, and every file of the month has the same sums."""

from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from k5web.domain.bank.exchange_writer import CODING
from k5web.domain.books.ledger import HOUSE, EventName, Unit
from k5web.domain.books.month import Column, MonthTable, Section, column_of, section_of, what_of
from k5web.domain.books.service import REVERSAL, reversal_of
from k5web.domain.money import rub
from k5web.services.bank import exchange_export
from k5web.services.books import acts, corrections, month, transfers
from k5web.services.books.month import Month
from k5web.services.books.transfers import TransferWish
from k5web.services.books.verify import verify
from k5web.services.ports import Ports
from k5web.storage.books.journal_rows import page
from k5web.storage.books.ledger_sql import ACCOUNT
from k5web.storage.session import Sessions
from k5web.whole_file import appearing
from tests import hledger
from tests.conftest import Clock
from tests.fakes.doors import open_doors
from tests.fakes.payee import ROMASHKA
from tests.services.bank.test_exchange_export import read_back
from tests.services.books.busy_month import AIGUL, ANNA, FIRST, IVAN, OURS, Books, busy
from tests.services.books.months import Months
from tests.services.books.test_journal_export import expected, journal, minor, table
from tests.services.house import House, subscriber

Sums = dict[tuple[str, str, str, Column], int]  # by currency, section, what and column
CASH = {Section.CAME_IN, Section.ASSIGNED, Section.CLOSED, Section.TAKEN_BACK, Section.REFUNDED, Section.CHARGED_BACK}
MONTHS = count()  # one database, a new month for each history


@pytest.fixture
def ports(sessions: Sessions, clock: Clock) -> Ports:
    """A house with a payee."""
    return open_doors(sessions, clock, payee=ROMASHKA)


def of(found: Month, currency: str) -> MonthTable:
    return next(one for one in found.tables if one.currency == currency)


def sums_of(tables: Iterable[MonthTable]) -> Sums:
    found = {
        (one.currency, str(line.section), line.what, column): amount
        for one in tables
        for line in one.lines
        for column, amount in line.sums.items()
    }
    return {key: amount for key, amount in found.items() if amount}


def posted(ports: Ports, found: Month) -> Sums:
    """Return what each posting of the month comes to, one by one."""
    sums: Counter[tuple[str, str, str, Column]] = Counter()
    with ports.sessions.read() as db:
        lines = page(db, (found.first, found.last), None, 100_000, only_money=True)
    for one in lines:
        posting, column = one.posting, column_of(one.posting.owner_id, one.purpose)
        section = section_of(column, posting.counter, posting.name)
        what = what_of(section, posting.counter, posting.name)
        sums[posting.amount.currency, str(section), what, column] += posting.amount.minor
    return {key: amount for key, amount in sums.items() if amount}


def test_a_month_in_which_everything_happened(ports: Ports) -> None:
    busy(ports)
    found = month.show(ports, date(2026, 11, 17))
    assert (found.first, found.last, found.is_over, found.agrees) == (FIRST, date(2026, 11, 30), True, True)
    shown = of(found, "RUB")
    assert [one.currency for one in found.tables] == ["RUB", "KGS"]
    assert shown.columns == [Column.MAIN, Column.GIFTS, Column.SUSPENSE]
    assert shown.opened == {Column.MAIN: 395_60, Column.GIFTS: 0, Column.SUSPENSE: 70_00}
    assert shown.closed == {Column.MAIN: 1617_20, Column.GIFTS: 24_00, Column.SUSPENSE: 33_00}
    assert [(str(line.section), line.what, line.sums) for line in shown.lines] == [
        ("came in", "bank, by hand", {Column.MAIN: 11_00}),
        ("came in", OURS, {Column.MAIN: 320_00, Column.SUSPENSE: 533_00}),
        ("came in", "cards:demo", {Column.MAIN: 1000_00}),
        ("came in", "qiwi:optima", {Column.MAIN: 550_00}),
        ("came in", "qiwi:second", {Column.MAIN: 7_00}),
        ("assigned to owners", OURS, {Column.SUSPENSE: -70_00}),
        ("closed as nobody's", "cash.qiwi", {Column.SUSPENSE: -500_00}),
        ("payments taken back", "qiwi:optima", {Column.MAIN: -320_00}),
        ("refunded", "advances after contracts", {Column.MAIN: -9_00}),
        ("refunded", "payments", {Column.MAIN: -15_00}),
        ("charged back", "chargeback", {Column.MAIN: -100_00}),
        ("charged", "calls", {Column.MAIN: -8_80, Column.GIFTS: -1_00}),
        ("charged", "monthly_fee", {Column.MAIN: -150_00}),
        ("charged", "daily_fee", {Column.MAIN: -5_00}),
        ("charged", "number", {Column.MAIN: -90_00}),
        ("charged", "order", {Column.MAIN: -60_00}),
        ("charged", "promise", {Column.MAIN: -3_00}),
        ("charges taken back", "calls", {Column.MAIN: 4_40}),
        ("charges taken back", "number", {Column.MAIN: 90_00}),
        ("bonuses and gifts", "bonus", {Column.GIFTS: 10_00}),
        ("bonuses and gifts", "grant", {Column.GIFTS: 40_00}),
        ("gifts expired", "expire", {Column.GIFTS: -25_00}),
        ("transfers", "received", {Column.MAIN: 50_00}),
        ("transfers", "sent", {Column.MAIN: -50_00}),
    ]
    assert sums_of(found.tables) == posted(ports, found)


def test_som_has_a_table_of_its_own(ports: Ports) -> None:
    busy(ports)
    shown = of(month.show(ports, FIRST), "KGS")
    assert (shown.opened, shown.closed) == ({Column.MAIN: 50_00}, {Column.MAIN: 131_20})
    assert [(line.what, line.sums) for line in shown.lines] == [
        ("elsom:wallet", {Column.MAIN: 90_00}),
        ("calls", {Column.MAIN: -8_80}),
    ]


def test_each_month_opens_with_what_the_one_before_closed_with(ports: Ports) -> None:
    """What is reversed belongs to the month in which it is posted."""
    busy(ports)
    shown = [month.show(ports, date(2026, n, 1)) for n in (8, 9, 10, 11, 12)]
    assert all(found.agrees for found in shown)
    for before, after in pairwise(shown):
        assert of(before, "RUB").closed == of(after, "RUB").opened
    assert ("RUB", "charges taken back", "calls", Column.MAIN) not in sums_of(shown[2].tables)
    assert sums_of(shown[3].tables)["RUB", "charges taken back", "calls", Column.MAIN] == 4_40


def test_a_month_in_which_nothing_happened_stays_as_it_was(ports: Ports) -> None:
    assert month.show(ports, FIRST).tables == []
    books = Books(ports)
    books.open(ANNA)
    shown = of(month.show(ports, FIRST), "RUB")
    assert (shown.opened, shown.lines, shown.closed, shown.agrees) == ({Column.MAIN: 0}, [], {Column.MAIN: 0}, True)


def test_the_month_ends_at_midnight_in_moscow(ports: Ports, clock: Clock) -> None:
    clock.now = clock.now.replace(hour=20, minute=59, second=59)  # the last second of 1 December there
    assert month.show(ports, ports.today()).last == date(2026, 12, 31)
    clock.now = clock.now.replace(month=11, day=30)
    assert month.show(ports, ports.today()).last == date(2026, 11, 30)
    assert not month.show(ports, ports.today()).is_over
    clock.forward(seconds=1)
    assert month.show(ports, ports.today()).last == date(2026, 12, 31)
    assert month.show(ports, FIRST).is_over


def test_charges_of_the_month_are_what_its_acts_come_to(k5: House) -> None:
    """Through the services: a call is made, a number ordered and taken back, money comes, goes on and goes back."""
    months, ivan = Months(k5), subscriber(k5, 1)
    k5.top_up("500.00")
    k5.talk(k5.order(), "61")
    months.back(months.charge(90_00, name=EventName("order", "number 74950000101 form")))
    months.charge(60_00)
    offer = transfers.offer(k5.ports, k5.caller, f"K5-{ivan.id}", rub("100.00"))
    transfers.send(k5.ports, k5.caller, TransferWish(f"K5-{ivan.id}", offer.mark, offer.amount, "form-1"))
    corrections.refund(k5.ports, k5.caller.id, EventName("test:bank", "in-1"), rub("20.00"), "a1", "staff:1")
    months.at("2027-01-01 12:00:00")
    assert acts.run(k5.ports) == 1
    found = month.show(k5.ports, date(2026, 12, 1))
    sums = sums_of(found.tables)
    charged = total(sums, "RUB", {Section.CHARGED, Section.CORRECTED})
    assert (found.agrees, -charged) == (True, months.latest_sum().minor)
    assert sums["RUB", "refunded", "payments", Column.MAIN] == -20_00
    assert sums["RUB", "charged", "calls", Column.MAIN] == -4_40
    assert sums["RUB", "charges taken back", "number", Column.MAIN] == 90_00
    assert verify(k5.ports) == []


# --- random months

WAYS = [("qiwi:optima", "cash.qiwi"), ("qiwi:second", "cash.qiwi"), ("cards:demo", "cash.cards"), (OURS, "cash.bank")]
SALES = [
    ("call", "100001-{n}", "sale.call"),
    ("fee", "{n}:2026-11", "sale.fee"),
    ("fee", "{n}:2026-11-10", "sale.fee"),
    ("order", "form-{n}", "sale.order"),
    ("order", "number 74951110001 f{n}", "sale.order"),
    ("promise", "{n}", "sale.order"),
]
OTHER = [
    ("bonus", "{n}", "gift"),
    ("grant", "{n}", "gift"),
    ("expire", "{n}", "expired"),
    ("refund", "f-{n}", "refund"),
    ("refund", "advance 1-{n}", "refund"),
    ("chargeback", "case-{n}", "loss"),
    ("staff", "loss-{n}", "loss"),
    ("opening", "{n}", "opening"),
    ("exchange", "{n}", "fx"),
    ("close", OURS + " {n} 1", "cash.own"),
]
KINDS = [*((origin, "{n}", counter) for origin, counter in WAYS), *SALES, *OTHER]
PURSES: list[tuple[int, str, Unit]] = [
    (ANNA, "main", "RUB"),
    (ANNA, "bonus", "RUB"),
    (IVAN, "main", "RUB"),
    (AIGUL, "main", "KGS"),
    (HOUSE, "suspense", "RUB"),
]


@dataclass(frozen=True)
class Happened:
    """An event of a random month: what is posted, or, without a kind, something that is reversed."""

    kind: tuple[str, str, str] | None
    purse: tuple[int, str, Unit]
    amount: int
    day: int
    pick: int


HAPPENED = st.lists(
    st.builds(
        Happened,
        st.sampled_from([*KINDS, None]),
        st.sampled_from(PURSES),
        st.integers(-20_000, 20_000).filter(bool),
        st.integers(0, 27),
        st.integers(0, 1000),
    ),
    max_size=25,
)


def opened(ports: Ports) -> Books:
    books = Books(ports)
    for purse in PURSES:
        books.open(*purse)
    return books


def happen(books: Books, began: date, happened: list[Happened]) -> None:
    """Post a month of events and a transfer; reversals are also of events of the months before."""
    gone = {event.name for _, event in books.events}
    for n, one in enumerate(happened):
        day, (owner, purpose, _) = began + timedelta(days=one.day), one.purse
        if one.kind is not None:
            origin, key, counter = one.kind
            name = origin, key.format(n=f"{began:%y%m}{n:03}")
            books.post(owner, name, day, (purpose, one.amount, counter))
        elif books.events:
            posted_on, event = books.events[one.pick % len(books.events)]
            if event.name.origin != REVERSAL and reversal_of(event.name) not in gone:
                books.undo(event.owner_id, event.name, max(day, posted_on))
                gone.add(reversal_of(event.name))
    form, last = f"form-{began}", began + timedelta(days=27)
    books.post(ANNA, ("transfer", form), last, ("main", -700, "transfer"))
    books.post(IVAN, ("transfer.in", f"{ANNA} {form}"), last, ("main", 700, "transfer"))
    books.settle()


def next_month() -> date:
    n = next(MONTHS)
    return date(2027 + n // 12, n % 12 + 1, 1)


RANDOM = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_for_random_months_the_table_is_the_ledger_and_every_file(ports: Ports, tmp_path: Path) -> None:
    """Opening and lines are the closing; lines are the postings one by one; the cells of the table and the documents of
    1C come to them."""
    books = opened(ports)

    @RANDOM
    @given(HAPPENED)
    def check(happened: list[Happened]) -> None:
        began = next_month()
        happen(books, began, happened)
        found = month.show(ports, began)
        sums = sums_of(found.tables)
        assert (found.agrees, sums) == (True, posted(ports, found))
        closed = {(one.currency, column): amount for one in found.tables for column, amount in one.closed.items()}
        assert closed == balances(ports)
        assert of_table(ports, found) == {currency: total(sums, currency, set(Section)) for currency in ("RUB", "KGS")}
        with appearing(tmp_path / "k5.txt", CODING) as to:
            done = exchange_export.write(ports, (found.first, found.last), "", to)
        assert done.received.minor - done.spent.minor == total(sums, "RUB", CASH)
        audit, came, went, _ = read_back(tmp_path / "k5.txt")
        assert (audit.came_to, len(came) + len(went)) == (done.received, done.documents)

    check()


@pytest.mark.hledger
def test_for_random_months_hledger_has_the_balances_of_the_ledger(ports: Ports, tmp_path: Path) -> None:
    books = opened(ports)

    @settings(RANDOM, max_examples=8)
    @given(HAPPENED)
    def check(happened: list[Happened]) -> None:
        began = next_month()
        happen(books, began, happened)
        days = began, began + timedelta(days=27)
        path = journal(ports, days, tmp_path / "k5.journal")
        assert hledger.run(path, "check", "--strict") == ""
        assert hledger.balances(path) == expected(ports, days)

    check()


def balances(ports: Ports) -> dict[tuple[str, Column], int]:
    """Return what all accounts show now."""
    found: Counter[tuple[str, Column]] = Counter()
    with ports.sessions.read() as db:
        for row in db.execute(select(ACCOUNT)):
            found[row.unit, column_of(row.owner_id, row.purpose)] += row.balance_minor
    return dict(found)


def of_table(ports: Ports, found: Month) -> dict[str, int]:
    """Return what the cells of the journal's table come to."""
    rows = table(ports, (found.first, found.last))
    return {unit: sum(minor(row["amount"]) for row in rows if row["unit"] == unit) for unit in ("RUB", "KGS")}


def total(sums: Sums, currency: str, sections: Set[Section]) -> int:
    return sum(amount for key, amount in sums.items() if key[0] == currency and key[1] in sections)
