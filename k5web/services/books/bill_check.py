"""Bill = CDR = ledger: the calls of each day counted three times, and every call named whose counts differ.

A call belongs to the accounting day of its event in the ledger; one without an event to the day it ended on.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from k5web.domain.books.bill_check import BillDay, BilledCall, days_of
from k5web.domain.calls.call import split_call_id
from k5web.domain.calls.charging import charge_call
from k5web.services.ports import Ports, start_of_day
from k5web.storage.books import bill_rows
from k5web.storage.books.bill_rows import CallKey, LedgerCharge
from k5web.storage.session import transactional

COUNTED_DAYS: Final = 35  # back from today, kept by the worker
AT_ONCE: Final = 500  # calls
SETTLED_AFTER: Final = timedelta(hours=3)  # calls that go on over midnight are settled by then
ONE_DAY: Final = timedelta(days=1)
HOME: Final = "RUB"  # the currency of a line about a day without calls


def check_day(ports: Ports, day: date) -> tuple[list[BillDay], list[BilledCall]]:
    """Count a day anew; return its lines and the calls that differ. Raises: Unavailable."""
    charges = _charges_on(ports, day)
    corrected: dict[str, int] = {}
    for charge in (one for one in charges if "#" in one.key):
        corrected[charge.currency] = corrected.get(charge.currency, 0) + charge.minor
    calls = list(_billed(ports, day, [one for one in charges if "#" not in one.key]))
    return days_of(day, calls, corrected, ports.clock(), HOME), [call for call in calls if call.fault]


def check_days(ports: Ports, first: date, last: date) -> Iterator[tuple[list[BillDay], list[BilledCall]]]:
    """Count days anew, one after the other."""
    for n in range((last - first).days + 1):
        yield check_day(ports, first + n * ONE_DAY)


def kept_days(ports: Ports, first: date, last: date) -> Sequence[BillDay]:
    """Return what the worker counted of these days last, the newest first."""
    with ports.sessions.read() as db:
        return bill_rows.counted(db, first, last)


def count(ports: Ports, day: date) -> list[BillDay]:
    """Count a day anew and keep what it comes to."""
    lines, _ = check_day(ports, day)
    _keep(ports, lines)
    return lines


def count_due(ports: Ports) -> int:
    """Count the days that were not counted yet, are not over, or differed; return how many."""
    today = ports.today()
    with ports.sessions.read() as db:
        begun = bill_rows.first_end(db)
        first = max(today - COUNTED_DAYS * ONE_DAY, ports.day_of(begun)) if begun else today + ONE_DAY
        is_final = {one.day: _is_final(one) for one in bill_rows.counted(db, first, today)}
    due = [day for n in range((today - first).days + 1) if not is_final.get(day := first + n * ONE_DAY)]
    for day in due:
        count(ports, day)
    return len(due)


def _is_final(counted: BillDay) -> bool:
    """Return whether a day agreed when it was over and settled; till then it is counted each time."""
    return counted.agrees and counted.counted_at >= start_of_day(counted.day + ONE_DAY) + SETTLED_AFTER


@transactional
def _charges_on(ports: Ports, day: date) -> list[LedgerCharge]:
    with ports.sessions.read() as db:
        return bill_rows.charges_on(db, day)


def _billed(ports: Ports, day: date, charges: Sequence[LedgerCharge]) -> Iterator[BilledCall]:
    """Yield each call of a day with its three counts."""
    of_ledger = {split_call_id(charge.key): charge for charge in charges}
    with ports.sessions.read() as db:
        ended = bill_rows.settled_between(db, start_of_day(day), start_of_day(day + ONE_DAY))
    others = [call for call in ended if call not in of_ledger]
    calls = [*of_ledger, *others]
    for at in range(0, len(calls), AT_ONCE):
        yield from _billed_of(ports, calls[at : at + AT_ONCE], of_ledger)


@transactional
def _billed_of(ports: Ports, batch: Collection[CallKey], of_ledger: dict[CallKey, LedgerCharge]) -> list[BilledCall]:
    with ports.sessions.read() as db:
        elsewhere = bill_rows.booked(db, [call for call in batch if call not in of_ledger])
        orders, legs = bill_rows.orders(db, batch), bill_rows.legs(db, batch)
    found = []
    for key in batch:
        order, charge = orders.get(key), of_ledger.get(key)
        if key in elsewhere:
            continue  # its event is of another day, and it is counted there
        currency = charge.currency if charge else order.hold.currency if order else HOME
        found.append(
            BilledCall(
                key[0],
                f"{key[0]}-{key[1]}",
                currency,
                charge_call(order, legs.get(key, [])).charged.minor if order else None,
                (order.cost.minor if order.cost else 0) if order else None,
                charge.minor if charge else None,
            )
        )
    return found


@transactional
def _keep(ports: Ports, lines: Sequence[BillDay]) -> None:
    with ports.sessions.begin() as db:
        bill_rows.save(db, lines)
