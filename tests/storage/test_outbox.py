"""What the ledger has to tell subscribers is written with the posting that causes it, and once."""

from k5web.storage import outbox
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
