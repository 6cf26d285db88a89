"""The act of reconciliation is the ledger: what opened, every document, what closed, over any days (B12)."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.books.period import Period
from k5web.domain.books.reconciliation_act import ReconciliationAct, Row
from k5web.domain.books.transfer import SENT
from k5web.domain.money import Money, rub
from k5web.errors import K5Error, WrongPeriod
from k5web.services.books import corrections, reconciliation_acts
from k5web.services.payments.topups import credit
from k5web.services.ports import start_of_day
from k5web.storage.books import ledger
from tests.services.house import House, somebody

FIRST = date(2026, 12, 1)
LENGTH = 70  # days of a history: it goes over two ends of months
KINDS = ("pay", "charge", "gift", "transfer", "reverse", "refund", "chargeback")
_numbers = count(1)


class History:
    """An account with a past of its own; it opens with ten roubles."""

    def __init__(self, k5: House) -> None:
        k5.clock.now = start_of_day(FIRST)
        self.k5, self.owner_id = k5, somebody(k5, next(_numbers)).id
        self.names: list[EventName] = []
        self.balances = {FIRST: rub("10.00")}

    def do(self, what: str, minor: int, which: int) -> None:
        """Let something happen now; what the ledger refuses did not happen."""
        k5, ports, key = self.k5, self.k5.ports, f"{self.owner_id}-{next(_numbers)}"
        old = self.names[which % len(self.names)] if self.names else EventName("order", "none")
        doing: dict[str, Callable[[], object]] = {
            "pay": lambda: self.pay(EventName("test:bank", key), minor),
            "charge": lambda: self.record(EventName("order", key), -minor, "sale.order"),
            "gift": lambda: self.record(EventName("gift", key), minor, "gift"),
            "transfer": lambda: self.record(EventName(SENT, key), -minor, "transfer"),
            "reverse": lambda: corrections.reverse(ports, self.owner_id, old, "staff:1"),
            "refund": lambda: corrections.refund(ports, self.owner_id, old, Money(minor), key, "staff:1"),
            "chargeback": lambda: corrections.chargeback(
                ports, self.owner_id, old, Money(minor), key, "staff:1", k5.clock()
            ),
        }
        with suppress(K5Error):
            doing[what]()
        with ports.sessions.read() as db:
            self.balances[ports.today()] = ledger.purse(db, self.owner_id).balance

    def pay(self, name: EventName, minor: int) -> None:
        credit(self.k5.ports, self.owner_id, name, Money(minor), "cash.test", "test", self.k5.clock())
        self.names.append(name)

    def record(self, name: EventName, minor: int, counter: str) -> None:
        with self.k5.ports.sessions.begin() as db:
            move = Move(ledger.purse(db, self.owner_id).account_id, minor, counter)
            event = Event(self.owner_id, name, (move,), "test", self.k5.clock())
            ledger.record(db, event, self.k5.ports.today(), self.k5.clock())
        if counter == "sale.order":
            self.names.append(name)

    def balance_on(self, day: date) -> Money:
        """What the ledger said at the end of a day."""
        known = [each for each in self.balances if each <= day]
        return self.balances[max(known)] if known else rub("0.00")

    def act(self, first: date, last: date) -> ReconciliationAct:
        found = reconciliation_acts.over(self.k5.ports, self.owner_id, Period(first, last))
        rows = [Row.of(each.day, "services", each.moved) for each in found.services]
        rows += [Row.of(line.posting.day, "other", line.posting.amount) for line in found.movements]
        return ReconciliationAct(found.period, found.opening, rows, found.closing)


DAYS = st.integers(0, LENGTH)
EVENTS = st.lists(st.tuples(DAYS, st.sampled_from(KINDS), st.integers(1, 900), st.integers(0, 9)), max_size=14)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EVENTS, st.lists(st.tuples(DAYS, DAYS), min_size=2, max_size=4))
def test_what_opened_and_every_document_make_what_closed_and_all_three_are_the_ledgers(
    k5: House, events: list[tuple[int, str, int, int]], spans: list[tuple[int, int]]
) -> None:
    """Charges, reversals of this month and of another, refunds, chargebacks, transfers, gifts."""
    history = History(k5)
    for after, what, minor, which in sorted(events):
        k5.clock.now = start_of_day(FIRST + timedelta(days=after))
        history.do(what, minor, which)
    k5.clock.now = start_of_day(FIRST + timedelta(days=LENGTH))
    for one, other in spans:
        first, last = FIRST + timedelta(days=min(one, other)), FIRST + timedelta(days=max(one, other))
        act = history.act(first, last)
        assert act.opening == history.balance_on(first - timedelta(days=1))
        assert act.closing == history.balance_on(last)
        assert act.opening + act.credit - act.debit == act.closing
        assert all(first <= row.day <= last for row in act.rows)


def test_each_payment_is_a_document_and_a_month_of_services_is_one(k5: House) -> None:
    k5.top_up("50.00")
    k5.top_up("20.00")
    call = k5.talk(k5.order(), "65")
    k5.talk(k5.order(), "65")
    k5.clock.forward(days=31)
    corrections.reverse(k5.ports, k5.caller.id, EventName("call", call.id), "staff:1")
    found = reconciliation_acts.over(k5.ports, k5.caller.id, Period(FIRST, date(2027, 1, 31)))
    assert [(each.month, each.is_correction, str(each.moved)) for each in found.services] == [
        (FIRST, False, "-8.80"),
        (FIRST, True, "4.40"),
    ]
    assert [str(line.posting.amount) for line in found.movements] == ["50.00", "20.00"]
    assert found.period.last == k5.ports.today(), "days to come are not reconciled"
    assert (str(found.opening), str(found.closing)) == ("0.00", "65.60")


def test_days_to_come_are_refused(k5: House) -> None:
    tomorrow = k5.ports.today() + timedelta(days=1)
    with pytest.raises(WrongPeriod):
        reconciliation_acts.over(k5.ports, k5.caller.id, Period(tomorrow, tomorrow))


def test_this_year_is_reconciled_where_nothing_is_chosen(k5: House) -> None:
    k5.top_up("50.00")
    assert reconciliation_acts.usual_period(k5.ports, k5.caller.id) == Period(FIRST, FIRST)
    k5.clock.forward(days=45)
    assert reconciliation_acts.usual_period(k5.ports, k5.caller.id) == Period(date(2027, 1, 1), date(2027, 1, 15))
