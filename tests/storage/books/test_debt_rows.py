"""Since when an account is below zero."""

from k5web.domain.books.ledger import Event, EventName, Move
from k5web.domain.money import rub
from k5web.storage.books import debt_rows, ledger
from tests.services.house import House


def take(k5: House, amount: str, key: str) -> None:
    move = Move(k5.purse().account_id, -rub(amount).minor, "loss")
    with k5.ports.sessions.begin() as db:
        event = Event(k5.caller.id, EventName("chargeback", key), (move,), "staff:ivan", k5.clock())
        ledger.record(db, event, k5.ports.today(), k5.clock())


def test_a_debt_counts_from_the_day_on_which_the_account_last_fell_below_zero(k5: House) -> None:
    for step, amount in enumerate(("5.00", "7.00", "")):
        k5.clock.forward(days=1)
        if not amount:
            k5.top_up("12.00")
        else:
            take(k5, amount, str(step))
    with k5.ports.sessions.read() as db:
        assert debt_rows.below_zero(db) == [], "exactly nothing is no debt"
    k5.clock.forward(days=1)
    take(k5, "1.00", "again")
    with k5.ports.sessions.read() as db:
        assert debt_rows.below_zero(db) == [(k5.caller.id, k5.ports.today())]
        assert debt_rows.below_since(db, k5.caller.id) == k5.ports.today()


def test_who_has_no_debt_has_it_since_no_day(k5: House) -> None:
    with k5.ports.sessions.read() as db:
        assert debt_rows.below_since(db, k5.caller.id) is None
