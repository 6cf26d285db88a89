"""Somebody with every key of the database rewrites sealed days, clumsily or with care. Promises: R15, I10."""

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import rub
from k5web.services.books import sealing
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import Ports
from k5web.storage.books import invariants, ledger, seal_rows
from tests.conftest import Clock
from tests.proofs import figure
from tests.tamper import tampering

OWNERS = (100001, 100002, 100003)
VISITOR = 100004  # moved on one day only: nothing is left of it when that day is gone
TIMES = 100
DAYS = 4


@pytest.fixture(autouse=True)
def no_clock_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's clock stands where it likes."""
    monkeypatch.setattr(seal_rows, "clock_of", lambda db: None)


def live(ports: Ports, clock: Clock, dice: random.Random) -> None:
    """Let some days pass, with a few postings of each account on each, and be sealed."""
    with ports.sessions.begin() as db:
        for owner_id in (*OWNERS, VISITOR):
            ledger.open_account(db, owner_id, "main", "RUB")
    pay(ports, VISITOR, "visit")
    for day in range(DAYS):
        for owner_id in OWNERS:
            pay(ports, owner_id, f"{owner_id} {day}")
            for n in range(dice.randint(1, 3)):
                charge(ports, owner_id, f"{owner_id} {day} {n}", dice.randint(1, 300))
        clock.forward(days=1)
        sealing.close_due(ports)


def pay(ports: Ports, owner_id: int, key: str) -> None:
    credit(ports, owner_id, EventName("test:bank", key), rub("10.00"), "cash.test", "connector:test", ports.clock())


def charge(ports: Ports, owner_id: int, key: str, minor: int) -> None:
    with ports.sessions.begin() as db:
        account_id = ledger.purse(db, owner_id).account_id
        move = Move(account_id, -minor, "sale.order")
        ledger.charge(
            db, Event(owner_id, EventName("order", key), (move,), "job", ports.clock()), ports.today(), ports.clock()
        )


@dataclass
class Hand:
    """The tamperer: what it may reach, and whether it mends what its change would break elsewhere."""

    db: Connection
    dice: random.Random
    is_careful: bool

    def run(self, statement: str, **values: Any) -> Any:
        return self.db.execute(text(statement), values)

    def chain(self, owner_id: int) -> list[Any]:
        found = self.run("SELECT * FROM posting WHERE owner_id = :owner ORDER BY seq", owner=owner_id)
        return list(found.all())

    def any_chain(self) -> list[Any]:
        return self.chain(self.dice.choice(OWNERS))

    def update(self, posting: Any, **values: Any) -> None:
        wanted = ", ".join(f"{name} = :{name}" for name in values)
        self.run(
            f"UPDATE posting SET {wanted} WHERE owner_id = :o AND seq = :s", o=posting.owner_id, s=posting.seq, **values
        )

    def remove(self, posting: Any) -> None:
        self.run("DELETE FROM posting WHERE owner_id = :o AND seq = :s", o=posting.owner_id, s=posting.seq)
        if self.is_careful:
            for table in ("ledger_transaction", "name_claim"):
                self.run(
                    f"DELETE FROM {table} WHERE origin = :origin AND key = :key", origin=posting.origin, key=posting.key
                )

    def mend(self, owner_id: int) -> None:
        """Number the account's chain anew, with its balances, and have the account say the same."""
        if not self.is_careful:
            return
        balance, last, day = 0, 0, "2000-01-01"
        for last, posting in enumerate(self.chain(owner_id), 1):
            balance += posting.amount_minor
            self.update(posting, balance_minor=balance, seq=last)
            day = str(posting.day)
        self.run(
            "UPDATE account SET balance_minor = :b, last_seq = :s, last_day = :d WHERE owner_id = :o",
            b=balance, s=last, d=day, o=owner_id,
        )  # fmt: skip


def change_an_amount(hand: Hand) -> None:
    posting = hand.dice.choice(hand.any_chain())
    hand.update(
        posting, amount_minor=posting.amount_minor + hand.dice.randint(1, 5) * (1 if posting.amount_minor > 0 else -1)
    )
    hand.mend(posting.owner_id)


def change_a_day(hand: Hand) -> None:
    """With care the last posting of a day goes to the next one, and the account's days still never go back."""
    chain = hand.any_chain()
    if hand.is_careful:
        pairs = itertools.pairwise(chain)
        posting, after = hand.dice.choice([pair for pair in pairs if pair[0].day != pair[1].day])
        hand.update(posting, day=str(after.day))
    else:
        posting = hand.dice.choice(chain)
        others = {str(each.day) for each in chain} - {str(posting.day)}
        hand.update(posting, day=hand.dice.choice(sorted(others)))


def change_the_order(hand: Hand) -> None:
    """Two postings of one day change their places."""
    chain = hand.any_chain()
    first, second = hand.dice.choice([pair for pair in itertools.pairwise(chain) if pair[0].day == pair[1].day])
    hand.update(first, seq=10_000)
    hand.update(second, seq=first.seq)
    hand.run("UPDATE posting SET seq = :s WHERE seq = 10000", s=second.seq)
    hand.mend(first.owner_id)


def delete_the_last_posting(hand: Hand) -> None:
    posting = hand.chain(hand.dice.choice((*OWNERS, VISITOR)))[-1]
    hand.remove(posting)
    hand.mend(posting.owner_id)


def delete_a_day_of_an_account(hand: Hand) -> None:
    chain = hand.chain(hand.dice.choice((*OWNERS, VISITOR)))
    day = hand.dice.choice(chain).day
    for posting in chain:
        if posting.day == day:
            hand.remove(posting)
    if hand.is_careful and hand.dice.random() < 0.5:
        hand.run("DELETE FROM day_close WHERE owner_id = :o AND day = :d", o=chain[0].owner_id, d=str(day))
    hand.mend(chain[0].owner_id)


TAMPERS: list[Callable[[Hand], None]] = [
    change_an_amount,
    change_a_day,
    change_the_order,
    delete_the_last_posting,
    delete_a_day_of_an_account,
]
SEEN_WITHOUT_SEALS = (change_an_amount, delete_the_last_posting, delete_a_day_of_an_account)  # by I1 or I2


def test_a_hundred_changes_of_sealed_days_are_found(
    ports: Ports, clock: Clock, database_url: str, dice: random.Random
) -> None:
    live(ports, clock, dice)
    assert verify(ports) == []
    assert len(sealing.seals(ports)) == DAYS
    with tampering(database_url) as connection:
        connection.commit()  # no trigger from now on, whatever is taken back
        for n in range(TIMES):
            tamper, is_careful = TAMPERS[n % len(TAMPERS)], bool(n // len(TAMPERS) % 2)
            tamper(Hand(connection, dice, is_careful))
            with Session(connection) as db:
                parts = invariants.parts(db, clock())
                found = {breach.invariant for part in parts for breach in invariants.ask(db, part)}
                db.rollback()
            connection.rollback()
            case = f"{n}: {tamper.__name__}, {'careful' if is_careful else 'clumsy'}: {sorted(found)}"
            assert "I10" in found, case
            assert is_careful or tamper not in SEEN_WITHOUT_SEALS or found & {"I1", "I2"}, case
            assert not is_careful or not found & {"I1", "I2"}, case
    assert verify(ports) == []
    figure(f"{TIMES} changes of sealed days: {TIMES} found")


def test_an_account_of_which_nothing_is_left_is_missed(
    ports: Ports, clock: Clock, database_url: str, dice: random.Random
) -> None:
    """Its row says that it never moved, or is gone: its closings still tell of it."""
    live(ports, clock, dice)
    with tampering(database_url) as connection:
        for table in ("posting", "account"):
            connection.execute(text(f"DELETE FROM {table} WHERE owner_id = {VISITOR}"))
        connection.execute(text("DELETE FROM ledger_transaction WHERE key = 'visit'"))
    told = [breach.where for breach in verify(ports) if breach.invariant == "I10"]
    assert any(f"owner {VISITOR}" in where and f"{date(2026, 12, 1)}" in where for where in told)
