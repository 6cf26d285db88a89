"""Many subscribers of plans at once, written as connecting them one by one would, for billing them all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlalchemy import Table, insert

from k5web.domain.books.ledger import Event, EventName, Move, Unit
from k5web.domain.prices.subscription import Sort, SubscriptionState
from k5web.services.ports import Ports
from k5web.services.prices import allowance_accounts
from k5web.storage.books import ledger_sql
from k5web.storage.books.ledger_batch import LedgerBatch
from k5web.storage.tables import SubscriberRow, SubscriptionRow

FIRST_OWNER = 900_001
ACCOUNTS_OF_ONE = 5
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Subscribed:
    """Somebody with a plan, and what it begins with, due from a day on. Units: minor units of money."""

    owner_id: int
    plan: str
    due: date
    money: int
    options: tuple[str, ...] = ()


def fill(ports: Ports, everybody: Sequence[Subscribed]) -> None:
    """Write them all: people, accounts, money, subscriptions."""
    for at in range(0, len(everybody), AT_ONCE):
        some = everybody[at : at + AT_ONCE]
        with ports.sessions.begin() as db:
            db.execute(insert(cast(Table, SubscriberRow.__table__)), [_person(ports, one) for one in some])
            db.execute(ledger_sql.ADD_ACCOUNT, [row for one in some for row in _accounts(ports, one)])
            db.execute(
                insert(cast(Table, SubscriptionRow.__table__)),
                [row for one in some for row in _subscriptions(ports, one)],
            )
            books = LedgerBatch(db, [one.owner_id for one in some], ports.today(), ports.clock())
            for one in some:
                gift = Move(account_of(one.owner_id), one.money, "opening")
                name = EventName("opening", str(one.owner_id))
                books.record(Event(one.owner_id, name, (gift,), "job:test", ports.clock()))
            books.write()


def account_of(owner_id: int) -> int:
    """Return the main account of one of them."""
    return owner_id * ACCOUNTS_OF_ONE


def _person(ports: Ports, one: Subscribed) -> dict[str, object]:
    now = ports.clock()
    return {
        "id": one.owner_id,
        "name": "Анна",
        "currency": "RUB",
        "plan": one.plan,
        "at_once_limit_micro": 0,
        "created_at": now,
        "password_changed_at": now,
        "low_balance_minor": 20_00,
        "press_1": False,
    }


def _accounts(ports: Ports, one: Subscribed) -> Iterable[dict[str, object]]:
    plan = ports.plans.current(one.plan)
    given = [each for each in plan.allowances if not each.option or each.option in one.options]
    purposes: list[tuple[str, Unit]] = [("main", "RUB")]
    purposes += [(allowance_accounts.purpose_of(each), allowance_accounts.unit_of(each)) for each in given]
    for n, (purpose, unit) in enumerate(purposes):
        account = account_of(one.owner_id) + n
        yield {"owner": one.owner_id, "account": account, "purpose": purpose, "unit": unit, "floor": 0}


def _subscriptions(ports: Ports, one: Subscribed) -> Iterable[dict[str, object]]:
    has_fee = bool(ports.plans.current(one.plan).fees)
    parts: list[tuple[Sort, str, bool]] = [
        ("plan", one.plan, has_fee),
        *(("option", code, True) for code in one.options),
    ]
    for n, (sort, code, recurs) in enumerate(parts, 1):
        yield {
            "owner_id": one.owner_id,
            "n": n,
            "sort": sort,
            "code": code,
            "plan_code": one.plan,
            "pieces": 1,
            "state": SubscriptionState.ACTIVE,
            "began_on": one.due,
            "next_due": one.due if recurs else None,
            "form_key": f"form-{n}",
            "ordered_at": ports.clock(),
        }
