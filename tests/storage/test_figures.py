"""The counts of monitoring are of what stands there now."""

from k5web.storage import figures
from k5web.storage.calls import limit_rows
from tests.services.house import House, subscriber


def test_orders_and_reservations_are_counted_while_they_last(k5: House) -> None:
    k5.top_up("100.00")
    first_at = k5.clock()
    call = k5.order()
    k5.clock.forward(seconds=5)
    other = k5.order(caller=subscriber(k5, 1))
    with k5.ports.sessions.read() as db:
        assert figures.unfinished_calls(db) == {"reserved": 2}
        assert (figures.oldest_waiting(db), figures.open_holds(db)) == (first_at, 2)
    k5.talk(call, "60")
    with k5.ports.sessions.read() as db:
        assert figures.unfinished_calls(db) == {"calling_a": 1}, "the other one rings"
        assert (figures.oldest_waiting(db), figures.open_holds(db)) == (None, 1)
    assert k5.switch.orders[-1].id == other.id


def test_refusals_are_summed_over_all_accounts(k5: House) -> None:
    with k5.ports.sessions.begin() as db:
        for owner_id, kind in ((1, "too_many_calls"), (1, "too_many_calls"), (2, "too_many_calls"), (2, "closed")):
            limit_rows.count_refusal(db, owner_id, kind, k5.clock())
    with k5.ports.sessions.read() as db:
        assert figures.refusals(db) == {"closed": 1, "too_many_calls": 3}
