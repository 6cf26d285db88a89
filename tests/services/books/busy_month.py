"""Books in which everything happened that the house knows, posted by hand under the names that the services give."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from k5web.domain.bank.payment import ASSIGNED
from k5web.domain.bank.suspense import CLOSE
from k5web.domain.books.ledger import HOUSE, Event, EventName, Move, Unit
from k5web.domain.books.service import reversal_of
from k5web.services.ports import Ports
from k5web.storage.books import ledger

NOON = time(9, tzinfo=UTC)
ANNA, IVAN, AIGUL = 100001, 100002, 100003
OURS = "bank:40702810938000017997"
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
NOVEMBER = FIRST, LAST
BEFORE, AFTER = FIRST - timedelta(days=1), LAST + timedelta(days=1)
OLD_PAYMENT, OLD_CALL = ("qiwi:optima", "699"), ("call", "100001-1")
ORDERED = "74951110001"  # the number that an order connected


@dataclass
class Books:
    """Accounts by owner and purpose, and what is to be posted to them on given days."""

    ports: Ports
    accounts: dict[tuple[int, str], int] = field(default_factory=dict)
    events: list[tuple[date, Event]] = field(default_factory=list)
    settled: int = 0  # of the events

    def open(self, owner: int, purpose: str = "main", unit: Unit = "RUB") -> None:
        with self.ports.sessions.begin() as db:
            self.accounts[owner, purpose] = ledger.open_account(db, owner, purpose, unit)

    def post(
        self, owner: int, name: tuple[str, str], day: date, *moves: tuple[str, int, str], back: EventName | None = None
    ) -> EventName:
        """Note an event: each move is the purpose of its account, minor units and the house account opposite."""
        made = tuple(Move(self.accounts[owner, purpose], amount, counter) for purpose, amount, counter in moves)
        event = Event(owner, EventName(*name), made, "job:test", datetime.combine(day, NOON), back)
        self.events.append((day, event))
        return event.name

    def undo(self, owner: int, name: EventName, day: date) -> None:
        """Note that an event of this owner is reversed."""
        original = next(event for _, event in self.events if (event.owner_id, event.name) == (owner, name))
        moves = tuple(Move(move.account_id, -move.amount, move.counter) for move in original.moves)
        event = Event(owner, reversal_of(name), moves, "staff:17", datetime.combine(day, NOON), name)
        self.events.append((day, event))

    def settle(self) -> "Books":
        """Post what was noted since the last time, day by day."""
        with self.ports.sessions.begin() as db:
            for day, event in sorted(self.events[self.settled :], key=lambda noted: noted[0]):
                ledger.record(db, event, day, event.occurred_at)
        self.settled = len(self.events)
        return self


def busy(ports: Ports) -> Books:
    """Return books with a November in which everything happened, and a little before and after it."""
    books = Books(ports)
    wanted: list[tuple[int, str, Unit]] = [
        (HOUSE, "suspense", "RUB"),
        (ANNA, "main", "RUB"),
        (ANNA, "bonus", "RUB"),
        (ANNA, "allowance:gifts", "RUB"),
        (ANNA, "allowance:min50", "SEC"),
        (IVAN, "main", "RUB"),
        (AIGUL, "main", "KGS"),
    ]
    for owner, purpose, unit in wanted:
        books.open(owner, purpose, unit)
    _before(books)
    _payments(books)
    _charges(books)
    _gifts(books)
    _suspense(books)
    _after(books)
    return books.settle()


def _before(books: Books) -> None:
    post = books.post
    post(ANNA, ("opening", "demo:100001"), date(2026, 9, 1), ("main", 100_00, "opening"))
    post(ANNA, OLD_PAYMENT, BEFORE, ("main", 300_00, "cash.qiwi"))
    post(ANNA, OLD_CALL, BEFORE, ("main", -4_40, "sale.call"))
    post(AIGUL, ("elsom:wallet", "K1"), BEFORE, ("main", 50_00, "cash.elsom"))
    post(HOUSE, (OURS, "20261031-7-aa"), BEFORE, ("suspense", 70_00, "cash.bank"))


def _payments(books: Books) -> None:
    post, day = books.post, date(2026, 11, 3)
    post(ANNA, ("qiwi:optima", "700"), FIRST, ("main", 500_00, "cash.qiwi"))
    post(ANNA, ("qiwi:optima", "701"), day, ("main", 20_00, "cash.qiwi"))
    post(IVAN, ("qiwi:optima", "702"), day, ("main", 30_00, "cash.qiwi"))
    post(IVAN, ("qiwi:second", "702"), day, ("main", 7_00, "cash.qiwi"))
    post(IVAN, ("cards:demo", "order-1"), LAST, ("main", 1000_00, "cash.cards"))
    post(IVAN, (OURS, "20261103-1-bb"), day, ("main", 250_00, "cash.bank"))
    post(IVAN, ("bank", "=cmd|' /C calc'!A0"), day, ("main", 11_00, "cash.bank"))
    post(AIGUL, ("elsom:wallet", "K2"), day, ("main", 90_00, "cash.elsom"))
    books.undo(ANNA, EventName("qiwi:optima", "701"), date(2026, 11, 4))
    books.undo(ANNA, EventName(*OLD_PAYMENT), date(2026, 11, 5))  # of the month before
    card = EventName("cards:demo", "order-1")
    post(IVAN, ("refund", "form-7"), LAST, ("main", -15_00, "refund"), back=card)
    post(IVAN, ("refund", "advance 100002-1"), LAST, ("main", -9_00, "refund"))
    post(IVAN, ("chargeback", "case-1"), LAST, ("main", -100_00, "loss"), back=card)


def _charges(books: Books) -> None:
    post, day = books.post, date(2026, 11, 10)
    post(ANNA, ("call", "100001-2"), day, ("main", -6_60, "sale.call"), ("bonus", -1_00, "sale.call"))
    post(ANNA, ("call", "100001-3"), day, ("allowance:min50", -120, "sale.call"))
    post(IVAN, ("call", "100002-1"), LAST, ("main", -2_20, "sale.call"))
    post(ANNA, ("fee", "5:2026-11"), FIRST, ("main", -150_00, "sale.fee"))
    post(ANNA, ("fee", "6:2026-11-10"), day, ("main", -5_00, "sale.fee"))
    post(ANNA, ("order", "form-3"), day, ("main", -60_00, "sale.order"))
    post(ANNA, ("order", f"number {ORDERED} form-4"), day, ("main", -90_00, "sale.order"))
    post(ANNA, ("promise", "1"), day, ("main", -3_00, "sale.order"))
    books.undo(ANNA, EventName(*OLD_CALL), date(2026, 11, 11))
    books.undo(ANNA, EventName("order", f"number {ORDERED} form-4"), date(2026, 11, 12))
    post(AIGUL, ("call", "100003-1"), day, ("main", -8_80, "sale.call"))


def _gifts(books: Books) -> None:
    post, day = books.post, date(2026, 11, 15)
    post(ANNA, ("bonus", "100002:1:2026-10"), FIRST, ("bonus", 12_00, "gift"))
    post(ANNA, ("bonus", "100002:1:2026-10:back 200"), day, ("bonus", -2_00, "gift"))
    post(ANNA, ("grant", "5:2026-11"), FIRST, ("allowance:gifts", 40_00, "gift"), ("allowance:min50", 3000, "gift"))
    post(ANNA, ("expire", "5:2026-11"), LAST, ("allowance:gifts", -25_00, "expired"))
    post(ANNA, ("expire", "5:2026-11:min"), LAST, ("allowance:min50", -2880, "expired"))
    post(ANNA, ("transfer", "form-9"), day, ("main", -50_00, "transfer"))
    post(IVAN, ("transfer.in", "100001 form-9"), day, ("main", 50_00, "transfer"))


def _suspense(books: Books) -> None:
    post, day = books.post, date(2026, 11, 20)
    post(HOUSE, (OURS, "20261120-8-cc"), day, ("suspense", 33_00, "cash.bank"))
    post(HOUSE, (OURS, "20261120-9-dd"), day, ("suspense", 500_00, "cash.bank"))
    books.undo(HOUSE, EventName(OURS, "20261031-7-aa"), day)
    post(IVAN, (OURS, f"20261031-7-aa{ASSIGNED}"), day, ("main", 70_00, "cash.bank"))
    closed = post(HOUSE, (CLOSE, f"{OURS} 20261120-9-dd 1"), day, ("suspense", -500_00, "cash.qiwi"))
    books.undo(HOUSE, closed, date(2026, 11, 21))
    post(HOUSE, (CLOSE, f"{OURS} 20261120-9-dd 2"), date(2026, 11, 22), ("suspense", -500_00, "cash.qiwi"))


def _after(books: Books) -> None:
    books.post(ANNA, ("qiwi:optima", "800"), AFTER, ("main", 1_00, "cash.qiwi"))
    books.post(ANNA, ("call", "100001-9"), AFTER, ("main", -2_20, "sale.call"))
    books.undo(ANNA, EventName("call", "100001-2"), AFTER)
