"""Random histories against a model in plain Python: the database says what the model says. Promise: R4."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from k5web.domain.books.ledger import Event, EventName, HoldState, Move, Posted
from k5web.domain.money import Money
from k5web.errors import Conflict, InsufficientFunds, RefundTooLarge
from k5web.services.books.corrections import chargeback, refund, reverse
from k5web.services.books.verify import verify
from k5web.services.payments.topups import credit
from k5web.services.ports import OPERATOR_ZONE
from k5web.storage.books import ledger
from k5web.storage.books.ledger_sql import POSTING
from k5web.storage.session import Sessions
from tests import proofs
from tests.conftest import Clock
from tests.fakes.doors import open_doors

K = TypeVar("K")
V = TypeVar("V")

AMOUNTS = st.integers(1, 20_000)
PICK = st.integers(0, 10**6)
OWNERS = count(100001)  # one database, a new owner for each history


@dataclass
class ModelHold:
    """What the model knows of a hold."""

    amount: int
    expires_at: datetime
    state: HoldState = HoldState.OPEN


@dataclass
class Model:
    """A purse as a child would keep it."""

    links: list[tuple[int, int, date, str, str]] = field(default_factory=list)  # amount, balance, day, origin, key
    holds: dict[str, ModelHold] = field(default_factory=dict)
    payments: dict[EventName, tuple[int, Posted]] = field(default_factory=dict)
    taken_back: dict[EventName, int] = field(default_factory=dict)
    reversed: dict[EventName, Posted] = field(default_factory=dict)
    day: date = date(2000, 1, 1)

    @property
    def balance(self) -> int:
        return sum(link[0] for link in self.links)

    @property
    def held(self) -> int:
        return sum(hold.amount for hold in self.holds.values() if hold.state is HoldState.OPEN)

    def add(self, amount: int, today: date, name: EventName) -> None:
        """The next link; the day never goes back."""
        self.day = max(self.day, today)
        self.links.append((amount, self.balance + amount, self.day, name.origin, name.key))


class Histories(RuleBasedStateMachine):
    """One owner, one purse, and everything that can happen to it, in any order."""

    def __init__(self, sessions: Sessions) -> None:
        super().__init__()
        self.owner_id, self.clock, self.model = next(OWNERS), Clock(), Model()
        self.names = count(1)
        self.ports = open_doors(sessions, self.clock)
        with self.ports.sessions.begin() as db:
            self.account_id = ledger.open_account(db, self.owner_id, "main", "RUB")

    def name(self, origin: str) -> EventName:
        return EventName(origin, f"{self.owner_id}-{next(self.names)}")

    def pay(self, name: EventName, amount: int) -> Posted:
        return credit(self.ports, self.owner_id, name, Money(amount), "cash.test", "test", self.clock())

    def charge(self, name: EventName, amount: int) -> Event:
        move = Move(self.account_id, -amount, "sale.call")
        return Event(self.owner_id, name, (move,), "test", self.clock())

    @property
    def today(self) -> date:
        return self.clock().astimezone(OPERATOR_ZONE).date()

    # Money in

    @rule(amount=AMOUNTS)
    def top_up(self, amount: int) -> None:
        name = self.name("test:bank")
        posted = self.pay(name, amount)
        assert posted.is_new
        self.model.add(amount, self.today, name)
        self.model.payments[name] = (amount, posted)

    @precondition(lambda self: self.model.payments)
    @rule(pick=PICK)
    def repeat(self, pick: int) -> None:
        name, (amount, posted) = self.picked(self.model.payments, pick)
        assert self.pay(name, amount) == replace(posted, is_new=False)

    @precondition(lambda self: self.model.payments)
    @rule(pick=PICK, more=st.integers(1, 10))
    def conflict(self, pick: int, more: int) -> None:
        name, (amount, _) = self.picked(self.model.payments, pick)
        with pytest.raises(Conflict):
            self.pay(name, amount + more)

    # Calls

    @rule(amount=AMOUNTS, minutes=st.integers(1, 300))
    def reserve(self, amount: int, minutes: int) -> None:
        call_id, expires_at = self.name("call").key, self.clock() + timedelta(minutes=minutes)
        if amount <= self.model.balance - self.model.held:
            self.hold(call_id, amount, expires_at)
            self.model.holds[call_id] = ModelHold(amount, expires_at)
        else:
            with pytest.raises(InsufficientFunds):
                self.hold(call_id, amount, expires_at)

    @precondition(lambda self: self.model.holds)
    @rule(pick=PICK, amount=AMOUNTS)
    def reserve_again(self, pick: int, amount: int) -> None:
        call_id, held = self.picked(self.model.holds, pick)
        assert self.hold(call_id, amount, self.clock()) == (held.amount, held.state, held.expires_at)

    def hold(self, call_id: str, amount: int, expires_at: datetime) -> tuple[int, HoldState, datetime]:
        with self.ports.sessions.begin() as db:
            found = ledger.hold(db, self.owner_id, self.account_id, call_id, Money(amount), self.clock(), expires_at)
        return found.amount.minor, found.state, found.expires_at

    @precondition(lambda self: self.model.holds)
    @rule(pick=PICK, cost=AMOUNTS)
    def settle(self, pick: int, cost: int) -> None:
        call_id, held = self.picked(self.model.holds, pick)
        name = EventName("call", call_id)
        known = next((link for link in self.model.links if link[3:] == ("call", call_id)), None)
        event = self.charge(name, -known[0] if known else cost)
        with self.ports.sessions.begin() as db:
            posted = ledger.settle(db, event, call_id, self.today, self.clock())
        assert posted.is_new == (known is None)
        if known is None:
            self.model.add(-cost, self.today, name)
            held.state = HoldState.SETTLED if held.state is HoldState.OPEN else held.state

    @precondition(lambda self: self.model.holds)
    @rule(pick=PICK, cost=AMOUNTS)
    def late_record(self, pick: int, cost: int) -> None:
        call_id, _ = self.picked(self.model.holds, pick)
        name = EventName("call", f"{call_id}.{next(self.names)}")
        with self.ports.sessions.begin() as db:
            assert ledger.record(db, self.charge(name, cost), self.today, self.clock()).is_new
        self.model.add(-cost, self.today, name)

    @precondition(lambda self: self.model.holds)
    @rule(pick=PICK)
    def release(self, pick: int) -> None:
        call_id, held = self.picked(self.model.holds, pick)
        with self.ports.sessions.begin() as db:
            released = ledger.release(db, self.owner_id, self.account_id, call_id, self.clock())
        assert released == (held.state is HoldState.OPEN)
        held.state = HoldState.RELEASED if released else held.state

    @rule()
    def sweep(self) -> None:
        now = self.clock()
        with self.ports.sessions.read() as db:
            overdue = {call_id for owner_id, _, call_id in ledger.overdue_holds(db, now) if owner_id == self.owner_id}
        due = {c for c, held in self.model.holds.items() if held.state is HoldState.OPEN and held.expires_at <= now}
        assert overdue == due
        for call_id in due:
            with self.ports.sessions.begin() as db:
                assert ledger.expire(db, self.owner_id, self.account_id, call_id, now)
            self.model.holds[call_id].state = HoldState.EXPIRED

    # Fees and corrections

    @rule(amount=AMOUNTS)
    def fee(self, amount: int) -> None:
        name = self.name("order")
        if amount > self.model.balance - self.model.held:
            with pytest.raises(InsufficientFunds):
                self.take(name, amount)
        else:
            self.take(name, amount)
            self.model.add(-amount, self.today, name)

    def take(self, name: EventName, amount: int) -> None:
        with self.ports.sessions.begin() as db:
            ledger.charge(db, self.charge(name, amount), self.today, self.clock())

    @precondition(lambda self: self.model.payments)
    @rule(pick=PICK)
    def reverse(self, pick: int) -> None:
        name, (amount, _) = self.picked(self.model.payments, pick)
        if name in self.model.reversed:
            known = reverse(self.ports, self.owner_id, name, "test")
            assert known == replace(self.model.reversed[name], is_new=False)
        elif self.model.taken_back.get(name, 0) > 0:
            with pytest.raises(RefundTooLarge):
                reverse(self.ports, self.owner_id, name, "test")
        else:
            self.model.reversed[name] = reverse(self.ports, self.owner_id, name, "test")
            self.gone_back(name, amount, EventName("reversal", str(name)))

    @precondition(lambda self: self.model.payments)
    @rule(pick=PICK, amount=AMOUNTS)
    def refund(self, pick: int, amount: int) -> None:
        name, (paid, _) = self.picked(self.model.payments, pick)
        application = self.name("refund")
        refusal: type[Exception] | None = None
        if amount > self.model.balance - self.model.held:
            refusal = InsufficientFunds
        elif amount > paid - self.model.taken_back.get(name, 0):
            refusal = RefundTooLarge
        if refusal is not None:
            with pytest.raises(refusal):
                refund(self.ports, self.owner_id, name, Money(amount), application.key, "test")
        else:
            refund(self.ports, self.owner_id, name, Money(amount), application.key, "test")
            self.gone_back(name, amount, application)

    @precondition(lambda self: self.model.payments)
    @rule(pick=PICK)
    def chargeback(self, pick: int) -> None:
        name, (amount, _) = self.picked(self.model.payments, pick)
        case = self.name("chargeback")
        chargeback(self.ports, self.owner_id, name, Money(amount), case.key, "test", self.clock())
        self.gone_back(name, amount, case)

    def gone_back(self, name: EventName, amount: int, correction: EventName) -> None:
        self.model.add(-amount, self.today, correction)
        self.model.taken_back[name] = self.model.taken_back.get(name, 0) + amount

    # The world

    @rule(minutes=st.integers(1, 3000))
    def clock_forward(self, minutes: int) -> None:
        self.clock.forward(minutes=minutes)

    @rule(minutes=st.integers(1, 3000))
    def clock_back(self, minutes: int) -> None:
        self.clock.forward(minutes=-minutes)

    @rule()
    def restart(self) -> None:
        self.ports.sessions.dispose()  # every connection is lost, new ones are made

    @invariant()
    def the_base_says_what_the_model_says(self) -> None:
        model = self.model
        with self.ports.sessions.read() as db:
            purse = ledger.purse(db, self.owner_id)
            rows = db.execute(
                select(POSTING.c.amount_minor, POSTING.c.balance_minor, POSTING.c.day, POSTING.c.origin, POSTING.c.key)
                .where(POSTING.c.owner_id == self.owner_id)
                .order_by(POSTING.c.seq)
            ).all()
        assert (purse.balance.minor, purse.held.minor) == (model.balance, model.held)
        assert [tuple(row) for row in rows] == model.links

    def teardown(self) -> None:
        for call_id in self.model.holds:  # another history's clock would call them overdue
            with self.ports.sessions.begin() as db:
                ledger.release(db, self.owner_id, self.account_id, call_id, self.clock())
        broken = {breach.invariant for breach in verify(self.ports)}
        assert broken <= {"I7"}, "this model is of money alone: no phone stands behind its calls"

    @staticmethod
    def picked(of: dict[K, V], pick: int) -> tuple[K, V]:
        """One of them, by any number."""
        return list(of.items())[pick % len(of)]


@pytest.mark.parametrize(
    ("histories", "steps"),
    [(100, 30), pytest.param(1000, 50, marks=[pytest.mark.full, pytest.mark.timeout(3600)])],
)
def test_the_ledger_lives_through_any_history(sessions: Sessions, histories: int, steps: int) -> None:
    """R4: a hundred histories on each database, a thousand longer ones in the long run."""
    run_state_machine_as_test(
        seed(proofs.seed())(lambda: Histories(sessions)),  # type: ignore[arg-type]
        settings=settings(
            max_examples=histories,
            stateful_step_count=steps,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    proofs.figure(f"{histories} histories of {steps} steps at most: the database says what the model says")
