"""Payments of a sum and day, and what went back of one: no call is among them, and the list goes on by key."""

from k5web.domain.books.ledger import EventName
from k5web.domain.money import rub
from k5web.services.books import corrections
from k5web.storage.desk import search_rows
from tests.services.books.months import Months
from tests.services.net import Net


def test_only_payments_of_the_sum_and_day_are_found_in_the_order_of_their_place(net: Net) -> None:
    for key, amount in (("a", "250.00"), ("b", "250.00"), ("c", "250.01"), ("d", "250.00")):
        net.pays(key=key, sum=amount)
    Months(net).charge(-250_00)  # a sale that gives money is no payment
    with net.ports.sessions.read() as db:
        found = search_rows.payments_of(db, net.ports.today(), 250_00, None, 2)
        rest = search_rows.payments_of(
            db, net.ports.today(), 250_00, (found[-1].owner_id, found[-1].account_id, found[-1].seq), 2
        )
    assert [posting.name.key for posting in found + rest] == ["a", "b", "d"]


def test_what_went_back_of_a_payment_is_told_with_who_did_it(net: Net) -> None:
    net.pays(key="a")
    name = EventName("fake:bank", "a")
    corrections.refund(net.ports, net.caller.id, name, rub("50.00"), "application-1", "staff:anna")
    with net.ports.sessions.read() as db:
        [back] = search_rows.went_back(db, net.caller.id, name)
        assert search_rows.went_back(db, net.caller.id, EventName("fake:bank", "b")) == []
    assert (back.name, back.actor, back.amount) == (EventName("refund", "application-1"), "staff:anna", -rub("50.00"))
