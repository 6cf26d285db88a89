"""What the ledger has to tell subscribers is written with the posting that causes it, and once."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text, update

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.storage import outbox
from k5web.storage.books import ledger
from k5web.storage.sql import is_postgresql
from k5web.storage.tables import SubscriberRow
from tests.processes import wait_for
from tests.services.payments.shop import Shop


def test_a_debit_across_the_threshold_and_a_credit_above_the_floor_are_told_once(shop: Shop) -> None:
    def told(kind: outbox.Kind) -> dict[str, object] | None:
        with shop.ports.sessions.read() as db:
            found = outbox.newest(db, shop.caller.id, kind)
        return None if found is None else found.facts

    shop.top_up("21.00")
    assert told("resume") == {"balance_minor": 2100, "currency": "RUB"}
    assert told("low_balance") is None
    shop.talk(shop.order(), "30")
    low = {"balance_minor": 1880, "threshold_minor": 2000, "currency": "RUB"}
    assert told("low_balance") == low
    shop.talk(shop.order(), "30")
    assert told("low_balance") == low  # below already: nothing new


def test_a_threshold_that_changes_while_a_charge_waits_for_its_account_is_the_one_that_counts(shop: Shop) -> None:
    shop.top_up("21.00")

    def settle() -> None:
        with shop.ports.sessions.begin() as db:
            moves = (Move(ledger.purse(db, shop.caller.id).account_id, -2_20, "sale.call"),)
            cost = Event(shop.caller.id, EventName("call", "1"), moves, "job:test", shop.clock())
            ledger.settle(db, cost, "1", shop.ports.today(), shop.clock())

    with ThreadPoolExecutor(1) as pool:
        with shop.ports.sessions.begin() as db:
            ledger.lock_purse(db, shop.caller.id)
            db.execute(update(SubscriberRow).values(low_balance_minor=1000))
            settled = pool.submit(settle)
            if is_postgresql(db):
                waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()")
                wait_for(lambda: db.scalar(waits), "the charge waits for the account")
        settled.result()
    with shop.ports.sessions.read() as db:
        assert outbox.newest(db, shop.caller.id, "low_balance") is None
