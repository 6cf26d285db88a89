"""Bill = CDR = ledger, each day, and each call that differs is named. Promises: I7, R15."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from k5web.domain.books.bill_check import BillFault
from k5web.domain.calls.call import CallOrder
from k5web.domain.money import rub
from k5web.services.books import bill_check, sealing
from k5web.storage.books import seal_rows
from tests.services.house import House
from tests.tamper import tampering

DAY = timedelta(days=1)


def talks(k5: House, count: int = 1, seconds: str = "100") -> list[CallOrder]:
    k5.top_up("100.00")
    calls = [k5.talk(k5.order(), seconds) for _ in range(count)]
    assert all(call.cost for call in calls)
    return calls


def test_calls_of_a_day_agree_by_all_three_counts(k5: House) -> None:
    calls = talks(k5, 3)
    k5.order()  # not settled yet: of no day
    (day,), differing = bill_check.check_day(k5.ports, k5.ports.today())
    total = sum(call.cost.minor for call in calls if call.cost)
    assert (day.calls, day.bill.minor, day.differing, differing) == (3, total, 0, [])
    assert (day.cdr, day.ledger, day.agrees) == (day.bill, day.bill, True)
    assert total > 0


def test_a_free_call_counts_as_nothing_and_agrees(k5: House) -> None:
    k5.top_up("100.00")
    k5.talk(k5.order(), "1")
    (day,), differing = bill_check.check_day(k5.ports, k5.ports.today())
    assert (day.calls, day.bill, day.ledger, day.agrees, differing) == (1, rub("0.00"), rub("0.00"), True, [])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE call SET cost_minor = cost_minor + 1", BillFault.LEDGER_DIFFERS),
        ("UPDATE posting SET amount_minor = amount_minor - 1 WHERE origin = 'call'", BillFault.LEDGER_DIFFERS),
        ("DELETE FROM posting WHERE origin = 'call'", BillFault.NOT_IN_LEDGER),
        ("DELETE FROM call", BillFault.ONLY_IN_LEDGER),
        ("DELETE FROM cdr", BillFault.CDR_DIFFERS),
        ("DELETE FROM cdr WHERE leg = 'b'", BillFault.CDR_DIFFERS),
    ],
)
@pytest.mark.parametrize("is_sealed", [False, True])
def test_each_fault_is_named_on_an_open_and_on_a_sealed_day(
    k5: House, database_url: str, monkeypatch: pytest.MonkeyPatch, change: str, fault: BillFault, is_sealed: bool
) -> None:
    (call,) = talks(k5)
    day = k5.ports.today()
    if is_sealed:
        monkeypatch.setattr(seal_rows, "clock_of", lambda db: None)
        k5.clock.forward(days=1)
        assert [seal.day for seal in sealing.close_due(k5.ports)] == [day]
    with tampering(database_url) as hand:
        hand.execute(text(change))
    _, differing = bill_check.check_day(k5.ports, day)
    assert [(one.call_id, one.fault) for one in differing] == [(call.id, fault)]


def test_a_call_is_counted_once_on_the_day_of_its_event(k5: House) -> None:
    """It ended before midnight and was settled after it."""
    k5.top_up("100.00")
    call = k5.order()
    k5.work()
    k5.clock.now = k5.clock.now.replace(hour=20, minute=55)
    k5.switch.answer_a(call.id)
    k5.switch.answer_b(call.id)
    k5.clock.forward(minutes=4)
    k5.switch.hang_up(call.id, "b")
    before = k5.ports.today()
    k5.clock.forward(minutes=2)
    k5.work()
    assert k5.ports.today() == before + DAY
    days = [line for lines, _ in bill_check.check_days(k5.ports, before, before + DAY) for line in lines]
    assert [(day.calls, day.agrees) for day in days] == [(0, True), (1, True)]


def test_the_worker_counts_each_day_until_it_is_over_and_agrees(k5: House, database_url: str) -> None:
    assert bill_check.count_due(k5.ports) == 0, "there was no call yet"
    talks(k5)
    today = k5.ports.today()
    assert (bill_check.count_due(k5.ports), bill_check.count_due(k5.ports)) == (1, 1)
    talks(k5)
    bill_check.count_due(k5.ports)
    (kept,) = bill_check.kept_days(k5.ports, today, today)
    assert (kept.calls, kept.agrees) == (2, True)
    k5.clock.forward(days=2)
    assert bill_check.count_due(k5.ports) == 3
    assert bill_check.count_due(k5.ports) == 1, "the days that are over agree"
    with tampering(database_url) as hand:
        hand.execute(text("UPDATE call SET cost_minor = cost_minor + 1 WHERE n = 1"))
    assert bill_check.count(k5.ports, today)[0].differing == 1
    assert bill_check.count_due(k5.ports) == 2, "a day that differs is counted again"
    assert [day.agrees for day in bill_check.kept_days(k5.ports, today, k5.ports.today())] == [True, True, False]


def test_the_days_of_a_year_ago_are_not_counted_by_themselves(k5: House) -> None:
    talks(k5)
    k5.clock.forward(days=365)
    assert bill_check.count_due(k5.ports) == bill_check.COUNTED_DAYS + 1
